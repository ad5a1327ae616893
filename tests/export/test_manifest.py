"""The manifest says of a Dag what can be shown."""

from __future__ import annotations

from pathlib import Path

from pydbt.core.dag import Dag
from pydbt.core.results import Status
from pydbt.core.schedule import Monthly
from pydbt.core.task import Task
from pydbt.project.manifest import Manifest, ManifestTask, manifest_of


@Task(ttl_minutes=60, tags=["core", "base"])
def orders() -> None:
    """All orders."""


@Task(runs_on=Monthly(), retry=3, materialized="table")
def report(session: object, orders: object) -> object:
    return session, orders


def test_a_manifest_describes_every_task_by_level_and_name() -> None:
    """Dependencies by parameter, the schedule in words, the last status where one is known."""
    here = Path(__file__)

    manifest = manifest_of(Dag.of([report, orders]), "shop", {"orders": Status.SUCCESS}, root=here.parent)

    assert manifest == Manifest(
        "shop",
        (
            ManifestTask(
                name="orders",
                module=__name__,
                file=here.name,
                line=orders.location.line,
                depends_on=(),
                materialized=None,
                tags=("base", "core"),
                schedule="every day",
                ttl_minutes=60.0,
                retries=0,
                level=1,
                description="All orders.",
                status="success",
            ),
            ManifestTask(
                name="report",
                module=__name__,
                file=here.name,
                line=report.location.line,
                depends_on=("orders",),
                materialized="table",
                tags=(),
                schedule="on the first Monday of the month",
                ttl_minutes=0.0,
                retries=3,
                level=2,
                description="",
                status=None,
            ),
        ),
    )


def test_edges_join_only_tasks_that_are_there() -> None:
    """A selection without the upstream has no edge to it, and its levels have no holes."""
    whole = manifest_of(Dag.of([report, orders]), "shop", {})

    part = Manifest("shop", whole.tasks[1:])

    assert whole.edges == (("orders", "report"),)
    assert part.edges == ()
    assert [[task.name for task in level] for level in part.levels] == [["report"]]
