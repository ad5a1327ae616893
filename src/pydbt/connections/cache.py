"""One engine for each URL in a process, and their end."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import URL, Engine

from pydbt.connections import running
from pydbt.errors import keep_secrets

_ENGINES: dict[tuple[str, str], Engine] = {}
_LOCK = threading.RLock()


def cached(url: URL, options: dict[str, Any], create: Callable[..., Engine]) -> Engine:
    """The engine of a URL and its options, made by `create` when it is first asked for."""
    key = (url.render_as_string(hide_password=False), repr(sorted(options.items())))
    with _LOCK:
        engine = _ENGINES.get(key)
        if engine is None:
            keep_secrets(options.get("connect_args", {}))
            # Or SQLAlchemy's errors would tell the values of statements to the log and to the state.
            engine = create(url, **{"hide_parameters": True, **options})
            running.watch(engine)
            _ENGINES[key] = engine
        return engine


def dispose_all() -> None:
    """Close the connections of every engine made here, and forget the engines."""
    with _LOCK:
        engines = list(_ENGINES.values())
        _ENGINES.clear()
    for engine in engines:
        engine.dispose()


def _after_fork() -> None:
    # The child must neither use nor close its parent's connections: a server would answer both.
    global _LOCK  # noqa: PLW0603  another thread of the parent may have held it
    _LOCK = threading.RLock()
    for engine in _ENGINES.values():
        engine.dispose(close=False)
    _ENGINES.clear()
    running.forget_all()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
