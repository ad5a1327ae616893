"""Ten TPC-H queries as Ibis' users write them, to be timed beside PyDBT's programs.

Tables are looked up once, before any timing, as PyDBT's catalogue does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import ibis
from ibis import _

Tables = Mapping[str, Any]
PROGRAMS: dict[int, Callable[[Tables], Any]] = {}


def program(build: Callable[[Tables], Any]) -> Callable[[Tables], Any]:
    """Register a program under the number in its name."""
    PROGRAMS[int(build.__name__.removeprefix("q"))] = build
    return build


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def revenue() -> Any:
    """What a line brings after its discount."""
    return _.l_extendedprice * (1 - _.l_discount)


@program
def q1(t: Tables) -> Any:
    return (
        t["lineitem"]
        .filter(_.l_shipdate <= day("1998-09-02"))
        .group_by("l_returnflag", "l_linestatus")
        .aggregate(
            sum_qty=_.l_quantity.sum(),
            sum_base_price=_.l_extendedprice.sum(),
            sum_disc_price=revenue().sum(),
            sum_charge=(revenue() * (1 + _.l_tax)).sum(),
            avg_qty=_.l_quantity.mean(),
            avg_price=_.l_extendedprice.mean(),
            avg_disc=_.l_discount.mean(),
            count_order=_.count(),
        )
        .order_by("l_returnflag", "l_linestatus")
    )


@program
def q3(t: Tables) -> Any:
    return (
        t["customer"]
        .join(t["orders"], _.c_custkey == t["orders"].o_custkey)
        .join(t["lineitem"], _.o_orderkey == t["lineitem"].l_orderkey)
        .filter(
            _.c_mktsegment == "BUILDING",
            _.o_orderdate < day("1995-03-15"),
            _.l_shipdate > day("1995-03-15"),
        )
        .group_by("l_orderkey", "o_orderdate", "o_shippriority")
        .aggregate(revenue=revenue().sum())
        .order_by(ibis.desc("revenue"), "o_orderdate")
        .limit(10)
        .select("l_orderkey", "revenue", "o_orderdate", "o_shippriority")
    )


@program
def q4(t: Tables) -> Any:
    late = t["lineitem"].filter(_.l_commitdate < _.l_receiptdate)
    orders = t["orders"].filter(_.o_orderdate >= day("1993-07-01"), _.o_orderdate < day("1993-10-01"))
    return (
        orders.semi_join(late, orders.o_orderkey == late.l_orderkey)
        .group_by("o_orderpriority")
        .aggregate(order_count=_.count())
        .order_by("o_orderpriority")
    )


@program
def q5(t: Tables) -> Any:
    supplier = t["supplier"]
    return (
        t["customer"]
        .join(t["orders"], _.c_custkey == t["orders"].o_custkey)
        .join(t["lineitem"], _.o_orderkey == t["lineitem"].l_orderkey)
        .join(supplier, (_.l_suppkey == supplier.s_suppkey) & (_.c_nationkey == supplier.s_nationkey))
        .join(t["nation"], _.s_nationkey == t["nation"].n_nationkey)
        .join(t["region"], _.n_regionkey == t["region"].r_regionkey)
        .filter(_.r_name == "ASIA", _.o_orderdate >= day("1994-01-01"), _.o_orderdate < day("1995-01-01"))
        .group_by("n_name")
        .aggregate(revenue=revenue().sum())
        .order_by(ibis.desc("revenue"))
    )


@program
def q6(t: Tables) -> Any:
    return (
        t["lineitem"]
        .filter(
            _.l_shipdate >= day("1994-01-01"),
            _.l_shipdate < day("1995-01-01"),
            _.l_discount.between(0.05, 0.07),
            _.l_quantity < 24,
        )
        .aggregate(revenue=(_.l_extendedprice * _.l_discount).sum())
    )


@program
def q10(t: Tables) -> Any:
    return (
        t["customer"]
        .join(t["orders"], _.c_custkey == t["orders"].o_custkey)
        .join(t["lineitem"], _.o_orderkey == t["lineitem"].l_orderkey)
        .join(t["nation"], _.c_nationkey == t["nation"].n_nationkey)
        .filter(_.o_orderdate >= day("1993-10-01"), _.o_orderdate < day("1994-01-01"), _.l_returnflag == "R")
        .group_by("c_custkey", "c_name", "c_acctbal", "c_phone", "n_name", "c_address", "c_comment")
        .aggregate(revenue=revenue().sum())
        .order_by(ibis.desc("revenue"))
        .limit(20)
        .select("c_custkey", "c_name", "revenue", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment")
    )


@program
def q12(t: Tables) -> Any:
    is_high = _.o_orderpriority.isin(["1-URGENT", "2-HIGH"])
    return (
        t["orders"]
        .join(t["lineitem"], _.o_orderkey == t["lineitem"].l_orderkey)
        .filter(
            _.l_shipmode.isin(["MAIL", "SHIP"]),
            _.l_commitdate < _.l_receiptdate,
            _.l_shipdate < _.l_commitdate,
            _.l_receiptdate >= day("1994-01-01"),
            _.l_receiptdate < day("1995-01-01"),
        )
        .group_by("l_shipmode")
        .aggregate(high_line_count=is_high.ifelse(1, 0).sum(), low_line_count=(~is_high).ifelse(1, 0).sum())
        .order_by("l_shipmode")
    )


@program
def q13(t: Tables) -> Any:
    orders = t["orders"].filter(~_.o_comment.like("%special%requests%"))
    return (
        t["customer"]
        .left_join(orders, _.c_custkey == orders.o_custkey)
        .group_by("c_custkey")
        .aggregate(c_count=_.o_orderkey.count())
        .group_by("c_count")
        .aggregate(custdist=_.count())
        .order_by(ibis.desc("custdist"), ibis.desc("c_count"))
    )


@program
def q14(t: Tables) -> Any:
    return (
        t["lineitem"]
        .join(t["part"], _.l_partkey == t["part"].p_partkey)
        .filter(_.l_shipdate >= day("1995-09-01"), _.l_shipdate < day("1995-10-01"))
        .aggregate(promo_revenue=100.0 * _.p_type.like("PROMO%").ifelse(revenue(), 0).sum() / revenue().sum())
    )


@program
def q18(t: Tables) -> Any:
    large = (
        t["lineitem"].group_by("l_orderkey").aggregate(quantity=_.l_quantity.sum()).filter(_.quantity > 300)
    )
    return (
        t["customer"]
        .join(t["orders"], _.c_custkey == t["orders"].o_custkey)
        .join(t["lineitem"], _.o_orderkey == t["lineitem"].l_orderkey)
        .filter(_.o_orderkey.isin(large.l_orderkey))
        .group_by("c_name", "c_custkey", "o_orderkey", "o_orderdate", "o_totalprice")
        .aggregate(quantity=_.l_quantity.sum())
        .order_by(ibis.desc("o_totalprice"), "o_orderdate")
        .limit(100)
    )


def chain(table: Any, steps: int) -> Any:
    """Each step works on the column that the one before made."""
    for number in range(steps):
        table = table.mutate(a=table.a + number)
    return table
