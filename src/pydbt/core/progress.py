"""Progress: which task may start next, and what ends because of another. No thread, no clock, no I/O."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Mapping
from statistics import median

from pydbt.core.dag import Dag
from pydbt.core.plan import Action, Plan
from pydbt.core.results import Status

Ended = list[tuple[str, Status]]

_UNKNOWN_SECONDS = 1.0


class Progress:
    """How far a plan has come, as answers to three questions: `begin`, `take`, `end`.

    A task may start when all it depends on has ended: well, or skipped. A task whose upstream failed ends as
    ``upstream_failed``, unless it is to run all the same, with what was made before: an ephemeral task made
    nothing. A skipped task ends, as skipped, when all it depends on has ended, however that did: what depends
    only on it goes on with what it made before. A task without a step is taken the same way.

    Args:
        dag: The whole project's.
        plan: Steps for some or all of its tasks.
        seconds_of: How long tasks took before. Among those that may start, the one that leads the longest
            path by these goes first; an unknown task takes the median.
    """

    def __init__(self, dag: Dag, plan: Plan, seconds_of: Mapping[str, float]) -> None:
        self._dag = dag
        self._action = {step.task: step.action for step in plan.steps}
        self._missing = {name: len(dag.dependencies(name)) for name in dag.tasks}
        self._failed_upstream: set[str] = set()
        self._held: set[str] = set()
        self._left = dict.fromkeys(self._action)
        self._rank = _ranks(dag, self._action, seconds_of)
        self._ready: list[tuple[tuple[float, int], str]] = []

    def begin(self) -> Ended:
        """Look at all tasks that depend on nothing; what has ended with that, in order."""
        return self._settle(deque(name for name in self._dag.order() if not self._missing[name]))

    def take(self) -> str | None:
        """The task to start next; None while none may."""
        return heapq.heappop(self._ready)[1] if self._ready else None

    def give_back(self, name: str) -> None:
        """Offer a task again that was taken: it is to be tried once more."""
        heapq.heappush(self._ready, (self._rank[name], name))

    def end(self, name: str, status: Status) -> Ended:
        """Note how a task that was taken has ended; what has ended because of it, in order."""
        self._left.pop(name, None)
        return self._settle(deque(self._unlocked(name, status)))

    def left(self) -> Ended:
        """What has not ended, with the status it gets when the run stops here."""
        return [
            (name, Status.SKIPPED if self._action[name] is Action.SKIP else Status.INTERRUPTED)
            for name in self._left
        ]

    def _settle(self, reached: deque[str]) -> Ended:
        """Go on from tasks all whose dependencies have ended."""
        ended: Ended = []
        while reached:
            name = reached.popleft()
            status = self._status_without_running(name)
            if status is None:
                self.give_back(name)
                continue
            if name in self._left:
                del self._left[name]
                ended.append((name, status))
            reached.extend(self._unlocked(name, status))
        return ended

    def _status_without_running(self, name: str) -> Status | None:
        if self._action.get(name) is not Action.RUN:
            return Status.SKIPPED
        waits = self._dag.tasks[name].on_upstream_failure == "skip"
        is_held = name in (self._failed_upstream if waits else self._held)
        return Status.UPSTREAM_FAILED if is_held else None

    def _unlocked(self, name: str, status: Status) -> list[str]:
        has_failed = status in (Status.FAILED, Status.UPSTREAM_FAILED)
        unlocked = []
        for dependent in self._dag.dependents(name):
            if has_failed:
                self._failed_upstream.add(dependent)
            if has_failed and self._dag.tasks[name].materialized == "ephemeral":
                self._held.add(dependent)
            self._missing[dependent] -= 1
            if not self._missing[dependent]:
                unlocked.append(dependent)
        return unlocked


def _ranks(
    dag: Dag, action: Mapping[str, Action], seconds_of: Mapping[str, float]
) -> dict[str, tuple[float, int]]:
    """Each task's place in the queue: the longest path that starts at it first, then the order of the Dag."""
    running = [name for name, what in action.items() if what is Action.RUN]
    known = [seconds_of[name] for name in running if name in seconds_of]
    unknown = median(known) if known else _UNKNOWN_SECONDS
    seconds = {name: seconds_of.get(name, unknown) for name in running}
    path: dict[str, float] = {}
    for name in reversed(dag.order()):
        longest = max((path[dependent] for dependent in dag.dependents(name)), default=0.0)
        path[name] = seconds.get(name, 0.0) + longest
    return {name: (-path[name], position) for position, name in enumerate(dag.order())}
