"""Runner: carries a plan out. One thread decides and tells; the executor's do the work."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from pydbt.core.attempt import failure_of
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
from pydbt.core.executors.base import Executor
from pydbt.core.interrupt import interrupting
from pydbt.core.plan import Plan
from pydbt.core.progress import Ended, Progress
from pydbt.core.results import Outcome, Run, Status, TaskRun
from pydbt.core.timeout import CANCEL_AGAIN_SECONDS, GRACE_SECONDS, ended_with_its_process
from pydbt.core.times import Message, Times
from pydbt.core.tries import Tries
from pydbt.errors import ListenerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor as Pool
    from concurrent.futures import Future

Work = Callable[[str, str, int], Outcome]
"""What is submitted: called with a task's name, the run's id and the attempt's number, it never raises."""

# Beyond the timeout and what a body may take to end: for a process to start and to load the project.
_PROCESS_SECONDS = 30.0


class Runner:
    """Carries one plan out: every task as soon as all it depends on has ended, never more than the slots.

    A listener that raises is not told anything more; the run goes on without it, and `run` raises
    ``ListenerError`` at its very end. Ctrl-C, when `run` is called in the main thread, means `interrupt`; a
    second one ends the process at once with code 130.

    Args:
        executor: Where tasks run.
        work: What is submitted for each attempt.
        listeners: They are told every event in order, by the thread that called `run`.
        times: Clocks and chance.
        cancel: Cancels what runs in this process' connections; called when the run is interrupted, and
            again every second until all that was running has ended.
    """

    def __init__(
        self,
        executor: Executor,
        work: Work,
        listeners: Sequence[Listener] = (),
        *,
        times: Times | None = None,
        cancel: Callable[[], object] | None = None,
    ) -> None:
        self._executor = executor
        self._work = work
        self._listeners = list(listeners)
        self._times = times or Times()
        self._cancel = cancel
        self._is_interrupted = False
        self._messages: SimpleQueue[Message] = SimpleQueue()
        self._cancels: SimpleQueue[bool] = SimpleQueue()
        self._broken: ListenerError | None = None
        self._tries: dict[str, Tries] = {}
        self._under_way: set[str] = set()
        self._waiting: list[tuple[float, str]] = []
        self._deadlines: list[tuple[float, str, int, Future[Outcome]]] = []
        self._overdue: set[str] = set()
        self._ended: list[TaskRun] = []

    def interrupt(self) -> None:
        """Wind down: start nothing more, cancel what runs, wait for it. From any thread or signal handler."""
        # Only what is safe wherever a signal may come: a flag, and two queues whose put is reentrant.
        self._is_interrupted = True
        self._messages.put(None)
        self._cancels.put(True)  # noqa: FBT003  it answers whether to cancel

    def run(self, dag: Dag, plan: Plan, *, run_id: str, target: str, seconds_of: Mapping[str, float]) -> Run:
        """Carry the plan out and say how it went. A Runner runs once.

        Args:
            dag: The whole project's.
            plan: What is to happen.
            run_id: The new run's id.
            target: The settings' target.
            seconds_of: How long tasks took before: the longest path goes first.

        Raises:
            ListenerError: A listener raised; everything else has been done nevertheless.
        """
        started_at, begun = self._times.clock(), self._times.monotonic()
        self._dag = dag
        self._steps = {step.task: step for step in plan.steps}
        self._progress = Progress(dag, plan, seconds_of)
        with interrupting(self.interrupt):
            self._tell(RunStarted(run_id, started_at, plan, self._executor.slots))
            with self._executor.pool() as pool, self._cancelling(pool):
                self._carry_out(partial(self._submit, pool, run_id))
            seconds = self._times.monotonic() - begun
            status, ended = _status(self._ended), tuple(self._ended)
            run = Run(run_id, target, started_at, status, seconds, ended, plan.on)
            self._tell(RunFinished(run))
        if self._broken is not None:
            raise self._broken
        return run

    def _carry_out(self, submit: Callable[[str, int], Future[Outcome]]) -> None:
        self._finish_all(self._progress.begin())
        while True:
            self._offer_again()
            while not self._is_interrupted and len(self._under_way) < self._executor.slots:
                name = self._progress.take()
                if name is None:
                    break
                self._start(name, submit)
            if not self._under_way and (self._is_interrupted or not self._waiting):
                break
            self._listen()
        self._finish_all(self._progress.left())

    def _start(self, name: str, submit: Callable[[str, int], Future[Outcome]]) -> None:
        now, begun = self._times.clock(), self._times.monotonic()
        tries = self._tries.setdefault(name, Tries(self._dag.tasks[name].retry, now, begun))
        attempt = tries.begin(begun)
        self._under_way.add(name)
        self._tell(TaskStarted(name, attempt, now))
        future = submit(name, attempt)
        timeout = self._dag.tasks[name].timeout
        if timeout is not None and not self._executor.in_process:
            # A process that keeps all its threads from running cannot see to its own timeouts.
            deadline = begun + timeout + GRACE_SECONDS + _PROCESS_SECONDS
            heapq.heappush(self._deadlines, (deadline, name, attempt, future))
        future.add_done_callback(lambda future: self._messages.put((name, future)))

    def _submit(self, pool: Pool, run_id: str, name: str, attempt: int) -> Future[Outcome]:
        try:
            return pool.submit(self._work, name, run_id, attempt)
        except Exception as error:  # noqa: BLE001  no thread to be had, or a pool that has ended: the task's failure
            from concurrent.futures import Future

            failed: Future[Outcome] = Future()
            failed.set_exception(error)
            return failed

    def _listen(self) -> None:
        """Wait for an attempt to be over or overdue, for the next retry's time, or for an interrupt."""
        times = [waiting[0][0] for waiting in (self._waiting, self._deadlines) if waiting]
        message = self._times.wait(self._messages, min(times) - self._times.monotonic() if times else None)
        self._end_overdue()
        if message is None:
            return
        name, future = message
        self._under_way.discard(name)
        outcome = self._outcome(name, future)
        if outcome.failure is None:
            self._finish(name, Status.SUCCESS, outcome)
        elif self._is_interrupted:
            self._finish(name, Status.INTERRUPTED, outcome)
        elif not self._is_tried_again(name, outcome):
            self._finish(name, Status.FAILED, outcome)

    def _end_overdue(self) -> None:
        while self._deadlines and self._deadlines[0][0] <= self._times.monotonic():
            _deadline, name, attempt, future = heapq.heappop(self._deadlines)
            if name in self._under_way and self._tries[name].count == attempt:
                self._overdue.add(name)
                future.cancel()

    def _outcome(self, name: str, future: Future[Outcome]) -> Outcome:
        try:
            return future.result()
        except BaseException as error:  # noqa: BLE001  the executor failed: a worker died, or a call cannot be sent
            failed = Outcome(self._times.monotonic() - self._tries[name].begun, failure=failure_of(error))
            if name not in self._overdue:
                return failed
            self._overdue.discard(name)
            return ended_with_its_process(failed, self._dag.tasks[name].timeout)

    def _is_tried_again(self, name: str, outcome: Outcome) -> bool:
        failure, tries, now = outcome.failure, self._tries[name], self._times.monotonic()
        seconds = tries.wait_after(failure, now, self._times.random) if failure else None
        if failure is None or seconds is None:
            return False
        self._tell(AttemptFailed(name, tries.count, failure, seconds))
        heapq.heappush(self._waiting, (now + seconds, name))
        return True

    def _offer_again(self) -> None:
        """Hand back the tasks whose wait before the next attempt is over."""
        while self._waiting and self._waiting[0][0] <= self._times.monotonic():
            self._progress.give_back(heapq.heappop(self._waiting)[1])

    def _finish(self, name: str, status: Status, outcome: Outcome) -> None:
        self._note_ended(name, status, outcome)
        self._finish_all(self._progress.end(name, status))

    def _finish_all(self, ended: Ended) -> None:
        for name, status in ended:
            self._note_ended(name, status, None)

    def _note_ended(self, name: str, status: Status, outcome: Outcome | None) -> None:
        tries = self._tries.get(name)
        task_run = TaskRun(
            name,
            status,
            self._steps[name].reason.value,
            attempts=tries.count if tries else 0,
            started_at=tries.started_at if tries else None,
            seconds=outcome.seconds if outcome else 0.0,
            rows=outcome.rows if outcome else None,
            failure=outcome.failure if outcome else None,
            warnings=outcome.warnings if outcome else (),
        )
        self._ended.append(task_run)
        self._tell(TaskFinished(task_run))

    def _tell(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001  raised at the end of the run
                self._listeners.remove(listener)
                named = getattr(listener, "__qualname__", type(listener).__qualname__)
                self._note_broken(f"the listener {named} failed at {type(event).__name__}", error)

    def _note_broken(self, what: str, error: Exception) -> None:
        if self._broken is not None:
            return
        failure = failure_of(error)
        self._broken = ListenerError(
            f"{what}: {failure.kind}: {failure.message}", where=failure.where or None
        )
        self._broken.__cause__ = error

    @contextmanager
    def _cancelling(self, pool: Pool) -> Iterator[None]:
        """A thread that cancels when the run is interrupted: the runner's own may be inside a task."""
        canceller = threading.Thread(
            target=self._cancel_when_asked, args=(pool,), name="pydbt-cancel", daemon=True
        )
        canceller.start()
        try:
            yield
        except BaseException:
            self.interrupt()
            raise
        finally:
            self._cancels.put(False)  # noqa: FBT003  it answers whether to cancel
            canceller.join()

    def _cancel_when_asked(self, pool: Pool) -> None:
        is_asked = self._cancels.get()
        while is_asked:
            try:
                if self._cancel is not None:
                    self._cancel()
                if not self._executor.in_process:
                    pool.shutdown(wait=False, cancel_futures=True)
            except Exception as error:  # noqa: BLE001  raised at the end of the run
                self._note_broken("cancelling what was running failed", error)
            try:
                is_asked = self._cancels.get(timeout=CANCEL_AGAIN_SECONDS)
            except Empty:
                is_asked = True


def _status(ended: Sequence[TaskRun]) -> Status:
    statuses = {task_run.status for task_run in ended}
    if Status.INTERRUPTED in statuses:
        return Status.INTERRUPTED
    return Status.FAILED if statuses & {Status.FAILED, Status.UPSTREAM_FAILED} else Status.SUCCESS
