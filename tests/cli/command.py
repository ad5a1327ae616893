"""Calls the ``pydbt`` command on small projects, in this process or in one of its own."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydbt.cli.app import exit_code

SETTINGS = """\
name = "shop"

[targets.dev]
url = "sqlite:///shop.db"

[targets.prod]
url = "sqlite:///prod.db"

[sources]
raw_orders = "orders_of_the_till"
"""

MODELS = """\
import sqlalchemy as sa

from pydbt import Task


@Task(tags=["core"])
def load(session):
    with session.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS raw (id INTEGER, amount INTEGER)")
        connection.exec_driver_sql("DELETE FROM raw")
        connection.exec_driver_sql("INSERT INTO raw VALUES (1, 10), (2, 20), (3, 30)")


@Task(depends_on=[load], materialized="table", tags=["core"])
def orders(session):
    raw = session.table("raw")
    return raw.where(raw.amount > 10)


@Task(materialized="view")
def big_orders(orders):
    return orders.where(orders.amount > 20)
"""

_RUN = (sys.executable, "-c", "from pydbt.cli import main; main()")
_MODULE = (sys.executable, "-m", "pydbt")


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str


def make_project(folder: Path, files: Mapping[str, str | bytes] | None = None) -> Path:
    """The little shop in a folder; ``files`` are added to its own, or take their place."""
    for name, content in {"pydbt.toml": SETTINGS, "models/shop.py": MODELS, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def pydbt(folder: Path, *arguments: str) -> Result:
    """Call the command in this process, with the folder as the current one."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = exit_code(list(arguments))
    return Result(code, out.getvalue(), err.getvalue())


def pydbt_module(folder: Path, *arguments: str) -> Result:
    """Call `python -m pydbt`."""
    return _called(_MODULE, folder, arguments)


def pydbt_process(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None, seconds: float = 60
) -> Result:
    """Call the command in a process of its own."""
    return _called(_RUN, folder, arguments, environment, seconds)


def _called(
    command: Sequence[str],
    folder: Path,
    arguments: Sequence[str],
    environment: Mapping[str, str] | None = None,
    seconds: float = 60,
) -> Result:
    done = subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=seconds,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def started(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start the command in a process of its own and go on."""
    return subprocess.Popen(
        [*_RUN, *arguments],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def tree(folder: Path, ignored: Sequence[str] = ("__pycache__",)) -> dict[str, bytes | None]:
    """What a folder holds: files with their bytes, folders with None; not what Python itself keeps there."""
    return {
        path.relative_to(folder).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if not set(ignored) & set(path.parts) and (path.is_dir() or path.is_file())
    }
