"""The options of an incremental task: what goes together, and what is refused at its line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from pydbt import Incremental, Task, Window
from pydbt.core.dag import Dag
from pydbt.core.fingerprint import fingerprint
from pydbt.errors import MissingArgumentError, TaskOptionError

# What is given, and what is said of it.
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "a strategy near another": ({"strategy": "merg", "key": "id"}, "'merg' is not known .*'merge'"),
    "merge without key": ({"strategy": "merge"}, 'merge" has no key .*key="id"'),
    "delete_insert of nothing": ({"strategy": "delete_insert"}, "neither key nor on"),
    "partition without on": ({"strategy": "partition"}, "has no on"),
    "append with key": ({"strategy": "append", "key": "id"}, "key has no effect"),
    "append with lookback": ({"strategy": "append", "on": "d", "lookback": 1}, "would add rows twice"),
    "start without on": ({"strategy": "merge", "key": "id", "start": "2026-01-01"}, "start has no on"),
    "lookback without on": ({"strategy": "merge", "key": "id", "lookback": 1}, "lookback has no on"),
    "lookback of partitions": ({"strategy": "partition", "on": "d", "lookback": 1}, "no effect"),
    "interval without start": ({"strategy": "append", "on": "d", "interval": "hour"}, "without start"),
    "an unknown interval": ({"strategy": "append", "on": "d", "interval": "days"}, "did you mean 'day'"),
    "an unknown change": ({"strategy": "append", "on_schema_change": "ignore"}, "'ignore' is not known"),
    "a start that is no day": ({"strategy": "append", "on": "d", "start": "soon"}, "'soon' is not a day"),
    "a start in a month": (
        {"strategy": "append", "on": "d", "start": "2026-01-02", "interval": "month"},
        "no month begins at start='2026-01-02'",
    ),
    "a start in a day": (
        {"strategy": "append", "on": "d", "start": datetime(2026, 1, 1, 6, tzinfo=UTC)},
        "no day begins",
    ),
    "a lookback below nothing": ({"strategy": "merge", "key": "id", "on": "d", "lookback": -1}, "range"),
    "a key that is no name": ({"strategy": "merge", "key": [1]}, r"key=\[1\] names no columns"),
    "a key twice": ({"strategy": "merge", "key": ["a", "a"]}, "key names 'a' twice"),
    "an on that is no name": ({"strategy": "append", "on": 5}, "on=5 is not the name"),
}


@pytest.mark.parametrize("case", CASES)
def test_options_that_do_not_go_together_are_refused(case: str) -> None:
    """With what is wrong, this file, and what to write instead."""
    options, says = CASES[case]

    with pytest.raises(TaskOptionError) as caught:
        Incremental(**options)

    assert Path(__file__).name in str(caught.value.where)

    assert re.search(says, " ".join(str(caught.value).split())), caught.value
    assert caught.value.hint


def test_a_start_is_a_moment_in_utc() -> None:
    """However it is written."""
    east = timezone(timedelta(hours=2))
    given: list[str | date] = [
        "2026-01-05",
        date(2026, 1, 5),
        datetime(2026, 1, 5, tzinfo=UTC),
        datetime(2026, 1, 5, 2, tzinfo=east),
    ]

    starts = {Incremental("append", on="d", start=start).begins_at for start in given}

    assert starts == {datetime(2026, 1, 5)}  # noqa: DTZ001  kept in UTC, without zone


def test_what_is_written_otherwise_is_refused_as_a_materialization() -> None:
    """The class alone, and its name as text: with how to write it."""
    hints = []
    for given in (Incremental, "incremental"):
        with pytest.raises(TaskOptionError) as caught:
            Task(name="one", materialized=given)(lambda: None)  # type: ignore[call-overload]  # it is refused
        hints.append(caught.value.hint)

    assert hints[0] == 'write Incremental("merge", key="id")'
    assert 'Incremental("merge", key="id")' in hints[1]


def test_self_and_window_are_for_incremental_tasks() -> None:
    """There they name no task; elsewhere the error says whose they are."""

    @Task(materialized=Incremental("append", on="day"))
    def sales(session: Any, self: Any, window: Window) -> None: ...

    @Task(materialized="table")
    def other(window: Window) -> None: ...

    assert Dag.of([sales]).dependencies("sales") == ()
    with pytest.raises(MissingArgumentError, match="'window' of the task 'other'") as caught:
        Dag.of([other])
    assert caught.value.hint == "self and window are for tasks with materialized=Incremental(…)"


def test_options_count_as_settings() -> None:
    """Another key is another setting, and no other code."""

    def body() -> None: ...

    one, same, other = (
        fingerprint(Task(materialized=Incremental("merge", key=key))(body)) for key in ("a", ["a"], "b")
    )

    assert one == same
    assert one.code == other.code
    assert one.settings != other.settings
