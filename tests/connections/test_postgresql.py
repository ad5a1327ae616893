"""PostgreSQL's engines, and why one does not connect: each reason by itself, on real servers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.connections import dispose_all, engine_from, explain_failure
from pydbt.errors import (
    AuthenticationError,
    ConnectionFailedError,
    EncryptionError,
    PyDBTError,
    ServerUnreachableError,
    UnknownDatabaseError,
    UnknownHostError,
)

SECRET = "hunter2"
DRIVERS = ["psycopg2"] if sa.__version__.startswith("1.4") else ["psycopg", "psycopg2"]


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    dispose_all()


@pytest.fixture(params=DRIVERS)
def engine(request: pytest.FixtureRequest, postgresql_url: str) -> Engine:
    """PyDBT's engine, on each driver."""
    return engine_from(
        sa.engine.make_url(postgresql_url).set(drivername=f"postgresql+{request.param}").render_as_string()
    )


def failure(url: str, **options: int) -> PyDBTError:
    """What connecting raises."""
    with pytest.raises(PyDBTError) as caught:
        engine_from(url, **options).connect()
    assert SECRET not in repr(caught.value) + str(caught.value) + str(caught.value.__cause__)
    return caught.value


@pytest.fixture
def closed_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


@pytest.fixture
def plain_port() -> Iterator[int]:
    """A server without TLS: it answers the request for it with N, as PostgreSQL without certificates does."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answering() -> None:
            while True:
                try:
                    connection, _address = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(8)
                    connection.sendall(b"N")
                    connection.recv(8)

        thread = threading.Thread(target=answering, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def locked_user(postgresql_url: str) -> Iterator[str]:
    """A user whom the server asks for a password; gives the server's socket."""
    admin = sa.create_engine(postgresql_url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with admin.connect() as connection:
        run = connection.exec_driver_sql
        rules = Path(str(run("SHOW hba_file").scalar()))
        before = rules.read_text()
        run(f"CREATE ROLE locked_user LOGIN PASSWORD '{SECRET}'")
        rules.write_text(f"local all locked_user scram-sha-256\n{before}")
        run("SELECT pg_reload_conf(), pg_sleep(0.3)")
        yield str(sa.engine.make_url(postgresql_url).query["host"])
        rules.write_text(before)
        run("SELECT pg_reload_conf()")
        run("DROP ROLE locked_user")


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("password", ["", ":wrong"])
def test_a_wrong_password_is_said(locked_user: str, driver: str, password: str) -> None:
    """Which host refused which user; the right password goes in."""
    url = f"postgresql+{driver}://locked_user{password}@/postgres?host={locked_user}"
    error = failure(url)

    assert (type(error), "'locked_user'" in error.what, locked_user in error.what) == (
        AuthenticationError,
        True,
        True,
    )
    engine_from(f"postgresql+{driver}://locked_user:{SECRET}@/postgres?host={locked_user}").connect().close()


@pytest.mark.parametrize("driver", DRIVERS)
def test_each_reason_by_itself(driver: str, closed_port: int, plain_port: int, postgresql_url: str) -> None:
    """Unknown host, refused port, TLS, unknown database, unknown user: which of them, where and as whom."""
    server = sa.engine.make_url(postgresql_url).query["host"]
    begin = f"postgresql+{driver}://me:{SECRET}"
    errors = [
        failure(f"{begin}@nosuch.invalid/d"),
        failure(f"{begin}@127.0.0.1:{closed_port}/d"),
        failure(f"{begin}@127.0.0.1:{plain_port}/d?sslmode=require"),
        failure(f"postgresql+{driver}://postgres:{SECRET}@/nosuch?host={server}"),
        failure(f"{begin}@/postgres?host={server}"),
        failure(f"{begin}@/postgres?host=/nosuch"),
    ]

    assert [type(error) for error in errors] == [
        UnknownHostError,
        ServerUnreachableError,
        EncryptionError,
        UnknownDatabaseError,
        AuthenticationError,
        ServerUnreachableError,
    ]
    assert ["nosuch.invalid" in errors[0].what, str(closed_port) in errors[1].what] == [True, True]
    assert ["'me'" in error.what for error in errors] == [False, True, True, False, True, True]
    assert all(error.hint for error in errors)


def test_no_answer_ends_in_time() -> None:
    """A server that accepts and says nothing is given up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        begun = time.monotonic()
        error = failure(f"postgresql://me:{SECRET}@127.0.0.1:{server.getsockname()[1]}/d", connect_timeout=2)

    assert (type(error), time.monotonic() - begun < 30) == (ServerUnreachableError, True)


def test_an_unknown_reason_keeps_the_servers_words() -> None:
    """Without the password, and without SQLAlchemy's trimmings."""
    error = explain_failure(
        f"postgresql://me:{SECRET}@h/d", RuntimeError(f"strange weather over {SECRET}\nand more")
    )

    assert (type(error), str(error).splitlines()[0]) == (
        ConnectionFailedError,
        "PYDBT-E300: cannot connect to 'h' as user 'me': strange weather over ***",
    )


def test_an_error_of_ours_stays_what_it_is() -> None:
    """Explaining twice changes nothing."""
    error = ServerUnreachableError("x")

    assert explain_failure("postgresql://h/d", error) is error


def test_sessions_are_set(engine: Engine) -> None:
    """The name, the limits, and the look at the client; kept after a rollback."""
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    with engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in (
                "application_name",
                "lock_timeout",
                "client_connection_check_interval",
                "statement_timeout",
            )
        ]

    name = f"pydbt, process {os.getpid()} on {socket.gethostname()}"[:63]
    assert found == [name, "30s", "1s", "0"]


def test_limits_can_be_set(postgresql_url: str) -> None:
    """Per engine, in seconds."""
    with engine_from(postgresql_url, lock_timeout=1.5, statement_timeout=60).connect() as connection:
        found = [
            connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in ("lock_timeout", "statement_timeout")
        ]

    assert found == ["1500ms", "1min"]


def test_the_query_of_a_killed_client_ends(postgresql_url: str) -> None:
    """The server notices within seconds and stops working for nobody."""
    code = (
        "import sys\n"
        "from pydbt.connections import engine_from\n"
        "with engine_from(sys.argv[1]).connect() as connection:\n"
        "    print('ready', flush=True)\n"
        "    connection.exec_driver_sql('SELECT pg_sleep(300)')\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, postgresql_url], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        _wait_for(postgresql_url, 1)
        child.send_signal(signal.SIGKILL)
    _wait_for(postgresql_url, 0)


def _wait_for(url: str, wanted: int) -> None:
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(300)' AND state = 'active'"
    )
    deadline = time.monotonic() + 15
    with engine_from(url, pool_size=1).connect() as connection:
        while connection.execute(sa.text(query)).scalar() != wanted:
            assert time.monotonic() < deadline, f"not {wanted} such queries after 15 s"
            connection.exec_driver_sql("SELECT pg_stat_clear_snapshot(), pg_sleep(0.1)")
