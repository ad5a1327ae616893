"""Passwords: whatever fails, wherever it is told or kept, none is in it, however it is written."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from pydbt.project.project import Project
from tests.cli.command import Result, make_project, pydbt, tree

PLAIN, SIGNS = "c4n4ry-plain", "c4n4ré@:/%'\"ключ"
# Of a connection of the task's own, and a value that is bound: nobody told PyDBT that it is secret.
OTHER, BOUND = "0ther-c4n4ry", "b0und-v4lue"

_MODELS = """
import os

import sqlalchemy as sa

from pydbt import Task
from pydbt.connections import engine_from

PASSWORD = os.environ["CANARY"]


@Task
def of_the_driver():
    raise RuntimeError(f"login of me with {PASSWORD} failed")


@Task
def in_options():
    raise ValueError(repr({"user": "me", "password": PASSWORD}))


@Task
def of_the_engine(session):
    url = session.engine.url.render_as_string(hide_password=False)
    raise ValueError(f"{url} {session!r} {session.engine!r}")


@Task
def in_a_literal(session):
    with session.engine.begin() as connection:
        connection.exec_driver_sql("SELECT nosuch('" + PASSWORD.replace("'", "''") + "')")


@Task
def bound(session):
    with session.engine.begin() as connection:
        connection.execute(sa.text("SELECT nosuch(:it)"), {"it": os.environ["BOUND"]})


@Task
def of_its_own_connection():
    options = {"password": os.environ["OTHER"]}
    try:
        engine_from("postgresql://me@127.0.0.1:9/x", connect_args=options).connect()
    except Exception as error:
        raise RuntimeError(f"with {options}") from error


@Task
def locked(session):
    with session.engine.begin() as holder:
        holder.exec_driver_sql("CREATE TABLE held (n INTEGER)")
        holder.exec_driver_sql("LOCK TABLE held")
        url = session.engine.url.render_as_string(hide_password=False)
        with engine_from(url, lock_timeout=0.05).connect() as waiting:
            waiting.exec_driver_sql("LOCK TABLE held")


@Task(materialized="table")
def published(session):
    return session.sql("SELECT CAST(:it AS INTEGER) AS n", it=PASSWORD)


@Task(materialized="table")
def well(session):
    return session.range(3)
"""
_FAILING = sorted(set(re.findall(r"^def (\w+)", _MODELS, re.MULTILINE)) - {"well"})
_ONE = (
    "from pydbt import Task\n\n@Task(materialized='table')\ndef one(session):\n    return session.range(3)\n"
)

# What stands in the settings; {password} is percent-encoded, {plain} as it is.
BROKEN = {
    "refused port": 'url = "postgresql://me:{password}@127.0.0.1:9/shop"',
    "unknown host": 'url = "postgresql://me:{password}@nosuch.invalid/shop"',
    "bad port": 'url = "postgresql://me:{password}@localhost:abc/shop"',
    "no URL": 'url = "postgresql//me:{password}@localhost/shop"',
    "unknown driver": 'url = "postgresql+nosuch://me:{password}@localhost/shop"',
    "driver that is not installed": 'url = "oracle://me:{password}@localhost/shop"',
    "unknown database": 'url = "nosuch://me:{password}@localhost/shop"',
    "in the query": 'url = "postgresql://me@127.0.0.1:9/shop?password={password}"',
    "whole URL in a variable": 'url = "${{CANARY_URL}}"',
    "password in a variable": 'url = "postgresql://me:${{CANARY_ENCODED}}@127.0.0.1:9/shop"',
    "variable with a default": 'url = "postgresql://me:${{NOSUCH:-{password}}}@127.0.0.1:9/shop"',
    "unescaped sign": 'url = "postgresql://me:c4n@{password}@localhost/shop"',
    "file that does not parse": 'url = "postgresql://me:{password}@127.0.0.1:9/shop" url = 3',
    "key twice": 'url = "postgresql://me:{password}@h/s"\nurl = "postgresql://me:{password}@h/t"',
    "key unknown": 'ulr = "postgresql://me:{password}@127.0.0.1:9/shop"',
}
_STATES = {
    "refused port": "postgresql://me:{password}@127.0.0.1:9/state",
    "bad port": "postgresql://me:{password}@localhost:abc/state",
    "no database for a state": "mysql://me:{password}@localhost/state",
}


def ways(secret: str) -> set[str]:
    """How a secret may be written."""
    in_python = repr(secret)[1:-1]
    in_json = json.dumps(secret)[1:-1]
    encoded = (quote(secret, safe=""), quote(secret), quote_plus(secret), secret.replace("'", "''"))
    return {secret, in_python, in_json, *encoded}


def hits(folder: Path, results: list[Result], secrets: list[str]) -> list[str]:
    """Where any of the secrets is found in what was told or left."""
    told = {str(number): result.out + result.err for number, result in enumerate(results)}
    left = {
        name: (content or b"").decode("utf-8", "replace")
        for name, content in tree(folder).items()
        if name != "pydbt.toml"
    }
    return [
        f"{way} in {place}"
        for place, text in (told | left).items()
        for way in {way for secret in secrets for way in ways(secret)}
        if way in text
    ]


@pytest.fixture
def canary(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A password, known in the environment, too."""
    secret: str = getattr(request, "param", SIGNS)
    monkeypatch.setenv("CANARY", secret)
    monkeypatch.setenv("CANARY_ENCODED", quote(secret, safe=""))
    monkeypatch.setenv("CANARY_URL", f"postgresql://me:{quote(secret, safe='')}@127.0.0.1:9/shop")
    monkeypatch.setenv("OTHER", OTHER)
    monkeypatch.setenv("BOUND", BOUND)
    return secret


@pytest.mark.parametrize("case", BROKEN)
def test_settings_that_fail_tell_no_password(tmp_path: Path, canary: str, case: str) -> None:
    """By any command, with its traceback, too."""
    line = BROKEN[case].format(password=quote(canary, safe=""))
    make_project(tmp_path, {"models/shop.py": _ONE, "pydbt.toml": f"[targets.dev]\n{line}\n"})

    results = [
        pydbt(tmp_path, *words.split()) for words in ("run --debug", "debug --debug", "sql one", "ls", "plan")
    ]

    assert results[0].code == 2, results[0]
    assert hits(tmp_path, results, [canary]) == []


@pytest.mark.parametrize("case", _STATES)
def test_a_state_that_cannot_be_reached_tells_no_password(tmp_path: Path, canary: str, case: str) -> None:
    """Neither before a run nor in the history."""
    state = _STATES[case].format(password=quote(canary, safe=""))
    text = f'state = "{state}"\n\n[targets.dev]\nurl = "sqlite:///shop.db"\n'
    make_project(tmp_path, {"models/shop.py": _ONE, "pydbt.toml": text})

    results = [
        pydbt(tmp_path, *words.split())
        for words in ("run --debug", "history --debug", "state check --debug", "plan")
    ]

    assert [result.code for result in results] == [2] * 4, results
    assert hits(tmp_path, results, [canary]) == []


@pytest.fixture
def failing(tmp_path: Path, canary: str, postgresql_url: str) -> Path:
    """A project on a server that takes any password, whose tasks fail with the password in many ways."""
    url = postgresql_url.replace("postgres@", f"postgres:{quote(canary, safe='')}@")
    settings = f'name = "shop"\n[targets.dev]\nurl = "{url}"\n'
    return make_project(tmp_path, {"models/shop.py": _MODELS, "pydbt.toml": settings})


@pytest.mark.parametrize("canary", [PLAIN, SIGNS], indirect=True)
def test_tasks_that_fail_tell_no_password(failing: Path, canary: str) -> None:
    """In the log, as JSON, in tracebacks, in the state, in the history, in exports, in objects' repr."""
    (failing / "out").mkdir()
    lines = [
        "run --debug --log-format plain",
        "run --log-format json",
        "plan",
        "retry --debug",
        "history",
        "export-dag out --format json --format mermaid",
        "sql well",
        "debug",
    ]
    results = [pydbt(failing, *line.split()) for line in lines]
    listed = pydbt(failing, "history", results[4].out.split()[0])
    project = Project.open(failing)
    resources = project.resources
    objects = [project.settings, project.target, resources.session, resources.engine, project.past_runs()]
    project.close()

    assert sorted(re.findall(r"^failed +(\w+)", listed.out, re.MULTILINE)) == _FAILING
    told = [*results, listed, Result(0, repr(objects), "")]
    assert hits(failing, told, [canary, OTHER, BOUND]) == []


def test_a_worker_process_tells_no_password(failing: Path, canary: str) -> None:
    """It knows what is secret by itself."""
    results = [pydbt(failing, "run", "--debug", "--executor", "process", "--threads", "2")]

    assert "of_the_driver" in results[0].out
    assert hits(failing, results, [canary, OTHER, BOUND]) == []


@pytest.mark.parametrize("canary", [PLAIN, SIGNS], indirect=True)
def test_the_password_of_another_target_is_not_told(tmp_path: Path, canary: str) -> None:
    """Nobody has connected with it: the settings alone say that it is one."""
    urls = {"dev": "sqlite:///shop.db", "prod": f"postgresql://ann:{quote(canary, safe='')}@nowhere/sales"}
    settings = "".join(f'[targets.{name}]\nurl = "{url}"\n' for name, url in urls.items())
    make_project(tmp_path, {"models/shop.py": _MODELS, "pydbt.toml": settings})

    results = [
        pydbt(tmp_path, *words.split()) for words in ("run of_the_driver in_options --debug", "history")
    ]
    listed = pydbt(tmp_path, "history", results[1].out.split()[0])

    assert "login of me with *** failed" in results[0].out + results[0].err
    assert hits(tmp_path, [*results, listed], [canary]) == []
