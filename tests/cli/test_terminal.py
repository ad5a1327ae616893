"""The command in a terminal's hands: pipes that close, letters it cannot show, other folders, no colours."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import make_project, pydbt, pydbt_process

_MANY = "from pydbt import Task\n\nfor n in range(3000):\n    @Task(name=f'task_{n}')\n    def one(): ...\n"
_FOREIGN = (
    "from pydbt import Task\n\n@Task\ndef größe():\n    print('Größe → ✓')\n    raise ValueError('日本')\n"
)
_MAIN = f"{sys.executable} -c 'from pydbt.cli import main; main()'"


@pytest.mark.parametrize("words", ["ls", "plan", "run", "run --log-format json", "--help"])
def test_a_reader_that_leaves_early_sees_no_traceback(tmp_path: Path, words: str) -> None:
    """`pydbt ls | head -1`: nothing on stderr, whatever was still to be said."""
    make_project(tmp_path, {"models/shop.py": _MANY})

    done = subprocess.run(
        ["bash", "-c", f"{_MAIN} {words} | head -1; exit ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.stderr, len(done.stdout.splitlines())) == ("", 1)
    # A run goes on to its end and tells how it ended.
    assert done.returncode == 0 if words.startswith("run") else done.returncode in {0, 1}


def test_a_terminal_without_unicode_shows_what_it_can(tmp_path: Path) -> None:
    """Names and messages come as escapes; nothing fails, neither here nor in a worker process."""
    make_project(tmp_path, {"models/größe.py": _FOREIGN})
    ascii_only = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "LANG": "C"}

    listed = pydbt_process(tmp_path, "ls", environment=ascii_only)
    runs = [
        pydbt_process(tmp_path, "run", "--executor", executor, environment=ascii_only)
        for executor in ("thread", "process")
    ]

    assert (listed.code, listed.err) == (0, "")
    for run in runs:
        assert (run.code, "ValueError: " in run.err) == (1, True)
        assert "Gr\\xf6\\xdfe \\u2192" in run.out


@pytest.mark.parametrize("executor", ["thread", "process"])
def test_json_lines_have_the_standard_output_alone(tmp_path: Path, executor: str) -> None:
    """What tasks print, and the programs they start, goes to stderr: every line is JSON."""
    body = "    print('noise')\n    import subprocess\n    subprocess.run(['echo', 'clamour'], check=True)\n"
    make_project(tmp_path, {"models/shop.py": f"from pydbt import Task\n\n@Task\ndef one():\n{body}"})

    run = pydbt_process(tmp_path, "run", "--log-format", "json", "--executor", executor)

    assert run.code == 0
    assert [json.loads(line)["event"] for line in run.out.splitlines()][-1] == "run_finished"
    assert sorted(run.err.split()) == ["clamour", "noise"]


@pytest.mark.parametrize("is_one", [True, False])
def test_a_failure_is_told_once_to_whoever_reads(tmp_path: Path, *, is_one: bool) -> None:
    """In the log alone where that and stderr are one stream; on stderr too where each has its own reader."""
    body = "    session.table('nowhere')\n    raise ValueError\n"
    make_project(tmp_path, {"models/shop.py": f"from pydbt import Task\n\n@Task\ndef one(session):\n{body}"})
    command = [sys.executable, "-m", "pydbt", "run"]

    done = subprocess.run(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if is_one else subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout.count("no table 'nowhere'") == 1
    assert done.stdout.count("task  one: ") == 1  # The hint has a line of its own.
    assert (done.stderr or "").count("no table 'nowhere'") == (0 if is_one else 1)


def test_what_failed_without_a_hint_leads_to_its_traceback(tmp_path: Path) -> None:
    """An exception of the user's own: its message stands in the log, the rest comes with --debug."""
    make_project(tmp_path, {"models/shop.py": "from pydbt import Task\n\n@Task\ndef one():\n    1 / 0\n"})
    command = [sys.executable, "-m", "pydbt", "run"]

    done = subprocess.run(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stdout.count("division by zero") == 1
    assert done.stdout.endswith("--debug shows the traceback of what failed\n")


def test_names_in_any_letters_are_names(tmp_path: Path) -> None:
    """A task in one's own language is listed, selected, planned and run."""
    models = "from pydbt import Task\n\n@Task\ndef größe(): ...\n\n@Task\ndef 数(größe=1): ...\n"
    make_project(tmp_path, {"models/größe.py": models})

    assert pydbt(tmp_path, "ls", "größe", "数").out == "größe\n数\n"
    assert pydbt(tmp_path, "run", "größe", "数").code == 0
    assert "数" in pydbt(tmp_path, "plan", "数").out


def test_a_command_works_in_a_folder_below(tmp_path: Path) -> None:
    """The project is found above, its files stay where they are, and nothing is made in the folder."""
    make_project(tmp_path)
    below = tmp_path / "models" / "deep"
    below.mkdir()

    assert pydbt(below, "run").code == 0

    assert (tmp_path / "shop.db").exists()
    assert list(below.iterdir()) == []


def test_a_command_works_on_a_folder_elsewhere(tmp_path: Path) -> None:
    """`--project-dir` names it; the current folder stays empty."""
    make_project(tmp_path / "project")
    here = tmp_path / "here"
    here.mkdir()

    assert pydbt(here, "run", "--project-dir", "../project").code == 0

    assert (tmp_path / "project" / "shop.db").exists()
    assert list(here.iterdir()) == []


def test_the_projects_own_script_is_the_command(tmp_path: Path) -> None:
    """`python app.py run` does what `pydbt run` does."""
    pydbt(tmp_path, "init", "shop")

    done = subprocess.run(
        [sys.executable, "app.py", "run", "customers", "nosuch"],
        cwd=tmp_path / "shop",
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "PYDBT-E120: no task is named 'nosuch'")


def test_no_color_is_respected(tmp_path: Path) -> None:
    """On a terminal with NO_COLOR the live display has marks and no colours."""
    make_project(tmp_path)

    plain, coloured = _on_a_terminal(tmp_path, {"NO_COLOR": "1"}), _on_a_terminal(tmp_path, {})

    assert "✓ load" in plain.replace("\x1b[0m", "")
    assert "\x1b[32m" in coloured
    assert "\x1b[32m" not in plain
    assert "\x1b[31m" not in plain


def _on_a_terminal(folder: Path, environment: dict[str, str]) -> str:
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    process = subprocess.Popen(
        [sys.executable, "-c", "from pydbt.cli import main; main()", "run"],
        cwd=folder,
        env={**kept, "TERM": "xterm-256color", "COLUMNS": "100", **environment},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    pieces = []
    with os.fdopen(ours, "rb", buffering=0) as screen:
        while True:
            try:
                piece = screen.read(4096)
            except OSError:
                # Linux says so when the other end is closed.
                break
            if not piece:
                break
            pieces.append(piece)
    process.wait(timeout=60)
    return b"".join(pieces).decode(errors="replace")
