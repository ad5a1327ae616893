"""Load data/predictions.csv: `python load_data.py`, or with another database's URL behind it.

The table is `public.predictions`; its column `matchDate` keeps its capital letter on every database.
"""

import sys
from pathlib import Path

from sqlalchemy import text

from pydbt import Session
from pydbt.connections import engine_from

FILE = Path(__file__).parent / "data" / "predictions.csv"
DUCKDB = f"duckdb:///{Path(__file__).parent / 'predictions.duckdb'}"


def load(url: str) -> int:
    """Put the file's rows in the place of the table's and say how many there are."""
    engine = engine_from(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS public"))
    session = Session(engine, schema="public")
    session.read.csv(FILE).write("predictions")
    return session.table("predictions").count()


if __name__ == "__main__":
    print(f"{load(sys.argv[1] if len(sys.argv) > 1 else DUCKDB)} predictions loaded")
