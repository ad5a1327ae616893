"""Step 1: load the files as they came.

Plain Python and plain SQLAlchemy, no DataFrame: a task can do anything. Every column is text, and what the
files write as NA is NULL. Types come in the next step, in staging.py.
"""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Column, MetaData, Table, Text, text

from pydbt import Session, Task

DATA = Path(__file__).parent.parent / "data"


@Task(tags=["raw"])
def raw_airlines(session: Session) -> None:
    """Sixteen airlines and their two-letter codes."""
    load(session, "raw_airlines", DATA / "airlines.csv")


@Task(tags=["raw"])
def raw_airports(session: Session) -> None:
    """Airports of the United States: name, place, altitude, time zone."""
    load(session, "raw_airports", DATA / "airports.csv")


@Task(tags=["raw"])
def raw_planes(session: Session) -> None:
    """Aircraft by tail number: when built, by whom, how many seats."""
    load(session, "raw_planes", DATA / "planes.csv")


@Task(tags=["raw"])
def raw_weather(session: Session) -> None:
    """The weather at the three airports of New York, hour by hour."""
    load(session, "raw_weather", DATA / "weather.csv")


@Task(tags=["raw"])
def raw_flights(session: Session) -> None:
    """Every flight that left New York, or should have."""
    load(session, "raw_flights", DATA / "flights.csv.gz")


def load(session: Session, name: str, file: Path) -> None:
    """Put the rows of a CSV file in the place of the table's: all in one transaction."""
    rows = read(file)
    header = [str(name) for name in next(rows)]
    table = Table(name, MetaData(), *(Column(column, Text) for column in header), schema=session.schema)
    with session.engine.begin() as connection:
        table.create(connection, checkfirst=True)
        connection.execute(table.delete())
        if connection.dialect.name == "duckdb":  # reads CSV files itself, ten times faster than row by row
            lines = text("SELECT * FROM read_csv(:file, header = true, all_varchar = true, nullstr = 'NA')")
            found = lines.bindparams(file=str(file)).columns(*table.columns)
            connection.execute(table.insert().from_select(header, found))
        else:
            connection.execute(table.insert(), [dict(zip(header, row, strict=True)) for row in rows])


def read(file: Path) -> Iterator[list[str | None]]:
    """The lines of a CSV file, plain or compressed, with None for NA."""
    with gzip.open(file, "rt", newline="") if file.suffix == ".gz" else file.open(newline="") as lines:
        for row in csv.reader(lines):
            yield [None if value == "NA" else value for value in row]
