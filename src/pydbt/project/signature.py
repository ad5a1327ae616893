"""Signatures: how a method is called, for whom Python told only that it is not called so."""

from __future__ import annotations

import inspect
import re

_REFUSED = re.compile(r"(DataFrame|GroupedData|Session)\.(\w+)\(\) (?:got|takes|missing) ")


def signature_in(message: str) -> str:
    """How the method is called that a TypeError's message is about; empty when it is about none of ours.

    >>> signature_in("DataFrame.limit() got an unexpected keyword argument 'rows'")
    'it is limit(count, offset=0)'
    >>> signature_in("f() missing 1 required positional argument: 'a'")
    ''
    >>> signature_in("DataFrame.merge() got an unexpected keyword argument 'how'")  # pandas has one
    ''
    """
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
    shown = ", ".join(str(each.replace(annotation=inspect.Parameter.empty)) for each in parameters)
    return f"it is {match[2]}({shown})"
