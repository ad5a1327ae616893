"""TPC-H in a thimble: the tables' columns that the eight queries with subqueries read, and a few rows."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session

_DECIMAL = sa.Numeric(12, 2)
TABLES: dict[str, dict[str, Any]] = {
    "region": {"r_regionkey": sa.Integer, "r_name": sa.String},
    "nation": {"n_nationkey": sa.Integer, "n_name": sa.String, "n_regionkey": sa.Integer},
    "supplier": {
        "s_suppkey": sa.Integer,
        "s_name": sa.String,
        "s_nationkey": sa.Integer,
        "s_acctbal": _DECIMAL,
        "s_comment": sa.String,
    },
    "part": {
        "p_partkey": sa.Integer,
        "p_name": sa.String,
        "p_brand": sa.String,
        "p_type": sa.String,
        "p_size": sa.Integer,
        "p_container": sa.String,
    },
    "partsupp": {
        "ps_partkey": sa.Integer,
        "ps_suppkey": sa.Integer,
        "ps_availqty": sa.Integer,
        "ps_supplycost": _DECIMAL,
    },
    "customer": {
        "c_custkey": sa.Integer,
        "c_name": sa.String,
        "c_phone": sa.String,
        "c_acctbal": _DECIMAL,
    },
    "orders": {
        "o_orderkey": sa.Integer,
        "o_custkey": sa.Integer,
        "o_orderstatus": sa.String,
        "o_totalprice": _DECIMAL,
        "o_orderdate": sa.Date,
        "o_orderpriority": sa.String,
    },
    "lineitem": {
        "l_orderkey": sa.Integer,
        "l_partkey": sa.Integer,
        "l_suppkey": sa.Integer,
        "l_quantity": _DECIMAL,
        "l_extendedprice": _DECIMAL,
        "l_discount": _DECIMAL,
        "l_shipdate": sa.Date,
        "l_commitdate": sa.Date,
        "l_receiptdate": sa.Date,
    },
}
SIZES = {"supplier": 6, "part": 12, "partsupp": 30, "customer": 8, "orders": 30, "lineitem": 120}
_FIRST = dt.date(1993, 7, 1)


def frames(engine: Engine) -> dict[str, DataFrame]:
    """The tables of `load` as DataFrames."""
    session = Session(engine)
    return {name: session.table(name) for name in TABLES}


def declared(engine: Engine) -> dict[str, DataFrame]:
    """The tables as DataFrames of a database that has none of them."""
    session = Session(engine)
    return {
        name: session.declare(
            name, {column: type_() if isinstance(type_, type) else type_ for column, type_ in columns.items()}
        )
        for name, columns in TABLES.items()
    }


def load(engine: Engine) -> None:
    """Create the tables with rows that each query finds some of."""
    rng = random.Random(7)
    metadata = sa.MetaData()
    tables = {
        name: sa.Table(name, metadata, *(sa.Column(column, type_) for column, type_ in columns.items()))
        for name, columns in TABLES.items()
    }
    metadata.create_all(engine)
    rows = {name: [_row(name, number, rng) for number in range(1, size + 1)] for name, size in SIZES.items()}
    rows["region"] = [{"r_regionkey": 1, "r_name": "EUROPE"}, {"r_regionkey": 2, "r_name": "ASIA"}]
    rows["nation"] = [
        {"n_nationkey": number, "n_name": name, "n_regionkey": region}
        for number, name, region in [(1, "FRANCE", 1), (2, "SAUDI ARABIA", 2), (3, "CANADA", 1)]
    ]
    with engine.begin() as connection:
        for name, table in tables.items():
            connection.execute(table.insert(), rows[name])


def _row(table: str, number: int, rng: random.Random) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for column in TABLES[table]:
        made[column] = _value(table, column, number, rng)
    if table == "lineitem":
        made["l_shipdate"] = _FIRST + dt.timedelta(days=rng.randrange(900))
        made["l_commitdate"] = made["l_shipdate"] + dt.timedelta(days=rng.randrange(1, 30))
        made["l_receiptdate"] = made["l_shipdate"] + dt.timedelta(days=rng.randrange(1, 15))
    return made


_CHOICES: dict[str, list[Any]] = {
    "s_nationkey": [1, 2, 2, 3, 3],
    "s_comment": ["quick", "Customer sad Complaints", "slow"],
    "p_name": ["forest green", "forest blue", "red"],
    "p_brand": ["Brand#23", "Brand#45"],
    "p_type": ["SMALL BRASS", "MEDIUM POLISHED TIN", "LARGE BRASS"],
    "p_size": [15, 49, 14],
    "p_container": ["MED BOX"],
    "o_orderstatus": ["F", "F", "O"],
    "o_orderpriority": ["1-URGENT", "2-HIGH"],
    "l_discount": [0, 0.05, 0.1],
}
_RANGES = {
    "l_orderkey": 30, "o_custkey": 5, "l_partkey": 12, "ps_partkey": 12, "l_suppkey": 6, "ps_suppkey": 6,
    "l_quantity": 50, "ps_availqty": 100, "ps_supplycost": 1000, "l_extendedprice": 9000, "s_acctbal": 100,
    "c_acctbal": 100, "o_totalprice": 1000,
}  # fmt: skip


def _value(table: str, column: str, number: int, rng: random.Random) -> Any:
    if column in _CHOICES:
        return rng.choice(_CHOICES[column])
    if column in _RANGES:
        return rng.randint(1, _RANGES[column])
    if column.endswith("key"):
        return number
    if column == "o_orderdate":
        return _FIRST + dt.timedelta(days=rng.randrange(150))
    if column == "c_phone":
        return f"{rng.choice([13, 31, 99])}-{number}"
    return f"{table}#{number}"
