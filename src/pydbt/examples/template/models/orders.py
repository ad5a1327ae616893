"""Three tasks to start from: load, clean, sum up. Run them: pydbt run. Look: pydbt show customers."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Column, Date, Integer, MetaData, Numeric, String, Table, delete, func, insert

from pydbt import Task

ORDERS = [
    {"id": 1, "customer": "Ada", "day": date(2026, 1, 5), "amount": Decimal("12.50")},
    {"id": 2, "customer": "Bob", "day": date(2026, 1, 5), "amount": Decimal("8.00")},
    {"id": 3, "customer": "Ada", "day": date(2026, 1, 6), "amount": Decimal("30.00")},
    {"id": 4, "customer": "Eve", "day": date(2026, 1, 7), "amount": Decimal("99.90")},
]


@Task
def raw_orders(session):
    """Plain Python and SQLAlchemy: put the rows where the next tasks read them."""
    table = Table(
        "raw_orders",
        MetaData(schema=session.schema),
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("customer", String),
        Column("day", Date),
        Column("amount", Numeric(10, 2)),
    )
    with session.engine.begin() as connection:
        table.create(connection, checkfirst=True)
        connection.execute(delete(table))
        connection.execute(insert(table), ORDERS)


@Task(materialized="view")
def orders(raw_orders, config):
    """A parameter named after a task is that task's DataFrame, and makes it a dependency."""
    return raw_orders.where(raw_orders.amount >= config["smallest_order"]).drop("id")


@Task(materialized="table")
def customers(orders):
    """The returned DataFrame is published under the task's name, in one transaction."""
    return (
        orders.group_by("customer")
        .agg(orders=func.count(), total=func.sum(orders.amount), latest=func.max(orders.day))
        .order_by("customer")
    )
