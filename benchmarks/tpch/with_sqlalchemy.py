"""Ten TPC-H queries in SQLAlchemy Core alone, to be timed beside PyDBT's programs.

The tables have their columns before any timing: nothing is reflected in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Table, and_, case, func, not_, select

Tables = Mapping[str, Table]
PROGRAMS: dict[int, Callable[[Tables], Any]] = {}


def program(build: Callable[[Tables], Any]) -> Callable[[Tables], Any]:
    """Register a program under the number in its name."""
    PROGRAMS[int(build.__name__.removeprefix("q"))] = build
    return build


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def revenue(lines: Any) -> Any:
    """What a line brings after its discount."""
    return lines.l_extendedprice * (1 - lines.l_discount)


@program
def q1(t: Tables) -> Any:
    lines = t["lineitem"].c
    keys = (lines.l_returnflag, lines.l_linestatus)
    return (
        select(
            *keys,
            func.sum(lines.l_quantity).label("sum_qty"),
            func.sum(lines.l_extendedprice).label("sum_base_price"),
            func.sum(revenue(lines)).label("sum_disc_price"),
            func.sum(revenue(lines) * (1 + lines.l_tax)).label("sum_charge"),
            func.avg(lines.l_quantity).label("avg_qty"),
            func.avg(lines.l_extendedprice).label("avg_price"),
            func.avg(lines.l_discount).label("avg_disc"),
            func.count().label("count_order"),
        )
        .where(lines.l_shipdate <= day("1998-09-02"))
        .group_by(*keys)
        .order_by(*keys)
    )


@program
def q3(t: Tables) -> Any:
    customers, orders, lines = t["customer"], t["orders"], t["lineitem"]
    total = func.sum(revenue(lines.c)).label("revenue")
    return (
        select(lines.c.l_orderkey, total, orders.c.o_orderdate, orders.c.o_shippriority)
        .select_from(
            customers.join(orders, customers.c.c_custkey == orders.c.o_custkey).join(
                lines, lines.c.l_orderkey == orders.c.o_orderkey
            )
        )
        .where(
            customers.c.c_mktsegment == "BUILDING",
            orders.c.o_orderdate < day("1995-03-15"),
            lines.c.l_shipdate > day("1995-03-15"),
        )
        .group_by(lines.c.l_orderkey, orders.c.o_orderdate, orders.c.o_shippriority)
        .order_by(total.desc(), orders.c.o_orderdate)
        .limit(10)
    )


@program
def q4(t: Tables) -> Any:
    orders, lines = t["orders"].c, t["lineitem"].c
    late = (
        select(lines.l_orderkey)
        .where(lines.l_orderkey == orders.o_orderkey, lines.l_commitdate < lines.l_receiptdate)
        .exists()
    )
    return (
        select(orders.o_orderpriority, func.count().label("order_count"))
        .where(orders.o_orderdate >= day("1993-07-01"), orders.o_orderdate < day("1993-10-01"), late)
        .group_by(orders.o_orderpriority)
        .order_by(orders.o_orderpriority)
    )


@program
def q5(t: Tables) -> Any:
    customers, orders, lines = t["customer"], t["orders"], t["lineitem"]
    suppliers, nations, regions = t["supplier"], t["nation"], t["region"]
    total = func.sum(revenue(lines.c)).label("revenue")
    is_local = and_(
        lines.c.l_suppkey == suppliers.c.s_suppkey, customers.c.c_nationkey == suppliers.c.s_nationkey
    )
    return (
        select(nations.c.n_name, total)
        .select_from(
            customers.join(orders, customers.c.c_custkey == orders.c.o_custkey)
            .join(lines, lines.c.l_orderkey == orders.c.o_orderkey)
            .join(suppliers, is_local)
            .join(nations, suppliers.c.s_nationkey == nations.c.n_nationkey)
            .join(regions, nations.c.n_regionkey == regions.c.r_regionkey)
        )
        .where(
            regions.c.r_name == "ASIA",
            orders.c.o_orderdate >= day("1994-01-01"),
            orders.c.o_orderdate < day("1995-01-01"),
        )
        .group_by(nations.c.n_name)
        .order_by(total.desc())
    )


@program
def q6(t: Tables) -> Any:
    lines = t["lineitem"].c
    return select(func.sum(lines.l_extendedprice * lines.l_discount).label("revenue")).where(
        lines.l_shipdate >= day("1994-01-01"),
        lines.l_shipdate < day("1995-01-01"),
        lines.l_discount.between(0.05, 0.07),
        lines.l_quantity < 24,
    )


@program
def q10(t: Tables) -> Any:
    customers, orders, lines, nations = t["customer"], t["orders"], t["lineitem"], t["nation"]
    total = func.sum(revenue(lines.c)).label("revenue")
    of = customers.c
    return (
        select(
            of.c_custkey,
            of.c_name,
            total,
            of.c_acctbal,
            nations.c.n_name,
            of.c_address,
            of.c_phone,
            of.c_comment,
        )
        .select_from(
            customers.join(orders, of.c_custkey == orders.c.o_custkey)
            .join(lines, lines.c.l_orderkey == orders.c.o_orderkey)
            .join(nations, of.c_nationkey == nations.c.n_nationkey)
        )
        .where(
            orders.c.o_orderdate >= day("1993-10-01"),
            orders.c.o_orderdate < day("1994-01-01"),
            lines.c.l_returnflag == "R",
        )
        .group_by(
            of.c_custkey, of.c_name, of.c_acctbal, of.c_phone, nations.c.n_name, of.c_address, of.c_comment
        )
        .order_by(total.desc())
        .limit(20)
    )


@program
def q12(t: Tables) -> Any:
    orders, lines = t["orders"], t["lineitem"]
    is_high = orders.c.o_orderpriority.in_(["1-URGENT", "2-HIGH"])
    return (
        select(
            lines.c.l_shipmode,
            func.sum(case((is_high, 1), else_=0)).label("high_line_count"),
            func.sum(case((not_(is_high), 1), else_=0)).label("low_line_count"),
        )
        .select_from(orders.join(lines, orders.c.o_orderkey == lines.c.l_orderkey))
        .where(
            lines.c.l_shipmode.in_(["MAIL", "SHIP"]),
            lines.c.l_commitdate < lines.c.l_receiptdate,
            lines.c.l_shipdate < lines.c.l_commitdate,
            lines.c.l_receiptdate >= day("1994-01-01"),
            lines.c.l_receiptdate < day("1995-01-01"),
        )
        .group_by(lines.c.l_shipmode)
        .order_by(lines.c.l_shipmode)
    )


@program
def q13(t: Tables) -> Any:
    customers, orders = t["customer"], t["orders"]
    is_theirs = and_(
        customers.c.c_custkey == orders.c.o_custkey, orders.c.o_comment.not_like("%special%requests%")
    )
    counts = (
        select(func.count(orders.c.o_orderkey).label("c_count"))
        .select_from(customers.outerjoin(orders, is_theirs))
        .group_by(customers.c.c_custkey)
        .subquery()
    )
    number = func.count().label("custdist")
    return (
        select(counts.c.c_count, number)
        .group_by(counts.c.c_count)
        .order_by(number.desc(), counts.c.c_count.desc())
    )


@program
def q14(t: Tables) -> Any:
    lines, parts = t["lineitem"], t["part"]
    promoted = case((parts.c.p_type.like("PROMO%"), revenue(lines.c)), else_=0)
    share = 100.0 * func.sum(promoted) / func.sum(revenue(lines.c))
    return (
        select(share.label("promo_revenue"))
        .select_from(lines.join(parts, lines.c.l_partkey == parts.c.p_partkey))
        .where(lines.c.l_shipdate >= day("1995-09-01"), lines.c.l_shipdate < day("1995-10-01"))
    )


@program
def q18(t: Tables) -> Any:
    customers, orders, lines = t["customer"], t["orders"], t["lineitem"]
    others = lines.alias("others")
    large = (
        select(others.c.l_orderkey).group_by(others.c.l_orderkey).having(func.sum(others.c.l_quantity) > 300)
    )
    keys = (
        customers.c.c_name,
        customers.c.c_custkey,
        orders.c.o_orderkey,
        orders.c.o_orderdate,
        orders.c.o_totalprice,
    )
    return (
        select(*keys, func.sum(lines.c.l_quantity).label("quantity"))
        .select_from(
            customers.join(orders, customers.c.c_custkey == orders.c.o_custkey).join(
                lines, orders.c.o_orderkey == lines.c.l_orderkey
            )
        )
        .where(orders.c.o_orderkey.in_(large))
        .group_by(*keys)
        .order_by(orders.c.o_totalprice.desc(), orders.c.o_orderdate)
        .limit(100)
    )
