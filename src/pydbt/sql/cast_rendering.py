"""How each database spells the casts of ``casts.py``: its own cast, behind what makes it mean the same.

SQLite, whose CAST never fails, calls the functions of ``sqlite_casts.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import and_, case, func, literal_column, null
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import Cast, Grouping
from sqlalchemy.sql.functions import Function
from sqlalchemy.types import REAL, BigInteger, Float, Integer, Numeric, String, TypeEngine

from pydbt.errors import TypeMismatchError, user_location
from pydbt.sql.casts import (
    EXACT_GRAMMARS,
    FALSE,
    GRAMMARS,
    NUMBERS,
    TRUE,
    CastTo,
    Kind,
    bits_of,
    check_castable,
    digits_of,
    kind_of,
    mentions,
)
from pydbt.sql.semantics import AsTimestamp, Double, Portable
from pydbt.sql.sqlite_casts import pydbt_cast, pydbt_try_cast
from pydbt.sql.type_names import type_of_argument
from pydbt.sql.written_casts import TRIES

Rule = Callable[[CastTo], Any]


def _sql(text: str, type_: Any = None) -> Any:
    """SQL of ours, as it is."""
    return literal_column(text, type_)


_NUMERIC, _TEXT = Numeric(), String()
# The float nearest to zero, and the whole numbers from which on floats are written with an exponent.
_SMALLEST_FLOAT, _WHOLE_FLOATS = _sql("5e-324"), _sql("1e16")


class Walk(Protocol):
    """The walk through an expression that comes to a cast."""

    size: int
    values: list[Any]
    volatile: bool

    def visit(self, node: Any) -> Any:
        """The node, checked."""


def adopt_cast(walk: Walk, node: Cast[Any]) -> Any:
    """The checked cast with its one meaning; where its SQL repeats what is cast, that counts."""
    size, first, was_volatile = walk.size, len(walk.values), walk.volatile
    walk.volatile = False
    element = walk.visit(node.clause)
    is_volatile, walk.volatile = walk.volatile, walk.volatile or was_volatile
    # What SQLAlchemy's own cast was given is not read by it: func.lower(df.a).cast("text").
    type_: Any = type_of_argument(node.type, "cast") if isinstance(node.type, str) else node.type
    is_try = isinstance(node, TRIES)
    check_castable(element.type, type_, is_try=is_try)
    repeats = mentions(element.type, type_, is_try=is_try)
    if repeats > 1 and is_volatile:
        walk.size += 1
        return _of_volatile(element, type_, is_try=is_try)
    walk.size += 1 + (walk.size - size) * (repeats - 1)
    walk.values.extend(walk.values[first:] * (repeats - 1))
    return _cast_to(element, type_, is_try=is_try)


def _of_volatile(element: Any, type_: TypeEngine[Any], *, is_try: bool) -> Any:
    """Chance and SQL text are written once: their cast is the database's own."""
    if is_try:
        hint = "compute it in a with_column, then cast the column"
        raise TypeMismatchError("try_cast of chance or of SQL text", where=user_location(), hint=hint)
    return Cast(element, type_)


def _cast_to(element: Any, type_: TypeEngine[Any], *, is_try: bool) -> Any:
    if isinstance(type_, Float) and not isinstance(type_, REAL) and (type_.precision or 53) > 24:  # noqa: PLR2004  where SQL's float gets 64 bits
        type_ = Double()  # DuckDB's FLOAT has 32 bits.
    if Kind.OTHER in (kind_of(element.type), kind_of(type_)) and not is_try:
        return Cast(element, type_)
    return CastTo(element, type_, is_try=is_try)


class _NativeTry(Portable):
    """DuckDB's TRY_CAST."""

    inherit_cache = True
    __visit_name__ = "pydbt_native_try"


@compiles(_NativeTry)
def _native_try(node: Any, compiler: SQLCompiler, **kw: Any) -> str:
    # What SQLAlchemy says for a CAST, types and all, with DuckDB's word in front.
    return "TRY_" + compiler.process(Cast(node.element, node.type), **kw)


@compiles(CastTo)
def _elsewhere(node: Any, compiler: SQLCompiler, **kw: Any) -> str:
    """Databases without rules of their own cast as they do."""
    return compiler.process(Cast(node.element, node.type), **kw)


@compiles(CastTo, "duckdb")
def _duckdb(node: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(_form(node, _DUCKDB), **kw)


@compiles(CastTo, "postgresql")
def _postgresql(node: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(_form(node, _POSTGRESQL), **kw)


@compiles(CastTo, "sqlite")
def _sqlite(node: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(_form(node, _SQLITE), **kw)


def _form(node: CastTo, rules: dict[tuple[Kind, Kind], Rule]) -> Any:
    """The rule of the kinds, of the target kind from anywhere, or the database's own cast."""
    source, target = kind_of(node.element.type), kind_of(node.type)
    rule = rules.get((source, target)) or rules.get((Kind.OTHER, target)) or rules[Kind.OTHER, Kind.OTHER]
    return rule(node)


def _constant(text: str) -> Any:
    """Text of ours, in SQL as it is: without a quote in it."""
    return _sql(f"'{text}'", _TEXT)


# The same everywhere.


def _plain(node: CastTo) -> Any:
    return Cast(node.element, node.type)


def _as_it_is(node: CastTo) -> Any:
    return Grouping(node.element)


def _of_boolean(node: CastTo) -> Any:
    """PostgreSQL makes only an integer of a boolean."""
    return Cast(Cast(node.element, Integer()), node.type)


def _is_not_zero(node: CastTo) -> Any:
    return Grouping(node.element.op("<>")(_sql("0")))


def _shortened(node: CastTo, text: Any) -> Any:
    """Cut at the length of the type, as the standard says: only PostgreSQL does so by itself."""
    length = getattr(node.type, "length", None)
    return text if length is None else func.substr(text, _sql("1"), _sql(str(length)))


def _to_text(node: CastTo) -> Any:
    return _shortened(node, Cast(node.element, _TEXT))


def _word(node: CastTo, cast: Any) -> Any:
    """One of the words for true, or of those for false."""
    word = func.lower(func.trim(node.element, type_=_TEXT), type_=_TEXT)
    true, false = (_sql("({})".format(", ".join(f"'{word}'" for word in words))) for words in (TRUE, FALSE))
    return case(
        (word.op("IN")(true), _sql("true")),
        (word.op("IN")(false), _sql("false")),
        else_=cast,
    )


# DuckDB and PostgreSQL: text meets the grammar first.


def _refused(node: CastTo) -> Any:
    """The text with what it is not, which no cast reads: the database's error shows both."""
    return _constant(f"not {kind_of(node.type).value}: ").op("||")(node.element)


def _read(node: CastTo, fits: Any, cast: Any) -> Any:
    if node.is_try:
        return case((fits, cast(node.element)), else_=null())
    return Cast(case((fits, node.element), else_=_refused(node)), node.type)


def _text_to_boolean(node: CastTo) -> Any:
    return _word(node, null() if node.is_try else Cast(_refused(node), node.type))


def _float_to_decimal(node: CastTo) -> Any:
    """By the float's shortest text: else one rounds its 15 digits, the other all of them."""
    return _cast_or_try(CastTo(Cast(node.element, _TEXT), node.type, is_try=node.is_try))


def _cast_or_try(node: CastTo) -> Any:
    return _NativeTry(node.element, node.type) if node.is_try else _plain(node)


def _duckdb_float_to_integer(node: CastTo) -> Any:
    """Rounded before it is cast: DuckDB 1.5.6 makes -2147483648 of 2147483647.5."""
    rounded = func.round_even(node.element, _sql("0"), type_=node.element.type)
    return _NativeTry(rounded, node.type) if node.is_try else Cast(rounded, node.type)


def _duckdb_text(node: CastTo) -> Any:
    kind = kind_of(node.type)
    fits: Any = func.regexp_full_match(node.element, _constant(GRAMMARS[kind]))
    if kind is Kind.FLOAT:  # What is too large would be infinite.
        fits = and_(fits, func.isfinite(_NativeTry(node.element, Double())))
    return _read(node, fits, lambda text: _NativeTry(text, node.type))


_TO_ANY = Kind.OTHER
_OF_TEXT = (Kind.INTEGER, Kind.FLOAT, Kind.DECIMAL, Kind.DATE, Kind.DATETIME, Kind.TIME)
_EVERYWHERE: dict[tuple[Kind, Kind], Rule] = {
    (Kind.OTHER, Kind.TEXT): _to_text,
    **{(Kind.BOOLEAN, number): _of_boolean for number in NUMBERS},
    **{(number, Kind.BOOLEAN): _is_not_zero for number in NUMBERS},
}
_DUCKDB: dict[tuple[Kind, Kind], Rule] = {
    **_EVERYWHERE,
    (Kind.OTHER, Kind.OTHER): _cast_or_try,
    (Kind.FLOAT, Kind.INTEGER): _duckdb_float_to_integer,
    (Kind.FLOAT, Kind.DECIMAL): _float_to_decimal,
    (Kind.TEXT, Kind.BOOLEAN): _text_to_boolean,
    **{(Kind.TEXT, kind): _duckdb_text for kind in _OF_TEXT},
}


# PostgreSQL has no TRY_CAST: what would not fit is found out first, as a numeric, which holds every number.


def _range(node: CastTo, number: Any) -> Any:
    """Whether a number fits the type, once it is rounded as the cast rounds."""
    if kind_of(node.type) is Kind.INTEGER:
        limit = 2 ** (bits_of(node.type) - 1)
        rounded = func.round(number)
        return and_(rounded >= _sql(str(-limit)), rounded < _sql(str(limit)))
    if kind_of(node.type) is Kind.FLOAT:
        largest = _sql("1.7976931348623157e308")
        return func.abs(number) <= largest
    digits = digits_of(node.type)
    if digits is None:
        return number.op("<")(_sql("'NaN'"))
    precision, scale = digits
    limit = _sql(str(10 ** (precision - scale)))
    return func.abs(func.round(number, _sql(str(scale)))) < limit


def _postgresql_text(node: CastTo) -> Any:
    kind = kind_of(node.type)
    grammars = EXACT_GRAMMARS if node.is_try else GRAMMARS
    fits = Grouping(node.element.op("~")(_constant(grammars[kind])))

    def cast(text: Any) -> Any:
        if kind not in NUMBERS:
            return Cast(text, node.type)
        number = Cast(text, _NUMERIC)
        return case((_range(node, number), _near_zero(node, number)), else_=null())

    return _read(node, fits, cast)


def _near_zero(node: CastTo, number: Any) -> Any:
    """What is nearer to zero than any float is an error as a float there."""
    if kind_of(node.type) is not Kind.FLOAT:
        return Cast(number, node.type)
    return Cast(case((func.abs(number) >= _SMALLEST_FLOAT, number), else_=_sql("0")), node.type)


def _postgresql_number(node: CastTo) -> Any:
    if not node.is_try or kind_of(node.type) is Kind.FLOAT:
        return _plain(node)
    return case((_range(node, node.element), _plain(node)), else_=null())


def _postgresql_float_to_decimal(node: CastTo) -> Any:
    """What is not finite is no decimal, though PostgreSQL's NUMERIC has a NaN."""
    finite = func.abs(node.element) < _sql("'Infinity'::float8")
    text = Cast(node.element, _TEXT)
    if not node.is_try:
        refused = _constant("not a decimal: ").op("||")(text)
        return Cast(Cast(case((finite, text), else_=refused), _NUMERIC), node.type)
    number = Cast(text, _NUMERIC)
    fits = case((_range(node, number), Cast(number, node.type)), else_=null())
    return case((finite, fits), else_=null())


def _postgresql_float_to_text(node: CastTo) -> Any:
    """With a point, as the others write it."""
    whole = and_(node.element == func.trunc(node.element), func.abs(node.element) < _WHOLE_FLOATS)
    text = Cast(node.element, _TEXT)
    point = Cast(Cast(node.element, BigInteger()), _TEXT).op("||")(_constant(".0"))
    written = func.replace(func.lower(text), _constant("infinity"), _constant("inf"), type_=_TEXT)
    return _shortened(node, case((whole, point), else_=written))


def _postgresql_decimal_to_text(node: CastTo) -> Any:
    """With the digits that the type has: a decimal there keeps those it came with, ``0`` beside ``1.50``."""
    scale = getattr(node.element.type, "scale", None)
    number = node.element if scale is None else func.round(node.element, _sql(str(scale)))
    return _shortened(node, Cast(number, _TEXT))


def _postgresql_anything(node: CastTo) -> Any:
    """A try of what is of no known type goes by its text."""
    if node.is_try and kind_of(node.element.type) is Kind.OTHER:
        text = CastTo(Cast(node.element, _TEXT), node.type, is_try=True)
        return _form(text, _POSTGRESQL)
    return _plain(node)


_POSTGRESQL: dict[tuple[Kind, Kind], Rule] = {
    **_EVERYWHERE,
    (Kind.OTHER, Kind.OTHER): _postgresql_anything,
    (Kind.TEXT, Kind.BOOLEAN): _text_to_boolean,
    (Kind.FLOAT, Kind.TEXT): _postgresql_float_to_text,
    (Kind.DECIMAL, Kind.TEXT): _postgresql_decimal_to_text,
    **{(source, target): _postgresql_number for source in NUMBERS for target in NUMBERS},
    (Kind.FLOAT, Kind.DECIMAL): _postgresql_float_to_decimal,
    **{(Kind.TEXT, kind): _postgresql_text for kind in _OF_TEXT},
}


# SQLite: what its CAST would make a zero of is a function's.


def _name(node: CastTo) -> str:
    """What the functions call the target: ``integer(32)``, ``decimal(10,2)``, ``date``."""
    kind = kind_of(node.type)
    if kind is Kind.INTEGER:
        return f"integer({bits_of(node.type)}{',1' if kind_of(node.element.type) is Kind.DECIMAL else ''})"
    if kind is Kind.DECIMAL:
        digits = digits_of(node.type)
        return "decimal" if digits is None else "decimal({},{})".format(*digits)
    if kind is Kind.TEXT and kind_of(node.element.type) is Kind.DECIMAL:
        digits = digits_of(node.element.type)
        # What was computed may have as many digits as it needs before the point.
        scale = getattr(node.element.type, "scale", None) if digits is None else digits[1]
        return "text" if scale is None else f"text({scale})"
    return kind.name.lower()


def _called(node: CastTo) -> Any:
    function = pydbt_try_cast if node.is_try else pydbt_cast
    return Function(function.__name__, node.element, _constant(_name(node)), type_=node.type)


def _sqlite_integer(node: CastTo) -> Any:
    return _as_it_is(node) if bits_of(node.type) >= bits_of(node.element.type) else _called(node)


def _sqlite_boolean_to_text(node: CastTo) -> Any:
    words: Any = (_sql("1"), _constant("true")), (_sql("0"), _constant("false"))
    return _shortened(node, case(*((node.element == value, word) for value, word in words), else_=null()))


def _sqlite_text(node: CastTo) -> Any:
    return _shortened(node, _called(node))


def _sqlite_part(first: str) -> Rule:
    """Moments are text there, of one form: a date is its beginning, a time its end."""
    return lambda node: func.substr(node.element, *map(literal_column, first.split()), type_=node.type)


_SQLITE: dict[tuple[Kind, Kind], Rule] = {
    **_EVERYWHERE,
    (Kind.OTHER, Kind.OTHER): _called,
    (Kind.TEXT, Kind.TEXT): lambda node: _shortened(node, Grouping(node.element)),
    # A column of dates would take the text of a number beside it for one.
    (Kind.DATE, Kind.TEXT): _to_text,
    (Kind.BOOLEAN, Kind.TEXT): _sqlite_boolean_to_text,
    **{
        (kind, Kind.TEXT): _sqlite_text
        for kind in (Kind.FLOAT, Kind.DECIMAL, Kind.DATETIME, Kind.TIME, Kind.OTHER)
    },
    (Kind.INTEGER, Kind.TEXT): _to_text,
    (Kind.INTEGER, Kind.INTEGER): _sqlite_integer,
    **{(number, Kind.FLOAT): _plain for number in NUMBERS},
    **{(kind, kind): _as_it_is for kind in (Kind.BOOLEAN, Kind.DATE, Kind.DATETIME, Kind.TIME)},
    (Kind.DATE, Kind.DATETIME): lambda node: AsTimestamp(node.element, node.type),
    (Kind.DATETIME, Kind.DATE): _sqlite_part("1 10"),
    (Kind.DATETIME, Kind.TIME): _sqlite_part("12"),
}
