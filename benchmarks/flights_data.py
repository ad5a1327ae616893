"""Write the flights example's data files: all of nycflights13, or one month of it.

    python benchmarks/flights_data.py SOURCE TARGET [--month 1]

SOURCE holds ``flights.parquet`` and the package's own ``airlines.csv``, ``airports.csv``, ``planes.csv`` and
``weather.csv``. ``src/pydbt/examples/flights/data`` was made with ``--month 1``. The data is nycflights13
(https://github.com/tidyverse/nycflights13), collected from the US Bureau of Transportation Statistics and
others, licence CC0. A missing value is ``NA``, as in the originals.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

UNCHANGED = ("airlines.csv", "airports.csv", "planes.csv")


def write_flights_data(source: Path, target: Path, month: int | None = None) -> None:
    """Write five files into ``target``: flights and weather of one month (or the year), the rest as it is."""
    target.mkdir(parents=True, exist_ok=True)
    for name in UNCHANGED:
        shutil.copyfile(source / name, target / name)
    with (source / "weather.csv").open(newline="") as lines:
        header, *rows = csv.reader(lines)
    kept = (row for row in rows if month is None or int(row[header.index("month")]) == month)
    (target / "weather.csv").write_bytes(_as_csv(header, kept))
    header, flights = _flights(source / "flights.parquet", month)
    # No file name and no time in the archive: the same data gives the same bytes.
    (target / "flights.csv.gz").write_bytes(gzip.compress(_as_csv(header, flights), 6, mtime=0))


def _flights(parquet: Path, month: int | None) -> tuple[list[str], Iterator[list[Any]]]:
    query = "SELECT * REPLACE (epoch(time_hour)::BIGINT AS time_hour) FROM read_parquet($1)"
    parameters: list[Any] = [str(parquet)]
    if month is not None:
        query += " WHERE month = $2"
        parameters.append(month)
    result = duckdb.execute(query, parameters)
    header = [str(column[0]) for column in result.description]
    return header, map(_original_text, result.fetchall())


def _original_text(row: tuple[Any, ...]) -> list[Any]:
    """A row as the package's own flights.csv spells it: the hour as ISO text in UTC."""
    hour = datetime.fromtimestamp(row[-1], UTC)
    return [*row[:-1], hour.strftime("%Y-%m-%dT%H:%M:%SZ")]


def _as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(["NA" if value is None else value for value in row] for row in rows)
    return text.getvalue().encode()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--month", type=int)
    options = parser.parse_args()
    write_flights_data(options.source, options.target, options.month)
    for file in sorted(options.target.iterdir()):
        print(f"{file.stat().st_size:>10,}  {file.name}")
