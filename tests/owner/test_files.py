"""What is made beside a path: whole or gone, and never taken from a process that is still at it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pydbt.owner import LEFTOVER_AFTER, Owner, mark, this_process
from pydbt.owner.files import beside, name_beside, sweep

_WRITING = """\
import sys
from pathlib import Path
from pydbt.owner.files import beside
with beside(Path(sys.argv[1])) as made:
    print(made.name, flush=True)
    input()
"""
_COPYING = """\
import sys
from pydbt.connections import engine_from
from pydbt.sql.session import Session
Session(engine_from("duckdb://")).range(10**9).to_csv(sys.argv[1])
"""


@pytest.fixture
def ended() -> Owner:
    """A process of this machine that is no more."""
    process = subprocess.Popen(["true"])
    process.wait()
    return replace(this_process(), pid=process.pid)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that is about to replace the file "out"."""
    command = [sys.executable, "-c", _WRITING, str(tmp_path / "out")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def left_by(owner: Owner, folder: Path) -> Path:
    """A name as that process would give it."""
    name = name_beside(folder / "out").name
    return folder / name.replace(mark(this_process()), mark(owner))


def test_what_a_killed_process_left_goes_with_the_next_write_and_not_before(
    tmp_path: Path, other: subprocess.Popen[str]
) -> None:
    """Two write the same file: neither takes the other's; one is killed, and the next to come tidies up."""
    assert other.stdout is not None
    theirs = tmp_path / other.stdout.readline().strip()
    with beside(tmp_path / "out"):
        was_left_alone = theirs.exists()
    other.kill()
    other.wait()

    with beside(tmp_path / "out") as ours:
        ours.replace(tmp_path / "out")

    assert (was_left_alone, [each.name for each in tmp_path.iterdir()]) == (True, ["out"])


def test_threads_of_a_process_leave_each_other_alone(tmp_path: Path) -> None:
    """Whoever is last has the file, and nothing is left."""
    with beside(tmp_path / "out") as one, beside(tmp_path / "out") as two:
        one.write_text("one")
        two.write_text("two")
        two.replace(tmp_path / "out")
        one.replace(tmp_path / "out")

    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("out", "one")]


def test_a_folder_that_was_left_goes_whole_and_a_link_alone(tmp_path: Path, ended: Owner) -> None:
    """What a link leads to is somebody else's."""
    folder, link = left_by(ended, tmp_path), left_by(ended, tmp_path)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "link").symlink_to(tmp_path / "kept")
    link.symlink_to(tmp_path / "kept")

    sweep(tmp_path)

    assert sorted(str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*")) == ["kept", "kept/file"]


@pytest.mark.parametrize("is_old", [True, False])
def test_another_machines_file_goes_after_a_week(tmp_path: Path, *, is_old: bool) -> None:
    """Over a shared drive nobody can ask for its process: it is swept by no guess, but by its age."""
    theirs = left_by(replace(this_process(), machine="elsewhere"), tmp_path)
    theirs.touch()
    moment = time.time() - LEFTOVER_AFTER * (1.1 if is_old else 0.9)
    os.utime(theirs, (moment, moment))

    sweep(tmp_path)

    assert theirs.exists() is not is_old


@pytest.mark.parametrize("name", [".pydbt_", ".pydbt_settings", "{left}.bak", "x{left}"])
def test_other_hidden_files_are_left_alone(tmp_path: Path, ended: Owner, name: str) -> None:
    """What is not named so to the last sign is the user's."""
    mine = tmp_path / name.format(left=left_by(ended, tmp_path).name)
    mine.touch()

    sweep(tmp_path)

    assert mine.exists()


def test_a_folder_that_cannot_be_looked_through_is_no_hindrance(tmp_path: Path) -> None:
    """Whoever then writes there is told what is wrong."""
    sweep(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError), beside(tmp_path / "nowhere" / "out"):
        pass


def test_duckdb_leaves_nothing_of_its_own(tmp_path: Path) -> None:
    """Killed while it writes rows: they are in the one file that the next write sweeps."""
    with subprocess.Popen([sys.executable, "-c", _COPYING, str(tmp_path / "out.csv")]) as process:
        while not any(each.stat().st_size for each in tmp_path.iterdir()):
            assert process.poll() is None
            time.sleep(0.02)
        left = [*tmp_path.iterdir()]
        process.kill()
    sweep(tmp_path)

    assert (len(left), [*tmp_path.iterdir()]) == (1, [])
