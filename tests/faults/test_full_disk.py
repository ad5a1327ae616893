"""A disk that is full: the old table whole, the disk named, and all well again when there is room."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pydbt.connections import dispose_all, engine_from
from pydbt.sql.session import Session
from tests.cli.command import Result, make_project, pydbt, pydbt_process
from tests.faults.disk import MEGABYTES, Disk, small_disk

_MODELS = """
from pathlib import Path

from pydbt import Task

ROWS = int(Path(__file__).with_name("rows").read_text())


@Task(materialized="table")
def big(session):
    rows = session.range(ROWS)
    return rows.with_columns(**{f"n{prime}": rows.id * 7919 % prime for prime in PRIMES})


PRIMES = (1000003, 1000033, 1000037, 1000039, 1000081, 1000099, 1000117, 1000121)
"""
_MANY = "400000"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of 16 MB."""
    with small_disk(tmp_path / "disk") as disk:
        yield disk


def project_on(disk: Disk, database: str, rows: str, *, state: Path | None = None) -> Path:
    """A project on the disk, whose table has that many rows."""
    kept = f'state = "sqlite:///{state}"\n' if state else ""
    settings = f'{kept}[targets.dev]\nurl = "{database}:///shop.db"\n'
    folder = disk.folder / "shop"
    return make_project(folder, {"pydbt.toml": settings, "models/shop.py": _MODELS, "models/rows": rows})


def run_tightly(disk: Disk, folder: Path) -> Result:
    """Run the project with no more room than the disk has."""
    if disk.is_mounted:
        return pydbt(folder, "run", "--log-format", "plain")
    command = disk.limited(sys.executable, "-m", "pydbt", "run", "--log-format", "plain")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("database", ["sqlite", "duckdb"])
def test_a_publication_that_finds_no_room_leaves_the_old_table(
    disk: Disk, tmp_path: Path, database: str
) -> None:
    """The message names the file; the old rows are read, and with more room the task runs well again."""
    folder = project_on(disk, database, "10", state=tmp_path / "state.db")
    first = pydbt(folder, "run")
    (folder / "models" / "rows").write_text(_MANY)
    disk.fill(MEGABYTES - 6)

    full = run_tightly(disk, folder)
    (folder / "models" / "rows").write_text("20")
    disk.free()
    rows = _rows_in(folder / "shop.db", database)
    again = pydbt(folder, "run")

    assert (first.code, full.code, again.code, rows) == (0, 1, 0, 10), (full, again)
    told = f"make room on the disk of {folder / 'shop.db'}; what was published stays as it was"
    # A file that may not grow is no full disk.
    assert told in full.out or not disk.is_mounted, full.out
    assert _rows_in(folder / "shop.db", database) == 20


def _rows_in(file: Path, database: str) -> int:
    engine = engine_from(f"{database}:///{file}")
    try:
        return Session(engine).table("big").count()
    finally:
        dispose_all()


def test_nothing_can_be_opened_on_a_disk_without_room(tmp_path: Path) -> None:
    """The state says which disk; an export leaves the old file; all is well when there is room again."""
    with small_disk(tmp_path / "disk") as disk:
        folder = project_on(disk, "sqlite", "10")
        codes = [pydbt(folder, *words.split()).code for words in ("run", "export-dag . --format json")]
        exported = (folder / "dag.json").read_bytes()
        assert codes == [0, 0]
        if not disk.is_mounted:
            pytest.skip("no right to mount a disk: a limit on files fills none")

        disk.fill()
        run, export = pydbt(folder, "run"), pydbt(folder, "export-dag", ".", "--format", "json")
        disk.free()
        again = pydbt(folder, "run")

        assert run.err.startswith(f"PYDBT-E705: the state {folder}/.pydbt/state.db cannot be reached")
        assert "has it room" in run.err
        assert (run.code, export.code, again.code) == (2, 2, 0)
        assert (folder / "dag.json").read_bytes() == exported


@pytest.mark.parametrize("what", ["database", "export"])
def test_what_finds_no_room_names_its_file(tmp_path: Path, what: str) -> None:
    """The state is on another disk, and can be read."""
    with small_disk(tmp_path / "disk") as disk:
        folder = project_on(disk, "sqlite", "10", state=tmp_path / "state.db")
        pydbt(folder, "run")
        if not disk.is_mounted:
            pytest.skip("no right to mount a disk: a limit on files fills none")

        disk.fill()
        words = "run" if what == "database" else f"export-dag {folder} --format json"
        full = pydbt(folder, *words.split())

        file = "shop.db: its disk is full" if what == "database" else "dag.json': No space left on device"
        assert (full.code, f"{folder}/{file}" in full.err) == (2, True), full.err
        assert not (folder / "dag.json").exists()
        assert [*folder.glob(".dag*")] == []


@pytest.mark.parametrize("form", ["plain", "json"])
def test_a_log_that_finds_no_room_ends_no_run(tmp_path: Path, form: str) -> None:
    """It is told once on stderr; the run goes on, is remembered, and its exit code is its own."""
    folder = make_project(tmp_path)
    script = 'import sys; from pydbt.cli import main; sys.stdout = open("/dev/full", "w"); main()'
    command = [sys.executable, "-c", script, "run", "--log-format", form]

    done = subprocess.run(command, cwd=folder, stderr=subprocess.PIPE, text=True, check=False, timeout=60)

    told = "PYDBT-E503: the log cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr.count(told)) == (0, 1), done.stderr
    assert "3 success" in pydbt(folder, "history").out


@pytest.mark.parametrize(
    ("words", "output", "ends"),
    [
        ("--help", "> /dev/full", (1, "PYDBT-E106: the output cannot be written: No space left on device\n")),
        (
            "show many -n 9999",
            "> /dev/full",
            (1, "PYDBT-E106: the output cannot be written: No space left on device\n"),
        ),
        ("plan", "| head -c 1 > /dev/null; exit 0", (0, "")),
        ("plan", ">&-", (0, "")),
    ],
)
def test_an_output_that_takes_nothing_is_told_in_one_line(
    tmp_path: Path, words: str, output: str, ends: tuple[int, str]
) -> None:
    """A full disk is; a reader who has gone, and an output that is closed, want to hear nothing."""
    many = "@Task(materialized='view')\ndef many(session):\n    return session.range(9999)\n"
    folder = make_project(tmp_path, {"models/shop.py": f"from pydbt import Task\n\n\n{many}", "shop.db": ""})
    script = f'"{sys.executable}" -m pydbt {words} {output}'

    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stderr) == ends


def test_a_temporary_directory_without_room_is_not_needed(tmp_path: Path) -> None:
    """Nor is a home: the project's folder is enough."""
    folder = make_project(tmp_path / "shop")
    with small_disk(tmp_path / "disk") as disk:
        disk.fill()
        environment = {"TMPDIR": str(disk.folder), "HOME": ""}

        done = pydbt_process(folder, "run", environment=environment)

    assert (done.code, done.err) == (0, "")
