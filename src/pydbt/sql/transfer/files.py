"""``session.read``: files as DataFrames."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import String

from pydbt.errors import FileReadError, IncomingError, did_you_mean, user_location
from pydbt.sql.query import Query, Value
from pydbt.sql.transfer.cell_types import DAY, MOMENT, ZONED, rule_of
from pydbt.sql.transfer.csv_in import CsvFile, of_csv, word_of
from pydbt.sql.transfer.frames import Held, of_rows
from pydbt.sql.transfer.incoming import Incoming, incoming
from pydbt.sql.transfer.kinds import declared
from pydbt.sql.transfer.outgoing import needed
from pydbt.sql.transfer.probe import described

Path_ = str | os.PathLike[str]
_READ_PARQUET = sa.text("SELECT * FROM read_parquet(:path)")


def csv(
    engine: Engine, schema: str | None, path: Path_, types: Mapping[str, Any] | None, **form: Any
) -> Query:
    """A plan that begins with a CSV file; see `Reader.csv`."""
    is_typed = form.pop("typed")
    na = form["na"]
    form["na"] = (na,) if isinstance(na, str) else tuple(na)
    delimiter = form["delimiter"]
    if not isinstance(delimiter, str) or len(delimiter) != 1:
        raise FileReadError(
            f"delimiter={delimiter!r} is not one character", where=user_location(), hint='as in ";"'
        )
    given = {name: declared(kind, name) for name, kind in _types(types).items()}
    return of_csv(engine, schema, CsvFile(found(path), **form), given, is_typed=is_typed)


def _types(types: Any) -> dict[str, Any]:
    """The types of a schema, which in files are by name: order and names are the file's."""
    if types is not None and not isinstance(types, Mapping):
        raise FileReadError(
            f"schema={types!r:.60} is no dict of types",
            where=user_location(),
            hint='give types by name: schema={"price": float}',
        )
    return dict(types or {})


def parquet(engine: Engine, schema: str | None, path: Path_) -> Query:
    """A plan that begins with a Parquet file; see `Reader.parquet`."""
    file = found(path)
    if engine.dialect.name == "duckdb":
        return _parquet_by_duckdb(engine, file)
    arrow, reader = needed("pyarrow"), needed("pyarrow.parquet")
    try:
        table = reader.read_table(file)
    except (arrow.ArrowInvalid, OSError) as error:
        raise _refused(file, error) from None
    return of_rows(engine, schema, incoming(table), word_of(file), "read.parquet")


def _parquet_by_duckdb(engine: Engine, file: Path) -> Query:
    clause = _READ_PARQUET.bindparams(path=str(file.resolve()))
    try:
        columns = described(engine, clause)
    except DBAPIError as error:
        raise _refused(file, error.orig or error) from None
    names = tuple(name for name, _kind in columns)
    element = clause.columns(*(sa.column(name, kind) for name, kind in columns))
    held = Held(word_of(file), names, f"read.parquet({file.name!r})", engine.dialect.name, select=element)
    return Query(held, (), {name: Value(kind) for name, kind in columns})


def json_rows(engine: Engine, schema: str | None, path: Path_, types: Mapping[str, Any] | None) -> Query:
    """A plan that begins with a JSON file; see `Reader.json`."""
    file = found(path)
    rows = _objects(file)
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
    if not names:
        raise FileReadError(
            f"{file} has no rows that name columns", where=user_location(), hint='as in [{"a": 1}]'
        )
    columns = {name: [_flat(row.get(name)) for row in rows] for name in names}
    given = _types(types)
    for name, values in columns.items():
        if name not in given and all(value is None for value in values):
            given[name] = String()
    try:
        made = incoming(columns, given)
    except IncomingError as error:
        raise FileReadError(f"{file}: {error.what}", where=user_location(), hint=error.hint) from None
    dated = [
        (type_, values) if name in given or not isinstance(type_, String) else _dated(values)
        for name, type_, values in zip(made.names, made.types, made.values or (), strict=True)
    ]
    kinds = tuple(type_ for type_, _values in dated)
    rows_in = Incoming(made.names, kinds, made.count, tuple(values for _type, values in dated))
    return of_rows(engine, schema, rows_in, word_of(file), "read.json")


def _dated(values: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
    """Texts that all are dates or moments, as these: JSON has no other way to write them."""
    rule = rule_of(values, (DAY, MOMENT, ZONED))
    return (rule.type, values if isinstance(rule.type, String) else rule.values(values))


def _objects(file: Path) -> list[dict[str, Any]]:
    """The objects of a JSON file: a list of them, or one in each line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        found_rows = json.loads(text) if text.lstrip().startswith("[") else _lines(text)
    except UnicodeDecodeError as error:
        raise FileReadError(f"{file} is not UTF-8: byte {error.start}", where=user_location()) from None
    except json.JSONDecodeError as error:
        raise FileReadError(
            f"{file} does not parse: line {error.lineno}, column {error.colno}: {error.msg}",
            where=user_location(),
            hint="a list of objects, or one object in each line",
        ) from None
    for number, row in enumerate(found_rows, 1):
        if not isinstance(row, dict):
            raise FileReadError(
                f"{file}: item {number} is no object: {row!r:.60}",
                where=user_location(),
                hint='a list of objects, or one in each line: {"a": 1}',
            )
    return list(found_rows)


def _lines(text: str) -> list[Any]:
    rows = []
    # Not splitlines(), which ends lines at signs that JSON may have inside a text.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except json.JSONDecodeError as error:
                error.lineno = number
                raise
    return rows


def _flat(value: Any) -> Any:
    """What is nested, as JSON text: not every database has structures."""
    return json.dumps(value) if isinstance(value, (dict, list)) else value


def found(path: Path_) -> Path:
    """The path of a file that is there.

    Raises:
        FileReadError: It is not; the nearest names in its folder are told.
    """
    file = Path(path)
    if file.is_file():
        return file
    if file.is_dir():
        raise FileReadError(f"{file} is a folder", where=user_location(), hint="name a file in it")
    folder = file.parent
    near = did_you_mean(file.name, [each.name for each in folder.iterdir()]) if folder.is_dir() else ""
    raise FileReadError(
        f"there is no file {file}",
        where=user_location(),
        hint=near or f"{folder.resolve()} is where it was looked for",
    )


def _refused(file: Path, error: BaseException) -> FileReadError:
    what = str(error).strip().splitlines()[0]
    return FileReadError(
        f"{file} cannot be read: {what}", where=user_location(), hint="is it the right file?"
    )
