"""A clock that jumps: durations are of another one, a run ends, and no task runs again and again for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from pathlib import Path

import pytest

from pydbt.core.dag import Dag
from pydbt.core.executors import SerialExecutor
from pydbt.core.results import Outcome, Run, Status
from pydbt.core.runner import Runner
from pydbt.core.schedule import Cron
from pydbt.core.state.database import DatabaseStore
from pydbt.core.times import Times
from tests.core.building import NOW, PRINT, plan_of, task

JUMPS = {
    "an hour back": NOW - timedelta(hours=1),
    "a day on": NOW + timedelta(days=1),
    "1970": datetime(1970, 1, 1, tzinfo=UTC),
    "2038": datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    "2100": datetime(2100, 3, 1, tzinfo=UTC),
}
DAG = Dag.of([task("cached", ttl_minutes=60), task("daily", ttl_minutes=600, runs_on=Cron("0 0 * * *"))])


def carried_out(store: DatabaseStore, now: datetime, clock: Callable[[], datetime], run_id: str) -> Run:
    """Plan at that moment and run by that clock, remembered in the store."""
    plan = plan_of(DAG, on=now, history=store.history("dev"))
    seconds = count()
    times = Times(clock=clock, monotonic=lambda: float(next(seconds)))
    with store.record("dev", dict.fromkeys(DAG.tasks, PRINT)) as recorder:
        runner = Runner(SerialExecutor(), lambda *_: Outcome(0.5), [recorder], times=times)
        return runner.run(DAG, plan, run_id=run_id, target="dev", seconds_of={})


@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_makes_each_task_run_once_at_most(tmp_path: Path, jump: str) -> None:
    """Whether the last success is in the future then, or long ago: the next one is by the new clock."""
    store = DatabaseStore(f"sqlite:///{tmp_path}/state.db")
    minute = timedelta(minutes=1)
    moments = [NOW, NOW + minute, *(JUMPS[jump] + minute * number for number in range(4)), NOW + 2 * minute]

    ran = []
    for number, now in enumerate(moments):
        run = carried_out(store, now, lambda now=now: now, f"r{number}")  # type: ignore[misc]
        ran.append(sum(each.status is Status.SUCCESS for each in run.task_runs))
    store.close()

    assert (ran[0], ran[1], ran[3], ran[4], ran[5]) == (2, 0, 0, 0, 0)
    assert max(ran) <= 2


def test_a_clock_that_jumps_at_each_look_harms_no_duration(tmp_path: Path) -> None:
    """Back and forth during one run: seconds are never negative, and the state reads as what was told."""
    store = DatabaseStore(f"sqlite:///{tmp_path}/state.db")
    clock = cycle([NOW, *JUMPS.values()])

    run = carried_out(store, NOW, lambda: next(clock), "r1")
    kept = store.run("r1")
    store.close()

    assert (run.status, [each.seconds for each in run.task_runs]) == (Status.SUCCESS, [0.5, 0.5])
    assert run.seconds > 0
    assert kept == run
