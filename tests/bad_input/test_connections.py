"""Databases that cannot be reached: for which reason, with host and user, never with the password."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bad_input.password_server import PASSWORD, started
from tests.bad_input.refusal import assert_form, assert_refused
from tests.cli.command import make_project, pydbt, pydbt_process, tree

CANARY = "c4n4ry-s3cret"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a PostgreSQL that asks for a password."""
    # In /tmp: a socket's path may have 107 bytes, and the server's user must be able to reach it.
    folder = Path(tempfile.mkdtemp(prefix="pydbt-pw-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        with started(folder) as port:
            yield port
    finally:
        shutil.rmtree(folder)


def settings(url: str) -> str:
    """Settings with that URL and no other."""
    return f'[targets.dev]\nurl = "{url}"\n'


CASES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "wrong password": (
        f"postgresql://postgres:{CANARY}@127.0.0.1:{{port}}/postgres",
        "PYDBT-E305",
        ("'127.0.0.1' refused user 'postgres'", "password", "check the user and the password"),
    ),
    "no password": (
        "postgresql://postgres@127.0.0.1:{port}/postgres",
        "PYDBT-E305",
        ("'127.0.0.1' refused user 'postgres'",),
    ),
    "unknown user": (
        f"postgresql://nobody_here:{CANARY}@127.0.0.1:{{port}}/postgres",
        "PYDBT-E305",
        ("'127.0.0.1'", "'nobody_here'"),
    ),
    "unknown database": (
        f"postgresql://postgres:{PASSWORD}@127.0.0.1:{{port}}/nosuch",
        "PYDBT-E309",
        ("no database 'nosuch'", "'postgres'", "createdb"),
    ),
    "unknown host": (
        f"postgresql://me:{CANARY}@nosuch.invalid/shop",
        "PYDBT-E306",
        ("the host 'nosuch.invalid' is not known", "check the host"),
    ),
    "refused port": (
        f"postgresql://me:{CANARY}@127.0.0.1:{{free}}/shop",
        "PYDBT-E307",
        ("nothing listens at '127.0.0.1', port {free} (user 'me')", "is the server running"),
    ),
    "encryption that the server does not know": (
        f"postgresql://postgres:{PASSWORD}@127.0.0.1:{{port}}/postgres?sslmode=require",
        "PYDBT-E308",
        ("no encrypted connection (TLS) with '127.0.0.1' as user 'postgres'", "sslmode"),
    ),
    "password in an option": (
        f"postgresql://postgres@127.0.0.1:{{port}}/postgres?password={CANARY}",
        "PYDBT-E305",
        ("'127.0.0.1' refused user 'postgres'",),
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("driver", ["postgresql", "postgresql+psycopg2"])
def test_a_server_that_does_not_let_us_in(tmp_path: Path, port: int, case: str, driver: str) -> None:
    """Which of the reasons, the host, the user, what to do; the password nowhere, not even with --debug."""
    url, code, says = CASES[case]
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = other.getsockname()[1]
    url = url.format(port=port, free=free).replace("postgresql", driver, 1)
    make_project(tmp_path, {"pydbt.toml": settings(url)})

    refused = assert_refused(
        tmp_path, "run", code=code, says=tuple(piece.format(free=free) for piece in says)
    )

    checked = [
        pydbt(tmp_path, "debug"),
        pydbt(tmp_path, "debug", "--debug"),
        pydbt(tmp_path, "run", "--debug"),
    ]
    assert checked[0].err == refused.err
    told = "".join(result.out + result.err for result in [refused, *checked])
    assert CANARY not in told
    assert PASSWORD not in told


def test_a_password_that_is_right_is_not_shown_either(tmp_path: Path, port: int) -> None:
    """What `debug` tells of a connection that is well holds no password, nor do the state and the logs."""
    url = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/postgres"
    models = "from pydbt import Task\n\n@Task\ndef one(session):\n    raise ValueError(repr(session))\n"
    make_project(tmp_path, {"pydbt.toml": settings(url), "models/shop.py": models})

    results = [
        pydbt(tmp_path, *words.split())
        for words in ("debug", "run --debug", "history", "run --log-format json")
    ]

    assert [result.code for result in results] == [0, 1, 0, 1], results
    assert "connection is well" in results[0].out
    assert PASSWORD not in "".join(result.out + result.err for result in results)
    assert not any(
        PASSWORD.encode() in (content or b"")
        for name, content in tree(tmp_path).items()
        if name != "pydbt.toml"
    )


_HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"


def test_a_duckdb_file_of_another_process_tells_whose_it_is(tmp_path: Path) -> None:
    """Exit code 75, the process and its program, after some seconds of patience; the file is as it was."""
    make_project(tmp_path, {"pydbt.toml": settings("duckdb:///shop.duckdb")})
    file = str(tmp_path / "shop.duckdb")
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        before = tree(tmp_path)
        refused = pydbt_process(tmp_path, "run")
        assert tree(tmp_path) == before
    finally:
        holder.communicate()

    assert (refused.code, refused.out) == (75, "")
    says = ("shop.duckdb is held by", f"process {holder.pid} (python", f"kill {holder.pid}")
    assert_form(refused.err, "PYDBT-E312", says)


_READS = """\
from pydbt import Task

@Task(materialized="table")
def one(session):
    return session.{read}
"""


@pytest.mark.parametrize(
    ("read", "says"),
    [
        pytest.param(
            "table('ordesr')", ("PYDBT-E650: no table 'ordesr'", "did you mean 'orders'?"), id="table"
        ),
        pytest.param(
            "table('orders', schema='mian')", ("no schema 'mian'", "did you mean 'main'?"), id="schema"
        ),
        pytest.param(
            "source('raw_order')",
            ("PYDBT-E628: no source 'raw_order'", "did you mean 'raw_orders'?"),
            id="alias",
        ),
    ],
)
def test_what_a_task_reads_and_is_not_there_is_told(tmp_path: Path, read: str, says: tuple[str, ...]) -> None:
    """The task fails with the name it asked for, its line, and the names that exist."""
    make_project(tmp_path, {"models/one.py": _READS.format(read=read)})
    assert pydbt(tmp_path, "run", "orders", "load").code == 0

    failed = pydbt(tmp_path, "run", "one")

    assert failed.code == 1
    assert_form(failed.err, "PYDBT-E505", ("the task 'one' failed", "models/one.py:5", *says))
