"""Results into files: written beside, and put in their place when they are whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.errors import FileReadError, OutgoingError, user_location
from pydbt.failpoints import reached
from pydbt.owner.files import beside
from pydbt.sql.compile import Statement
from pydbt.sql.rendering import render
from pydbt.sql.transaction import single
from pydbt.sql.transfer.outgoing import BATCH, Schema, arrow_types, columns_in_parts, needed, to_batches
from pydbt.sql.transfer.passing import sweep
from pydbt.sql.transfer.statements import CopyOut

_QUOTED = frozenset('",\n\r')


def to_parquet(engine: Engine, statement: Statement, schema: Schema, path: str | os.PathLike[str]) -> int:
    """All rows into a Parquet file; how many there were."""
    with _replacing(path) as target:
        if engine.dialect.name == "duckdb":
            return _copied(engine, statement, target, "parquet")
        return _parquet(engine, statement, schema, target)


def to_csv(engine: Engine, statement: Statement, schema: Schema, path: str | os.PathLike[str]) -> int:
    """All rows into a CSV file; how many there were."""
    with _replacing(path) as target:
        if engine.dialect.name == "duckdb":
            return _copied(engine, statement, target, "csv")
        sweep(engine)
        with target.open("w", encoding="utf-8", newline="") as file:
            return _csv(engine, statement, schema, file)


@contextmanager
def _replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A path beside the given one, which takes its place at the end; nothing is left of a failure."""
    wanted = Path(path)
    if not wanted.parent.is_dir():
        raise FileReadError(
            f"there is no folder {wanted.parent}", where=user_location(), hint="make it first"
        )
    if wanted.is_dir():
        raise FileReadError(f"{wanted} is a folder", where=user_location(), hint="name a file in it")
    try:
        with beside(wanted) as target:
            yield target
            reached("file.before.replace")
            target.replace(wanted)
            reached("file.after.replace")
    except OSError as error:
        raise OutgoingError(
            f"cannot write {wanted}: {error.strerror or error}",
            where=user_location(),
            hint="check the folder's permissions and the space left",
        ) from error


def _copied(engine: Engine, statement: Statement, target: Path, form: str) -> int:
    sweep(engine)
    with single(engine) as connection:
        text = render(CopyOut(statement, str(target), form), connection.dialect)
        result = connection.exec_driver_sql(text, execution_options={"no_parameters": True})
        return int(result.fetchone()[0])  # type: ignore[index]  # COPY always answers


def _parquet(engine: Engine, statement: Statement, schema: Schema, target: Path) -> int:
    pa = needed("pyarrow")
    parquet = needed("pyarrow.parquet")

    batches = to_batches(engine, statement, schema, BATCH)
    first = next(batches, None)
    if first is None:
        kinds = arrow_types(engine, schema)
        fields = [(name, kind or pa.string()) for name, kind in zip(schema, kinds, strict=True)]
        parquet.write_table(pa.schema(fields).empty_table(), target)
        return 0
    count = 0
    with parquet.ParquetWriter(target, first.schema) as writer:
        batch = first
        while batch is not None:
            writer.write_batch(batch)
            count += batch.num_rows
            batch = next(batches, None)
    return count


def _csv(engine: Engine, statement: Statement, schema: Schema, file: IO[str]) -> int:
    file.write(",".join(map(_cell, schema)) + "\n")
    makers = [_boolean if isinstance(type_, sa.Boolean) else _cell for type_ in schema.values()]
    count = 0
    for columns in columns_in_parts(engine, statement, BATCH):
        texts = [map(make, column) for make, column in zip(makers, columns, strict=True)]
        file.writelines(f"{','.join(row)}\n" for row in zip(*texts, strict=True))
        count += len(columns[0])
    return count


def _boolean(value: Any) -> str:
    return "" if value is None else str(value).lower()


def _cell(value: Any) -> str:
    """A value as CSV: NULL is nothing, an empty text is two quotes."""
    if value is None:
        return ""
    text = value.hex() if isinstance(value, bytes) else str(value)
    if text and _QUOTED.isdisjoint(text):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
