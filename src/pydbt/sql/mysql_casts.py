"""How MariaDB spells the casts of ``casts.py``: its own never fails, so what it is given is looked at first.

What is refused is handed to a function that fails on it; there is no other way to fail in a SELECT there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, case, func, literal_column, null
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import String, TypeEngine

from pydbt.sql.casts import EXACT_GRAMMARS, FALSE, TRUE, CastTo, Kind, bits_of, digits_of, kind_of
from pydbt.sql.semantics import Portable

_TEXT = String()
_MICROSECONDS = "'%Y-%m-%d %H:%i:%s.%f'", "'%Y-%m-%d %H:%i:%s'"
_CLOCK = "'%H:%i:%s.%f'", "'%H:%i:%s'"
_LARGEST_FLOAT: Any = literal_column("1.7976931348623157e308")
# As wide as a decimal can be there.
_WIDE = "DECIMAL(65, 30)"
# From where on floats are written with an exponent, and those for which MariaDB alone writes none.
_WHOLE_FLOATS: Any = literal_column("1e16")
_SMALL_FLOATS: Any = (literal_column("1e-15"), literal_column("9.999999999999999e-5"))


class _Native(Portable):
    """MariaDB's own CAST to a type in its own words."""

    inherit_cache = False
    __visit_name__ = "pydbt_native_cast"

    def __init__(self, element: ColumnElement[Any], words: str, type_: TypeEngine[Any] = _TEXT) -> None:
        super().__init__(element, type_)
        self.words = words


@compiles(_Native)
def _native(node: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST({compiler.process(node.element, **kw)} AS {node.words})"


@compiles(CastTo, "mysql", "mariadb")
def _cast_to(node: Any, compiler: SQLCompiler, **kw: Any) -> str:
    rule = _RULES.get(kind_of(node.type), _plain)
    return compiler.process(rule(node, kind_of(node.element.type)), **kw)


def _words(node: CastTo) -> str:
    kind = kind_of(node.type)
    if kind is Kind.DECIMAL:
        digits = digits_of(node.type)
        return _WIDE if digits is None else "DECIMAL({}, {})".format(*digits)
    return _WORDS.get(kind, "CHAR")


_WORDS = {
    Kind.INTEGER: "SIGNED",
    Kind.FLOAT: "DOUBLE",
    Kind.DATE: "DATE",
    Kind.DATETIME: "DATETIME(6)",
    Kind.TIME: "TIME(6)",
    Kind.BOOLEAN: "SIGNED",
}


def _plain(node: CastTo, _source: Kind) -> Any:
    return _Native(node.element, _words(node), node.type)


def _literal(text: str, type_: TypeEngine[Any] | None = None) -> Any:
    """SQL of ours, with nothing of a user's in it."""
    return literal_column(text, type_)


def _constant(text: str) -> Any:
    return _literal(f"'{text}'", _TEXT)


def _refused(node: CastTo) -> Any:
    """NULL, or an error with what the text is not; NULL is refused as NULL."""
    if node.is_try:
        return null()
    told = func.concat(_constant(f"not {kind_of(node.type).value}: "), node.element)
    return func.column_get(told, _literal(f"'a' AS {_words(node)}"))


def _checked(node: CastTo, fits: Any) -> Any:
    return case((fits, _plain(node, Kind.OTHER)), else_=_refused(node))


def _matches(node: CastTo) -> Any:
    # To the very end: a dollar sign lets a line break stand there.
    grammar = EXACT_GRAMMARS[kind_of(node.type)].removesuffix("$") + "\\\\z"
    return node.element.op("REGEXP")(_constant(grammar))


def _to_number(node: CastTo, source: Kind) -> Any:
    if source is Kind.BOOLEAN or _holds_all(node, source):
        return _plain(node, source)
    in_range = _in_range(node)
    return _checked(node, and_(_matches(node), in_range) if source in {Kind.TEXT, Kind.OTHER} else in_range)


def _holds_all(node: CastTo, source: Kind) -> bool:
    """Whether the type has room for every number of the other."""
    target = kind_of(node.type)
    if source is Kind.INTEGER and target is Kind.INTEGER:
        return bits_of(node.type) >= bits_of(node.element.type)
    return target is Kind.FLOAT and source in {Kind.INTEGER, Kind.DECIMAL}


def _in_range(node: CastTo) -> Any:
    """Whether the number fits the type, once it is rounded."""
    kind = kind_of(node.type)
    if kind is Kind.FLOAT:
        return func.abs(_Native(node.element, "DOUBLE")).op("<")(_LARGEST_FLOAT)
    number = _Native(node.element, "DOUBLE" if kind_of(node.element.type) is Kind.FLOAT else _WIDE)
    if kind is Kind.INTEGER:
        limit = 2 ** (bits_of(node.type) - 1)
        low, high = (_literal(str(bound)) for bound in (-limit, limit - 1))
        return func.round(number).between(low, high)
    digits = digits_of(node.type)
    precision, scale = (65, 30) if digits is None else digits
    limit_of_decimal = _literal(str(10 ** (precision - scale)))
    return func.abs(func.round(number, literal_column(str(scale)))).op("<")(limit_of_decimal)


def _to_boolean(node: CastTo, source: Kind) -> Any:
    if source is Kind.BOOLEAN:
        return node.element
    if source is not Kind.TEXT:
        return node.element.op("<>")(literal_column("0"))
    word = func.lower(func.trim(node.element))
    true, false = (
        word.op("IN")(_literal("({})".format(", ".join(f"'{each}'" for each in words))))
        for words in (TRUE, FALSE)
    )
    return case((true, literal_column("true")), (false, literal_column("false")), else_=_refused(node))


def _to_moment(node: CastTo, source: Kind) -> Any:
    return _checked(node, _matches(node)) if source in {Kind.TEXT, Kind.OTHER} else _plain(node, source)


def _to_text(node: CastTo, source: Kind) -> Any:
    written = _WRITTEN[source](node.element) if source in _WRITTEN else _Native(node.element, "CHAR")
    length = getattr(node.type, "length", None)
    return written if length is None else func.left(written, literal_column(str(length)))


def _word(flag: Any) -> Any:
    is_false = flag.op("=")(literal_column("0"))
    return case((flag, _constant("true")), (is_false, _constant("false")), else_=null())


def _float(number: Any) -> Any:
    """With a point, or an exponent of a sign and two digits, as the others write it."""
    is_whole = and_(number == func.truncate(number, literal_column("0")), func.abs(number) < _WHOLE_FLOATS)
    # Some functions give floats a fixed number of digits, and a rest of decimals is one.
    text = _Native(_Native(number, "DOUBLE"), "CHAR")
    e, plus, minus = map(_constant, ("e", "e+", "e-"))
    return case(
        (is_whole, func.concat(_Native(_Native(number, "SIGNED"), "CHAR"), _constant(".0"))),
        (func.abs(number).between(*_SMALL_FLOATS), _with_exponent(text)),
        else_=func.replace(func.replace(text, e, plus), _constant("e+-"), minus),
    )


def _with_exponent(text: Any) -> Any:
    """``0.000015`` as ``1.5e-05``."""
    digits = func.regexp_replace(text, _constant(r"^(-?)0[.]0*([1-9])"), _constant(r"\\1\\2."))
    mantissa = func.trim(_literal("TRAILING '.' FROM ").op("")(digits))
    exponent = func.regexp_instr(text, _constant("[1-9]")).op("-")(func.instr(text, _constant(".")))
    return func.concat(mantissa, _constant("e-"), func.lpad(exponent, _literal("2"), _constant("0")))


def _moment(forms: tuple[str, str]) -> Callable[[Any], Any]:
    """Without the zeros at the end of a fraction."""
    exact, plain = map(_literal, forms)

    def written(moment: Any) -> Any:
        has_none = func.microsecond(moment).op("=")(literal_column("0"))
        short = func.trim(literal_column("TRAILING '0' FROM ").op("")(func.date_format(moment, exact)))
        return case((has_none, func.date_format(moment, plain)), else_=short)

    return written


_WRITTEN: dict[Kind, Callable[[Any], Any]] = {
    Kind.BOOLEAN: _word,
    Kind.FLOAT: _float,
    Kind.DATETIME: _moment(_MICROSECONDS),
    Kind.TIME: _moment(_CLOCK),
}
_RULES: dict[Kind, Callable[[CastTo, Kind], Any]] = {
    Kind.INTEGER: _to_number,
    Kind.FLOAT: _to_number,
    Kind.DECIMAL: _to_number,
    Kind.BOOLEAN: _to_boolean,
    Kind.TEXT: _to_text,
    Kind.DATE: _to_moment,
    Kind.DATETIME: _to_moment,
    Kind.TIME: _to_moment,
}
