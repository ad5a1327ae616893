"""Carrying a plan out, with real threads and processes."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from queue import SimpleQueue
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydbt.core.attempt import attempt
from pydbt.core.dag import Dag
from pydbt.core.events import (
    AttemptFailed,
    Event,
    Listener,
    RunFinished,
    RunStarted,
    TaskFinished,
    TaskStarted,
)
from pydbt.core.executors import ProcessExecutor, SerialExecutor, ThreadExecutor
from pydbt.core.executors.base import Executor
from pydbt.core.progress import Progress
from pydbt.core.results import Outcome, Run, Status
from pydbt.core.retry import Retry
from pydbt.core.runner import Runner, Work
from pydbt.core.schedule import Weekly
from pydbt.core.task import Task
from pydbt.core.times import Message, Times
from pydbt.errors import ListenerError
from tests.core import work
from tests.core.building import NOW, WELL, chain, plan_of, task

MONDAYS = Weekly(0)  # The tests' day is a Friday.


def fail() -> None:
    raise ValueError("no")


def doing(bodies: Mapping[str, Callable[[], Any]]) -> Work:
    """Work that calls the body of that name, and does nothing for others."""

    def done(name: str, _run_id: str, _attempt: int) -> Outcome:
        body = bodies.get(name)
        return WELL if body is None else attempt(lambda: (body(), None)[1])

    return done


def run_of(
    tasks: list[Task],
    does: Work,
    executor: Executor | None = None,
    *listeners: Listener,
    seconds_of: Mapping[str, float] | None = None,
    **options: Any,
) -> Run:
    dag = Dag.of(tasks)
    plan = plan_of(dag, selected=options.pop("selected", None))
    runner = Runner(executor or ThreadExecutor(4), does, listeners, **options)
    return runner.run(dag, plan, run_id="run", target="dev", seconds_of=seconds_of or {})


def statuses(run: Run) -> dict[str, str]:
    return {task_run.task: task_run.status.value for task_run in run.task_runs}


@dataclass
class Graph:
    """A random DAG and what becomes of each task: "ok", "bad" or "not due"."""

    needs: list[set[int]]
    fates: list[str]
    selected: list[bool] = field(default_factory=list)
    runs_anyway: list[bool] = field(default_factory=list)

    def tasks(self) -> list[Task]:
        tasks: list[Task] = []
        for number, needed in enumerate(self.needs):
            options: dict[str, Any] = {"runs_on": MONDAYS} if self.fates[number] == "not due" else {}
            if self.runs_anyway[number]:
                options["on_upstream_failure"] = "run"
            tasks.append(task(f"t{number}", *(tasks[n] for n in sorted(needed) if n < number), **options))
        return tasks

    def names(self) -> set[str]:
        return {f"t{number}" for number, chosen in enumerate(self.selected) if chosen}

    def expected(self) -> dict[str, str]:
        """What running one after another gives."""
        found: dict[str, str] = {}
        for number, needed in enumerate(self.needs):
            name, fate = f"t{number}", self.fates[number]
            if name not in self.names():
                continue
            upstream = {found.get(f"t{n}") for n in needed if n < number}
            if fate == "not due":
                found[name] = "skipped"
            elif upstream & {"failed", "upstream_failed"} and not self.runs_anyway[number]:
                found[name] = "upstream_failed"
            else:
                found[name] = "failed" if fate == "bad" else "success"
        return found


@st.composite
def graphs(draw: st.DrawFn, size: int = 25) -> Graph:
    count = draw(st.integers(0, size))
    fates = st.sampled_from(["ok", "ok", "ok", "bad", "not due"])
    return Graph(
        needs=[
            draw(st.sets(st.integers(0, max(0, number - 1)), max_size=3)) if number else set()
            for number in range(count)
        ],
        fates=draw(st.lists(fates, min_size=count, max_size=count)),
        selected=draw(st.lists(st.sampled_from([True, True, True, False]), min_size=count, max_size=count)),
        runs_anyway=draw(st.lists(st.sampled_from([False, False, True]), min_size=count, max_size=count)),
    )


@given(graphs(), st.integers(1, 8), st.booleans())
@settings(max_examples=300, deadline=None)
def test_any_dag_ends_as_if_run_one_after_another(graph: Graph, slots: int, serial: bool) -> None:  # noqa: FBT001  drawn
    """No task before its upstream, none twice, none lost, never more than the slots."""
    log: list[tuple[str, str]] = []
    running: set[str] = set()
    most = [0]
    lock = threading.Lock()

    def does(name: str, _run_id: str, _attempt: int) -> Outcome:
        with lock:
            log.append(("start", name))
            running.add(name)
            most[0] = max(most[0], len(running))
        outcome = attempt(fail if graph.fates[int(name[1:])] == "bad" else lambda: None)
        with lock:
            running.discard(name)
            log.append(("end", name))
        return outcome

    tasks = graph.tasks()
    executor = SerialExecutor() if serial else ThreadExecutor(slots)
    events: list[Event] = []

    run = run_of(tasks, does, executor, events.append, selected=graph.names())

    expected = graph.expected()
    assert statuses(run) == expected
    assert len(run.task_runs) == len(expected)
    assert Counter(name for what, name in log if what == "start") == Counter(
        name for name, status in expected.items() if status in ("success", "failed")
    )
    assert most[0] <= executor.slots
    position = {entry: number for number, entry in enumerate(log)}
    dag = Dag.of(tasks)
    for name in dag.tasks:
        for other in dag.upstream(name):
            # Through skipped and unselected tasks too: a view among them shows what is above it.
            if ("start", name) in position and ("start", other) in position:
                assert position["end", other] < position["start", name]
    check_events(events, run)


def check_events(events: list[Event], run: Run) -> None:
    assert isinstance(events[0], RunStarted)
    assert events[-1] == RunFinished(run)
    finished = [event.task_run for event in events if isinstance(event, TaskFinished)]
    assert tuple(finished) == run.task_runs
    started = [event.task for event in events if isinstance(event, TaskStarted)]
    assert sorted(started) == sorted(task_run.task for task_run in finished if task_run.attempts)


@given(graphs(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_any_interleaving_gives_the_same_end(graph: Graph, chance: Any) -> None:
    """The state machine alone, tasks ending in any order: what ends how does not depend on it."""
    dag = Dag.of(graph.tasks())
    progress = Progress(dag, plan_of(dag, selected=graph.names()), {})
    ended = dict(progress.begin())
    under_way: list[str] = []
    while True:
        while chance.random() < 0.7 and (name := progress.take()):
            assert dag.upstream(name).isdisjoint(under_way)
            under_way.append(name)
        if not under_way and (name := progress.take()) is None:
            break
        if not under_way and name:
            under_way.append(name)
        name = under_way.pop(chance.randrange(len(under_way)))
        assert name not in ended
        status = Status.FAILED if graph.fates[int(name[1:])] == "bad" else Status.SUCCESS
        ended[name] = status
        ended |= dict(progress.end(name, status))

    assert {name: status.value for name, status in ended.items()} == graph.expected()
    assert progress.left() == []


def test_what_depends_only_on_a_skipped_task_goes_on() -> None:
    """Three fails, four is not due, and five, which needs only four, runs."""
    one = task("one")
    two, three = task("two", one), task("three", one)
    four = task("four", three, two, runs_on=MONDAYS)
    five, six = task("five", four), task("six", three)

    run = run_of([one, two, three, four, five, six], doing({"three": fail}))

    assert statuses(run) == {
        "one": "success",
        "two": "success",
        "three": "failed",
        "four": "skipped",
        "five": "success",
        "six": "upstream_failed",
    }
    assert run.status is Status.FAILED


def test_an_ephemeral_task_that_failed_left_nothing_to_run_with() -> None:
    """What prefers yesterday's rows does not run: there are none, and the new ones failed."""
    rows = task("rows", materialized="ephemeral")
    above = task("above", task("reads_rows", rows, materialized="ephemeral"), on_upstream_failure="run")
    tasks = [rows, *above.depends_on, above, task("beside", rows, on_upstream_failure="run")]

    run = run_of(tasks, doing({"rows": fail}))

    upstream_failed = dict.fromkeys(["reads_rows", "above", "beside"], "upstream_failed")
    assert statuses(run) == {"rows": "failed", **upstream_failed}


def test_what_prefers_yesterdays_rows_runs_after_a_failure() -> None:
    """It runs when all above it have ended, and what depends on it goes on; others are not run."""
    lookup, other = task("lookup"), task("other")
    report = task("report", lookup, other, on_upstream_failure="run")
    tasks = [lookup, other, report, task("letters", report), task("strict", lookup)]
    started: list[str] = []

    def does(name: str, _run_id: str, _attempt: int) -> Outcome:
        started.append(name)
        return attempt(fail if name == "lookup" else lambda: None)

    run = run_of(tasks, does, SerialExecutor())

    assert statuses(run) == {
        "lookup": "failed",
        "strict": "upstream_failed",
        "other": "success",
        "report": "success",
        "letters": "success",
    }
    assert (started.index("report") > started.index("other"), run.status) == (True, Status.FAILED)


def test_there_is_no_barrier_between_levels() -> None:
    """A task starts while another of the level before is still running: here it lets that one end."""
    is_after = threading.Event()
    a, b = task("a"), task("b")
    after = task("after", a)

    def waits() -> None:
        assert is_after.wait(30)

    run = run_of([a, b, after], doing({"b": waits, "after": is_after.set}), ThreadExecutor(2))

    assert set(statuses(run).values()) == {"success"}


def test_the_longest_measured_path_goes_first() -> None:
    """Then the order of the definition; an unknown task takes the median."""
    started: list[str] = []
    short, long = task("short"), task("long")
    last = task("last", long)
    unknown = task("unknown")

    def does(name: str, _run_id: str, _attempt: int) -> Outcome:
        started.append(name)
        return WELL

    run_of(
        [short, unknown, long, last],
        does,
        SerialExecutor(),
        seconds_of={"short": 3.0, "long": 1.0, "last": 9.0},
    )

    assert started == ["long", "last", "short", "unknown"]


class FakeTimes:
    """Clocks that move only while the runner waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def wait(self, messages: SimpleQueue[Message], seconds: float | None) -> Message:
        if not messages.empty() or seconds is None:
            return messages.get(timeout=30)
        self.now += max(seconds, 0.0)
        return None

    def times(self) -> Times:
        return Times(
            clock=lambda: NOW + timedelta(seconds=self.now),
            monotonic=lambda: self.now,
            random=lambda: 0.5,
            wait=self.wait,
        )


def test_a_number_of_retries_tries_again_at_once() -> None:
    """retry=5 makes six attempts, and tells each failure but the last."""
    events: list[Event] = []

    run = run_of([task("five", retry=5)], doing({"five": fail}), SerialExecutor(), events.append)

    assert [event.wait_seconds for event in events if isinstance(event, AttemptFailed)] == [0.0] * 5
    (task_run,) = run.task_runs
    assert (task_run.status, task_run.attempts) == (Status.FAILED, 6)
    assert task_run.failure is not None
    assert task_run.failure.message == "no"


def test_a_retry_waits_as_it_says() -> None:
    """Half of 1, 2 and 4 seconds, with a jitter of a half; then it succeeds."""
    fake = FakeTimes()
    starts: list[float] = []

    def third() -> None:
        starts.append(fake.now)
        if len(starts) < 4:
            fail()

    run = run_of(
        [task("a", retry=Retry(5, wait_seconds=1))], doing({"a": third}), SerialExecutor(), times=fake.times()
    )

    assert starts == [0.0, 0.5, 1.5, 3.5]
    assert statuses(run) == {"a": "success"}
    assert run.seconds == 3.5


def test_a_waiting_retry_holds_no_slot() -> None:
    """With one slot, the other tasks run during the wait."""
    fake = FakeTimes()
    order: list[str] = []
    failing = [True]

    def first() -> None:
        order.append("first")
        if failing.pop():
            failing.append(False)
            fail()

    tasks = [task("first", retry=Retry(1, wait_seconds=100)), task("second"), task("third")]

    run_of(
        tasks,
        doing(
            {"first": first, "second": lambda: order.append("second"), "third": lambda: order.append("third")}
        ),
        SerialExecutor(),
        seconds_of={"first": 9.0, "second": 1.0, "third": 1.0},
        times=fake.times(),
    )

    assert order == ["first", "second", "third", "first"]


def test_only_the_chosen_exceptions_are_tried_again() -> None:
    """A retry on ConnectionError leaves a ValueError alone, and no retry is for sys.exit."""
    tasks = [task("a", retry=Retry(3, on=ConnectionError)), task("b", retry=3)]

    run = run_of(tasks, doing({"a": fail, "b": lambda: sys.exit(3)}), SerialExecutor())

    assert [(task_run.attempts, task_run.status.value) for task_run in run.task_runs] == [(1, "failed")] * 2


def test_a_listener_that_raises_does_not_harm_the_run() -> None:
    """The run goes to its end, the others are told everything, and the error comes last."""
    events: list[Event] = []
    told: list[Event] = []

    def broken(event: Event) -> None:
        told.append(event)
        if isinstance(event, TaskFinished):
            raise OSError("disk full")

    with pytest.raises(ListenerError, match="broken failed at TaskFinished: OSError: disk full"):
        run_of(chain(3), doing({}), None, broken, events.append)

    assert len(told) == 3
    assert isinstance(events[-1], RunFinished)
    assert statuses(events[-1].run) == {"t0": "success", "t1": "success", "t2": "success"}


def test_interrupt_waits_for_what_runs_and_starts_nothing_more() -> None:
    """What was running and was cancelled is interrupted, as is the rest; what had ended stays as it is."""
    cancelled = threading.Event()
    tasks = [
        first := task("first"),
        running := task("running", first),
        task("rest", running),
        task("skip", running, runs_on=MONDAYS),
    ]

    def body() -> None:
        runner.interrupt()
        assert cancelled.wait(30)
        raise ConnectionError("cancelled")

    dag = Dag.of(tasks)
    runner = Runner(ThreadExecutor(2), doing({"running": body}), cancel=cancelled.set)
    run = runner.run(dag, plan_of(dag), run_id="run", target="dev", seconds_of={})

    assert statuses(run) == {
        "first": "success",
        "running": "interrupted",
        "rest": "interrupted",
        "skip": "skipped",
    }
    assert run.status is Status.INTERRUPTED


def test_interrupt_reaches_a_task_in_the_runners_own_thread() -> None:
    """With the serial executor too, the cancel comes while the task runs, and again until it has ended."""
    cancels: SimpleQueue[int] = SimpleQueue()

    def body() -> None:
        runner.interrupt()
        for _ in range(3):
            cancels.get(timeout=30)

    dag = Dag.of([task("a", retry=3), task("b")])
    runner = Runner(SerialExecutor(), doing({"a": body}), cancel=lambda: cancels.put(1))
    run = runner.run(dag, plan_of(dag), run_id="run", target="dev", seconds_of={})

    assert statuses(run) == {"a": "success", "b": "interrupted"}


def test_interrupt_ends_a_wait_for_a_retry() -> None:
    """A retry that is an hour away does not keep the run."""
    begun = time.monotonic()
    dag = Dag.of([task("a", retry=Retry(1, wait_seconds=3600, max_wait_seconds=3600, jitter=False))])

    def interrupting(event: Event) -> None:
        if isinstance(event, AttemptFailed):
            threading.Timer(0.05, runner.interrupt).start()

    runner = Runner(ThreadExecutor(), doing({"a": fail}), [interrupting])
    run = runner.run(dag, plan_of(dag), run_id="run", target="dev", seconds_of={})

    assert statuses(run) == {"a": "interrupted"}
    assert time.monotonic() - begun < 30


def test_a_cancel_that_fails_is_told_at_the_end() -> None:
    """The run is wound down all the same."""
    events: list[Event] = []
    dag = Dag.of([task("a")])
    runner = Runner(SerialExecutor(), doing({}), [events.append], cancel=fail)
    runner.interrupt()

    with pytest.raises(ListenerError, match="cancelling what was running failed: ValueError: no"):
        runner.run(dag, plan_of(dag), run_id="run", target="dev", seconds_of={})

    assert isinstance(events[-1], RunFinished)
    assert events[-1].run.status is Status.INTERRUPTED


def test_processes_that_die_fail_their_own_tasks_and_the_run_goes_on() -> None:
    """os._exit, kill -9, a segfault, sys.exit, KeyboardInterrupt, an exception that cannot be pickled."""
    names = ["leaves", "is_killed", "crashes", "exits", "interrupts", "unpicklable"]
    tasks = [bad := task(names[0]), *map(task, names[1:]), task("after", bad)]
    tasks += [task(f"good_{number}") for number in range(6)]

    run = run_of(tasks, work.behave, ProcessExecutor(2))

    failures = {task_run.task: task_run.failure for task_run in run.task_runs}
    assert {name: failure.message for name, failure in failures.items() if failure} == {
        "leaves": "the worker process died: exit code 3",
        "is_killed": "the worker process died: signal 9 (SIGKILL)",
        "crashes": "the worker process died: signal 11 (SIGSEGV)",
        "exits": "called sys.exit(3)",
        "interrupts": "raised KeyboardInterrupt",
        "unpicklable": "raised UnpicklableError",
    }
    assert statuses(run) == {
        **dict.fromkeys(names, "failed"),
        "after": "upstream_failed",
        **{f"good_{number}": "success" for number in range(6)},
    }


def test_a_lost_worker_is_tried_again() -> None:
    """A retry is for any exception, and the death of a process is one."""
    run = run_of([task("dies_once", retry=1)], work.behave, ProcessExecutor(1))

    assert [(task_run.status.value, task_run.attempts) for task_run in run.task_runs] == [("success", 2)]


def test_interrupt_ends_other_processes() -> None:
    """A task that sleeps in another process does not keep the run."""
    begun = time.monotonic()

    def interrupting(event: Event) -> None:
        if isinstance(event, TaskStarted):
            threading.Timer(0.5, runner.interrupt).start()

    dag = Dag.of([a := task("sleeps"), task("b", a)])
    runner = Runner(ProcessExecutor(1), work.behave, [interrupting])
    run = runner.run(dag, plan_of(dag), run_id="run", target="dev", seconds_of={})

    assert statuses(run) == {"sleeps": "interrupted", "b": "interrupted"}
    assert time.monotonic() - begun < 30


def test_work_that_cannot_be_sent_fails_the_task() -> None:
    """A closure does not travel; the task says so."""
    run = run_of([task("a")], doing({}), ProcessExecutor(1))

    (task_run,) = run.task_runs
    assert task_run.failure is not None
    assert task_run.failure.code == "PYDBT-E502"


def test_an_empty_plan_is_a_run() -> None:
    """Nothing to do is well done."""
    events: list[Event] = []

    run = run_of([], doing({}), None, events.append)

    assert (run.status, run.task_runs) == (Status.SUCCESS, ())
    assert [type(event) for event in events] == [RunStarted, RunFinished]


@pytest.mark.parametrize("executor", [SerialExecutor(), ThreadExecutor(4)], ids=repr)
def test_a_deep_chain_runs_without_a_deep_stack(executor: Executor) -> None:
    """5,000 tasks one after another, and as many skips."""
    tasks = chain(5_000)
    tasks.append(task("skip", tasks[-1], runs_on=MONDAYS))
    for number in range(5_000):
        tasks.append(task(f"s{number}", tasks[-1], runs_on=MONDAYS))

    run = run_of(tasks, doing({}), executor)

    assert Counter(statuses(run).values()) == {"success": 5_000, "skipped": 5_001}


def test_a_failure_reaches_all_that_is_below_it() -> None:
    """5,000 deep."""
    run = run_of(chain(5_000), doing({"t0": fail}))

    assert Counter(statuses(run).values()) == {"failed": 1, "upstream_failed": 4_999}
