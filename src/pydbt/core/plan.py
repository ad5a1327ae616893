"""Plan: what a run will do with each task, and why. A pure function of what is known before it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Self

from pydbt.core.dag import Dag
from pydbt.core.incremental import Incremental
from pydbt.core.intervals import Span, told
from pydbt.core.materialization import Seed
from pydbt.core.results import Fingerprint, Status, TaskHistory
from pydbt.core.task import Task

_SHOWN_STEPS = 30


class Action(StrEnum):
    """What happens to a task."""

    RUN = "run"
    SKIP = "skip"


class Reason(StrEnum):
    """Why a task runs or is skipped: in the order of the rules, of which the first that applies wins.

    >>> Reason.NOT_DUE.action.value, Reason.NOT_DUE.text
    ('skip', 'its schedule is not due')
    """

    action: Action
    text: str

    FULL_REFRESH = "full_refresh", Action.RUN, "all of its rows are asked for anew"
    BACKFILLED = "backfilled", Action.RUN, "the rows of a range are asked for anew"
    FORCED = "forced", Action.RUN, "asked for, whatever else is known"
    RETRIED = "retried", Action.RUN, "it did not end well in the run that pydbt retry goes on from"
    NOT_DUE = "not_due", Action.SKIP, "its schedule is not due"
    NEVER_SUCCEEDED = "never_succeeded", Action.RUN, "it has never ended well on this target"
    LAST_ATTEMPT_FAILED = "last_attempt_failed", Action.RUN, "it has not ended well since it last failed"
    UP_TO_DATE = "up_to_date", Action.SKIP, "none of its intervals is missing"
    CODE_CHANGED = "code_changed", Action.RUN, "its code, or code of the project that it uses, has changed"
    SETTINGS_CHANGED = (
        "settings_changed",
        Action.RUN,
        "its options, or the settings it reads, have changed",
    )
    TABLE_GONE = "table_gone", Action.RUN, "the table or view it published is not there"
    WITHIN_TTL = "within_ttl", Action.SKIP, "its last success is younger than its ttl_minutes"
    UPSTREAM_RAN = "upstream_ran", Action.RUN, "something it depends on runs"
    UNCHANGED = "unchanged", Action.SKIP, "its file is as it was when it was loaded"
    DUE = "due", Action.RUN, "its schedule is due"

    def __new__(cls, name: str, action: Action, text: str) -> Self:
        """A member that carries its action and its text."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.action = action
        member.text = text
        return member


@dataclass(frozen=True, slots=True)
class PlanStep:
    """What happens to one task.

    Args:
        task: The task's name.
        action: RUN or SKIP.
        reason: The rule that decided.
        detail: The rule's facts, ``succeeded 12 min ago, ttl 60 min``; may be empty.
        level: The task's level in the whole Dag, from 1.
    """

    task: str
    action: Action
    reason: Reason
    detail: str
    level: int

    def __str__(self) -> str:
        facts = f" ({self.detail})" if self.detail else ""
        return f"{self.action.value:<4}  {self.task}: {self.reason.text}{facts}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The project's tasks against what earlier runs left, each in order of definition.

    Args:
        added: Tasks that no earlier run on this target knew.
        removed: Tasks that ran and are gone, by name.
        changed: Tasks whose code or settings have changed since they last ran.
        equal: Tasks that are as they were.
        previous_run: The id of the latest run; None before the first.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    equal: tuple[str, ...] = ()
    previous_run: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """A step for each selected task, each after all it depends on.

    Args:
        on: What schedules are asked about: a moment with its zone, whose local day counts, or a whole day.
        steps: What happens, in an order in which it could happen.
        comparison: The tasks against the latest run.
        redone: The time whose rows an incremental task takes once more, where one was named.
    """

    on: date
    steps: tuple[PlanStep, ...]
    comparison: Comparison = field(default_factory=Comparison)
    redone: Span | None = None

    @property
    def to_run(self) -> tuple[PlanStep, ...]:
        """The steps that run."""
        return tuple(step for step in self.steps if step.action is Action.RUN)

    @property
    def to_skip(self) -> tuple[PlanStep, ...]:
        """The steps that are skipped."""
        return tuple(step for step in self.steps if step.action is Action.SKIP)

    @property
    def taken_as_there(self) -> tuple[str, ...]:
        """The tasks that are skipped in the belief that what they made is there."""
        return tuple(step.task for step in self.steps if step.reason in _TRUSTING)

    def describe(self) -> tuple[str, ...]:
        """The plan in words, a line for the whole and one for each step."""
        running = len(self.to_run)
        head = (
            f"{len(self.steps)} tasks on {self.on:%Y-%m-%d}: {running} run, {len(self.steps) - running} skip"
        )
        return (head, *map(str, self.steps))

    def __repr__(self) -> str:
        head, *steps = self.describe()
        more = len(steps) - _SHOWN_STEPS
        shown = [*steps[:_SHOWN_STEPS], f"... and {more} more"] if more > 0 else steps
        return "\n  ".join([f"Plan of {head}", *shown])


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rules may look at."""

    task: Task
    fingerprint: Fingerprint
    history: TaskHistory | None
    running_upstream: str | None
    on: date
    now: datetime
    forced: bool | frozenset[str]
    retried: Mapping[str, str]
    gone: Collection[str]
    rebuilt: Collection[str]
    redone: Span | None
    missing: tuple[Span, ...] | None
    lacking: str


def make_plan(  # noqa: PLR0913  a plan is a pure function of all that is known
    dag: Dag,
    *,
    on: date,
    now: datetime | None = None,
    selected: frozenset[str],
    fingerprints: Mapping[str, Fingerprint],
    history: Mapping[str, TaskHistory],
    forced: bool | frozenset[str] = False,
    retried: Mapping[str, str] | None = None,
    gone: Collection[str] = (),
    rebuilt: Collection[str] = (),
    redone: Span | None = None,
    missing: Mapping[str, tuple[Span, ...]] | None = None,
    lacking: Mapping[str, str] | None = None,
    previous_run: str | None = None,
) -> Plan:
    """The plan for these tasks. It reads no clock, no state and no database.

    Tasks that are not selected get no step: what they made before is taken as it is.

    Args:
        dag: The whole project's.
        on: The moment that schedules are asked about, with a zone; or a day, for all that is due at some time
            of it, in whichever zone a schedule has.
        now: The moment that a ``ttl_minutes`` is counted to; ``on`` when not given, which is a moment then.
        selected: Names of the tasks to plan.
        fingerprints: Of every selected task; the comparison covers every task that has one here.
        history: What earlier runs on this target left, by task.
        forced: True forces all selected tasks, names force these.
        retried: How tasks ended in the run that is gone on from, for those that have to run again.
        gone: Names of tasks whose table or view is known not to be there.
        rebuilt: Names of incremental tasks whose tables are made anew.
        redone: The time whose rows the selected incremental task takes once more.
        missing: The time that is over and not in their tables, for the incremental tasks that keep account.
        lacking: What tasks need and do not find, in words: they fail, if they run.
        previous_run: The id of the latest run.
    """
    moment = now or on
    assert isinstance(moment, datetime), "the moment of a ttl is not known"
    assert not isinstance(on, datetime) or on.tzinfo is not None, "a plan is made for a moment with a zone"
    now = moment.astimezone(UTC)
    running: set[str] = set()
    steps = []
    for name in dag.order():
        if name not in selected:
            continue
        upstream = next((other for other in dag.dependencies(name) if other in running), None)
        facts = _Facts(
            dag.tasks[name],
            fingerprints[name],
            history.get(name),
            upstream,
            on,
            now,
            forced,
            retried or {},
            gone,
            rebuilt,
            redone,
            (missing or {}).get(name),
            (lacking or {}).get(name, ""),
        )
        reason, detail = _first_match(facts)
        if reason.action is Action.RUN:
            missed = "" if reason in _ANEW else _missing_told(facts)
            detail = "; ".join(filter(None, (detail, missed, facts.lacking)))
            running.add(name)
        steps.append(PlanStep(name, reason.action, reason, detail, dag.level_of(name)))
    return Plan(on, tuple(steps), _comparison(dag, fingerprints, history, previous_run), redone)


def _first_match(facts: _Facts) -> tuple[Reason, str]:
    for reason, rule in RULES:
        detail = rule(facts)
        if detail is not None:
            return reason, detail
    msg = "the last rule always applies"
    raise AssertionError(msg)


def _full_refresh(facts: _Facts) -> str | None:
    return "" if facts.task.name in facts.rebuilt else None


def _backfilled(facts: _Facts) -> str | None:
    return None if facts.redone is None else f"{facts.redone[0]} to {facts.redone[1]}"


def _forced(facts: _Facts) -> str | None:
    is_forced = facts.forced if isinstance(facts.forced, bool) else facts.task.name in facts.forced
    return "" if is_forced else None


def _retried(facts: _Facts) -> str | None:
    return facts.retried.get(facts.task.name)


def _not_due(facts: _Facts) -> str | None:
    schedule = facts.task.runs_on
    return None if schedule.is_due(facts.on) else f"it runs {schedule.describe()}"


def _never_succeeded(facts: _Facts) -> str | None:
    if facts.history is None:
        return "no run of it is known"
    return f"last time: {facts.history.last_status.value}" if facts.history.last_success_at is None else None


def _last_attempt_failed(facts: _Facts) -> str | None:
    # Interrupted or with a failed upstream, it has not ended well either; "running" means a killed run.
    if facts.history is None or facts.history.last_status in (Status.SUCCESS, Status.SKIPPED):
        return None
    return f"last time: {facts.history.last_status.value}"


def _up_to_date(facts: _Facts) -> str | None:
    options = facts.task.materialized
    if facts.missing != () or not isinstance(options, Incremental) or options.lookback:
        return None
    # A changed option may be of its indexes or its checks, which need no new rows.
    return _rows_of_older_code(facts) if _settings_changed(facts) is None else None


def _rows_of_older_code(facts: _Facts) -> str:
    is_changed = _code_changed(facts) is not None
    return "its code has changed: --full-refresh makes all of its rows anew" if is_changed else ""


def _code_changed(facts: _Facts) -> str | None:
    return "" if facts.history and facts.history.fingerprint.code != facts.fingerprint.code else None


def _settings_changed(facts: _Facts) -> str | None:
    if facts.history is None or facts.history.fingerprint.settings == facts.fingerprint.settings:
        return None
    return "or its file" if isinstance(facts.task.materialized, Seed) else ""


def _table_gone(facts: _Facts) -> str | None:
    return "" if facts.task.name in facts.gone else None


def _within_ttl(facts: _Facts) -> str | None:
    ttl = facts.task.ttl_minutes
    if not ttl or facts.history is None or facts.history.last_success_at is None:
        return None
    seconds = (facts.now - facts.history.last_success_at.astimezone(UTC)).total_seconds()
    # A success in the future means that a clock has jumped: then nobody knows how old it is.
    if not 0 <= seconds < ttl * 60:
        return None
    return f"succeeded {_ago(seconds)} ago, ttl {ttl:g} min"


def _upstream_ran(facts: _Facts) -> str | None:
    return facts.running_upstream


def _unchanged(facts: _Facts) -> str | None:
    return "" if isinstance(facts.task.materialized, Seed) else None


def _due(facts: _Facts) -> str | None:  # noqa: ARG001  what is left is due
    return ""


RULES: tuple[tuple[Reason, Callable[[_Facts], str | None]], ...] = (
    (Reason.FULL_REFRESH, _full_refresh),
    (Reason.BACKFILLED, _backfilled),
    (Reason.FORCED, _forced),
    (Reason.RETRIED, _retried),
    (Reason.NOT_DUE, _not_due),
    (Reason.NEVER_SUCCEEDED, _never_succeeded),
    (Reason.LAST_ATTEMPT_FAILED, _last_attempt_failed),
    (Reason.UP_TO_DATE, _up_to_date),
    (Reason.CODE_CHANGED, _code_changed),
    (Reason.SETTINGS_CHANGED, _settings_changed),
    (Reason.TABLE_GONE, _table_gone),
    (Reason.WITHIN_TTL, _within_ttl),
    (Reason.UPSTREAM_RAN, _upstream_ran),
    (Reason.UNCHANGED, _unchanged),
    (Reason.DUE, _due),
)
"""The rules in their order: each gives the facts it rests on, or None where it does not apply."""

_ANEW = frozenset({Reason.FULL_REFRESH, Reason.BACKFILLED})
_TRUSTING = frozenset({Reason.WITHIN_TTL, Reason.UNCHANGED})


def _missing_told(facts: _Facts) -> str:
    """What of an incremental table's time is taken, as far as that is known."""
    options = facts.task.materialized
    if facts.missing is None or not isinstance(options, Incremental):
        return ""
    if facts.missing:
        return told(facts.missing, options.interval)
    if not options.lookback:
        return "none of its intervals is missing"
    again = "" if options.lookback == 1 else f"{options.lookback} "
    return f"none missing, the last {again}{options.interval}{'s' if again else ''} again"


def _ago(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.0f} min"  # noqa: PLR2004  a minute


def _comparison(
    dag: Dag,
    fingerprints: Mapping[str, Fingerprint],
    history: Mapping[str, TaskHistory],
    previous_run: str | None,
) -> Comparison:
    compared = [name for name in dag.tasks if name in fingerprints]
    known = [name for name in compared if name in history]
    changed = {name for name in known if history[name].fingerprint != fingerprints[name]}
    return Comparison(
        added=tuple(name for name in compared if name not in history),
        removed=tuple(sorted(name for name in history if name not in dag.tasks)),
        changed=tuple(name for name in known if name in changed),
        equal=tuple(name for name in known if name not in changed),
        previous_run=previous_run,
    )
