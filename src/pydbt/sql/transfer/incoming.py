"""Rows that Python holds, made into columns with names and types: what ``create_dataframe`` is given.

Lists of rows and of dicts, pandas and polars frames and Arrow tables all become an `Incoming`: columns of
plain Python values, or an Arrow table of a few canonical types where pyarrow is there.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from pydbt.errors import IncomingError, did_you_mean, user_location
from pydbt.sql.identifiers import is_name
from pydbt.sql.transfer.fitting import arrow_array, fitted, plain_column
from pydbt.sql.transfer.kinds import (
    AnyType,
    declared,
    from_arrow_type,
    is_exact,
    kind_of_values,
    to_arrow_type,
)
from pydbt.sql.values import PLAIN

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # no types of its own

CHUNK = 50_000

Schema = Mapping[str, Any] | Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Incoming:
    """Rows on their way into a database.

    Args:
        names: The columns' names, in order.
        types: Their types.
        count: How many rows there are.
        values: The columns as lists of plain values; None where ``arrow`` has them.
        arrow: The rows as an Arrow table of canonical types; None where ``values`` has them.
    """

    names: tuple[str, ...]
    types: tuple[AnyType, ...]
    count: int
    values: tuple[Sequence[Any], ...] | None = None
    arrow: pa.Table | None = None

    def chunks(self) -> Iterator[list[Sequence[Any]]]:
        """The columns as lists of plain values, so many rows at a time."""
        for part in self.parts():
            columns: Sequence[Any] = part.values or [column.to_pylist() for column in part.as_arrow().columns]
            yield list(columns)

    def parts(self) -> Iterator[Incoming]:
        """The rows, so many at a time."""
        for start in range(0, self.count, CHUNK):
            count = min(CHUNK, self.count - start)
            if self.values is None:
                yield replace(self, count=count, arrow=self.as_arrow().slice(start, count))
            else:
                values = tuple(column[start : start + count] for column in self.values)
                yield replace(self, count=count, values=values)

    def as_arrow(self) -> pa.Table:
        """The rows as an Arrow table; needs pyarrow."""
        if self.arrow is not None:
            return self.arrow
        import pyarrow as pa

        assert self.values is not None, "one of the two is there"
        arrays = [
            arrow_array(column, to_arrow_type(type_), type_, name)
            for column, type_, name in zip(self.values, self.types, self.names, strict=True)
        ]
        return pa.table(arrays, names=list(self.names))


def has_pyarrow() -> bool:
    """Whether pyarrow can be imported."""
    return "pyarrow" in sys.modules or importlib.util.find_spec("pyarrow") is not None


def incoming(data: Any, schema: Schema = None) -> Incoming:
    """Rows of any kind with their types.

    Args:
        data: A list of tuples or of dicts, a pandas or polars frame, an Arrow table, batch or reader.
        schema: The types by name, of all columns or of some; or the names alone, for tuples.

    Raises:
        IncomingError: They make no table.

    >>> made = incoming([{"a": 1, "b": "x"}, {"a": None, "b": "y"}])
    >>> made.names, made.types, made.values
    (('a', 'b'), (BigInteger(), String()), ([1, None], ['x', 'y']))
    """
    package = type(data).__module__.partition(".")[0]
    if package in {"pandas", "polars", "pyarrow"}:
        return _of_package(package, data, schema)
    if isinstance(data, Mapping):
        return _of_columns({name: _listed(name, values) for name, values in data.items()}, schema)
    if isinstance(data, (str, bytes)) or not isinstance(data, Iterable):
        raise _unknown(data)
    rows = list(data)
    if not rows:
        return _of_columns({name: [] for name in _names(schema)}, schema)
    first = rows[0]
    if isinstance(first, Mapping):
        return _of_columns(_of_dicts(rows), schema)
    if isinstance(first, (str, bytes)) or not isinstance(first, Sequence):
        raise IncomingError(
            f"row 1 is {first!r:.60}, neither a tuple nor a dict",
            where=user_location(),
            hint='give [{"a": 1, "b": 2}] or [(1, 2)] with schema=["a", "b"]',
        )
    return _of_columns(_of_tuples(rows, schema), schema)


def _unknown(data: Any) -> IncomingError:
    return IncomingError(
        f"no rows can be made of {type(data).__name__}",
        where=user_location(),
        hint="give a list of tuples or dicts, a pandas or polars DataFrame, or an Arrow table",
    )


def _listed(name: str, values: Any) -> list[Any]:
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise IncomingError(
            f"column {name!r} is {values!r:.60}, not a list of values",
            where=user_location(),
            hint='give {"a": [1, 2]}, or rows: [{"a": 1}, {"a": 2}]',
        )
    return list(values)


def _names(schema: Any) -> list[str]:
    if isinstance(schema, str) or not isinstance(schema, Iterable):
        raise IncomingError(
            "the rows do not name their columns"
            if schema is None
            else f"schema={schema!r} is no list of names",
            where=user_location(),
            hint='name them: schema=["a", "b"], or with types: schema={"a": int, "b": Date()}',
        )
    return list(schema)


def _of_dicts(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    names = list(rows[0])
    keys = set(names)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise IncomingError(
                f"row {number} is {row!r:.60}, and row 1 is a dict",
                where=user_location(),
                hint="make all rows dicts",
            )
        if row.keys() != keys:
            more, less = sorted(map(str, row.keys() - keys)), sorted(map(str, keys - row.keys()))
            told = [f"lacks {', '.join(less)}"] * bool(less) + [f"has {', '.join(more)} besides"] * bool(more)
            raise IncomingError(
                f"row {number} {' and '.join(told)}; row 1 has {', '.join(map(str, names))}",
                where=user_location(),
                hint="give every row the same keys, None for what is missing",
            )
    return {name: [row[name] for row in rows] for name in names}


def _of_tuples(rows: Sequence[Any], schema: Schema) -> dict[str, list[Any]]:
    if schema is None:
        fields = getattr(rows[0], "_fields", None)
        names = _names(None) if fields is None else list(fields)
    else:
        names = _names(schema)
    _check_names(names)
    # Of a million rows each is looked at by itself only where something is odd.
    if not set(map(type, rows)) <= {tuple, list} or set(map(len, rows)) != {len(names)}:
        rows = _checked(rows, names)
    # Not zip(*rows), which makes an argument of every row.
    return {name: list(map(itemgetter(position), rows)) for position, name in enumerate(names)}


def _checked(rows: Sequence[Any], names: Sequence[str]) -> list[tuple[Any, ...]]:
    made = []
    for number, row in enumerate(rows, 1):
        is_row = isinstance(row, Iterable) and not isinstance(row, (str, bytes, Mapping))
        values = tuple(row) if is_row else ()
        if not is_row or len(values) != len(names):
            raise IncomingError(
                f"row {number} is {row!r:.60}, and there are {len(names)} columns: {', '.join(names)}",
                where=user_location(),
                hint="give every row as many values as there are columns, None for what is missing",
            )
        made.append(values)
    return made


def _check_names(names: Sequence[Any]) -> None:
    if not names:
        raise IncomingError("there are no columns", where=user_location(), hint="give at least one")
    seen: set[str] = set()
    for name in names:
        if not is_name(name):
            raise IncomingError(
                f"{name!r} is no name for a column",
                where=user_location(),
                hint="a name is text that is not empty, without NUL and halves of characters",
            )
        if name in seen:
            raise IncomingError(
                f"two columns are called {name!r}",
                where=user_location(),
                hint="give one of them another name",
            )
        seen.add(name)


def _types(schema: Schema, names: Sequence[str]) -> dict[str, AnyType]:
    """The types the schema gives, by name."""
    if not isinstance(schema, Mapping):
        return {}
    for name in schema:
        if name not in names:
            raise IncomingError(
                f"schema names {name!r}, and the rows have no such column",
                where=user_location(),
                hint=did_you_mean(str(name), names),
            )
    return {name: declared(kind, name) for name, kind in schema.items()}


def _ordered(names: list[str], schema: Schema) -> list[str]:
    """The names of the rows' columns, in the order of a schema that is a list of them."""
    if schema is None or isinstance(schema, Mapping):
        return names
    wanted = _names(schema)
    if len(wanted) != len(names) or set(wanted) != set(names):
        raise IncomingError(
            f"the rows have the columns {', '.join(names)}; schema names {', '.join(map(str, wanted))}",
            where=user_location(),
            hint="name the columns the rows have",
        )
    return wanted


def _of_columns(columns: Mapping[str, list[Any]], schema: Schema) -> Incoming:
    names = list(columns)
    _check_names(names)
    names = _ordered(names, schema)
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        shown = ", ".join(f"{name}: {len(column)}" for name, column in columns.items())
        raise IncomingError(f"the columns are not of one length ({shown})", where=user_location())
    given = _types(schema, names)
    count = lengths.pop()
    types, values = [], []
    for name in names:
        column = columns[name]
        kinds = set(map(type, column))
        if not kinds <= PLAIN:
            column = plain_column(column, name)
            kinds = set(map(type, column))
        if name in given:
            type_, is_told = given[name], False
        else:
            type_ = kind_of_values(column, name, kinds)
            # A type that is told by values of one class is theirs, but for numbers too long to be whole.
            is_told = len(kinds - {type(None)}) == 1 and not (is_exact(type_) and int in kinds)
        types.append(type_)
        values.append(column if is_told else fitted(column, type_, name))
    return Incoming(tuple(names), tuple(types), count, tuple(values))


# Frames of other packages.


def _of_package(package: str, data: Any, schema: Schema) -> Incoming:
    kind = type(data).__name__
    if package == "polars" and kind == "LazyFrame":
        data = data.collect()
    elif package == "pyarrow" and kind == "RecordBatchReader":
        data = data.read_all()
    elif package == "pyarrow" and kind == "RecordBatch":
        import pyarrow as pa

        data = pa.Table.from_batches([data])
    elif (package, kind) not in {("pandas", "DataFrame"), ("polars", "DataFrame"), ("pyarrow", "Table")}:
        raise _unknown(data)
    names = list(data.column_names if package == "pyarrow" else data.columns)
    _check_names(names)
    if package == "pyarrow" or has_pyarrow():
        return _of_arrow(_arrow_table(package, data, names), schema)
    if package == "polars":
        return _of_columns({name: data[name].to_list() for name in names}, schema)
    columns = {name: data[name].astype(object).where(data[name].notna(), None).tolist() for name in names}
    return _of_columns(columns, schema)


def _arrow_table(package: str, data: Any, names: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    if package == "pyarrow":
        return data
    if package == "polars":
        return data.to_arrow()
    arrays = []
    for position, name in enumerate(names):
        column = data.iloc[:, position]
        try:
            arrays.append(pa.Array.from_pandas(column))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            # Values of several kinds, or of none that Arrow knows: ours are the errors about them.
            values = plain_column(column.astype(object).where(column.notna(), None).tolist(), name)
            type_ = kind_of_values(values, name)
            arrays.append(pa.array(fitted(values, type_, name), to_arrow_type(type_)))
    return pa.table(arrays, names=list(names))


def _of_arrow(table: pa.Table, schema: Schema) -> Incoming:
    import pyarrow as pa

    names = _ordered(list(table.column_names), schema)
    table = table.select(names)
    given = _types(schema, names)
    types, columns = [], []
    for name, column in zip(names, table.columns, strict=True):
        type_ = given.get(name) or from_arrow_type(column.type, name)
        wanted = to_arrow_type(type_)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)  # noqa: PLW2901  the same column, decoded
        try:
            columns.append(column if column.type == wanted else column.cast(wanted))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise IncomingError(
                f"column {name!r} does not fit {type_!r}: {str(error).splitlines()[0]}",
                where=user_location(),
                hint="cast or round it first, or give another type in schema",
            ) from None
        types.append(type_)
    return Incoming(tuple(names), tuple(types), table.num_rows, arrow=pa.table(columns, names=names))
