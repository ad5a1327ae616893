"""Links and folders planted at the names that PyDBT writes to: no file of somebody else's changes."""

from __future__ import annotations

import pickle
import secrets
import stat
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from pydbt.core.state.database import DatabaseStore
from pydbt.core.state.repair import repair_state
from pydbt.errors import PyDBTError
from pydbt.owner.files import name_beside
from pydbt.sql.session import Session
from tests.cli.command import make_project, pydbt
from tests.core.state.story import ended, remember
from tests.security.planted import CONTENT, PLANTS, victim_in
from tests.state.damage import Planted

Plant = Callable[[Path], Callable[[Path], None]]
_TOKEN = "0123456789abcdef"


@pytest.fixture
def guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chance as the attacker knows it beforehand: every name that holds some can be planted."""
    monkeypatch.setattr(secrets, "token_hex", lambda count: _TOKEN[: 2 * count])
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(_TOKEN * 2))


def other_files(folder: Path) -> list[str]:
    """What is beside the project, the victim apart."""
    return sorted(each.name for each in folder.iterdir() if each.name not in {"victim", "project"})


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
@pytest.mark.parametrize(
    "name", ["state.db", "state.db-wal", "state.db-shm", "state.db.repair-lock", "what is made beside"]
)
@pytest.mark.usefixtures("guessed")
def test_a_state_writes_through_no_link(tmp_path: Path, name: str, plant: Plant) -> None:
    """It is refused, or made beside what was planted; the message has the form of all."""
    victim = victim_in(tmp_path)
    place = make_project(tmp_path / "project") / ".pydbt"
    place.mkdir(0o700)
    path = name_beside(place / "state.db") if name == "what is made beside" else place / name
    plant(victim)(path)

    results = [pydbt(place.parent, *words.split()) for words in ("plan", "run", "state repair", "history")]

    assert (victim.read_bytes(), other_files(tmp_path)) == (CONTENT, [])
    assert all("Traceback" not in each.err and "unexpected" not in each.err.lower() for each in results)
    assert all(each.code == 0 or each.err.startswith("PYDBT-E7") for each in results), results


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
@pytest.mark.parametrize("name", ["state.db-wal", "state.db-shm", "state.db.repair-lock"])
def test_a_repair_writes_through_no_link(tmp_path: Path, name: str, plant: Plant) -> None:
    """Planted beside a damaged state, and in the place of its log."""
    victim = victim_in(tmp_path)
    path = tmp_path / "project" / "state.db"
    path.parent.mkdir()
    store = DatabaseStore(f"sqlite:///{path}")
    remember(store, "r1", ended("a"))
    store.close()
    path.write_bytes(path.read_bytes()[:5000])
    plant(victim)(path.with_name(name))

    with pytest.raises(PyDBTError, match="PYDBT-E70"):
        repair_state(f"sqlite:///{path}", tmp_path)

    assert (victim.read_bytes(), other_files(tmp_path)) == (CONTENT, [])


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
@pytest.mark.usefixtures("guessed")
def test_an_export_writes_through_no_link(tmp_path: Path, plant: Plant) -> None:
    """A link in the file's place is replaced; a name that is taken beside it is an error, and stays."""
    victim = victim_in(tmp_path)
    project = make_project(tmp_path / "project")
    taken = name_beside(project / "beside" / "dag.json")
    for path in (project / "in place" / "dag.json", taken):
        path.parent.mkdir()
        plant(victim)(path)

    results = [pydbt(project, "export-dag", name, "--format", "json") for name in ("in place", "beside")]

    assert (victim.read_bytes(), other_files(tmp_path)) == (CONTENT, [])
    is_folder = (project / "in place" / "dag.json").is_dir()
    assert [each.code for each in results] == [2 if is_folder else 0, 2]
    assert (project / "in place" / "dag.json").is_symlink() is False
    assert [*taken.parent.iterdir()] == [taken]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.usefixtures("guessed")
def test_rows_are_written_through_no_link(tmp_path: Path, form: str, plant: Plant) -> None:
    """By a DataFrame, as by an export."""
    victim = victim_in(tmp_path)
    frame = Session(create_engine("sqlite://", future=True)).range(3)
    writing: Any = getattr(frame, f"to_{form}")
    (tmp_path / "project").mkdir()
    taken = name_beside(tmp_path / "project" / f"rows.{form}")
    plant(victim)(taken)

    with pytest.raises(PyDBTError, match="cannot write"):
        writing(tmp_path / "project" / f"rows.{form}")

    assert (victim.read_bytes(), other_files(tmp_path)) == (CONTENT, [])
    assert [*taken.parent.iterdir()] == [taken]


def test_what_is_made_is_for_its_owner_or_as_the_user_says(tmp_path: Path) -> None:
    """The state is private; an export has the mode that other files of the user's have."""
    project = make_project(tmp_path)
    pydbt(project, "run")
    (project / "usual").touch()
    pydbt(project, "export-dag", ".", "--format", "json")

    modes = {name: stat.S_IMODE((project / name).stat().st_mode) for name in ("usual", "dag.json")}
    private = [stat.S_IMODE((project / name).stat().st_mode) for name in (".pydbt", ".pydbt/state.db")]

    assert modes["dag.json"] == modes["usual"]
    assert private == [0o700, 0o600]


# Where the first PyDBT, or somebody who knows how it worked, may have left a pickle.
_PICKLES = (
    "task_2023-03-02.pkl",
    "models/task_2023-03-02.pkl",
    ".pydbt/task_2023-03-02.pkl",
    ".pydbt/latest.pkl",
)


@pytest.mark.parametrize("is_state", [False, True])
def test_no_pickle_is_read(tmp_path: Path, *, is_state: bool) -> None:
    """One that makes a file when it is read lies wherever one may be looked for: no file is made."""
    project = make_project(tmp_path / "project")
    (project / ".pydbt").mkdir(0o700)
    content = pickle.dumps(Planted(tmp_path / "read"))
    for name in (*_PICKLES, *([".pydbt/state.db"] if is_state else [])):
        (project / name).write_bytes(content)

    lines = ("plan", "run", "retry", "history", "ls", "sql orders", "state check", "state repair", "run")
    results = [pydbt(project, *line.split()) for line in lines]

    assert not (tmp_path / "read").exists()
    if is_state:
        assert "looks like a pickle, which PyDBT never reads" in results[0].err
    assert [(results[index].code) for index in (0, -1)] == [2 if is_state else 0, 0]
