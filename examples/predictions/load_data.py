"""Load data/predictions.csv: `python load_data.py`, or with another database's URL behind it.

The table is `public.predictions`; its column `matchDate` keeps its capital letter on every database.
"""

import csv
import sys
from datetime import date
from pathlib import Path

from sqlalchemy import Column, Date, MetaData, String, Table, text

from pydbt.connections import engine_from

FILE = Path(__file__).parent / "data" / "predictions.csv"
DUCKDB = f"duckdb:///{Path(__file__).parent / 'predictions.duckdb'}"

predictions = Table(
    "predictions",
    MetaData(schema="public"),
    Column("matchDate", Date),
    Column("home", String),
    Column("away", String),
    Column("preds", String),
)


def load(url: str) -> int:
    """Put the file's rows in the place of the table's and say how many there are."""
    with FILE.open(newline="", encoding="utf-8") as lines:
        rows = [row | {"matchDate": date.fromisoformat(row["matchDate"])} for row in csv.DictReader(lines)]
    with engine_from(url).begin() as connection:
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS public"))
        predictions.create(connection, checkfirst=True)
        connection.execute(predictions.delete())
        connection.execute(predictions.insert(), rows)
    return len(rows)


if __name__ == "__main__":
    print(f"{load(sys.argv[1] if len(sys.argv) > 1 else DUCKDB)} predictions loaded")
