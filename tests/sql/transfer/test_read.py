"""Files as DataFrames: the same names, types and rows on every database."""

from __future__ import annotations

import datetime as dt
import decimal
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.errors import FileReadError
from pydbt.sql.session import Session
from pydbt.sql.types import family_of

# SQLAlchemy 1.4 says so for each decimal that SQLite gives.
pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")

DAY = dt.date(2024, 2, 29)
LINES = """\
id,code,price,day,at,yes,note,nothing
1,007,1.5,2024-02-29,2024-02-29 10:00:00,true,"a, ""b""
c",
2,010,-2e3,NA,2024-02-29T10:00:00.25,FALSE,é,NA
-3,NA,3,2024-02-29,,True," x ",
"""
ROWS = [
    (1, "007", 1.5, DAY, dt.datetime.fromisoformat("2024-02-29 10:00"), True, 'a, "b"\nc', None),
    (2, "010", -2000.0, None, dt.datetime.fromisoformat("2024-02-29 10:00:00.25"), False, "é", None),
    (-3, None, 3.0, DAY, None, True, " x ", None),
]


@pytest.fixture
def session(engine: Engine) -> Session:
    return Session(engine)


def write(folder: Path, text: str, name: str = "data.csv") -> Path:
    file = folder / name
    file.write_bytes(text.encode())
    return file


def test_types_are_told_by_all_values(session: Session, tmp_path: Path) -> None:
    """Whole numbers, numbers, dates, moments, booleans, and text for what would not come back as it was."""
    frame = session.read.csv(write(tmp_path, LINES))

    kinds = [type_.python_type for type_ in frame.schema.values()]
    assert frame.columns == ["id", "code", "price", "day", "at", "yes", "note", "nothing"]
    assert kinds == [int, str, float, dt.date, dt.datetime, bool, str, str]
    assert sorted(map(tuple, frame.collect()), key=str) == sorted(ROWS, key=str)


def test_it_is_published_and_joined(session: Session, tmp_path: Path) -> None:
    """Like any other DataFrame; after that the file is not needed."""
    file = write(tmp_path, LINES)
    frame = session.read.csv(file)

    frame.join(frame.select("id", again="code"), "id").write("joined")
    file.unlink()

    assert session.table("joined").count() == 3


def test_what_comes_late_counts(session: Session, tmp_path: Path) -> None:
    """Ten thousand numbers and then a word make text; a fraction makes numbers; no date is 30 February."""
    lines = ["a,b,c", *(f"{n},{n},2024-01-01" for n in range(10_000)), "x,1.5,2024-02-30"]
    frame = session.read.csv(write(tmp_path, "\n".join(lines)))

    kinds = [type_.python_type for type_ in frame.schema.values()]

    assert kinds == [str, float, str]
    assert frame.where(frame.a == "x").select("b", "c").collect() == [(1.5, "2024-02-30")]
    assert frame.count() == 10_001


def test_a_schema_has_the_last_word(session: Session, tmp_path: Path) -> None:
    """For the columns it names: exact decimals, numbers with leading zeros, text."""
    schema = {"price": sa.Numeric(10, 2), "code": int, "id": str}
    frame = session.read.csv(write(tmp_path, "id,code,price\n1,007,1.50\n2,NA,2\n"), schema=schema)

    rows = [tuple(row) for row in frame.order_by("id").collect()]

    assert rows == [("1", 7, decimal.Decimal("1.50")), ("2", None, decimal.Decimal(2))]


def test_forms_of_files(session: Session, tmp_path: Path) -> None:
    """Another delimiter, word for NULL, form of dates, no header, a BOM, Windows' line ends, gzip."""
    text = "\ufeff1;29.02.2024;-\r\n2;-;NA\r\n"
    file = tmp_path / "odd.csv.gz"
    file.write_bytes(gzip.compress(text.encode()))

    frame = session.read.csv(file, delimiter=";", na="-", header=False, date_format="%d.%m.%Y")

    assert frame.columns == ["column1", "column2", "column3"]
    assert [tuple(row) for row in frame.order_by("column1").collect()] == [(1, DAY, None), (2, None, "NA")]


def test_untyped_is_text(session: Session, tmp_path: Path) -> None:
    """Every column, with NULL where it says so."""
    frame = session.read.csv(write(tmp_path, "a,b\n1,2024-01-01\nNA,\n"), typed=False)

    assert [tuple(row) for row in frame.collect()] == [("1", "2024-01-01"), (None, None)]


def test_a_file_of_a_header_alone_is_empty(session: Session, tmp_path: Path) -> None:
    """Its columns are text."""
    frame = session.read.csv(write(tmp_path, "a,b\n"))

    assert frame.columns == ["a", "b"]
    assert frame.collect() == []


def test_what_was_written_is_read_again(session: Session, tmp_path: Path) -> None:
    """By to_csv and to_parquet."""
    pytest.importorskip("pyarrow")
    frame = session.read.csv(write(tmp_path, LINES))
    frame.to_csv(tmp_path / "again.csv")
    frame.to_parquet(tmp_path / "again.parquet")

    by_csv = session.read.csv(tmp_path / "again.csv").drop("nothing")
    by_parquet = session.read.parquet(tmp_path / "again.parquet").drop("nothing")

    expected = sorted((row[:-1] for row in ROWS), key=str)
    assert sorted(map(tuple, by_csv.collect()), key=str) == expected
    assert sorted(map(tuple, by_parquet.collect()), key=str) == expected
    assert [family_of(kind) for kind in by_csv.schema.values()] == [
        family_of(kind) for kind in by_parquet.schema.values()
    ]


def test_an_empty_line_of_one_column_is_null(session: Session, tmp_path: Path) -> None:
    """As to_csv writes it; of several columns it is no row."""
    one = session.read.csv(write(tmp_path, "a\n1\n\n3\n", "one.csv"))
    two = session.read.csv(write(tmp_path, "a,b\n1,2\n\n3,4\n", "two.csv"))
    one.to_csv(tmp_path / "again.csv")
    again = session.read.csv(tmp_path / "again.csv")

    assert [sorted(map(str, (row.a for row in frame.collect()))) for frame in (one, again)] == [
        ["1", "3", "None"],
        ["1", "3", "None"],
    ]
    assert two.count() == 2


def test_nothing_stands_for_null_where_na_is_empty(session: Session, tmp_path: Path) -> None:
    """Then an empty value is an empty text."""
    frame = session.read.csv(write(tmp_path, "a,b\nNA,1\n,2\n"), na=())

    assert sorted(map(tuple, frame.collect())) == [("", 2), ("NA", 1)]


@pytest.mark.parametrize("sign", ["\u2028", "\x85"])
def test_a_line_of_json_ends_where_json_ends_it(session: Session, tmp_path: Path, sign: str) -> None:
    """Not at other signs that Unicode ends lines with; Windows' line ends do no harm."""
    text = f'{{"a": "x{sign}y"}}\r\n{{"a": "z"}}\r\n'

    found = session.read.json(write(tmp_path, text, "data.json")).collect()

    assert sorted(row.a for row in found) == [f"x{sign}y", "z"]


@pytest.mark.parametrize("is_list", [True, False])
def test_json_is_a_list_or_lines(session: Session, tmp_path: Path, is_list: bool) -> None:  # noqa: FBT001  a case
    """Missing keys are NULL, nested values JSON text, and texts that all are dates dates."""
    rows: list[dict[str, Any]] = [
        {"a": 1, "b": "2024-02-29", "c": {"x": [1]}},
        {"a": None, "b": None},
        {"d": 1.5},
    ]
    text = json.dumps(rows) if is_list else "\n".join(map(json.dumps, rows))

    found = session.read.json(write(tmp_path, text, "data.json")).collect()

    assert sorted(map(tuple, found), key=str) == sorted(
        [(1, DAY, '{"x": [1]}', None), (None, None, None, None), (None, None, None, 1.5)], key=str
    )


REFUSED: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "an empty file": (b"", {}, "is empty"),
    "a column without a name": (b"a,\n1,2\n", {}, "gives column 2 no name"),
    "two columns of one name": (b"a,a\n1,2\n", {}, "has two columns 'a'"),
    "not UTF-8": (b"a,b\n\xff\xfe,1\n", {}, "UTF-8|does not parse"),
    "a line too short": (b"a,b\n1,2\n3\n", {}, "values in line 3|does not parse"),
    "a line too long": (b"a,b\n1,2\n3,4,5\n", {}, "values in line 3|does not parse"),
    "a quote left open": (b'a,b\n1,"2\n', {}, "does not parse"),
    "a value that does not fit": (b"a,b\n1,2\nx,3\n", {"schema": {"a": int}}, r"column 'a', row 2: 'x'"),
    "a day that is none": (
        b"a\n2024-02-30\n",
        {"schema": {"a": dt.date}},
        r"column 'a', row 1: '2024-02-30'",
    ),
    "a schema of no column": (b"a\n1\n", {"schema": {"b": int}}, "has no column 'b'"),
    "a schema that is a list": (b"a\n1\n", {"schema": ["a"]}, r"schema=\['a'\] is no dict of types"),
    "a delimiter of two": (b"a\n1\n", {"delimiter": "||"}, "is not one character"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_table_is_told(session: Session, tmp_path: Path, case: str) -> None:
    """The file, the line or the row, and what to do."""
    text, options, told = REFUSED[case]
    file = tmp_path / "data.csv"
    file.write_bytes(text)

    with pytest.raises(FileReadError, match=told):
        session.read.csv(file, **options)


def test_a_file_that_is_not_there_is_told(session: Session, tmp_path: Path) -> None:
    """With the nearest names; a folder is no file, nor is CSV JSON."""
    write(tmp_path, "a\n1\n", "prices.csv")

    with pytest.raises(FileReadError, match=r"did you mean 'prices\.csv'"):
        session.read.csv(tmp_path / "price.csv")
    with pytest.raises(FileReadError, match="is a folder"):
        session.read.csv(tmp_path)
    with pytest.raises(FileReadError, match="line 1, column 1"):
        session.read.json(tmp_path / "prices.csv")


def test_what_is_no_parquet_is_told(session: Session, tmp_path: Path) -> None:
    """By whichever reads it."""
    pytest.importorskip("pyarrow")

    with pytest.raises(FileReadError, match="cannot be read"):
        session.read.parquet(write(tmp_path, "a\n1\n"))
