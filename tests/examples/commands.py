"""Run the real commands in a process of their own, as a newcomer does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PYDBT = (sys.executable, "-c", "from pydbt.cli import main; main()")


def run_command(
    *command: str | Path, cwd: Path, env: Mapping[str, str] | None = None, exit_code: int = 0
) -> str:
    """What the command writes to stdout; another exit code than the expected one is a failure."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == exit_code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout
