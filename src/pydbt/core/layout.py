"""The layout of a task's table: what is made of it beside its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydbt.core.column_names import names_of
from pydbt.core.materialization import Materialized
from pydbt.errors import Location, TaskOptionError, user_location


@dataclass(frozen=True, slots=True, init=False)
class Index:
    """An index of a task's table, on one column or on several, in their order.

    Args:
        columns: Their names.
        unique: Whether no two rows may have the same values there; rows with a NULL among them may.

    Raises:
        TaskOptionError: It names no columns, or one twice.

    >>> Index("mail", unique=True)
    Index(columns=('mail',), unique=True)
    """

    columns: tuple[str, ...]
    unique: bool

    def __init__(self, *columns: str, unique: bool = False) -> None:
        if not columns:
            hint = 'name at least one: Index("mail")'
            raise TaskOptionError("Index was given no columns", where=user_location(), hint=hint)
        object.__setattr__(self, "columns", names_of("Index", columns))
        if not isinstance(unique, bool):
            hint = "give True or False"
            raise TaskOptionError(f"unique={unique!r} is neither", where=user_location(), hint=hint)
        object.__setattr__(self, "unique", unique)

    def __str__(self) -> str:
        return f"{'a unique index' if self.unique else 'an index'} on {', '.join(self.columns)}"


def checked_indexes(given: object, kind: Materialized | None, where: Location | None) -> tuple[Index, ...]:
    """The indexes that an option gives: a name, several names as a tuple, or an `Index`, for each.

    Raises:
        TaskOptionError: One is none, or there twice; or what is published is no table.
    """
    several = (given,) if isinstance(given, (str, Index)) else given
    if not isinstance(several, Iterable):
        hint = 'give a list: indexes=["day", ("country", "city"), Index("mail", unique=True)]'
        raise TaskOptionError(f"indexes={given!r} is no list of indexes", where=where, hint=hint)
    indexes = tuple(_index(each, where) for each in several)
    if indexes:
        _check_is_table("indexes", kind, where)
    on = [index.columns for index in indexes]
    twice = next((columns for place, columns in enumerate(on) if columns in on[:place]), None)
    if twice is not None:
        told = f"indexes has two on {', '.join(twice)}"
        raise TaskOptionError(told, where=where, hint="leave one out")
    return indexes


def checked_primary_key(given: object, kind: Materialized | None, where: Location | None) -> tuple[str, ...]:
    """The columns of the primary key that an option gives: a name, or several; none where there is none.

    Raises:
        TaskOptionError: They are no names; or what is published is no table.
    """
    if given is None:
        return ()
    key = names_of("primary_key", given)
    _check_is_table("primary key", kind, where)
    return key


def _check_is_table(what: str, kind: Materialized | None, where: Location | None) -> None:
    if kind is None or kind in ("view", "ephemeral"):
        told = "a plain task" if kind is None else f"materialized={kind!r}"
        hint = 'give materialized="table", a Seed, a Snapshot or an Incremental'
        raise TaskOptionError(f"{told} has no {what}", where=where, hint=hint)


def _index(given: object, where: Location | None) -> Index:
    if isinstance(given, Index):
        return given
    names = (given,) if isinstance(given, str) else given
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        hint = 'give a column, a tuple of columns, or Index("mail", unique=True)'
        raise TaskOptionError(f"indexes holds {given!r}, which is no index", where=where, hint=hint)
    return Index(*names)
