"""Two small tables for the seed's interface, on each database that this SQLAlchemy can work with."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Column, Date, Integer, MetaData, String, Table
from sqlalchemy.engine import Engine, make_url

from pydbt.sql.session import Session

FRIDAY, SATURDAY = date(2022, 12, 30), date(2022, 12, 31)


def load(engine: Engine) -> None:
    """Make and fill the tables ``predictions`` and ``odds``."""
    metadata = MetaData()
    predictions = Table(
        "predictions", metadata, Column("matchDate", Date), Column("key", Integer), Column("preds", String(2))
    )
    odds = Table("odds", metadata, Column("matchDate", Date), Column("key", Integer), Column("odd", Integer))
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(
            predictions.insert(),
            [
                {"matchDate": FRIDAY, "key": 1, "preds": "hw"},
                {"matchDate": FRIDAY, "key": 2, "preds": "hw"},
                {"matchDate": FRIDAY, "key": 3, "preds": "d"},
                {"matchDate": SATURDAY, "key": 4, "preds": "aw"},
            ],
        )
        connection.execute(
            odds.insert(),
            [
                {"matchDate": FRIDAY, "key": 1, "odd": 17},
                {"matchDate": SATURDAY, "key": 2, "odd": 31},
                {"matchDate": SATURDAY, "key": 4, "odd": 25},
            ],
        )


def schema_of(url: str) -> str:
    """The schema that the database of a URL starts with; on MariaDB it is the database itself."""
    if url.startswith("mysql"):
        return make_url(url).database or ""
    return "public" if url.startswith("postgresql") else "main"


@pytest.fixture
def session(engine: Engine) -> Session:
    """A session in the schema that each database starts with, the two tables in it."""
    load(engine)
    return Session(engine=engine, schema=schema_of(engine.url.render_as_string()))
