"""The SQL of each dialect, program by program, as it was when somebody last read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pydbt.sql.dialects import ANSI, DUCKDB, MYSQL, POSTGRESQL, SQLITE
from pydbt.testing.backend import cases
from tests.sql.golden.programs import COMPARED, FOLDER, PROGRAMS, URLS, written


def parts(text: str) -> dict[str, str]:
    """The programs of a file by name."""
    blocks = text.strip("\n").split("\n\n-- ")
    return dict(block.removeprefix("-- ").split("\n", 1) for block in blocks)


@pytest.mark.parametrize("dialect", COMPARED)
def test_sql_is_as_it_was(dialect: str) -> None:
    """A change of the compiler shows here what it changes; ``python -m tests.sql.golden`` accepts it."""
    golden = (FOLDER / f"{dialect}.sql").read_text(encoding="utf-8")

    assert parts(written(dialect)) == parts(golden)


def test_there_is_a_file_for_each_dialect_and_a_case_for_each_program() -> None:
    """A dialect added later gets its file; a case that is renamed is noticed."""
    dialects = {each.name for each in (ANSI, DUCKDB, MYSQL, POSTGRESQL, SQLITE)}
    files = {path.stem for path in FOLDER.glob("*.sql")}
    modules = {path.stem for path in Path("src/pydbt/sql/dialects").glob("[a-z]*.py")}

    assert (files, dialects, modules) == (dialects, {*URLS}, dialects)
    assert {*PROGRAMS} <= {case.name for case in cases()}
    assert len({*PROGRAMS}) == len(PROGRAMS) >= 60
