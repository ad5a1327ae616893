"""JSON lines: one event a line, for programs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Any

from pydbt.core.events import Event


class JsonLines:
    """Writes each event as ``{"event": "task_finished", ...}``.

    Args:
        write: Takes one line.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def __call__(self, event: Event) -> None:
        """Write the event's line."""
        name = "".join(
            f"_{letter.lower()}" if letter.isupper() else letter for letter in type(event).__name__
        )
        values = dataclasses.asdict(event)
        for failed in (values, values.get("task_run"), *values.get("run", {}).get("task_runs", ())):
            if failed and failed.get("failure"):
                del failed["failure"]["traceback"]
        self._write(
            json.dumps({"event": name.removeprefix("_"), **values}, default=_plain, ensure_ascii=False)
        )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)
