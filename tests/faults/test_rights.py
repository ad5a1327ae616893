"""A database one may only read, a folder one may not write: told, and nothing half done."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import Result, make_project, pydbt

_NOBODY = 65534


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that anybody can reach, which pytest's own are not."""
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def as_somebody(folder: Path, *words: str) -> Result:
    """Call the command as somebody whom the mode of a file concerns, which root is not."""
    if os.geteuid() != 0:
        return pydbt(folder, *words)
    os.seteuid(_NOBODY)
    try:
        return pydbt(folder, *words)
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("database", ["sqlite", "duckdb"])
@pytest.mark.parametrize("is_there", [True, False])
def test_what_may_not_be_written_is_told(place: Path, database: str, *, is_there: bool) -> None:
    """The file is named, the exit code is not 0, nothing is left, and what was published is there."""
    (place / "state").mkdir()
    (place / "state").chmod(0o777)
    settings = f'state = "sqlite:///{place}/state/s.db"\n[targets.dev]\nurl = "{database}:///data/shop.db"\n'
    folder = make_project(place / "shop", {"pydbt.toml": settings, "data/readme": ""})
    if is_there:
        assert pydbt(folder, "run").code == 0
        for each in (place / "state").iterdir():
            each.chmod(0o666)
        (folder / "data" / "shop.db").chmod(0o444)
    (folder / "data").chmod(0o555)
    before = {each.name: each.read_bytes() for each in (folder / "data").iterdir()}

    run = as_somebody(folder, "run", "--log-format", "plain")

    after = {each.name: each.read_bytes() for each in (folder / "data").iterdir()}
    assert run.code != 0
    assert "shop.db" in run.out + run.err
    assert "Traceback" not in run.err
    assert after == before
