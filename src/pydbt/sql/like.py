"""LIKE that tells capitals from small letters on every database.

SQLite's LIKE does not, and its switch holds for a whole connection, ILIKE included. Its GLOB does, with signs
of its own: so each LIKE carries its pattern a second time, spelled for GLOB, and SQLite renders that one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import functions, operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, ColumnElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import Boolean, String

from pydbt.sql.semantics import Portable

# What stands before and after the text that is looked for, and whether the answer is turned round.
_FORMS: dict[Any, tuple[str, str, bool]] = {
    operators.like_op: ("", "", False),
    operators.not_like_op: ("", "", True),
    operators.contains_op: ("*", "*", False),
    operators.not_contains_op: ("*", "*", True),
    operators.startswith_op: ("", "*", False),
    operators.not_startswith_op: ("", "*", True),
    operators.endswith_op: ("*", "", False),
    operators.not_endswith_op: ("*", "", True),
}
_INSENSITIVE = frozenset({operators.ilike_op, operators.not_ilike_op})
_SIGNS = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}


class Like(Portable):
    """A LIKE, and the pattern it has as a GLOB."""

    inherit_cache = True
    __visit_name__ = "pydbt_like"

    def __init__(self, element: BinaryExpression[Any], glob: ColumnElement[Any]) -> None:
        super().__init__(element, Boolean())
        self.glob = glob
        self.may_escape = _may_escape(element)
        self.is_negated = _FORMS[element.operator][2]

    _traverse_internals = [  # noqa: RUF012  declared so by SQLAlchemy
        ("element", InternalTraversal.dp_clauseelement),
        ("glob", InternalTraversal.dp_clauseelement),
        ("is_negated", InternalTraversal.dp_boolean),
        # A cached statement serves other values: that a value decides about the SQL belongs to its key.
        ("may_escape", InternalTraversal.dp_boolean),
        ("type", InternalTraversal.dp_type),
    ]


class InsensitiveLike(Portable):
    """An ILIKE."""

    inherit_cache = True
    __visit_name__ = "pydbt_insensitive_like"

    def __init__(self, element: BinaryExpression[Any]) -> None:
        super().__init__(element, Boolean())
        self.may_escape = _may_escape(element)

    _traverse_internals = [  # noqa: RUF012  declared so by SQLAlchemy
        ("element", InternalTraversal.dp_clauseelement),
        ("may_escape", InternalTraversal.dp_boolean),
        ("type", InternalTraversal.dp_type),
    ]


@compiles(Like)
@compiles(InsensitiveLike)
def _as_it_is(node: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(node.element, **kw)


@compiles(Like, "postgresql")
@compiles(InsensitiveLike, "postgresql")
def _without_escape(node: Any, compiler: SQLCompiler, **kw: Any) -> str:
    """A backslash is a sign as any other, unless one says so."""
    text = compiler.process(node.element, **kw)
    return f"{text} ESCAPE ''" if node.may_escape else text


def _may_escape(element: BinaryExpression[Any]) -> bool:
    if element.modifiers.get("escape"):
        return False
    pattern = element.right
    return not (isinstance(pattern, BindParameter) and "\\" not in str(pattern.value))


@compiles(Like, "sqlite")
def _as_glob(node: Any, compiler: SQLCompiler, **kw: Any) -> str:
    text, pattern = compiler.process(node.element.left, **kw), compiler.process(node.glob, **kw)
    return f"{text} {'NOT ' if node.is_negated else ''}GLOB {pattern}"


def like(node: BinaryExpression[Any]) -> Any:
    """The LIKE with its pattern for SQLite; None when it is none, or escapes in a pattern not known here."""
    form = _FORMS.get(node.operator)
    if form is None:
        return InsensitiveLike(node) if node.operator in _INSENSITIVE else None
    before, after, _ = form
    escape = node.modifiers.get("escape")
    if isinstance(node.right, BindParameter) and isinstance(node.right.value, str):
        pattern = before + as_glob(node.right.value, escape) + after
        return Like(node, BindParameter(None, pattern, type_=String(), unique=True))
    if escape is not None:
        return None
    glob: Any = node.right
    for sign in "[*?%_":
        glob = functions.func.replace(glob, sign, _SIGNS[sign], type_=String())
    if before:
        glob = before + glob
    return Like(node, glob + after if after else glob)


def as_glob(pattern: str, escape: str | None = None) -> str:
    """A LIKE pattern in GLOB's spelling.

    >>> as_glob("50/% _f*", escape="/")
    '50% ?f[*]'
    """
    made: list[str] = []
    signs = iter(pattern)
    for sign in signs:
        if sign == escape:
            literal = next(signs, "")
            made.append(literal if literal in "%_" else _SIGNS.get(literal, literal))
        else:
            made.append(_SIGNS.get(sign, sign))
    return "".join(made)
