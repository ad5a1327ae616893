"""Names of columns, as options take them: one, or several."""

from __future__ import annotations

from collections.abc import Sequence

from pydbt.errors import TaskOptionError, user_location


def names_of(option: str, given: object) -> tuple[str, ...]:
    """One name, or several, as a tuple.

    Raises:
        TaskOptionError: They are no names of columns, or one is there twice.
    """
    names = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Sequence) else ()
    if not names or not all(isinstance(name, str) and name for name in names):
        hint = f'give names: {option}="id", or {option}=["id", "country"]'
        raise TaskOptionError(f"{option}={given!r} names no columns", where=user_location(), hint=hint)
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise TaskOptionError(f"{option} names {twice!r} twice", where=user_location(), hint="leave one out")
    return names
