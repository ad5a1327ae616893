"""Signatures: how something of ours is called, for whom Python told only that it is not called so."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping

_REFUSED = re.compile(r"(DataFrame|GroupedData|Session)\.(\w+)\(\) (?:got|takes|missing) ")
_OPTIONS = re.compile(r"(\w+)\.__init__\(\) (?:got|takes|missing) ")
_CHECK = re.compile(r"(\w+)\(\) (?:got|takes|missing) ")


def signature_in(message: str, known: Mapping[str, object]) -> str:
    """How that is called which a TypeError's message is about; empty when it is about nothing of ours.

    Args:
        message: The message.
        known: The names of the file that called.

    >>> signature_in("DataFrame.limit() got an unexpected keyword argument 'rows'", {})
    'it is limit(count, offset=0)'
    >>> signature_in("f() missing 1 required positional argument: 'a'", {})
    ''
    >>> signature_in("Seed.__init__() got an unexpected keyword argument 'delimeter'", {})
    "it is Seed(path, schema=<factory>, delimiter=',', na=('', 'NA'))"
    >>> signature_in("DataFrame.merge() got an unexpected keyword argument 'how'", {})  # pandas has one
    ''
    >>> signature_in("unique() got an unexpected keyword argument 'severty'", {})
    'it is unique(*columns, severity=None)'
    >>> signature_in("unique() missing 1 required positional argument: 'a'", {"unique": lambda a: a})
    ''
    """
    if made := _OPTIONS.match(message):
        return _made(made[1])
    if called := _CHECK.match(message):
        return _check(called[1], known)
    match = _REFUSED.match(message)
    if match is None or match[2].startswith("_"):
        return ""
    from pydbt.sql import dataframe, session

    kind = session.Session if match[1] == "Session" else getattr(dataframe, match[1])
    # Others have classes of these names, too.
    method = getattr(kind, match[2], None)
    if method is None:
        return ""
    _self, *parameters = inspect.signature(method).parameters.values()
    return _shown(match[2], parameters)


def _made(name: str) -> str:
    """How an option's value is made: an ``Incremental``, a ``Retry``, a schedule."""
    from pydbt.core import incremental, layout, materialization, retry, schedule

    for module in (incremental, layout, materialization, retry, schedule):
        kind = vars(module).get(name)
        if isinstance(kind, type):
            return _shown(name, inspect.signature(kind).parameters.values())
    return ""


def _check(name: str, known: Mapping[str, object]) -> str:
    """How a check is made, unless the file has a function of its own of that name."""
    from pydbt import checks

    function = getattr(checks, name, None)
    is_ours = name in checks.__all__ and known.get(name, function) is function
    return _shown(name, inspect.signature(function).parameters.values()) if is_ours and function else ""


def _shown(name: str, parameters: Iterable[inspect.Parameter]) -> str:
    bare = [each.replace(annotation=inspect.Parameter.empty) for each in parameters]
    return f"it is {name}{inspect.Signature(bare)}"
