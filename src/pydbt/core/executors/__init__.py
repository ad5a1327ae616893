"""Executors: where tasks run. Each is a file, and only gives a ``concurrent.futures.Executor``."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydbt.core.executors.process import ProcessExecutor
    from pydbt.core.executors.serial import SerialExecutor
    from pydbt.core.executors.thread import ThreadExecutor

__all__ = ["ProcessExecutor", "SerialExecutor", "ThreadExecutor"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    module = importlib.import_module(f"{__name__}.{name.removesuffix('Executor').lower()}")
    return getattr(module, name)
