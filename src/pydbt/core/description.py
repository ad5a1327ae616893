"""What is said of a task's table or view beside its rows: comments, and who may do what with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pydbt.core.materialization import Materialized
from pydbt.errors import Location, TaskOptionError, did_you_mean

PRIVILEGES = ("select", "insert", "update", "delete", "truncate", "references", "trigger")


def checked_comment(given: object, kind: Materialized | None, where: Location | None) -> str | None:
    """The comment that an option gives; None where it says nothing.

    Raises:
        TaskOptionError: It is no text; or nothing is published.
    """
    if given is None:
        return None
    _check_is_published("comment", kind, where)
    return _text("comment", given, where)


def checked_column_comments(
    given: object, kind: Materialized | None, where: Location | None
) -> Mapping[str, str]:
    """The comments of columns that an option gives, by the columns' names.

    Raises:
        TaskOptionError: They are no texts; or nothing is published.
    """
    if given is None:
        return MappingProxyType({})
    if not isinstance(given, Mapping) or not all(isinstance(name, str) and name for name in given):
        hint = 'give a text for each column: column_comments={"id": "The customer\'s number"}'
        raise TaskOptionError(f"column_comments={given!r} names no columns", where=where, hint=hint)
    _check_is_published("column comments", kind, where)
    return MappingProxyType(
        {name: _text(f"column_comments of {name!r}", text, where) for name, text in given.items()}
    )


def checked_grants(
    given: object, kind: Materialized | None, where: Location | None
) -> Mapping[str, tuple[str, ...]] | None:
    """The roles that an option gives, by the privilege they are to have; None where it says nothing.

    Raises:
        TaskOptionError: There is no such privilege, or a role is no name; or nothing is published.
    """
    if given is None:
        return None
    if not isinstance(given, Mapping):
        hint = 'give roles for each privilege: grants={"select": ["reporting"]}; {} for none'
        raise TaskOptionError(f"grants={given!r} is no table of roles", where=where, hint=hint)
    _check_is_published("grants", kind, where)
    granted: dict[str, tuple[str, ...]] = {}
    for privilege, roles in given.items():
        name = privilege.lower() if isinstance(privilege, str) else privilege
        if name not in PRIVILEGES or name in granted:
            told = "gives it twice" if name in granted else "is no privilege of a table"
            hint = did_you_mean(str(name), PRIVILEGES)
            raise TaskOptionError(f"grants={{{privilege!r}: …}} {told}", where=where, hint=hint)
        granted[name] = _roles(privilege, roles, where)
    return MappingProxyType(granted)


def _roles(privilege: str, given: object, where: Location | None) -> tuple[str, ...]:
    roles = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else (given,)
    for role in roles:
        if not isinstance(role, str) or not role or _flaw(role):
            hint = f'give names of roles: grants={{"{privilege}": ["reporting"]}}'
            raise TaskOptionError(f"grants holds {role!r}, which names no role", where=where, hint=hint)
    return tuple(dict.fromkeys(roles))


def _text(option: str, given: object, where: Location | None) -> str:
    if not isinstance(given, str):
        raise TaskOptionError(f"{option} is {given!r}, which is no text", where=where, hint="give a text")
    flaw = _flaw(given)
    if flaw:
        raise TaskOptionError(f"{option} holds {flaw}: {given!r:.80}", where=where, hint="take it out")
    return given


def _flaw(text: str) -> str:
    """What no database takes in a text; empty where it is well."""
    if "\0" in text:
        return "a NUL character"
    return "half a character" if any("\ud800" <= sign <= "\udfff" for sign in text) else ""


def _check_is_published(what: str, kind: Materialized | None, where: Location | None) -> None:
    if kind is None or kind == "ephemeral":
        told = "a plain task" if kind is None else f"materialized={kind!r}"
        hint = f'only what is published has {what}: materialized="table", "view", a Seed, …'
        raise TaskOptionError(f"{told} has no {what}", where=where, hint=hint)
