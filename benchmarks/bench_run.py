"""What the runner costs: no-op tasks beside the same functions in a bare thread pool with graphlib."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path
from random import Random

from benchmarks.timing import seconds, told
from pydbt.core.attempt import attempt
from pydbt.core.dag import Dag
from pydbt.core.executors import ThreadExecutor
from pydbt.core.fingerprint import fingerprint
from pydbt.core.plan import Plan, make_plan
from pydbt.core.results import Outcome, Status
from pydbt.core.runner import Runner
from pydbt.core.state import open_state
from pydbt.core.task import Task

SLOTS = 8
MOST_OVERHEAD_MS = 1.0
MOST_FOR_TWICE = 3


def tasks(count: int, parents: dict[int, list[int]]) -> list[Task]:
    made: list[Task] = []
    for number in range(count):
        above = [made[parent] for parent in parents.get(number, [])]

        @Task(name=f"t{number:06d}", depends_on=above)
        def body() -> None:
            pass

        made.append(body)
    return made


def random_parents(count: int) -> dict[int, list[int]]:
    random = Random(42)
    return {
        number: sorted({random.randrange(max(0, number - 200), number) for _ in range(random.randint(1, 3))})
        for number in range(20, count)
    }


def plan_of(dag: Dag) -> Plan:
    return make_plan(
        dag,
        on=datetime.now().astimezone(),
        selected=frozenset(dag.tasks),
        fingerprints={name: fingerprint(task) for name, task in dag.tasks.items()},
        history={},
    )


def ours(dag: Dag, plan: Plan, state: Path) -> None:
    def work(name: str, _run_id: str, _number: int) -> Outcome:
        return attempt(dag.tasks[name])

    store = open_state(f"sqlite:///{state}")
    prints = {name: fingerprint(task) for name, task in dag.tasks.items()}
    with store.record("bench", prints) as recorder:
        runner = Runner(ThreadExecutor(SLOTS), work, [recorder])
        run = runner.run(dag, plan, run_id=str(time.time_ns()), target="bench", seconds_of={})
    store.close()
    assert run.status is Status.SUCCESS


def bare(dag: Dag) -> None:
    sorter = TopologicalSorter({name: dag.dependencies(name) for name in dag.tasks})
    sorter.prepare()
    running: dict[Future[object], str] = {}
    with ThreadPoolExecutor(SLOTS) as pool:
        while sorter.is_active():
            for name in sorter.get_ready():
                running[pool.submit(dag.tasks[name])] = name
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                sorter.done(running.pop(future))


def overhead(name: str, parents: dict[int, list[int]], count: int) -> None:
    dag = Dag.of(tasks(count, parents))
    plan = plan_of(dag)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(6):
            mine = seconds(partial(ours, dag, plan, Path(folder) / f"{number}.db"))
            other = seconds(partial(bare, dag))
            found.append((mine - other) / count * 1000)
    middle = sorted(found[1:])[2]
    told(
        f"{count} no-op tasks, {name}, recorded in SQLite",
        f"{middle:.3f} ms a task over a bare pool",
        f"under {MOST_OVERHEAD_MS:g} ms",
        is_well=middle < MOST_OVERHEAD_MS,
    )


overhead("flat", {}, 1000)
overhead("random DAG", random_parents(1000), 1000)
overhead("chain", {number: [number - 1] for number in range(1, 1000)}, 1000)

many = tasks(10_000, random_parents(10_000))
made: list[Dag] = []
took = seconds(lambda: made.append(Dag.of(many)))
took_plan = seconds(lambda: plan_of(made[0]))
told("10,000 tasks: DAG", f"{took:.2f} s", "under 1 s with the plan", is_well=took < 1)
told("10,000 tasks: fingerprints and plan", f"{took_plan:.2f} s", "under 1 s", is_well=took + took_plan < 1)

twice = tasks(20_000, random_parents(20_000))
took_twice = seconds(lambda: plan_of(Dag.of(twice)))
told(
    "20,000 tasks beside 10,000",
    f"{took_twice / (took + took_plan):.1f} x the time",
    "about 2 x: nothing quadratic",
    is_well=took_twice / (took + took_plan) < MOST_FOR_TWICE,
)

chain = tasks(100_000, {number: [number - 1] for number in range(1, 100_000)})
long: list[Dag] = []
took = seconds(lambda: long.append(Dag.of(chain)))
took_plan = seconds(lambda: plan_of(long[0]))
times = f"DAG {took:.1f} s, plan {took_plan:.1f} s"
told("a chain of 100,000 tasks", times, "no RecursionError", is_well=True)
