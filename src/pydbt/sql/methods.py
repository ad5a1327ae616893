"""Methods: what every expression of columns can be asked, however it was made: ``(df.a + 1).is_null()``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy.sql.elements import ClauseElement, ColumnElement

from pydbt.errors import UnknownMethodError, user_location
from pydbt.sql.spellings import spelled_on_column

if TYPE_CHECKING:
    _Element = ColumnElement[Any]
else:
    _Element = object  # It stands before SQLAlchemy's class, which brings the rest.


_SIGNS = frozenset("%_")


class Methods(_Element):
    """Methods beside SQLAlchemy's own, and the name of the right one for what is none."""

    if not TYPE_CHECKING:
        # SQLAlchemy asks every operand for it, and would get the error for a method that is not there.
        operator = None

    # NumPy's numbers would take a column for an array: their operators leave it to the column's.
    __array_ufunc__ = None

    def is_null(self) -> ColumnElement[bool]:
        """Whether the value is missing: ``a IS NULL``.

        >>> df = games()
        >>> df.where((df.goals + 1).is_null()).collect()
        [('a', None)]
        """
        return self.is_(None)

    def is_not_null(self) -> ColumnElement[bool]:
        """Whether there is a value: ``a IS NOT NULL``.

        >>> df = games()
        >>> df.where(df.goals.is_not_null()).count()
        2
        """
        return self.is_not(None)

    def isin(self, *values: Any) -> ColumnElement[bool]:
        """Whether the value is one of these, ``a IN (1, 2)``, or among those of a DataFrame's one column.

        Of a DataFrame it is true or false, whatever is NULL: ``EXISTS (SELECT 1 … WHERE b = a)``, and with
        ``~`` ``NOT EXISTS``.

        Args:
            *values: A list of values, the values themselves, or one DataFrame.

        >>> df = games()
        >>> best = df.where(df.goals > 2).select("team")
        >>> df.where(~df.team.isin(best)).collect()
        [('b', 1)]
        """
        only = values[0] if len(values) == 1 and not _is_one(values[0]) else values
        holds = getattr(type(only), "__holds__", None)
        if holds is not None:
            condition: ColumnElement[bool] = holds(only, self)
            return condition
        return self.in_(list(only) if is_list(only) else only)

    def contains(self, other: Any, **options: Any) -> ColumnElement[bool]:
        """Whether the text has a part: ``a LIKE '%' || 'b' || '%'``; ``%`` and ``_`` are signs as any other.

        Args:
            other: The part, text or a column of it, which is asked for as :func:`F.contains` does.
            **options: What SQLAlchemy's own takes; with ``autoescape=False`` the part is a pattern.

        >>> df = games()
        >>> df.where(df.team.contains("_")).count()
        0
        """
        if options or _is_plain(other):
            return super().contains(other, **options)
        from pydbt.sql.functions import parts

        return parts.contains(self, other)

    def startswith(  # type: ignore[override]  # its options have names there
        self, other: Any, **options: Any
    ) -> ColumnElement[bool]:
        """Whether the text begins so; see :meth:`contains`."""
        if options or _is_plain(other):
            return super().startswith(other, **options)
        from pydbt.sql.functions import parts

        return parts.starts_with(self, other)

    def endswith(  # type: ignore[override]  # its options have names there
        self, other: Any, **options: Any
    ) -> ColumnElement[bool]:
        """Whether the text ends so; see :meth:`contains`."""
        if options or _is_plain(other):
            return super().endswith(other, **options)
        from pydbt.sql.functions import parts

        return parts.ends_with(self, other)

    def cast(self, type_: Any) -> Any:
        """The value as another type: ``CAST(a AS INTEGER)``; what does not parse or fit is an error.

        Args:
            type_: A name, ``"int"`` or ``"decimal(10,2)"``, a SQLAlchemy type or its class, or Python's.

        >>> df = games()
        >>> df.select(text=df.goals.cast("text")).first()
        ('3',)
        """
        return _cast(self, type_, "cast")

    def try_cast(self, type_: Any) -> Any:
        """As :meth:`cast`, but NULL where it fails.

        >>> df = games()
        >>> df.select(number=df.team.try_cast("int")).first()
        (None,)
        """
        return _cast(self, type_, "try_cast")

    def __getattr__(self, key: str) -> Any:
        try:
            return getattr(self.comparator, key)
        except AttributeError as error:
            if key.startswith("_") or key == "negation_clause":
                raise  # SQLAlchemy asks its elements for much that they have not.
            raise no_method(self, key) from error


def _is_plain(part: Any) -> bool:
    """Whether it is a text in which LIKE finds no sign of its own."""
    return isinstance(part, str) and _SIGNS.isdisjoint(part)


def is_list(value: Any) -> bool:
    """Whether it is a list of values: any iterable of Python's, an array of a library's, not a query."""
    is_list = isinstance(value, Iterable) and not isinstance(value, (str, bytes, ClauseElement))
    return is_list and not hasattr(type(value), "__holds__")


def _is_one(value: Any) -> bool:
    """Whether it is a value and not a list or a query of them."""
    if isinstance(value, (str, bytes, ColumnElement)):
        return True
    return not isinstance(value, (Iterable, ClauseElement)) and not hasattr(type(value), "__holds__")


def _cast(element: Any, type_: Any, verb: str) -> Any:
    from pydbt.sql.written_casts import written  # Here, for a cast has these methods itself.

    return written(element, type_, verb)


def no_method(element: Any, name: str) -> UnknownMethodError:
    """The error for ``df.a.upper()``: the function it is, or the method's name here."""
    shown = getattr(type(element), "__shown__", None)
    what, owner = ("an expression", "(…)") if shown is None else ("a column", shown(element))
    hint = f"use {spelled_on_column(name, owner)}"
    return UnknownMethodError(f"{what} has no method {name!r}", where=user_location(), hint=hint)
