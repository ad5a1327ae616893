"""Sides: which side of a join each column of the condition belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, Grouping
from sqlalchemy.types import Boolean

from pydbt.errors import AmbiguousColumnError, ForeignColumnError, JoinError, user_location
from pydbt.sql.column import Column, check_comparable, check_value, column_of
from pydbt.sql.expression import Expression
from pydbt.sql.query import Query, Value
from pydbt.sql.semantics import same_moment


def has_equality(condition: Any, left: set[Value]) -> bool:
    """Whether an equality of the two sides is the condition, or stands in it beside others by AND."""
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        return any(has_equality(each, left) for each in condition.clauses)
    if isinstance(condition, Grouping):
        return has_equality(condition.element, left)
    if not isinstance(condition, BinaryExpression) or condition.operator is not operators.eq:
        return False
    one, other = (
        {node.value in left for node in visitors.iterate(side) if isinstance(node, Column)}
        for side in (condition.left, condition.right)
    )
    return len(one) == len(other) == 1 and one != other


class Sides:
    """The two sides of one join.

    A value that both sides have, as when a DataFrame is joined with itself, gets a fresh one on the right: it
    is another row's. ``fresh`` says which value of the right side each fresh one stands for.
    """

    def __init__(self, left: Query, right: Query) -> None:
        self.left = left
        self.right = right
        self._own = set(left.fields.values())
        self._others = set(right.fields.values())
        self._made = {value: Value(value.type) for value in right.fields.values() if value in self._own}
        self.fresh = {new: old for old, new in self._made.items()}

    def right_value(self, name: str) -> Value:
        """The value of a column of the right side, as the join has it."""
        value = self.right.fields[name]
        return self._made.get(value, value)

    def equal(self, names: Iterable[str]) -> list[Expression]:
        """Equality of the columns of these names."""
        expressions = []
        for name in names:
            left, right = column_of(self.left, name), column_of(self.right, name)
            check_value(self.left, left)
            check_value(self.right, right)
            check_comparable(left, right)
            other = Column(name, self.right_value(name), self.right)
            element = BinaryExpression(
                *same_moment(left, other), operators.eq, type_=Boolean(), negate=operators.ne
            )
            expressions.append(Expression(element, (left.value, other.value), 3))
        return expressions

    def bind(self, column: Column) -> Column:
        """The column with the value it has in the join; an error where that is of either side, or of none."""
        if not self._is_of_right(column):
            return column
        return Column(column.name, self._made.get(column.value, column.value), column.query)

    def _is_of_right(self, column: Column) -> bool:
        on_left = column.value in self._own and not column.is_right
        on_right = column.value in self._others
        if not on_left and not on_right:
            self._raise_unknown(column)
        return self._is_of_right_of_both(column) if on_left and on_right else on_right

    def _is_of_right_of_both(self, column: Column) -> bool:
        """A column that both sides have is of the side it was taken from."""
        if column.query is self.left:  # Joined with itself, a frame's own names are the left side's.
            return False
        if column.query is self.right:
            return True
        hint = f"take it from one of the two frames, or write {column.name}_right for the right one"
        what = f"column {column.name!r} is on both sides of the join"
        raise AmbiguousColumnError(what, where=user_location(), hint=hint)

    def _raise_unknown(self, column: Column) -> None:
        if column.is_right:
            check_value(self.left, column)
        for side in (self.left, self.right):
            if side.lost_at(column.value) is not None:
                check_value(side, column)
        hint = "a condition uses columns of the two DataFrames it joins"
        what = f"column {column.name!r} belongs to neither side of the join"
        raise ForeignColumnError(what, where=user_location(), hint=hint)

    def check_related(self, expression: Expression) -> None:
        """Raise unless the condition speaks of both sides: else one row would match all of the other side."""
        left = [value for value in expression.values if value in self._own]
        if left and len(left) < len(expression.values):
            return
        side = "left" if left else "right"
        what = (
            f"the join's condition speaks of the {side} side only"
            if expression.values
            else "the condition names no column"
        )
        hint = "the right side's columns are other.name, or df.name_right; for every pair use how='cross'"
        raise JoinError(what, where=user_location(), hint=hint)
