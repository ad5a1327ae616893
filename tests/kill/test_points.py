"""The fail points: all that the source passes are known, and all that are known are passed."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pydbt.failpoints import POINTS, STEPS
from tests.architecture.source import modules

_SOURCE = modules(Path(__file__).parent.parent.parent / "src")
_PASSING = "from pydbt.failpoints import reached\nfor _ in range(3):\n    reached('{name}')\n    print('on')"


def passed() -> Iterator[tuple[str, int]]:
    """The first argument of each call of `reached` in the source, and how many there are."""
    for module in _SOURCE:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "reached":
                yield ast.literal_eval(node.args[0]), len(node.args)


def test_the_source_passes_the_points_that_are_registered_and_no_others() -> None:
    """A name that is used but not registered, or registered but not used, is found here."""
    found = set(passed())

    assert found == {(name, 1) for name in POINTS} | {(name, 2) for name in STEPS}


@pytest.mark.parametrize(("point", "out"), [("state.before.put", ""), ("state.before.put:3", "on\non\n")])
def test_a_process_dies_at_its_fail_point(point: str, out: str) -> None:
    """The first time it is reached, or the time that is given: killed, with no chance to tidy up."""
    name = point.partition(":")[0]
    done = subprocess.run(
        [sys.executable, "-u", "-c", _PASSING.format(name=name)],
        env={**os.environ, "PYDBT_FAILPOINT": point},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (-signal.SIGKILL, out)


def test_a_point_that_is_not_asked_for_does_nothing() -> None:
    """Another point than the one that is set is passed."""
    done = subprocess.run(
        [sys.executable, "-c", _PASSING.format(name="state.after.put")],
        env={**os.environ, "PYDBT_FAILPOINT": "state.before.put"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "on\n" * 3)
