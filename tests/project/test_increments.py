"""Incremental tables, on every database: what each way to add rows does, run after run."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pydbt import F
from pydbt.core.results import Status
from pydbt.sql.ledger import ledger as ledger_table
from pydbt.sql.ledger import read
from tests.project.shop import Rows, failure, given, ledger, make_shop, opened, run, table

RUNS_ON_MARIADB = True

_FIRST = [(1, 1, 10), (2, 2, 20)]
_SECOND = [*_FIRST, (3, 2, 25), (3, 3, 30)]
_BY_ID = [(1, 1, 10), (3, 2, 25), (3, 3, 30)]

# Options, and what the table holds when the second rows have come.
_STRATEGIES: dict[str, tuple[str, Rows]] = {
    "appended": ('"append", on="day"', _SECOND),
    "appended_by_day": ('"append", on="day", start="2026-01-01"', _SECOND),
    "replaced": ('"delete_insert", on="day"', _SECOND),
    "replaced_by_key": ('"delete_insert", key="id"', _SECOND),
    "replaced_by_key_and_day": ('"delete_insert", key="id", on="day", start="2026-01-01"', _BY_ID),
    "merged": ('"merge", key=["day", "id"], on="day"', _SECOND),
    "merged_by_day": ('"merge", key="id", on="day", start="2026-01-01", lookback=1', _BY_ID),
    "merged_on_two": ('"merge", key=["day", "id"]', _SECOND),
    "merged_on_all": ('"merge", key=["day", "id", "amount"]', _SECOND),
    "parted": ('"partition", on="day"', _SECOND),
    "parted_by_day": ('"partition", on="day", start="2026-01-01", lookback=2', _SECOND),
}
_WHOLE = """
from pydbt import Task


@Task(materialized="table")
def sales(session):
    return session.table("raw")
"""
_SALES = """
from pydbt import Incremental, Task


@Task(materialized=Incremental(OPTIONS))
def sales(session):
    raw = session.table('raw')
    return raw
"""
_EACH = "".join(
    f"""
@Task(materialized=Incremental({options}))
def {name}(session):
    return session.table("raw")

"""
    for name, (options, _rows) in _STRATEGIES.items()
)


def test_each_strategy_adds_what_is_new_and_nothing_twice(tmp_path: Path, database_url: str) -> None:
    """The first run makes the table, the second adds, and one more leaves it as it is."""
    models = f"from pydbt import Incremental, Task\n{_EACH}"
    with opened(make_shop(tmp_path, database_url, "", models)) as project:
        given(project, _FIRST)
        assert run(project, on=3).status is Status.SUCCESS
        first = {name: table(project, name) for name in _STRATEGIES}
        given(project, _SECOND)
        assert run(project, on=4).status is Status.SUCCESS
        second = {name: table(project, name) for name in _STRATEGIES}
        assert run(project, on=4).status is Status.SUCCESS
        third = {name: table(project, name) for name in _STRATEGIES}

    assert first == dict.fromkeys(_STRATEGIES, _FIRST)
    assert second == third == {name: rows for name, (_options, rows) in _STRATEGIES.items()}


def test_what_fails_leaves_the_table_and_the_ledger(tmp_path: Path, database_url: str) -> None:
    """A check, a key that is NULL or there twice, and a body that raises: all is as it was before."""
    options = '"merge", key="id", on="day", start="2026-01-01"'
    with opened(make_shop(tmp_path, database_url, options)) as project:
        given(project, [(1, 1, 1000)])
        assert failure(project, on=2).startswith("PYDBT-E506 1 of 1 checks failed")
        assert not project.resources.session.has_table("sales")
        given(project, _FIRST)
        run(project, on=3)
        bad: dict[str, Rows] = {
            "PYDBT-E506 1 of 1 checks failed": [*_FIRST, (3, 3, 1000)],
            "PYDBT-E521 2 new rows have the same key: id=3": [*_FIRST, (3, 3, 1), (3, 3, 2), (3, 4, 1)],
            "PYDBT-E521 a new row has NULL in its key: id=NULL": [*_FIRST, (3, None, 1)],
        }
        told = {}
        for says, rows in bad.items():
            given(project, rows)
            told[says] = failure(project, on=4)
        given(project, [(3, 3, 30)], id=int, price=int)
        told["PYDBT-E655 the columns of table 'sales' are not"] = failure(project, on=4)

        assert (table(project), ledger(project)) == (_FIRST, [(1, 3)])
    assert [says for says, message in told.items() if not message.startswith(says)] == []


def test_what_is_missing_is_taken_and_late_rows_within_lookback(tmp_path: Path, database_url: str) -> None:
    """Days on which nothing ran come with the next run; a row that comes late does if it is near enough."""
    options = '"delete_insert", on="day", start="2026-01-01", lookback=2'
    with opened(make_shop(tmp_path, database_url, options)) as project:
        given(project, [(1, 1, 10), (None, 9, 90), (9, 8, 80)])
        run(project, on=3)
        rows = [(1, 1, 10), (1, 7, 70), (2, 2, 20), (4, 4, 40), (5, 5, 50), (6, 6, 60)]
        given(project, rows)
        run(project, on=6)
        found = table(project)

        assert found == [(1, 1, 10), (4, 4, 40), (5, 5, 50)]
        given(project, [*rows, (2, 3, 30), (4, 9, 41)])
        run(project, on=6)
        assert table(project) == [(1, 1, 10), (4, 4, 40), (4, 9, 41), (5, 5, 50)]
        assert ledger(project) == [(1, 3), (3, 6), (4, 6)]


def test_a_gap_is_filled_by_itself(tmp_path: Path, database_url: str) -> None:
    """Each stretch of time that is missing is taken, and no row beside it."""
    with opened(make_shop(tmp_path, database_url, '"append", on="day", start="2026-01-03"')) as project:
        rows = [(day, day, day) for day in range(1, 9)]
        given(project, rows)
        run(project, on=5)
    with opened(make_shop(tmp_path, database_url, '"append", on="day", start="2026-01-02"')) as project:
        run(project, on=8)

        assert table(project) == [(day, day, day) for day in range(2, 8)]
        assert ledger(project) == [(3, 5), (2, 3), (5, 8)]


def test_a_full_refresh_makes_table_and_ledger_anew(tmp_path: Path, database_url: str) -> None:
    """With other columns, too; what fails then leaves both as they were."""
    with opened(make_shop(tmp_path, database_url, '"append", on="day", start="2026-01-01"')) as project:
        given(project, _FIRST)
        run(project, on=3)
        run(project, on=5)
        given(project, [(1, 1, 1000)])
        told = failure(project, on=4, full_refresh=True)
        kept = table(project), ledger(project)
        given(project, [(1, 1, 11, "new")], id=int, amount=int, name=str)
        assert run(project, on=4, full_refresh=True).status is Status.SUCCESS

        assert (kept, told[:10]) == ((_FIRST, [(1, 3), (3, 5)]), "PYDBT-E506")
        assert (table(project), ledger(project)) == ([(1, 1, 11)], [(1, 4)])
        assert project.resources.session.table("sales").columns == ["day", "id", "amount", "name"]
        run(project, on=6)
        assert ledger(project) == [(1, 4), (4, 6)]


def test_a_backfill_takes_days_once_more(tmp_path: Path, database_url: str) -> None:
    """Of an append, too: what the days had goes first. What is not over yet stays missing."""
    with opened(make_shop(tmp_path, database_url, '"append", on="day", start="2026-01-01"')) as project:
        given(project, [(1, 1, 10), (2, 2, 20), (3, 3, 30)])
        run(project, on=4)
        given(project, [(1, 1, 11), (2, 2, 22), (2, 5, 55), (3, 3, 33)])
        plan = project.backfill_plan("sales", date(2026, 1, 2), date(2026, 1, 2))
        done = project.run(plan)

        assert [each.reason for each in done.task_runs] == ["backfilled"]
        assert table(project) == [(1, 1, 10), (2, 2, 22), (2, 5, 55), (3, 3, 30)]
        assert ledger(project) == [(1, 4), (2, 3)]


def test_a_table_does_not_begin_with_a_backfill(tmp_path: Path, database_url: str) -> None:
    """A run would go on from the largest value: the rows before these days would never come."""
    with opened(make_shop(tmp_path, database_url, '"append", on="day"')) as project:
        given(project, _FIRST)
        plan = project.backfill_plan("sales", date(2026, 1, 2), date(2026, 1, 2))
        [done] = project.run(plan, threads=1).task_runs
        run(project, 3)
        rows = table(project)

    assert done.failure is not None
    assert (done.failure.code, rows) == ("PYDBT-E650", _FIRST)


def test_a_column_that_a_view_stands_on_does_not_go(tmp_path: Path, postgresql_url: str) -> None:
    """It is told; the table and the view are as they were."""
    with opened(make_shop(tmp_path, postgresql_url, '"merge", key="id", on_schema_change="sync"')) as project:
        given(project, _FIRST)
        run(project, 3)
        with project.resources.engine.begin() as connection:
            connection.exec_driver_sql("CREATE VIEW seen AS SELECT day FROM sales")
    less = _SALES.replace("return raw", 'return raw.drop("day")')
    with opened(
        make_shop(tmp_path, postgresql_url, '"merge", key="id", on_schema_change="sync"', less)
    ) as project:
        told = failure(project, 4)
        rows = table(project)

    assert told == "PYDBT-E656 other objects stand on column 'day' of table 'sales', which is to go"
    assert rows == _FIRST


def test_a_run_goes_on_from_a_float_of_few_digits(tmp_path: Path, postgresql_url: str) -> None:
    """The driver reads it as a value that it is not: no row comes twice, and nobody has changed the table."""
    with opened(make_shop(tmp_path, postgresql_url, '"append", on="amount"', _SALES)) as project:
        with project.resources.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE raw (day date, id int, amount real)")
        for number in (1, 2, 3):
            with project.resources.engine.begin() as connection:
                connection.exec_driver_sql(f"INSERT INTO raw VALUES ('2026-01-01', {number}, 0.{number})")
            done = run(project, 4)
        rows = table(project)

    assert (done.status, [number for _day, number, _amount in rows]) == (Status.SUCCESS, [1, 2, 3])


def test_a_boolean_does_not_tell_which_rows_are_new(tmp_path: Path, sqlite_url: str) -> None:
    """It is told in the first run, not when there is nothing to go on from."""
    flagged = _SALES.replace("return raw", 'return raw.with_column("is_late", raw.id > 1)')
    with opened(make_shop(tmp_path, sqlite_url, '"append", on="is_late"', flagged)) as project:
        given(project, _FIRST)
        told = failure(project, 4)

    assert told == "PYDBT-E550 on='is_late' of the task 'sales' is a boolean: it does not tell new rows"


def test_columns_that_come_and_go(tmp_path: Path, database_url: str) -> None:
    """With "append" new ones are added, with "sync" those that are gone go, and another type is an error."""
    models = """
from pydbt import Incremental, Task

@Task(materialized=Incremental("merge", key="id", on="day", start="2026-01-01", on_schema_change=OPTIONS))
def sales(session):
    return session.table("raw")
"""
    found: list[Any] = []
    with opened(make_shop(tmp_path, database_url, '"append"', models)) as project:
        given(project, _FIRST)
        run(project, on=3)
        given(project, [(3, 2, 5)], id=int, units=int)
        assert run(project, on=4).status is Status.SUCCESS
        found += (
            project.resources.session.table("sales").select("id", "amount", "units").order_by("id").collect()
        )
    with opened(make_shop(tmp_path, database_url, '"sync"', models)) as project:
        assert run(project, on=5).status is Status.SUCCESS
        found += [project.resources.session.table("sales").columns]
        given(project, [(5, 2, "five")], id=int, units=str)
        told = failure(project, on=6)

    assert [tuple(each) for each in found] == [(1, 10, None), (2, 20, 5), ("day", "id", "units")]
    assert told.startswith(
        "PYDBT-E655 the column 'units' of table 'sales' is a whole number, and of its query"
    )


@pytest.mark.parametrize("options", ['"merge", key="other"', '"append", on="other"'])
def test_a_column_that_tells_rows_is_to_be_in_the_table(
    tmp_path: Path, database_url: str, options: str
) -> None:
    """Else none of the rows that are there would be found again, and each would come twice."""
    with opened(make_shop(tmp_path, database_url, '"merge", key="id", on="day"')) as project:
        given(project, _FIRST)
        run(project, 3)
    more = _SALES.replace("return raw", "return " + 'raw.with_column("other", raw.id)')
    with opened(make_shop(tmp_path, database_url, f'{options}, on_schema_change="append"', more)) as project:
        told = failure(project, 4)
        rows = table(project)

    assert told.startswith("PYDBT-E655 the table 'sales' has no column 'other', by which its rows are to be")
    assert rows == _FIRST


def test_a_column_that_is_given_in_other_capitals(tmp_path: Path, database_url: str) -> None:
    """It is the table's column, and rows come after its largest value, where the database takes it so."""
    with opened(make_shop(tmp_path, database_url, '"append", on="day"')) as project:
        given(project, _FIRST)
        run(project, 3)
        is_other = project.resources.engine.dialect.name == "postgresql"
    capital = _SALES.replace("return raw", "return " + 'raw.rename({"day": "Day"})')
    with opened(make_shop(tmp_path, database_url, '"append", on="Day"', capital)) as project:
        given(project, _SECOND)
        [done] = run(project, 4).task_runs
        rows = table(project)

    assert (done.status is Status.FAILED, rows) == (is_other, _FIRST if is_other else _SECOND)


def test_a_whole_table_in_between_makes_the_ledger_forgotten(tmp_path: Path, database_url: str) -> None:
    """What was noted of the rows that it replaced would be believed of its own."""
    options = '"append", on="day", start="2026-01-01"'
    rows = [(day, day, 1) for day in (1, 2, 3, 4)]
    with opened(make_shop(tmp_path, database_url, options)) as project:
        given(project, rows)
        run(project, 3)
    with opened(make_shop(tmp_path, database_url, "", models=_WHOLE)) as project:
        run(project, 3)
        assert (table(project), ledger(project)) == (rows, [])
    with opened(make_shop(tmp_path, database_url, options)) as project:
        told = failure(project, 10)
        assert table(project) == rows

    assert told.startswith("PYDBT-E522 the table 'sales' is there, and which of its intervals")


def test_runs_without_start_in_between_make_the_ledger_forgotten(tmp_path: Path, database_url: str) -> None:
    """What they have added was not noted, and would come twice."""
    dated, undated = '"append", on="day", start="2026-01-01"', '"append", on="day"'
    rows = [(day, day, 1) for day in (1, 2, 3, 4)]
    with opened(make_shop(tmp_path, database_url, dated)) as project:
        given(project, rows)
        run(project, 3)
    with opened(make_shop(tmp_path, database_url, undated)) as project:
        run(project, 4)
        assert (table(project), ledger(project)) == (rows, [])
    with opened(make_shop(tmp_path, database_url, dated)) as project:
        told = failure(project, 10)
        redone = project.backfill_plan("sales", date(2026, 1, 2), date(2026, 1, 2))
        again = project.run(redone, threads=1).task_runs[0].failure
        assert (table(project), ledger(project)) == (rows, [])

    assert told.startswith("PYDBT-E522 the table 'sales' is there, and which of its intervals")
    assert again is not None
    assert f"{again.code} {again.message}" == told


def test_a_view_is_told_as_a_view(tmp_path: Path, database_url: str) -> None:
    """With a ledger and without, until it is made a table."""
    view = _WHOLE.replace('"table"', '"view"')
    dated, undated = '"append", on="day", start="2026-01-01"', '"merge", key="id"'
    with opened(make_shop(tmp_path, database_url, "", models=view)) as project:
        given(project, _FIRST)
        run(project, 3)
    with opened(make_shop(tmp_path, database_url, undated)) as project:
        told = [failure(project, 3)]
    with opened(make_shop(tmp_path, database_url, dated)) as project:
        told.append(failure(project, 3))
        planned = project.plan(on=date(2026, 1, 3)).steps[0].detail
        run(project, 3, full_refresh=True)
        rows = table(project)

    assert [each[:42] for each in told] == ["PYDBT-E653 view 'sales' cannot be added to"] * 2
    assert planned == "last time: failed; view 'sales' cannot be added to"
    assert rows == _FIRST


@pytest.mark.parametrize("is_there", [False, True])
def test_a_failed_check_says_what_is_there(tmp_path: Path, sqlite_url: str, is_there: bool) -> None:  # noqa: FBT001  a case
    """No table, in the first run; and rows that are in the table, where no new ones have come."""
    options = '"append", on="day", start="2026-01-01"'
    with opened(make_shop(tmp_path, sqlite_url, options)) as project:
        given(project, [(1, 1, 100 if is_there else 1000)])
        run(project, 2)
        if is_there:
            with project.resources.engine.begin() as connection:
                connection.exec_driver_sql("UPDATE sales SET amount = 1000")
        [failed] = [each.failure for each in run(project, 2).task_runs]

    assert failed is not None
    assert (failed.message.partition(".")[0], failed.hint) == (
        (
            "1 of 1 checks failed, and no new rows had come",
            "the rows are in the table 'sales', which is as it was",
        )
        if is_there
        else ("1 of 1 checks failed, nothing was published", "there is still no table 'sales'")
    )


def test_a_table_whose_column_is_no_time_is_told_from_a_query(tmp_path: Path, database_url: str) -> None:
    """It is made again by hand, where SQLite keeps a date as a number; made anew, it has the query's type."""
    with opened(
        make_shop(tmp_path, database_url, '"merge", key="id", on="day", start="2026-01-01"')
    ) as project:
        given(project, _FIRST)
        made = project.resources.session.create_dataframe([(1, 1, 1)], schema=["day", "id", "amount"])
        made.write("sales")
        told = failure(project, 3)
        run(project, 3, full_refresh=True)
        rows = table(project)
        made.with_column("day", F.lit("x")).write("raw")
        with project.resources.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE sales")
        of_query = failure(project, 3)

    assert told.endswith("on='day' of the table 'sales' is a number, which cannot be divided into days")
    assert of_query.endswith("on='day' of the task 'sales' is text, which cannot be divided into days")
    assert rows == _FIRST


def test_the_column_of_time_does_not_change_under_a_ledger(tmp_path: Path, database_url: str) -> None:
    """What is noted is of the column that was: rows would be left out, or come twice."""
    with opened(make_shop(tmp_path, database_url, '"append", on="day", start="2026-01-01"')) as project:
        session = project.resources.session
        rows = [(date(2026, 1, day), date(2026, 1, day), day, 1) for day in (2, 9)]
        session.create_dataframe(rows, schema=["day", "other", "id", "amount"]).write("raw")
        run(project, 8)
    with opened(make_shop(tmp_path, database_url, '"append", on="other", start="2026-01-01"')) as project:
        told = failure(project, 12)
        before = table(project)
        run(project, 12, full_refresh=True)
        after = table(project)

    assert told.startswith("PYDBT-E522 which intervals of 'other' are in the table 'sales' is not known")
    assert (before, after) == ([(2, 2, 1)], [(2, 2, 1), (9, 9, 1)])


def test_a_ledger_of_an_older_version_is_completed(tmp_path: Path, database_url: str) -> None:
    """It does not say which column is meant: that of the next run is, and is known from then on."""
    with opened(make_shop(tmp_path, database_url, '"append", on="day", start="2026-01-01"')) as project:
        engine = project.resources.engine
        given(project, [(2, 1, 1)])
        run(project, 3)
        new = ledger_table(None)
        columns = [sa.Column(each.name, each.type) for each in new.columns if each.name != "on_column"]
        old = sa.Table(new.name, sa.MetaData(), *columns)
        with engine.begin() as connection:
            notes = [row[: len(columns)] for row in connection.execute(sa.select(new).order_by(new.c.token))]
            new.drop(connection)
            old.create(connection)
            connection.execute(sa.insert(old).values([tuple(note) for note in notes]))
        older = read(engine, None, "sales")
        given(project, [(2, 1, 1), (3, 2, 1)])
        run(project, 4)
        rows, newer = table(project), read(engine, None, "sales")

    assert (older.on, newer.on, newer.token) == (None, "day", older.token + 1)
    assert (rows, newer.spans[:-1]) == ([(2, 1, 1), (3, 2, 1)], older.spans)


def test_days_that_have_not_come_are_not_noted(tmp_path: Path, database_url: str) -> None:
    """A typo in the year of --date would have all of them counted as done."""
    with opened(make_shop(tmp_path, database_url, '"append", on="day", start="2026-01-01"')) as project:
        given(project, [(1, 1, 1)])
        project.run(project.plan(force=True, on=date(2999, 1, 1)), threads=1)
        session = project.resources.session
        session.engine.dispose()
        ends = [row[0] for row in session.table("_pydbt_increments").select("ends").collect()]

    assert max(ends).date() <= datetime.now(UTC).date()
