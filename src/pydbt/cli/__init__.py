"""The command line: one file per verb, each importing what it needs when it is called."""

from __future__ import annotations

from pydbt.cli.app import main

__all__ = ["main"]
