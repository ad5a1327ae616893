"""Reader: what ``session.read`` is."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Engine

from pydbt.sql.query import Query
from pydbt.sql.transfer import files

if TYPE_CHECKING:
    from pydbt.sql.dataframe import DataFrame


class Reader:
    """Reads files as DataFrames.

    DuckDB reads CSV and Parquet files in place, each time the DataFrame runs. Elsewhere the rows are brought
    in at once, as those of ``create_dataframe`` are. Names and types are the same.
    """

    __slots__ = ("_engine", "_frame", "_schema")

    def __init__(self, engine: Engine, schema: str | None, frame: Callable[[Query], DataFrame]) -> None:
        self._engine = engine
        self._schema = schema
        self._frame = frame

    def csv(
        self,
        path: str | os.PathLike[str],
        *,
        schema: Mapping[str, Any] | None = None,
        na: str | Sequence[str] = ("", "NA"),
        delimiter: str = ",",
        header: bool = True,
        date_format: str | None = None,
        typed: bool = True,
    ) -> DataFrame:
        """A CSV file, in UTF-8, plain or as ``.gz``.

        A column is of the first of these types that all its values have: booleans (``true, false``), whole
        numbers of up to 18 digits, numbers, dates and moments in ISO's form, moments with a zone; else text.
        So is ``007``, which is no number.

        Args:
            path: The file.
            schema: The types of columns by name, where they are to be others: ``{"price": Numeric(10, 2)}``.
            na: What stands for NULL.
            delimiter: What stands between the values.
            header: Whether the first line names the columns; else they are ``column1, column2`` and so on.
            date_format: How dates are written that are not ISO's: ``"%d.%m.%Y"``.
            typed: False leaves every column text that ``schema`` does not name.

        Raises:
            FileReadError: The file is not there, does not parse, or a value does not fit its column.
        """
        form = {
            "na": na,
            "delimiter": delimiter,
            "has_header": header,
            "date_format": date_format,
            "typed": typed,
        }
        return self._frame(files.csv(self._engine, self._schema, path, schema, **form))

    def parquet(self, path: str | os.PathLike[str]) -> DataFrame:
        """A Parquet file; needs pyarrow where the database is not DuckDB.

        Raises:
            FileReadError: The file is not there or is no Parquet file.
        """
        return self._frame(files.parquet(self._engine, self._schema, path))

    def json(self, path: str | os.PathLike[str], *, schema: Mapping[str, Any] | None = None) -> DataFrame:
        """A JSON file: a list of objects, or one object in each line.

        A key that an object lacks is NULL; what is nested is JSON text; texts that all are dates are dates.

        Args:
            path: The file.
            schema: The types of columns by name, where they are to be others.

        Raises:
            FileReadError: The file is not there, does not parse, or a value does not fit its column.
        """
        return self._frame(files.json_rows(self._engine, self._schema, path, schema))
