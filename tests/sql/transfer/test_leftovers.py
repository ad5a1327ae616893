"""Tables of rows that killed processes leave: dropped by the next to come, never under who lives."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.connections import dispose_all, engine_from
from pydbt.owner import LEFTOVER_AFTER, Owner, mark, this_process
from pydbt.sql.session import Session
from pydbt.sql.transaction import writing
from pydbt.sql.transfer.leftovers import PREFIX, new_name, sweep_leftovers
from tests.conftest import DATABASES

_HOLDING = """\
import sys
from pydbt.connections import engine_from
from pydbt.sql.session import Session
from pydbt.sql.transfer.leftovers import sweep_leftovers
engine = engine_from(sys.argv[1])
sweep_leftovers(engine, None)
frame = Session(engine).create_dataframe({"n": list(range(5000))})
print("holding", flush=True)
input()
"""


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """PyDBT's engine on an empty database of the test's own; SQLite, where none is named."""
    url: str = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url")
    yield engine_from(url)
    dispose_all()


@pytest.fixture
def other(engine: Engine) -> Iterator[subprocess.Popen[str]]:
    """A process that has swept what was left and now holds a frame, until it is told to end or killed."""
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", _HOLDING, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "holding\n"
        yield process
        process.kill()


@pytest.fixture
def ended() -> Owner:
    """A process of this machine that is no more."""
    process = subprocess.Popen(["true"])
    process.wait()
    return replace(this_process(), pid=process.pid)


def tables(engine: Engine) -> list[str]:
    return [name for name in sa.inspect(engine).get_table_names() if name.startswith(PREFIX)]


def make(engine: Engine, of: Owner | None, age: float = 0.0) -> str:
    """A table as a process has made it; None stands for one whose names did not tell whose they are."""
    begin = f"{PREFIX}{int(time.time() - age):x}"
    name = f"{begin}_abcd" if of is None else f"{begin}_{mark(of)}_abcd"
    sa.Table(name, sa.MetaData(), sa.Column("n", sa.Integer)).create(engine)
    return name


def test_the_name_fits_into_the_shortest_limit() -> None:
    """PostgreSQL would cut what is longer than 63 bytes in silence, and two could be one."""
    longest = mark(replace(this_process(), pid=2**32 - 1))

    assert len(new_name()) - len(mark(this_process())) + len(longest) <= 63


@pytest.mark.parametrize("engine", ["sqlite", "postgresql", "mysql"], indirect=True)
def test_a_table_goes_once_its_process_is_killed_and_not_before(
    engine: Engine, other: subprocess.Popen[str]
) -> None:
    """Whoever lives keeps its rows; of whoever is killed they go with the next that looks."""
    [held] = tables(engine)
    sweep_leftovers(engine, None)
    assert tables(engine) == [held]

    other.kill()
    other.wait()
    sweep_leftovers(engine, None)

    assert tables(engine) == []


@pytest.mark.parametrize("engine", [*DATABASES, "mysql"], indirect=True)
def test_rows_that_come_in_sweep_what_is_left(engine: Engine, ended: Owner) -> None:
    """Without a run, too: a notebook's first rows take away what its killed kernel has left."""
    left = make(engine, ended)

    Session(engine).create_dataframe({"n": list(range(5000))})

    # In DuckDB none can be in the file: whoever calls a table so gets to keep it.
    assert (left in tables(engine)) == (engine.dialect.name == "duckdb")


@pytest.mark.parametrize("of", ["another machine", "nobody"])
@pytest.mark.parametrize("is_old", [True, False])
def test_what_cannot_be_asked_for_goes_after_a_week(engine: Engine, of: str, *, is_old: bool) -> None:
    """A process elsewhere may live: its table is swept by no guess, but by its age."""
    whose = replace(this_process(), machine="elsewhere") if of == "another machine" else None
    name = make(engine, whose, LEFTOVER_AFTER * (1.1 if is_old else 0.9))

    sweep_leftovers(engine, None)

    assert tables(engine) == ([] if is_old else [name])


def test_what_lives_keeps_its_table_for_as_long_as_it_likes(engine: Engine) -> None:
    """On its own machine nobody takes a frame that is a month old for a leftover."""
    name = make(engine, this_process(), age=30 * 24 * 3600.0)

    sweep_leftovers(engine, None)

    assert tables(engine) == [name]


def test_a_table_that_only_begins_so_is_left_alone(engine: Engine) -> None:
    """What has no moment in its name is no table of PyDBT's."""
    sa.Table(f"{PREFIX}of_mine", sa.MetaData(), sa.Column("n", sa.Integer)).create(engine)

    sweep_leftovers(engine, None)

    assert tables(engine) == [f"{PREFIX}of_mine"]


@pytest.mark.parametrize("engine", ["postgresql", "mysql"], indirect=True)
def test_a_table_that_the_session_of_the_dead_is_still_at_goes_at_the_end(
    engine: Engine, ended: Owner, request: pytest.FixtureRequest
) -> None:
    """A server runs the statement of a killed client for a moment yet: nobody waits, it is tried again."""
    left = make(engine, ended)
    with engine.connect() as reading:
        reading.execute(sa.select(sa.func.count()).select_from(sa.table(left)))
        other: subprocess.Popen[str] = request.getfixturevalue("other")
        assert left in tables(engine)

    other.communicate("\n")

    assert tables(engine) == []


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_table_of_another_user_stays_and_disturbs_nobody(engine: Engine, ended: Owner) -> None:
    """Whoever may not drop it goes on with its own work."""
    left, role = make(engine, ended), f"reader_{secrets.token_hex(4)}"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role}")
        connection.exec_driver_sql(f"GRANT CREATE ON SCHEMA public TO {role}")
    url = engine.url.update_query_dict({"options": f"-c role={role}"})
    theirs = sa.create_engine(url, future=True)

    frame = Session(theirs).create_dataframe({"n": list(range(5000))})

    assert (frame.count(), left in tables(engine)) == (5000, True)
    theirs.dispose()
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP OWNED BY {role} CASCADE")
        connection.exec_driver_sql(f"DROP ROLE {role}")


def test_two_that_sweep_at_once_do_not_mind_each_other(
    engine: Engine, ended: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second finds nothing to drop, and that is as well."""
    left = make(engine, ended)
    known = sa.inspect(engine).get_table_names()
    sweep_leftovers(engine, None)
    monkeypatch.setattr("sqlalchemy.engine.reflection.Inspector.get_table_names", lambda *_: known)

    sweep_leftovers(engine, None)

    monkeypatch.undo()
    assert (left in known, tables(engine)) == (True, [])


def test_who_sweeps_waits_for_no_writer(engine: Engine, ended: Owner) -> None:
    """On SQLite one writes at a time: a run that only looks is not kept by it."""
    left = make(engine, ended)
    begun = time.monotonic()

    with writing(engine):
        sweep_leftovers(engine, None)

    assert (tables(engine), time.monotonic() - begun < 5.0) == ([left], True)
