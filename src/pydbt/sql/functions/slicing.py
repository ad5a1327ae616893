"""slice: Python's slices of text in SQL, which counts from 1 and knows no negative positions."""

from __future__ import annotations

from pydbt.errors import FunctionArgumentError, user_location
from pydbt.sql.functions import supplied_text
from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import STRING, ColumnOrName, column, literal
from pydbt.sql.functions.rule import ANY, TEXT, Rule
from pydbt.sql.values import unwrapped

assert supplied_text.__name__, "importing it lists what SQLite needs"


def _rule(words: str, *names: str, **sql: str) -> Rule:
    takes = {"text": TEXT, **dict.fromkeys(names, ANY)}
    return Rule(f"slice {words}", takes, STRING, sql)


_SUPPLIED = "pydbt_slice({text}, {start}, {stop})"
_FROM = _rule("from a position", "first", ansi="substr({text}, {first})")
_BETWEEN = _rule("between positions", "first", "length", ansi="substr({text}, {first}, {length})")
_LAST = _rule("of the last", "back", ansi="right({text}, {back})", sqlite="substr({text}, -{back})")
_BUT_LAST = _rule(
    "up to the last",
    "start",
    "stop",
    "first",
    ansi="substr(left({text}, {stop}), {first})",
    sqlite=_SUPPLIED,
    mysql="substr({text}, {first}, greatest(char_length({text}) - {start} + {stop}, 0))",
)
_AMONG_LAST = _rule(
    "among the last",
    "start",
    "stop",
    "back",
    ansi="left(right({text}, {back}), {stop})",
    sqlite=_SUPPLIED,
    mysql="substr(right({text}, {back}), 1, greatest(least(char_length({text}), {back}) + {stop}, 0))",
)
_ACROSS = _rule(
    "from the end to a position",
    "start",
    "stop",
    "back",
    ansi="substr(left({text}, {stop}), greatest(char_length({text}) - {back}, 0) + 1)",
    duckdb="substr(left({text}, {stop}), greatest(length({text}) - {back}, 0) + 1)",
    sqlite=_SUPPLIED,
)
_MOST = 2**31 - 1


def slice(text: ColumnOrName, start: int | None = None, stop: int | None = None) -> Call:  # noqa: A001  as Python has it
    """The characters from ``start`` up to ``stop``, as Python's ``text[start:stop]``.

    NULL gives NULL. Positions count from 0, and from -1 at the end; what is not there is left out.

    >>> from pydbt import F
    >>> result(F.slice(F.lit("banana"), 1, -1)), result(F.slice(F.lit("banana"), -2))
    ('anan', 'na')
    """
    start, stop = unwrapped(start), unwrapped(stop)
    for position in (start, stop):
        if position is not None and (not isinstance(position, int) or not -_MOST < position < _MOST):
            hint = "give whole numbers or None; F.substring takes columns"
            what = f"F.slice was given {position!r} for a position"
            raise FunctionArgumentError(what, where=user_location(), hint=hint)
    known = {"first": (start or 0) + 1, "back": -(start or 0), "start": start or 0}
    if stop is None:
        rule = _LAST if known["start"] < 0 else _FROM
    elif known["start"] >= 0:
        rule = _BETWEEN if stop >= 0 else _BUT_LAST
        known |= {"length": max(stop - known["start"], 0), "stop": stop}
    else:
        rule = _ACROSS if stop >= 0 else _AMONG_LAST
        known |= {"stop": stop}
    return call(rule, column(text), *(literal(known[name]) for name in list(rule.takes)[1:]))
