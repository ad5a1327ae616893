"""Manifests for the export's tests: the seed's five tasks, a hostile one, and any size."""

from __future__ import annotations

import random
from typing import Any

from pydbt.project.manifest import Manifest, ManifestTask


def described(name: str, *depends_on: str, level: int = 1, **more: Any) -> ManifestTask:
    defaults: dict[str, Any] = {
        "module": "models.example",
        "file": "models/example.py",
        "line": 3,
        "materialized": None,
        "tags": (),
        "schedule": "every day",
        "ttl_minutes": 0.0,
        "retries": 0,
        "description": "",
        "status": None,
    }
    return ManifestTask(name=name, depends_on=tuple(sorted(depends_on)), level=level, **defaults | more)


SEED = Manifest(
    "predictions",
    (
        described("task_one", ttl_minutes=60.0, status="success"),
        described("task_three", "task_one", level=2, status="failed"),
        described("task_two", "task_one", level=2, materialized="table", tags=("core",)),
        described(
            "task_four",
            "task_three",
            "task_two",
            level=3,
            materialized="view",
            schedule="on the first Monday of the month",
            status="upstream_failed",
        ),
        described("task_five", "task_four", level=4, retries=5, description="The last one."),
    ),
)

HOSTILE_TEXT = 'a "b" <c> & \\d\\ \n-- > ]] }; `e` #quot; %%{init}%% \\N \\" é 日 \x00 \x1b \ud800 end'

HOSTILE = Manifest(
    HOSTILE_TEXT,
    (
        described("end", description=HOSTILE_TEXT, schedule=HOSTILE_TEXT, tags=(HOSTILE_TEXT,)),
        described("graph", "end", level=2, description=HOSTILE_TEXT, materialized=HOSTILE_TEXT),
        described("größe", "end", level=2, status=HOSTILE_TEXT),
        described("__dunder__", "graph", level=3),
    ),
)


def random_manifest(tasks: int, levels: int, parents: int = 2) -> Manifest:
    """Layers of tasks, each with so many parents in the layer above: the same for the same numbers."""
    chance = random.Random(tasks * 1000 + levels)
    rows = [[f"task_{level}_{index}" for index in range(tasks // levels)] for level in range(1, levels + 1)]
    found = []
    for level, row in enumerate(rows, start=1):
        above = rows[level - 2] if level > 1 else []
        for name in row:
            chosen = chance.sample(above, min(parents, len(above)))
            found.append(described(name, *chosen, level=level, materialized=chance.choice(["table", "view"])))
    return Manifest("random", tuple(sorted(found, key=lambda task: (task.level, task.name))))
