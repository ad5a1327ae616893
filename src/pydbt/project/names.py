"""Names that a model file does not have: whose they are, or which one was meant."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from pydbt import checks
from pydbt.errors import nearest


def name_hint(name: str, known: Iterable[str]) -> str:
    """What to do about a name that a file uses and does not have.

    Args:
        name: The name.
        known: Those that it has.

    >>> name_hint("unique", [])
    'from pydbt.checks import unique'
    >>> name_hint("Monthy", [])
    "did you mean 'Monthly', of pydbt? Else define 'Monthy' above this line; a task cannot depend on itself"
    >>> name_hint("raw_order", ["raw_orders"])
    "did you mean 'raw_orders'? Else define 'raw_order' above this line; a task cannot depend on itself"
    >>> name_hint("one", ["two"])
    "define 'one' above this line; a task cannot depend on itself"
    """
    # The front door is above: it is asked for its names, not imported.
    front = vars(sys.modules["pydbt"])["__all__"]
    homes = {**dict.fromkeys(checks.__all__, "pydbt.checks"), **dict.fromkeys(front, "pydbt")}
    if name in homes:
        return f"from {homes[name]} import {name}"
    define = f"define {name!r} above this line; a task cannot depend on itself"
    found = nearest(name, (*known, *homes))
    if not found:
        return define
    of = f", of {homes[found[0]]}" if found[0] in homes and found[0] not in known else ""
    return f"did you mean {found[0]!r}{of}? Else {define}"
