"""What every export keeps: known formats, whole files, one folder, clear errors."""

from __future__ import annotations

import importlib
import os
import stat
from pathlib import Path

import pytest

import pydbt.export
from pydbt.errors import ExportFolderError, PictureError, UnknownFormatError
from pydbt.export import DEFAULT_FORMATS, FORMATS, export
from pydbt.project.manifest import Manifest
from tests.export.manifests import HOSTILE, SEED

_ROOM = Path(pydbt.export.__file__).parent


def test_each_format_is_a_module_of_its_name() -> None:
    """A format is added in one place: its file; the register agrees with the files."""
    modules = sorted(path.stem for path in _ROOM.glob("*.py") if path.stem != "__init__")

    assert modules == sorted(FORMATS)


def test_each_format_has_a_file_name_of_its_own() -> None:
    """No format overwrites another one's file."""
    names = {importlib.import_module(f"pydbt.export.{name}").FILE_NAME for name in FORMATS}

    assert names == {"dag.dot", "dag.json", "dag.mmd", "dag.png", "dag.svg"}


def test_png_and_svg_are_written_by_default(tmp_path: Path) -> None:
    """The seed's ``export-dag .`` gives both pictures and nothing else."""
    written = export(SEED, tmp_path)

    assert written == [tmp_path / "dag.png", tmp_path / "dag.svg"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dag.png", "dag.svg"]
    assert DEFAULT_FORMATS == ("png", "svg")


def test_a_format_named_twice_is_written_once(tmp_path: Path) -> None:
    """Saying it again changes nothing."""
    assert export(SEED, tmp_path, ["dot", "dot"]) == [tmp_path / "dag.dot"]


def test_an_unknown_format_is_refused_with_the_near_one(tmp_path: Path) -> None:
    """Nothing is written, not even the formats that are known."""
    with pytest.raises(UnknownFormatError, match="no format 'pngg'") as caught:
        export(SEED, tmp_path, ["dot", "pngg"])

    assert (caught.value.code, caught.value.hint) == ("PYDBT-E110", "did you mean 'png'?")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["__init__", "picture", "../dot", "DOT", ""])
def test_only_formats_are_formats(tmp_path: Path, name: str) -> None:
    """A module's or a file's name does not get in as a format."""
    with pytest.raises(UnknownFormatError):
        export(SEED, tmp_path, [name])


def test_a_missing_folder_is_an_error_and_stays_missing(tmp_path: Path) -> None:
    """A typo in the folder does not make a folder."""
    with pytest.raises(ExportFolderError, match="does not exist") as caught:
        export(SEED, tmp_path / "nowhere", ["dot"])

    assert caught.value.code == "PYDBT-E111"
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    """The error says that it is no folder."""
    (tmp_path / "file").write_text("mine")

    with pytest.raises(ExportFolderError, match="is not a folder"):
        export(SEED, tmp_path / "file", ["dot"])

    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_an_error_naming_the_file(tmp_path: Path) -> None:
    """A folder stands where the file should be, which stops even an administrator; no leftovers stay."""
    (tmp_path / "dag.dot").mkdir()

    with pytest.raises(ExportFolderError, match=r"cannot write .*dag\.dot"):
        export(SEED, tmp_path, ["dot"])

    assert [path.name for path in tmp_path.iterdir()] == ["dag.dot"]


def test_an_old_file_is_replaced_whole(tmp_path: Path) -> None:
    """Whoever holds the old file open still reads the old one: the new one took its name, not its place."""
    old = tmp_path / "dag.dot"
    old.write_text("old")
    with old.open() as held:
        export(SEED, tmp_path, ["dot"])

        assert held.read() == "old"
    assert old.read_text().startswith("digraph")


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """Files land only in the given folder, also where a link of that name points elsewhere."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "dag.dot").symlink_to(elsewhere)

    export(SEED, folder, ["dot"])

    assert elsewhere.read_text() == "mine"


def test_a_written_file_is_readable_as_the_umask_says(tmp_path: Path) -> None:
    """A web server may read what is exported for it."""
    mask = os.umask(0o022)
    try:
        export(SEED, tmp_path, ["dot"])
    finally:
        os.umask(mask)

    assert stat.S_IMODE((tmp_path / "dag.dot").stat().st_mode) == 0o644


def test_when_drawing_fails_no_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All is rendered before the first file is written; the error says what Graphviz said."""
    broken = tmp_path / "broken"
    (broken / "pygraphviz").mkdir(parents=True)
    (broken / "pygraphviz" / "__init__.py").write_text("raise ImportError('libgvc is gone')")
    monkeypatch.setenv("PYTHONPATH", str(broken))
    folder = tmp_path / "folder"
    folder.mkdir()

    with pytest.raises(PictureError, match="libgvc is gone"):
        export(SEED, folder, ["dot", "png"])

    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("manifest", [HOSTILE, Manifest("empty", ()), Manifest("", SEED.tasks[:1])])
def test_every_format_takes_any_text_and_any_size(name: str, manifest: Manifest, tmp_path: Path) -> None:
    """Free text of users, an empty selection, a project without a name: a file, not an error."""
    (path,) = export(manifest, tmp_path, [name])

    assert path.stat().st_size > 0
