"""A COMMIT whose answer is lost: what became of it is looked up, and what is added is added exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.connections import dispose_all, engine_from
from pydbt.core.attempt import failure_of
from pydbt.core.retry import Retry
from pydbt.core.task import Task
from pydbt.errors import OutcomeUnknownError
from pydbt.project.explanation import explained
from pydbt.project.project import Project
from pydbt.sql import settlement
from pydbt.sql.materialize import publish
from tests.postgresql import SessionFolder, started_server
from tests.project.test_restart import Restarted
from tests.sql.losing import LosingProxy, socket_of, through
from tests.sql.test_materialize_concurrency import SIZE, version

_SERVERS = ["postgresql", "mysql"]
_MODELS = """\
from pydbt import Task
from tests.sql.test_materialize_concurrency import version


@Task(materialized="table")
def t():
    return version(1)
"""


@pytest.fixture(params=[True, False], ids=["committed", "undone"])
def is_committed(request: pytest.FixtureRequest) -> bool:
    """Whether the COMMIT comes to the server before the connection breaks."""
    return bool(request.param)


@pytest.fixture(params=_SERVERS)
def url(request: pytest.FixtureRequest) -> str:
    """An empty database on a server."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def proxy(url: str, is_committed: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LosingProxy]:
    """A proxy before the server of the database."""
    made = LosingProxy(socket_of(url), tmp_path_factory.mktemp("p"), is_committed=is_committed)
    yield made
    made.close()
    dispose_all()


def versions(engine: Engine) -> list[tuple[Any, ...]]:
    """The versions that are there, and how many rows each has."""
    query = "SELECT version, count(*) FROM t GROUP BY version ORDER BY version"
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def test_rows_are_added_exactly_once(url: str, proxy: LosingProxy, is_committed: Any) -> None:
    """Committed: it is a success, and nothing is done twice. Undone: it is an error, and nothing is there."""
    engine = engine_from(through(proxy, url))
    publish(engine, version(1), "t")
    proxy.is_losing = True

    if is_committed:
        assert publish(engine, version(2), "t", mode="append") == SIZE
    else:
        with pytest.raises(sa.exc.DBAPIError) as caught:
            publish(engine, version(2), "t", mode="append")
        assert caught.value.connection_invalidated

    assert versions(engine) == [(1, SIZE), (2, SIZE)][: 1 + is_committed]
    assert proxy.losses == 1


def test_a_table_of_a_run_is_there_and_told_so(
    tmp_path: Path, url: str, proxy: LosingProxy, is_committed: Any
) -> None:
    """Known to be committed is a success; known to be undone, or not known, it is made once more."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "t.py").write_text(_MODELS)
    (tmp_path / "pydbt.toml").write_text(f'[targets.dev]\nurl = "{through(proxy, url)}"\n')
    opened = Project.open(tmp_path)
    proxy.is_losing = True

    run = opened.run(opened.plan())
    opened.close()

    [task_run] = run.task_runs
    is_known = is_committed and "postgresql" in url
    found = (task_run.status.value, task_run.rows, task_run.attempts, proxy.losses)
    assert found == ("success", SIZE, 1 if is_known else 2, 1), task_run.failure
    assert versions(engine_from(url)) == [(1, SIZE)]


def test_an_outcome_that_cannot_be_looked_up_is_told_as_unknown(
    url: str, proxy: LosingProxy, is_committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is gone for good: how to look is in the hint, and what it says is so."""
    monkeypatch.setattr(settlement, "PATIENCE", 0.5)
    engine = engine_from(through(proxy, url), connect_timeout=1)
    publish(engine, version(1), "t")
    proxy.is_losing, proxy.then = True, proxy.refuse

    with pytest.raises(OutcomeUnknownError) as caught:
        publish(engine, version(2), "t", mode="append")

    token = caught.value.hint.partition("token '")[2].partition("'")[0]
    with engine_from(url).connect() as connection:
        is_there = sa.inspect(connection).has_table("_pydbt_commits")
        found = connection.exec_driver_sql("SELECT token FROM _pydbt_commits") if is_there else None
        tokens = found.scalars().all() if found else []
    assert (token in tokens, len(versions(engine_from(url)))) == (is_committed, 1 + is_committed)
    assert caught.value.code == "PYDBT-E511"


def test_what_may_be_done_already_is_not_tried_again() -> None:
    """Not even by `retry`, which tries again whatever it was."""
    task = Task(name="t", retry=Retry(3))(lambda: None)
    error = OutcomeUnknownError("nobody knows")

    assert explained(task, "shop", error, failure_of(error)).kinds == ()


@pytest.fixture(scope="module")
def server() -> Iterator[Restarted]:
    """A PostgreSQL that can crash; what it says is committed is so after that."""
    folder = SessionFolder("pydbt-lo-")
    try:
        made = Restarted(started_server(folder.path))
        with engine_from(made.url).begin() as connection:
            connection.exec_driver_sql("ALTER ROLE postgres SET synchronous_commit = on")
        yield made
    finally:
        dispose_all()
        folder.close()


@pytest.mark.parametrize("mode", ["append", "overwrite"])
def test_a_crash_at_the_commit_is_settled_when_the_server_is_back(
    server: Restarted, tmp_path_factory: pytest.TempPathFactory, is_committed: Any, mode: Any
) -> None:
    """Whatever others commit meanwhile: after a crash they may be given the number of what was lost."""
    proxy = LosingProxy(socket_of(server.url), tmp_path_factory.mktemp("p"), is_committed=is_committed)
    engine = engine_from(through(proxy, server.url))
    publish(engine, version(1), "t")

    def crash() -> None:
        server.restart("immediate")
        with engine_from(server.url).begin() as connection:
            connection.exec_driver_sql(f"CREATE TABLE others_{mode}_{is_committed} (n integer)")

    proxy.is_losing, proxy.then = True, crash
    if is_committed:
        assert publish(engine, version(2), "t", mode=mode) == SIZE
    else:
        with pytest.raises(sa.exc.DBAPIError):
            publish(engine, version(2), "t", mode=mode)
    proxy.close()

    both = [(1, SIZE), (2, SIZE)]
    expected = both[:1] if not is_committed else both if mode == "append" else both[1:]
    assert (versions(engine_from(server.url)), proxy.losses) == (expected, 1)


def test_what_another_transaction_has_made_is_no_witness(postgresql_url: str) -> None:
    """That a transaction of the number is committed does not say that it was ours."""
    engine = engine_from(postgresql_url)
    publish(engine, version(1), "t")
    made = "SELECT xmin::text FROM pg_class WHERE relname = 't'"
    with engine.begin() as connection:
        ours = connection.exec_driver_sql(made).scalar()
        others = connection.exec_driver_sql("SELECT pg_current_xact_id()::xid::text").scalar()
    with engine.connect() as connection:
        found = [
            connection.execute(settlement.MADE, {"schema": None, "name": "t", "number": number}).first()
            for number in (ours, others)
        ]
    dispose_all()

    assert found == [(1,), None]


def test_who_may_only_add_rows_adds_them_as_before(postgresql_url: str) -> None:
    """A user who can make no table gets no mark, and no error."""
    engine = engine_from(postgresql_url)
    publish(engine, version(1), "t")
    with engine.begin() as connection:
        for statement in (
            "CREATE ROLE adder LOGIN",
            "GRANT USAGE ON SCHEMA public TO adder",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            "GRANT SELECT, INSERT ON t TO adder",
        ):
            connection.exec_driver_sql(statement)
    theirs = sa.engine.make_url(postgresql_url).set(username="adder").render_as_string(hide_password=False)

    try:
        written = publish(engine_from(theirs), version(2), "t", mode="append")
        assert (written, versions(engine)) == (SIZE, [(1, SIZE), (2, SIZE)])
    finally:
        dispose_all()
        with engine_from(postgresql_url).begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY adder")
            connection.exec_driver_sql("DROP ROLE adder")
            connection.exec_driver_sql("GRANT CREATE ON SCHEMA public TO PUBLIC")
        dispose_all()
