"""CSV files as DataFrames: DuckDB reads them in place, others get the rows; the types are told alike."""

from __future__ import annotations

import csv
import gzip
import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Boolean, Date, String

from pydbt.errors import FileReadError, user_location
from pydbt.sql.dialects import DUCKDB
from pydbt.sql.query import Query, Value
from pydbt.sql.transfer.cell_types import TEXT, Rule, declared_rule, rule_of, rules_with
from pydbt.sql.transfer.fitting import fitted
from pydbt.sql.transfer.frames import Held, of_rows
from pydbt.sql.transfer.incoming import Incoming
from pydbt.sql.transfer.kinds import AnyType

# From so many rows a first guess is made, which the whole file then has to bear out.
_SAMPLE = 1000
# DuckDB wants a text that stands for NULL even where none does.
_NEVER = "\x00"
_READ_CSV = sa.text(
    "SELECT * FROM read_csv(:path, header = :header, names = :names, delim = :delimiter, nullstr = :na,"
    " all_varchar = true, skip = 0, strict_mode = true, quote = '\"', escape = '\"')"
)


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV file and how it is written.

    Args:
        path: The file; one that ends in ``.gz`` is compressed.
        delimiter: What stands between the values.
        na: The texts that stand for NULL.
        has_header: Whether the first line names the columns.
        date_format: The ``strptime`` format of dates that are not ISO's.
    """

    path: Path
    delimiter: str = ","
    na: tuple[str, ...] = ("", "NA")
    has_header: bool = True
    date_format: str | None = None

    @contextmanager
    def opened(self) -> Iterator[IO[str]]:
        """The file as text."""
        try:
            if self.path.suffix == ".gz":
                with gzip.open(self.path, "rt", encoding="utf-8-sig", newline="") as file:
                    yield file
            else:
                with self.path.open(encoding="utf-8-sig", newline="") as file:
                    yield file
        except UnicodeDecodeError as error:
            raise self.refused(
                f"is not UTF-8: {error.reason} at byte {error.start}", "save it as UTF-8"
            ) from None
        except (OSError, EOFError) as error:
            raise self.refused(f"cannot be read: {error}", "is it the right file?") from None

    def refused(self, what: str, hint: str) -> FileReadError:
        """The error about the file."""
        return FileReadError(f"{self.path} {what}", where=user_location(), hint=hint)

    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        with self.opened() as file:
            first = next(csv.reader(file, delimiter=self.delimiter), None)
        if not first:
            raise self.refused("is empty", "its first line should name the columns")
        if not self.has_header:
            return tuple(f"column{number}" for number in range(1, len(first) + 1))
        names = [name.strip() for name in first]
        for position, name in enumerate(names, 1):
            if not name or "\x00" in name:
                raise self.refused(
                    f"gives column {position} no name", "name it in the first line, or header=False"
                )
            if name in names[: position - 1]:
                raise self.refused(f"has two columns {name!r}", "rename one of them in its first line")
        return tuple(names)

    def columns(self, width: int, most: int | None = None) -> list[list[str | None]]:
        """The texts of the file by column, NULL for what stands for it."""
        na = frozenset(self.na)
        columns: list[list[str | None]] = [[] for _ in range(width)]
        with self.opened() as file:
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            try:
                rows = itertools.islice(self._rows(reader, width), most)
                while chunk := list(itertools.islice(rows, 10_000)):
                    for column, texts in zip(columns, zip(*chunk, strict=True), strict=True):
                        column.extend([None if text in na else text for text in texts])
            except csv.Error as error:
                raise self.refused(
                    f"does not parse: line {reader.line_num}: {error}", "look at the quotes"
                ) from None
        return columns

    def _rows(self, reader: Any, width: int) -> Iterator[list[str]]:
        if self.has_header:
            next(reader, None)
        for row in reader:
            if len(row) == width:
                yield row
            elif not row and width == 1:
                yield [""]  # Where there is one column, an empty line is an empty value.
            elif row:
                raise self.refused(
                    f"has {len(row)} values in line {reader.line_num} and {width} columns",
                    "look at the quotes",
                )


def of_csv(
    engine: Engine, schema: str | None, file: CsvFile, types: Mapping[str, AnyType], *, is_typed: bool
) -> Query:
    """A plan that begins with the rows of a CSV file; see `Reader.csv`."""
    names = file.names()
    for name in types:
        if name not in names:
            raise file.refused(f"has no column {name!r}", f"it has {', '.join(names)}")
    told: dict[str, Rule | None] = dict.fromkeys(names, None if is_typed else TEXT)
    told |= {name: declared_rule(type_, file.date_format) for name, type_ in types.items()}
    if engine.dialect.name == "duckdb":
        return _read_by_duckdb(engine, file, told)
    return _read_by_python(engine, schema, file, told)


def _read_by_python(
    engine: Engine, schema: str | None, file: CsvFile, told: Mapping[str, Rule | None]
) -> Query:
    columns = file.columns(len(told))
    known = rules_with(file.date_format)
    types, values = [], []
    for (name, rule), texts in zip(told.items(), columns, strict=True):
        if rule is not None:
            _check(file, name, rule, rule.first_without(texts))
        chosen = rule or rule_of(texts, known)
        types.append(chosen.type)
        values.append(fitted(chosen.values(texts), chosen.type, name))
    rows = Incoming(tuple(told), tuple(types), len(columns[0]), tuple(values))
    return of_rows(engine, schema, rows, word_of(file.path), "read.csv")


def _check(file: CsvFile, name: str, rule: Rule, found: tuple[int, str] | None) -> None:
    if found is not None:
        position, text = found
        raise file.refused(
            f"column {name!r}, row {position + 1}: {text!r:.60} is not {rule.name}",
            f"write it as {rule.example}, name what stands for NULL in na, or give another type in schema",
        )


def word_of(path: Path) -> str:
    """What the rows of a file are called in SQL."""
    word = path.name.partition(".")[0]
    return word if word.isidentifier() else "file"


# DuckDB.


def _read_by_duckdb(engine: Engine, file: CsvFile, told: Mapping[str, Rule | None]) -> Query:
    names = tuple(told)
    _check_apart(file, names)
    source = _texts(file, names)
    sample = file.columns(len(names), _SAMPLE)
    known = rules_with(file.date_format)
    chosen = {
        name: rule or rule_of(texts, known) for (name, rule), texts in zip(told.items(), sample, strict=True)
    }
    while wrong := _borne_out(engine, file, source, chosen):
        for name in wrong:
            rule = told[name]
            if rule is not None:
                _check(file, name, rule, _first_wrong(engine, source, name, rule))
            chosen[name] = _next_rule(chosen[name], known)
    columns = [_cast(sa.column(name), rule).label(name) for name, rule in chosen.items()]
    element = sa.select(*columns).select_from(source)
    held = Held(
        word_of(file.path), names, f"read.csv({file.path.name!r})", engine.dialect.name, select=element
    )
    return Query(held, (), {name: Value(rule.type) for name, rule in chosen.items()})


def _check_apart(file: CsvFile, names: Sequence[str]) -> None:
    """Refuse names of which DuckDB would say that the file does not parse."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(DUCKDB.column_key(name), name)
        if other != name:
            raise file.refused(
                f"has the columns {other!r} and {name!r}, which DuckDB takes for one",
                "give one of them a name that differs in more than capitals",
            )


def _texts(file: CsvFile, names: Sequence[str]) -> Any:
    """The file as DuckDB's table of texts."""
    values = {
        "path": str(file.path.resolve()),
        "header": file.has_header,
        "names": list(names),
        "delimiter": file.delimiter,
        "na": list(file.na) or [_NEVER],
    }
    return (
        _READ_CSV.bindparams(**values).columns(*(sa.column(name, String()) for name in names)).alias("file")
    )


def _borne_out(engine: Engine, file: CsvFile, source: Any, chosen: Mapping[str, Rule]) -> list[str]:
    """The columns with a text that is not of the rule chosen for them, in one pass over the file."""
    typed = {name: rule for name, rule in chosen.items() if rule.name != TEXT.name}
    checks = [
        sa.func.coalesce(sa.func.bool_and(_is(sa.column(name), rule)), sa.true())
        for name, rule in typed.items()
    ]
    try:
        with engine.connect() as connection:
            counted = connection.execute(sa.select(sa.func.count(), *checks).select_from(source)).one()
    except DBAPIError as error:
        raise file.refused(
            f"does not parse: {str(error.orig).strip().splitlines()[0]}",
            "look at the quotes and the delimiter",
        ) from None
    return [name for name, is_right in zip(typed, counted[1:], strict=True) if not is_right]


def _is(column: Any, rule: Rule) -> Any:
    if rule.form is not None:
        return sa.or_(column.is_(None), sa.func.try_strptime(column, rule.form).isnot(None))
    matches: Any = sa.func.regexp_full_match(column, rule.pattern)
    if isinstance(rule.type, (Date, sa.DateTime)):
        matches = sa.and_(matches, sa.try_cast(column, rule.type).isnot(None))
    return sa.or_(column.is_(None), matches)


def _first_wrong(engine: Engine, source: Any, name: str, rule: Rule) -> tuple[int, str]:
    numbered = sa.select(sa.column(name), sa.func.row_number().over().label("position")).select_from(source)
    rows = numbered.subquery()
    bad = sa.select(rows.c.position, rows.c[name]).where(sa.not_(_is(rows.c[name], rule))).limit(1)
    with engine.connect() as connection:
        position, text = connection.execute(bad).one()
    return position - 1, text


def _next_rule(rule: Rule, known: Sequence[Rule]) -> Rule:
    following = list(known)[list(known).index(rule) + 1 :] if rule in known else []
    return following[0] if following else TEXT


def _cast(column: Any, rule: Rule) -> Any:
    if rule.form is not None:
        return sa.cast(sa.func.strptime(column, rule.form), rule.type)
    if isinstance(rule.type, Boolean):
        return sa.func.lower(column).in_(["true", "t", "1", "yes"])
    if isinstance(rule.type, sa.LargeBinary):
        return sa.func.unhex(column)
    return column if isinstance(rule.type, String) else sa.cast(column, rule.type)
