"""cast: columns as other types, each in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydbt.errors import ColumnArgumentError, user_location
from pydbt.sql.column import column_of
from pydbt.sql.query import Query
from pydbt.sql.verbs.arguments import check_known
from pydbt.sql.verbs.project import with_columns


def cast(query: Query, types: Any, verb: str = "cast") -> Query:
    """All columns, those that are named as these types."""
    if not isinstance(types, Mapping) or not types:
        hint = 'give names with types: cast({"a": Integer, "b": "decimal(10,2)"})'
        raise ColumnArgumentError(f"{verb} was given {types!r}", where=user_location(), hint=hint)
    check_known(query, types)
    columns = {name: getattr(column_of(query, name), verb)(type_) for name, type_ in types.items()}
    return with_columns(query, columns, verb)
