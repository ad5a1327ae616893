"""What an import costs: not in seconds, which differ from machine to machine, but in modules."""

from __future__ import annotations

import subprocess
import sys

import pytest

# What prints its names: of all loaded modules, the top packages that are not Python's own.
_LIBRARIES = """
names = {name.partition(".")[0] for name in sys.modules if not name.startswith("_")}
print(*sorted(names - sys.stdlib_module_names - {"pydbt", "sitecustomize"}))
"""
_HELP = """
import sys, contextlib, io
from pydbt.cli import main
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    main(["--help"])
"""
_FRONT_DOOR = """
import sys, pydbt
pydbt.Task, pydbt.Retry, pydbt.Daily, pydbt.Weekly, pydbt.Monthly, pydbt.PyDBTError
"""
# Of the standard library: dear, and of no use before a command runs.
_DEAR = (
    "asyncio",
    "concurrent",
    "email",
    "http",
    "multiprocessing",
    "sqlite3",
    "tomllib",
    "unittest",
)


def printed(code: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return done.stdout.split()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("import sys, pydbt", [], id="import pydbt"),
        pytest.param("import sys, pydbt.errors", [], id="import pydbt.errors"),
        pytest.param(_FRONT_DOOR, [], id="tasks and schedules"),
        pytest.param("import sys, pydbt.core.dag, pydbt.core.plan, pydbt.core.runner", [], id="the core"),
        pytest.param(_HELP, ["click"], id="pydbt --help"),
    ],
)
def test_only_what_is_used_is_imported(code: str, expected: list[str]) -> None:
    """Nobody waits for a library that does nothing for them."""
    assert printed(code + _LIBRARIES) == expected


def test_help_imports_no_dear_part_of_the_standard_library() -> None:
    """`pydbt --help` answers at once."""
    click = "import sys, click\nbefore = set(sys.modules)"
    loaded = printed(f"{click}\n{_HELP}\nprint(*{{m.partition('.')[0] for m in set(sys.modules) - before}})")

    assert [name for name in _DEAR if name in loaded] == []
