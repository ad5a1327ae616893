"""`pydbt plan` prints exactly what `pydbt run` then does, whatever happened before."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import make_project, pydbt

_MODELS = """\
from pathlib import Path
from pydbt import Cron, Task

BROKEN = Path(__file__).with_name("broken")

@Task(ttl_minutes=60)
def cached(): ...

@Task(runs_on=Cron("0 0 29 2 *"))
def rarely(): ...

@Task(runs_on=Cron("0 12 * * 1", tz="Pacific/Kiritimati") & Cron("0 12 * * 1", tz="Pacific/Niue"))
def noon_far_away(): ...

@Task
def fragile():
    if BROKEN.exists():
        raise ValueError("broken")

@Task(depends_on=[fragile])
def after():
    return 1

@Task(depends_on=[cached])
def child(): ...

@Task(materialized="table", ttl_minutes=60)
def kept(session):
    return session.range(3)
"""


def break_it(folder: Path) -> None:
    """Make the task `fragile` fail from now on."""
    (folder / "models" / "broken").touch()


def ran(folder: Path) -> None:
    """Let everything run once."""
    pydbt(folder, "run")


def failed(folder: Path) -> None:
    """Let all run well once, then `fragile` fail, and then heal."""
    ran(folder)
    break_it(folder)
    pydbt(folder, "run")
    (folder / "models" / "broken").unlink()


def changed(folder: Path) -> None:
    """Run, then change the code of `cached` and the settings of `after`."""
    ran(folder)
    models = folder / "models" / "shop.py"
    text = models.read_text().replace("def cached(): ...", "def cached():\n    return 2")
    models.write_text(text.replace("@Task(depends_on=[fragile])", "@Task(depends_on=[fragile], retry=1)"))


def lost(folder: Path) -> None:
    """Run, then lose the database."""
    ran(folder)
    (folder / "shop.db").unlink()


def nothing(folder: Path) -> None:
    """Leave the project as it is."""


SITUATIONS: dict[str, tuple[Callable[[Path], None], str, dict[str, tuple[str, str]]]] = {
    "first run": (
        nothing,
        "",
        {
            "cached": ("run", "never_succeeded"),
            "rarely": ("skip", "not_due"),
            "child": ("run", "never_succeeded"),
        },
    ),
    "within ttl": (
        ran,
        "",
        {"cached": ("skip", "within_ttl"), "kept": ("skip", "within_ttl"), "fragile": ("run", "due")},
    ),
    "table gone": (lost, "", {"cached": ("skip", "within_ttl"), "kept": ("run", "table_gone")}),
    "forced": (ran, "--force", {"cached": ("run", "forced"), "rarely": ("run", "forced")}),
    "forced selection": (ran, "cached --force", {"cached": ("run", "forced")}),
    "day on which more is due": (nothing, "--date 2028-02-29", {"rarely": ("run", "never_succeeded")}),
    "day on a clock far away": (nothing, "--date 2028-02-28", {"noon_far_away": ("run", "never_succeeded")}),
    "failed before": (failed, "", {"fragile": ("run", "last_attempt_failed")}),
    "changed code": (changed, "", {"cached": ("run", "code_changed"), "after": ("run", "settings_changed")}),
    "fails now": (break_it, "", {"fragile": ("run", "never_succeeded")}),
    "selection": (ran, "child+ fragile", {"fragile": ("run", "due")}),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_plan_is_what_runs(tmp_path: Path, situation: str) -> None:
    """The same tasks in the same order with the same actions and reasons, and each action is what happens."""
    before, words, expected = SITUATIONS[situation]
    make_project(tmp_path, {"models/shop.py": _MODELS})
    before(tmp_path)

    printed = pydbt(tmp_path, "plan", *words.split()).out
    run = pydbt(tmp_path, "run", *words.split(), "--log-format", "json")

    events = [json.loads(line) for line in run.out.splitlines()]
    steps = {step["task"]: (step["action"], step["reason"]) for step in events[0]["plan"]["steps"]}
    planned = re.findall(r"^(run|skip)\s+(\w+):", printed, re.MULTILINE)
    assert planned == [(action, task) for task, (action, _) in steps.items()]
    assert {task: steps[task] for task in expected} == expected
    done = {event["task_run"]["task"]: event["task_run"] for event in events if "task_run" in event}
    assert {task: task_run["reason"] for task, task_run in done.items()} == {
        task: reason for task, (_, reason) in steps.items()
    }
    skipped = {task for task, task_run in done.items() if task_run["status"] == "skipped"}
    assert skipped == {task for task, (action, _) in steps.items() if action == "skip"}


def test_a_database_that_cannot_be_asked_is_told_by_both(tmp_path: Path) -> None:
    """In the same words and without the password: whether the table is there is not guessed."""
    make_project(tmp_path, {"models/shop.py": _MODELS})
    ran(tmp_path)
    unreachable = '[targets.dev]\nurl = "postgresql://ann:s3cret@127.0.0.1:9/shop"\n'
    (tmp_path / "pydbt.toml").write_text(f'name = "shop"\n{unreachable}')

    planned, run = pydbt(tmp_path, "plan"), pydbt(tmp_path, "run")

    assert (planned.code, planned.out, planned.err) == (run.code, "", run.err)
    assert planned.err.startswith("PYDBT-E307: nothing listens at '127.0.0.1', port 9")
    assert "s3cret" not in planned.err
