"""Killed while a file takes another's place: who opens it finds the old one or the new one, whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import make_project, pydbt
from tests.kill.nursery import Birth, Nursery

_STATE = ("state.before.link", "state.after.link", "state.before.migration:2", "state.after.migration:5")
_REPAIR = (
    "repair.before.keep",
    "repair.before.mark",
    "repair.before.log",
    "repair.before.log:2",
    "repair.before.replace",
    "repair.after.replace",
)
_FILE = ("file.before.replace", "file.after.replace")
_EXPORT = ("export.before.replace", "export.after.replace")
_INIT = ("init.before.rename", "init.after.rename")
KILLED_AT = {*_STATE, *_REPAIR, *_FILE, *_EXPORT, *_INIT}

_WRITES = """\
from pydbt import Task


@Task()
def out(session):
    session.range(NUMBER).to_csv("out.csv")
"""


def hidden(folder: Path) -> list[Path]:
    """What was made beside a file or a folder to take its place, and is still there."""
    return [*folder.rglob(".pydbt_*")]


def killed(nursery: Nursery, folder: Path, point: str, *arguments: str) -> bool:
    """Whether the command died at the point."""
    death = nursery.call(Birth(str(folder), str(folder.parent / "log"), arguments, point=point))
    return death.code == -9


@pytest.mark.parametrize("point", _STATE)
def test_a_state_that_was_being_made_is_made_by_the_next_run(
    nursery: Nursery, tmp_path: Path, point: str
) -> None:
    """A whole file or none: nobody has to delete anything."""
    project = make_project(tmp_path / "shop")

    was_killed = killed(nursery, project, point, "run")
    run = pydbt(project, "run")

    assert (was_killed, run.code, pydbt(project, "state", "check").code) == (True, 0, 0), run.err
    assert hidden(project) == []


@pytest.mark.parametrize("point", _REPAIR)
def test_a_repair_that_was_killed_is_taken_up_by_the_next(
    nursery: Nursery, tmp_path: Path, point: str
) -> None:
    """The damaged state is kept as it was, if need be under two names, and the new one is sound."""
    project = make_project(tmp_path / "shop")
    pydbt(project, "run")
    state = project / ".pydbt" / "state.db"
    damaged = state.read_bytes()[:5000] + b"damage" * 500
    state.write_bytes(damaged)
    for own in ("state.db-wal", "state.db-shm"):
        state.with_name(own).write_bytes(b"")

    was_killed = killed(nursery, project, point, "state", "repair")
    repair = pydbt(project, "state", "repair")

    kept = {path.read_bytes() for path in state.parent.glob("state.db.damaged-*[0-9]")}
    sound = pydbt(project, "state", "check").code
    assert (was_killed, repair.code, sound, kept) == (True, 0, 0, {damaged}), repair.err


@pytest.mark.parametrize("point", _FILE)
def test_a_file_of_rows_is_the_old_one_or_the_new_one(nursery: Nursery, tmp_path: Path, point: str) -> None:
    """Whoever reads it finds all rows of one of them; the next to write it leaves nothing beside it."""
    project = make_project(tmp_path / "shop", {"models/shop.py": _WRITES.replace("NUMBER", "3")})
    pydbt(project, "run")
    old = (project / "out.csv").read_text()
    make_project(project, {"models/shop.py": _WRITES.replace("NUMBER", "5")})

    was_killed = killed(nursery, project, point, "run")
    found = (project / "out.csv").read_text()
    pydbt(project, "run")

    new = (project / "out.csv").read_text()
    assert (was_killed, found) == (True, old if "before" in point else new)
    assert len(new.splitlines()) == len(old.splitlines()) + 2
    assert hidden(project) == []


@pytest.mark.parametrize("point", _EXPORT)
def test_a_picture_is_the_old_one_or_the_new_one(nursery: Nursery, tmp_path: Path, point: str) -> None:
    """A web server beside it never serves half a picture, and the next one leaves nothing beside it."""
    project = make_project(tmp_path / "shop")
    pydbt(project, "export-dag", "--format", "json")
    [path] = project.glob("dag*.json")
    old = path.read_text()
    make_project(project, {"models/more.py": _WRITES.replace("NUMBER", "1")})

    was_killed = killed(nursery, project, point, "export-dag", "--format", "json")
    found = path.read_text()
    pydbt(project, "export-dag", "--format", "json")

    assert (was_killed, found) == (True, old if "before" in point else path.read_text())
    assert hidden(project) == []


@pytest.mark.parametrize("point", _INIT)
def test_a_new_project_is_there_whole_or_not_at_all(nursery: Nursery, tmp_path: Path, point: str) -> None:
    """A kill leaves no half of one under its name, and what it leaves goes with the next."""
    (tmp_path / "here").mkdir()

    was_killed = killed(nursery, tmp_path / "here", point, "init", "shop")
    there = (tmp_path / "here" / "shop").exists()
    again = pydbt(tmp_path / "here", "init", "other")

    assert (was_killed, there, again.code) == (True, "after" in point, 0)
    assert hidden(tmp_path) == []
