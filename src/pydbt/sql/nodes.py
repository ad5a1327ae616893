"""Nodes of SQLAlchemy's trees, made in half the time its constructors take.

Those look up what is known where they are called: that a side needs no parentheses, what an operator gives,
how a parameter is called, that a clause is one. A third of the time of a long chain went there. A node made
here has every attribute that the constructor would give it, on each SQLAlchemy; ``tests/sql/test_nodes.py``
compares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, _anonymous_label
from sqlalchemy.types import TypeEngine

# SQLAlchemy's own operation, or one that differs in what Python may do with it.
AnyOperation = TypeVar("AnyOperation", bound="BinaryExpression[Any]")

# 2.1 keeps a part of a parameter's name beside it; before, that the name was made up.
_KEEPS_PART_OF_NAME = hasattr(BindParameter, "_anon_map_key")
# Nobody changes it: SQLAlchemy itself hands it on from node to node.
_NO_MODIFIERS: Mapping[str, Any] = {}


def parameter(name: str, value: Any, type_: TypeEngine[Any]) -> BindParameter[Any]:
    """As ``BindParameter(name, value, type_=type_, unique=True)``."""
    if not name.isidentifier() or name[0] == "_" or name[-1] == "_":
        # SQLAlchemy takes signs out of such names, each version others.
        return BindParameter(name, value, type_=type_, unique=True)
    node: Any = BindParameter.__new__(BindParameter)
    part = f"{id(node)} {name}"
    node.key = node._identifying_key = _anonymous_label(f"%({part})s")
    if _KEEPS_PART_OF_NAME:
        node._anon_map_key = part
    else:
        node._key_is_anon = True
    node._orig_key = name
    node.value = value
    node.type = type_
    node.unique = True
    node.isoutparam = node.required = node.expanding = node.literal_execute = False
    node.callable = node.expand_op = None
    made: BindParameter[Any] = node
    return made


def operation(
    kind: type[AnyOperation],
    left: Any,
    right: Any,
    operator: Any,
    type_: TypeEngine[Any],
    *,
    negate: Any = None,
    modifiers: Mapping[str, Any] = _NO_MODIFIERS,
    is_boolean: bool = False,
) -> AnyOperation:
    """As ``kind(left, right, operator, …)``, of sides that stand in their parentheses already.

    Args:
        kind: The class.
        left: The left side.
        right: The right side.
        operator: One of ``sqlalchemy.sql.operators``.
        type_: What comes out.
        negate: The operator that says the opposite.
        modifiers: What the operator is told besides, as the sign that a LIKE escapes by.
        is_boolean: Whether it is true or false to every database.
    """
    node = kind.__new__(kind)
    node._orig = (hash(left), hash(right))
    node._propagate_attrs = left._propagate_attrs or right._propagate_attrs
    node.left = left
    node.right = right
    node.operator = operator
    node.type = type_
    node.negate = negate
    node._is_implicitly_boolean = is_boolean
    node.modifiers = modifiers
    return node


def of_sides(node: BinaryExpression[Any], left: Any, right: Any) -> BinaryExpression[Any]:
    """The operation on these sides: the node itself where it has them, else a new one of SQLAlchemy's own."""
    if left is node.left and right is node.right:
        return node
    return operation(
        BinaryExpression,
        left,
        right,
        node.operator,
        node.type,
        negate=node.negate,
        modifiers=node.modifiers,
        is_boolean=node._is_implicitly_boolean,
    )


def selection(
    columns: Iterable[Any],
    source: Any,
    *,
    where: Iterable[Any] = (),
    group_by: Iterable[Any] = (),
    having: Iterable[Any] = (),
    order_by: Iterable[Any] = (),
) -> Any:
    """As ``select(*columns).select_from(source).where(*where)…``, of elements only."""
    statement: Any = select()
    statement._raw_columns = list(columns)
    statement._from_obj = (source,)
    clauses = {
        "_where_criteria": tuple(where),
        "_group_by_clauses": tuple(group_by),
        "_having_criteria": tuple(having),
        "_order_by_clauses": tuple(order_by),
    }
    vars(statement).update({name: clause for name, clause in clauses.items() if clause})
    return statement
