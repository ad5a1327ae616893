"""Resources: the database of a target lies where the settings say, whatever its folder is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from pydbt.project.resources import absolute_url
from tests.cli.command import make_project, pydbt


@pytest.mark.parametrize("database", ["sqlite", "duckdb"])
def test_a_file_lies_in_the_folder_whatever_its_name(tmp_path: Path, database: str) -> None:
    """What means something in a URL means nothing in a folder's name: no file is made beside the project."""
    folder = tmp_path / "a b #1 %41 & é"
    make_project(folder, {"pydbt.toml": f'[targets.dev]\nurl = "{database}:///shop.db"\n'})

    run = pydbt(folder, "run")
    shown = pydbt(folder, "show", "big_orders")

    assert (run.code, shown.code) == (0, 0), run.err + shown.err
    assert "30" in shown.out
    assert (folder / "shop.db").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


@pytest.mark.parametrize("database", ["sqlite", "duckdb"])
def test_a_folder_that_cuts_paths_off_is_refused(tmp_path: Path, database: str) -> None:
    """A question mark ends the path in a URL: the file would be made beside the project."""
    folder = tmp_path / "shop?"
    make_project(folder, {"pydbt.toml": f'[targets.dev]\nurl = "{database}:///shop.db"\n'})

    run = pydbt(folder, "run")

    assert (run.code, run.err[:10]) == (2, "PYDBT-E301")
    assert "rename the folder" in run.err
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


@pytest.mark.parametrize(
    "url", ["sqlite:///file:shop?mode=memory&uri=true", "duckdb:///:memory:", "sqlite://"]
)
def test_what_is_no_path_stays_as_it_is(tmp_path: Path, url: str) -> None:
    """A database in memory, and one that is looked up by a name, have no file in the folder."""
    assert absolute_url(url, tmp_path) == url
