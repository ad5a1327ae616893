"""What a run will do with each task, and why."""

from __future__ import annotations

import time
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydbt.core.dag import Dag
from pydbt.core.materialization import Seed
from pydbt.core.plan import RULES, Action, Comparison, Reason
from pydbt.core.results import Fingerprint, Status
from pydbt.core.schedule import Cron, Monthly, Weekly
from tests.core.building import NOW, history, plan_of, task

AGO = timedelta(minutes=12)
ONE = Dag.of([task("one", ttl_minutes=60)])


def reason_of(dag: Dag = ONE, name: str = "one", **options: Any) -> tuple[Reason, str]:
    step = next(step for step in plan_of(dag, **options).steps if step.task == name)
    return step.reason, step.detail


def known(name: str = "one", **changes: Any) -> dict[str, Any]:
    return {name: history(name, **({"last_success_at": NOW - AGO} | changes))}


CASES: list[tuple[Reason, str, dict[str, Any]]] = [
    (Reason.FORCED, "", {"history": known(), "forced": True}),
    (Reason.FORCED, "", {"history": known(), "forced": frozenset({"one"})}),
    (Reason.NEVER_SUCCEEDED, "no run of it is known", {}),
    (
        Reason.NEVER_SUCCEEDED,
        "last time: failed",
        {"history": known(last_success_at=None, last_status=Status.FAILED)},
    ),
    (Reason.LAST_ATTEMPT_FAILED, "last time: failed", {"history": known(last_status=Status.FAILED)}),
    (
        Reason.LAST_ATTEMPT_FAILED,
        "last time: interrupted",
        {"history": known(last_status=Status.INTERRUPTED)},
    ),
    (
        Reason.LAST_ATTEMPT_FAILED,
        "last time: upstream_failed",
        {"history": known(last_status=Status.UPSTREAM_FAILED)},
    ),
    (Reason.LAST_ATTEMPT_FAILED, "last time: running", {"history": known(last_status=Status.RUNNING)}),
    (Reason.CODE_CHANGED, "", {"history": known(fingerprint=Fingerprint("old", "settings"))}),
    (Reason.SETTINGS_CHANGED, "", {"history": known(fingerprint=Fingerprint("code", "old"))}),
    (Reason.TABLE_GONE, "", {"history": known(), "gone": {"one"}}),
    (Reason.WITHIN_TTL, "succeeded 12 min ago, ttl 60 min", {"history": known()}),
    (Reason.DUE, "", {"history": known(last_success_at=NOW - timedelta(minutes=60))}),
]


@pytest.mark.parametrize(("reason", "detail", "options"), CASES)
def test_each_rule_decides_with_its_reason(reason: Reason, detail: str, options: dict[str, Any]) -> None:
    """The rule, and the facts it rests on."""
    assert reason_of(**options) == (reason, detail)


def test_the_rules_stand_in_the_order_of_the_reasons() -> None:
    """The manual's list is made from the enumeration: it must be the order that decides."""
    assert [reason for reason, _ in RULES] == list(Reason)
    assert all(reason.text and reason.action in Action for reason in Reason)


def test_the_first_rule_that_applies_wins() -> None:
    """A task with every reason to run and to be skipped gets them one after another, in the listed order."""
    needs = task("needs")
    one = task("one", needs, ttl_minutes=60, runs_on=Weekly(0))
    dag = Dag.of([needs, one])
    due = NOW + timedelta(days=3)
    past = known(
        last_status=Status.FAILED,
        fingerprint=Fingerprint("old", "old"),
        last_success_at=due - timedelta(minutes=1),
    )
    well = known(last_success_at=due - timedelta(minutes=1))

    assert reason_of(dag, history=past, forced=True)[0] is Reason.FORCED
    assert reason_of(dag, history=past)[0] is Reason.NOT_DUE
    assert reason_of(dag, on=due, history=past)[0] is Reason.LAST_ATTEMPT_FAILED
    assert reason_of(dag, on=due, history=well)[0] is Reason.WITHIN_TTL
    assert reason_of(dag, on=due + timedelta(hours=2), history=well)[0] is Reason.UPSTREAM_RAN


def test_what_depends_on_something_that_runs_names_it() -> None:
    """Directly; a dependency that is skipped or not selected is taken as it is."""
    dag = Dag.of([above := task("above"), task("one", above)])
    past = known("above") | known()

    assert reason_of(dag, history=past) == (Reason.UPSTREAM_RAN, "above")
    assert reason_of(dag, history=past, selected={"one"}) == (Reason.DUE, "")


def test_a_plan_names_what_it_believes_to_be_there() -> None:
    """The tasks that are skipped for what they have made, not those that wait for their day."""
    seed, late = task("seed", materialized=Seed("a.csv")), task("late", runs_on=Monthly())
    dag = Dag.of([task("one", ttl_minutes=60), seed, late, task("two")])

    plan = plan_of(dag, history=known("one") | known("seed") | known("two"))

    assert plan.taken_as_there == ("one", "seed")


def test_only_selected_tasks_get_steps_in_order_with_their_levels() -> None:
    """The level is that of the whole DAG."""
    dag = Dag.of([a := task("a"), b := task("b", a), task("c", b)])

    plan = plan_of(dag, selected={"c", "b"})

    assert [(step.task, step.level) for step in plan.steps] == [("b", 2), ("c", 3)]


@given(st.floats(-1e7, 1e7), st.floats(0, 1e5), st.sampled_from(["UTC", "Europe/Paris", "Pacific/Apia"]))
def test_ttl_counts_in_utc_from_the_last_success(age_seconds: float, ttl: float, zone: str) -> None:
    """Skipped while younger; a success in the future (a clock that jumped) never skips."""
    at = NOW - timedelta(seconds=age_seconds)
    dag = Dag.of([task("one", ttl_minutes=ttl)])

    reason, _ = reason_of(dag, on=NOW.astimezone(zoneinfo.ZoneInfo(zone)), history=known(last_success_at=at))

    age = (NOW - at).total_seconds()
    assert (reason is Reason.WITHIN_TTL) == (0 <= age < ttl * 60)


def test_ttl_does_not_jump_with_the_clocks() -> None:
    """At 02:30 CET, an hour after 02:30 CEST on the same wall clock, an hour has passed."""
    paris = zoneinfo.ZoneInfo("Europe/Paris")
    on = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=paris)
    success = datetime(2026, 10, 25, 2, 30, fold=0, tzinfo=paris)
    dag = Dag.of([task("one", ttl_minutes=59)])

    assert reason_of(dag, on=on, history=known(last_success_at=success))[0] is Reason.DUE


def test_schedules_are_asked_about_the_local_day() -> None:
    """23:30 UTC on a Sunday is a Monday in Paris."""
    sunday = datetime(2026, 5, 3, 23, 30, tzinfo=UTC)
    dag = Dag.of([task("one", runs_on=Monthly()), task("two", runs_on=Cron("0 0 * * *", tz="Asia/Tokyo"))])

    in_utc = [step.reason for step in plan_of(dag, on=sunday).steps]
    in_paris = [
        step.reason for step in plan_of(dag, on=sunday.astimezone(zoneinfo.ZoneInfo("Europe/Paris"))).steps
    ]

    assert in_utc == [Reason.NOT_DUE, Reason.NEVER_SUCCEEDED]
    assert in_paris == [Reason.NEVER_SUCCEEDED, Reason.NEVER_SUCCEEDED]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_a_day_is_that_of_each_schedule(zone: str) -> None:
    """Noon of a Monday, on whatever clock: due on the day that clock calls Monday, and on no other."""
    dag = Dag.of([task("one", runs_on=Cron("0 12 * * 1", tz=zone))])
    days = [date(2026, 5, day) for day in (3, 4, 5)]

    reasons = [plan_of(dag, on=day, now=NOW).steps[0].reason for day in days]

    assert reasons == [Reason.NOT_DUE, Reason.NEVER_SUCCEEDED, Reason.NOT_DUE]


def test_the_comparison_tells_added_removed_changed_and_equal() -> None:
    """Task by task against what earlier runs left, whatever is selected."""
    dag = Dag.of([task("equal"), task("new"), task("other")])
    past = known("equal") | known("gone") | known("other", fingerprint=Fingerprint("old", "settings"))

    plan = plan_of(dag, selected={"new"}, history=past, previous_run="run-7")

    assert plan.comparison == Comparison(("new",), ("gone",), ("other",), ("equal",), "run-7")


def test_a_plan_reads_as_what_it_does() -> None:
    """One line for the whole and one for each task, with the reason and its facts."""
    dag = Dag.of([one := task("one", ttl_minutes=60), task("two", one, runs_on=Monthly())])

    assert repr(plan_of(dag, history=known())).splitlines() == [
        "Plan of 2 tasks on 2026-05-08: 0 run, 2 skip",
        "  skip  one: its last success is younger than its ttl_minutes (succeeded 12 min ago, ttl 60 min)",
        "  skip  two: its schedule is not due (it runs on the first Monday of the month)",
    ]


def test_the_repr_of_a_large_plan_stays_short() -> None:
    """Thirty steps and how many more."""
    dag = Dag.of([task(f"t{number}") for number in range(1000)])

    assert repr(plan_of(dag)).splitlines()[-1] == "  ... and 970 more"
    assert len(plan_of(dag).describe()) == 1001


def test_a_plan_of_ten_times_the_tasks_takes_about_ten_times_as_long() -> None:
    """Nothing quadratic: a star and its history, at 1,000 and at 10,000 tasks."""

    def seconds(count: int) -> float:
        start = task("start")
        middle = [task(f"t{number}", start) for number in range(count)]
        dag = Dag.of([start, *middle, task("end", *middle)])
        past = {name: history(name) for name in dag.tasks}
        begun = time.process_time()
        plan_of(dag, history=past)
        return time.process_time() - begun

    seconds(100)
    assert min(seconds(10_000), seconds(10_000)) < 40 * max(seconds(1_000), seconds(1_000), 1e-3)
