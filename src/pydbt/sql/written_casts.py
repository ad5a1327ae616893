"""Casts as a user writes them, ``df.a.cast("int")``, checked at the line where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import elements
from sqlalchemy.sql.compiler import SQLCompiler, StrSQLCompiler
from sqlalchemy.sql.elements import Cast, ColumnElement

from pydbt.errors import ForeignColumnError, user_location
from pydbt.sql.casts import check_castable
from pydbt.sql.condition import Guarded
from pydbt.sql.type_names import type_of_argument

if TYPE_CHECKING:
    _Cast = Cast[Any]
else:
    _Cast = Cast  # SQLAlchemy 1.4 has no generic classes.


class WrittenCast(Guarded, _Cast):
    """A cast, with the methods that every expression of columns has."""

    inherit_cache = True


class TryCast(WrittenCast):
    """A cast that gives NULL where it fails, as the user wrote it."""

    inherit_cache = True
    __visit_name__ = "pydbt_try_cast"


@compiles(TryCast)
def _unbound(node: TryCast, compiler: SQLCompiler, **kw: Any) -> str:
    """It is put into SQL by the DataFrame it is used in only."""
    if isinstance(compiler, StrSQLCompiler):
        return compiler.process(Cast(node.clause, node.type), **kw)
    what = "a try_cast was used in a statement of its own"
    raise ForeignColumnError(what, where=user_location(), hint="use it in a DataFrame")


def written(element: ColumnElement[Any], argument: Any, verb: str) -> Any:
    """The cast as a user writes it, checked: ``df.a.cast("int")``, ``df.a.try_cast(Integer)``."""
    type_ = type_of_argument(argument, verb)
    is_try = verb == "try_cast"
    check_castable(element.type, type_, is_try=is_try)
    return TryCast(element, type_) if is_try else WrittenCast(element, type_)


# SQLAlchemy has one of its own from 2.0 on, for SQL Server.
TRIES: tuple[type[Any], ...] = (TryCast, *filter(None, (getattr(elements, "TryCast", None),)))
CASTS: tuple[type[Any], ...] = (Cast, WrittenCast, *TRIES)
