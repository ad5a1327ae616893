"""Random days of a shop, with late rows, corrections, days without a run: against a model in plain Python."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from tests.project.shop import Rows, given, make_shop, opened, run, table

_ROUNDS = 8
_SEED = 1
# What a strategy makes of a table: its rows, the window's new rows, and the first and last day of the window.
Model = Callable[[Rows, Rows, range], Rows]


def appended(before: Rows, new: Rows, _days: range) -> Rows:
    """The rows of both."""
    return [*before, *new]


def replaced(before: Rows, new: Rows, days: range) -> Rows:
    """Those of other days, and the new ones."""
    return [*(row for row in before if row[0] not in days), *new]


def merged(before: Rows, new: Rows, _days: range) -> Rows:
    """Those with other ids, and the new ones."""
    ids = {row[1] for row in new}
    return [*(row for row in before if row[1] not in ids), *new]


def parted(before: Rows, new: Rows, _days: range) -> Rows:
    """Those of days that no new row has, and the new ones."""
    days = {row[0] for row in new}
    return [*(row for row in before if row[0] not in days), *new]


_STRATEGIES: dict[str, tuple[str, int, Model]] = {
    "append": ('"append", on="day", start="2026-01-01"', 0, appended),
    "delete_insert": ('"delete_insert", on="day", start="2026-01-01", lookback=2', 2, replaced),
    "delete_insert_by_key": (
        '"delete_insert", key="id", on="day", start="2026-01-01", lookback=1',
        1,
        merged,
    ),
    "merge": ('"merge", key="id", on="day", start="2026-01-01", lookback=3', 3, merged),
    "partition": ('"partition", on="day", start="2026-01-01", lookback=2', 2, parted),
}
_EACH = "from pydbt import Incremental, Task\n" + "".join(
    f"""
@Task(materialized=Incremental({options}))
def {name}(session):
    return session.table("raw")
"""
    for name, (options, _lookback, _model) in _STRATEGIES.items()
)


def changed(rows: Rows, day: int, chance: random.Random) -> Rows:
    """The rows that there are a day later: new, late, corrected and deleted ones; ids are unique."""
    kept = [(at, number, chance.choice([amount, amount, amount + 1])) for at, number, amount in rows]
    kept = [row for row in kept if chance.random() > 0.05]
    moved = [(chance.randint(1, day) if chance.random() < 0.1 else at, *rest) for at, *rest in kept]
    first = max((row[1] for row in rows), default=0) + 1
    return [*moved, *((chance.randint(max(1, day - 4), day), first + number, 0) for number in range(3))]


def test_tables_are_what_the_model_says(tmp_path: Path, database_url: str) -> None:
    """After each run, whatever came, went or changed between them."""
    chance = random.Random(_SEED)
    expected: dict[str, Rows] = {name: [] for name in _STRATEGIES}
    rows, day, end = Rows(), 2, 1
    with opened(make_shop(tmp_path, database_url, "", _EACH)) as project:
        for number in range(_ROUNDS):
            rows = changed(rows, day, chance)
            given(project, rows)
            run(project, on=day)
            for name, (_options, lookback, model) in _STRATEGIES.items():
                days = range(max(1, min(end, day - lookback)), day)
                new = [row for row in rows if row[0] in days]
                # Of the first run there is no window to look back from: all is new.
                expected[name] = model(expected[name], new, days)
            end = day
            found = {name: table(project, name) for name in _STRATEGIES}

            assert found == {name: sorted(each) for name, each in expected.items()}, (
                f"{_SEED=} {number=} {day=}"
            )
            day += chance.choice([0, 1, 1, 3])
