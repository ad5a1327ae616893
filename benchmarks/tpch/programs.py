"""The 22 TPC-H queries as PyDBT programs, as a user would write them: no advice to a database in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, case, func, not_, or_

from pydbt import DataFrame, F, Session, exists, outer

Program = Callable[[Session], DataFrame]

PROGRAMS: dict[int, Program] = {}


def program(build: Program) -> Program:
    """Register a program under the number in its name."""
    PROGRAMS[int(build.__name__.removeprefix("q"))] = build
    return build


def revenue(lines: DataFrame) -> Any:
    """What a line brings after its discount."""
    return lines.l_extendedprice * (1 - lines.l_discount)


@program
def q1(session: Session) -> DataFrame:
    """Pricing summary."""
    lines = session.table("lineitem")
    return (
        lines.where(lines.l_shipdate <= "1998-09-02")
        .group_by("l_returnflag", "l_linestatus")
        .agg(
            sum_qty=func.sum(lines.l_quantity),
            sum_base_price=func.sum(lines.l_extendedprice),
            sum_disc_price=func.sum(revenue(lines)),
            sum_charge=func.sum(revenue(lines) * (1 + lines.l_tax)),
            avg_qty=func.avg(lines.l_quantity),
            avg_price=func.avg(lines.l_extendedprice),
            avg_disc=func.avg(lines.l_discount),
            count_order=func.count(),
        )
        .order_by("l_returnflag", "l_linestatus")
    )


@program
def q2(session: Session) -> DataFrame:
    """The cheapest supplier of a part in Europe."""
    parts, offers, suppliers, nations, regions = (
        session.table(name) for name in ("part", "partsupp", "supplier", "nation", "region")
    )
    others, rivals, countries, continents = (
        session.table(name) for name in ("partsupp", "supplier", "nation", "region")
    )
    cheapest = (
        others.join(rivals, others.ps_suppkey == rivals.s_suppkey)
        .join(countries, rivals.s_nationkey == countries.n_nationkey)
        .join(continents, countries.n_regionkey == continents.r_regionkey)
        .where(others.ps_partkey == outer(parts.p_partkey), continents.r_name == "EUROPE")
        .agg(cost=func.min(others.ps_supplycost))
    )
    return (
        parts.join(offers, parts.p_partkey == offers.ps_partkey)
        .join(suppliers, offers.ps_suppkey == suppliers.s_suppkey)
        .join(nations, suppliers.s_nationkey == nations.n_nationkey)
        .join(regions, nations.n_regionkey == regions.r_regionkey)
        .where(
            parts.p_size == 15,
            parts.p_type.like("%BRASS"),
            regions.r_name == "EUROPE",
            offers.ps_supplycost == cheapest.scalar(),
        )
        .order_by(suppliers.s_acctbal.desc(), "n_name", "s_name", "p_partkey")
        .limit(100)
        .select("s_acctbal", "s_name", "n_name", "p_partkey", "p_mfgr", "s_address", "s_phone", "s_comment")
    )


@program
def q3(session: Session) -> DataFrame:
    """The largest unshipped orders."""
    customers, orders, lines = (session.table(name) for name in ("customer", "orders", "lineitem"))
    joined = customers.join(orders, customers.c_custkey == orders.o_custkey).join(
        lines, lines.l_orderkey == orders.o_orderkey
    )
    found = (
        joined.where(
            customers.c_mktsegment == "BUILDING",
            orders.o_orderdate < "1995-03-15",
            lines.l_shipdate > "1995-03-15",
        )
        .group_by("l_orderkey", "o_orderdate", "o_shippriority")
        .agg(revenue=func.sum(revenue(lines)))
    )
    return (
        found.order_by(found.revenue.desc(), "o_orderdate")
        .limit(10)
        .select("l_orderkey", "revenue", "o_orderdate", "o_shippriority")
    )


@program
def q4(session: Session) -> DataFrame:
    """Late orders by priority."""
    orders, lines = session.table("orders"), session.table("lineitem")
    late = lines.where(lines.l_commitdate < lines.l_receiptdate)
    return (
        orders.where(
            orders.o_orderdate >= "1993-07-01",
            orders.o_orderdate < "1993-10-01",
            exists(late, lines.l_orderkey == orders.o_orderkey),
        )
        .group_by("o_orderpriority")
        .agg(order_count=func.count())
        .order_by("o_orderpriority")
    )


@program
def q5(session: Session) -> DataFrame:
    """Revenue by local suppliers in Asia."""
    customers, orders, lines, suppliers, nations, regions = (
        session.table(name) for name in ("customer", "orders", "lineitem", "supplier", "nation", "region")
    )
    joined = (
        customers.join(orders, customers.c_custkey == orders.o_custkey)
        .join(lines, lines.l_orderkey == orders.o_orderkey)
        .join(
            suppliers,
            (lines.l_suppkey == suppliers.s_suppkey) & (customers.c_nationkey == suppliers.s_nationkey),
        )
        .join(nations, suppliers.s_nationkey == nations.n_nationkey)
        .join(regions, nations.n_regionkey == regions.r_regionkey)
    )
    found = (
        joined.where(
            regions.r_name == "ASIA", orders.o_orderdate >= "1994-01-01", orders.o_orderdate < "1995-01-01"
        )
        .group_by("n_name")
        .agg(revenue=func.sum(revenue(lines)))
    )
    return found.order_by(found.revenue.desc())


@program
def q6(session: Session) -> DataFrame:
    """Revenue of small discounts."""
    lines = session.table("lineitem")
    return lines.where(
        lines.l_shipdate >= "1994-01-01",
        lines.l_shipdate < "1995-01-01",
        lines.l_discount.between(0.05, 0.07),
        lines.l_quantity < 24,
    ).agg(revenue=func.sum(lines.l_extendedprice * lines.l_discount))


@program
def q7(session: Session) -> DataFrame:
    """Trade between France and Germany."""
    suppliers, lines, orders, customers = (
        session.table(name) for name in ("supplier", "lineitem", "orders", "customer")
    )
    here, there = session.table("nation").alias("n1"), session.table("nation").alias("n2")
    joined = (
        suppliers.join(lines, suppliers.s_suppkey == lines.l_suppkey)
        .join(orders, orders.o_orderkey == lines.l_orderkey)
        .join(customers, customers.c_custkey == orders.o_custkey)
        .join(here, suppliers.s_nationkey == here.n_nationkey)
        .join(there, customers.c_nationkey == there.n_nationkey)
    )
    return (
        joined.where(
            or_(
                and_(here.n_name == "FRANCE", there.n_name == "GERMANY"),
                and_(here.n_name == "GERMANY", there.n_name == "FRANCE"),
            ),
            lines.l_shipdate.between("1995-01-01", "1996-12-31"),
        )
        .select(
            supp_nation=here.n_name,
            cust_nation=there.n_name,
            l_year=F.year(lines.l_shipdate),
            volume=revenue(lines),
        )
        .group_by("supp_nation", "cust_nation", "l_year", agg={"volume": (func.sum, "revenue")})
        .order_by("supp_nation", "cust_nation", "l_year")
    )


@program
def q8(session: Session) -> DataFrame:
    """Brazil's share of a market."""
    parts, lines, suppliers, orders, customers, regions = (
        session.table(name) for name in ("part", "lineitem", "supplier", "orders", "customer", "region")
    )
    theirs, nation = session.table("nation").alias("n1"), session.table("nation").alias("n2")
    joined = (
        parts.join(lines, parts.p_partkey == lines.l_partkey)
        .join(suppliers, suppliers.s_suppkey == lines.l_suppkey)
        .join(orders, lines.l_orderkey == orders.o_orderkey)
        .join(customers, orders.o_custkey == customers.c_custkey)
        .join(theirs, customers.c_nationkey == theirs.n_nationkey)
        .join(regions, theirs.n_regionkey == regions.r_regionkey)
        .join(nation, suppliers.s_nationkey == nation.n_nationkey)
    )
    sales = joined.where(
        regions.r_name == "AMERICA",
        orders.o_orderdate.between("1995-01-01", "1996-12-31"),
        parts.p_type == "ECONOMY ANODIZED STEEL",
    ).select(o_year=F.year(orders.o_orderdate), volume=revenue(lines), nation=nation.n_name)
    brazil = case((sales.nation == "BRAZIL", sales.volume), else_=0)
    return (
        sales.group_by("o_year").agg(mkt_share=func.sum(brazil) / func.sum(sales.volume)).order_by("o_year")
    )


@program
def q9(session: Session) -> DataFrame:
    """Profit by nation and year."""
    parts, lines, suppliers, offers, orders, nations = (
        session.table(name) for name in ("part", "lineitem", "supplier", "partsupp", "orders", "nation")
    )
    joined = (
        parts.join(lines, parts.p_partkey == lines.l_partkey)
        .join(suppliers, suppliers.s_suppkey == lines.l_suppkey)
        .join(offers, (offers.ps_suppkey == lines.l_suppkey) & (offers.ps_partkey == lines.l_partkey))
        .join(orders, orders.o_orderkey == lines.l_orderkey)
        .join(nations, suppliers.s_nationkey == nations.n_nationkey)
    )
    profit = joined.where(parts.p_name.like("%green%")).select(
        nation="n_name",
        o_year=F.year(orders.o_orderdate),
        amount=revenue(lines) - offers.ps_supplycost * lines.l_quantity,
    )
    return profit.group_by("nation", "o_year", agg={"amount": (func.sum, "sum_profit")}).order_by(
        "nation", profit.o_year.desc()
    )


@program
def q10(session: Session) -> DataFrame:
    """Customers who returned the most."""
    customers, orders, lines, nations = (
        session.table(name) for name in ("customer", "orders", "lineitem", "nation")
    )
    joined = (
        customers.join(orders, customers.c_custkey == orders.o_custkey)
        .join(lines, lines.l_orderkey == orders.o_orderkey)
        .join(nations, customers.c_nationkey == nations.n_nationkey)
    )
    returned = (
        joined.where(
            orders.o_orderdate >= "1993-10-01",
            orders.o_orderdate < "1994-01-01",
            lines.l_returnflag == "R",
        )
        .group_by("c_custkey", "c_name", "c_acctbal", "c_phone", "n_name", "c_address", "c_comment")
        .agg(revenue=func.sum(revenue(lines)))
    )
    return (
        returned.order_by(returned.revenue.desc())
        .limit(20)
        .select("c_custkey", "c_name", "revenue", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment")
    )


@program
def q11(session: Session) -> DataFrame:
    """The most valuable stock in Germany."""
    offers, suppliers, nations = (session.table(name) for name in ("partsupp", "supplier", "nation"))
    german = (
        offers.join(suppliers, offers.ps_suppkey == suppliers.s_suppkey)
        .join(nations, suppliers.s_nationkey == nations.n_nationkey)
        .where(nations.n_name == "GERMANY")
    )
    worth = func.sum(offers.ps_supplycost * offers.ps_availqty)
    stock = german.group_by("ps_partkey").agg(value=worth)
    least = german.agg(value=worth * 0.0001)
    return stock.where(stock.value > least.scalar()).order_by(stock.value.desc())


@program
def q12(session: Session) -> DataFrame:
    """Late lines by ship mode and priority."""
    orders, lines = session.table("orders"), session.table("lineitem")
    is_high = orders.o_orderpriority.isin(["1-URGENT", "2-HIGH"])
    return (
        orders.join(lines, orders.o_orderkey == lines.l_orderkey)
        .where(
            lines.l_shipmode.isin(["MAIL", "SHIP"]),
            lines.l_commitdate < lines.l_receiptdate,
            lines.l_shipdate < lines.l_commitdate,
            lines.l_receiptdate >= "1994-01-01",
            lines.l_receiptdate < "1995-01-01",
        )
        .group_by("l_shipmode")
        .agg(
            high_line_count=func.sum(case((is_high, 1), else_=0)),
            low_line_count=func.sum(case((not_(is_high), 1), else_=0)),
        )
        .order_by("l_shipmode")
    )


@program
def q13(session: Session) -> DataFrame:
    """How many customers have how many orders."""
    customers, orders = session.table("customer"), session.table("orders")
    counts = (
        customers.join(
            orders,
            (customers.c_custkey == orders.o_custkey) & orders.o_comment.not_like("%special%requests%"),
            "left",
        )
        .group_by("c_custkey")
        .agg(c_count=func.count(orders.o_orderkey))
    )
    found = counts.group_by("c_count").agg(custdist=func.count())
    return found.order_by(found.custdist.desc(), found.c_count.desc())


@program
def q14(session: Session) -> DataFrame:
    """What promotions bring."""
    lines, parts = session.table("lineitem"), session.table("part")
    promoted = case((parts.p_type.like("PROMO%"), revenue(lines)), else_=0)
    return (
        lines.join(parts, lines.l_partkey == parts.p_partkey)
        .where(lines.l_shipdate >= "1995-09-01", lines.l_shipdate < "1995-10-01")
        .agg(promo_revenue=100.00 * func.sum(promoted) / func.sum(revenue(lines)))
    )


@program
def q15(session: Session) -> DataFrame:
    """The best supplier of a quarter."""
    lines, suppliers = session.table("lineitem"), session.table("supplier")
    totals = (
        lines.where(lines.l_shipdate >= "1996-01-01", lines.l_shipdate < "1996-04-01")
        .group_by(lines.l_suppkey.label("supplier_no"))
        .agg(total_revenue=func.sum(revenue(lines)))
    )
    best = totals.agg(most=func.max(totals.total_revenue))
    return (
        suppliers.join(totals, suppliers.s_suppkey == totals.supplier_no)
        .where(totals.total_revenue == best.scalar())
        .order_by("s_suppkey")
        .select("s_suppkey", "s_name", "s_address", "s_phone", "total_revenue")
    )


@program
def q16(session: Session) -> DataFrame:
    """Suppliers of parts of some sizes, without complaints."""
    offers, parts, suppliers = (session.table(name) for name in ("partsupp", "part", "supplier"))
    blamed = suppliers.where(suppliers.s_comment.like("%Customer%Complaints%")).select("s_suppkey")
    found = (
        offers.join(parts, parts.p_partkey == offers.ps_partkey)
        .where(
            parts.p_brand != "Brand#45",
            parts.p_type.not_like("MEDIUM POLISHED%"),
            parts.p_size.isin([49, 14, 23, 45, 19, 3, 36, 9]),
            ~offers.ps_suppkey.isin(blamed),
        )
        .group_by("p_brand", "p_type", "p_size")
        .agg(supplier_cnt=func.count(offers.ps_suppkey.distinct()))
    )
    return found.order_by(found.supplier_cnt.desc(), "p_brand", "p_type", "p_size")


@program
def q17(session: Session) -> DataFrame:
    """What is lost without small orders."""
    lines, parts, others = session.table("lineitem"), session.table("part"), session.table("lineitem")
    usual = others.where(others.l_partkey == outer(parts.p_partkey)).agg(
        quantity=0.2 * func.avg(others.l_quantity)
    )
    return (
        lines.join(parts, parts.p_partkey == lines.l_partkey)
        .where(
            parts.p_brand == "Brand#23",
            parts.p_container == "MED BOX",
            lines.l_quantity < usual.scalar(),
        )
        .agg(avg_yearly=func.sum(lines.l_extendedprice) / 7.0)
    )


@program
def q18(session: Session) -> DataFrame:
    """Large orders."""
    customers, orders, lines = (session.table(name) for name in ("customer", "orders", "lineitem"))
    sums = lines.group_by("l_orderkey").agg(quantity=func.sum(lines.l_quantity))
    large = sums.where(sums.quantity > 300).select("l_orderkey")
    joined = customers.join(orders, customers.c_custkey == orders.o_custkey).join(
        lines, orders.o_orderkey == lines.l_orderkey
    )
    return (
        joined.where(orders.o_orderkey.isin(large))
        .group_by("c_name", "c_custkey", "o_orderkey", "o_orderdate", "o_totalprice")
        .agg(quantity=func.sum(lines.l_quantity))
        .order_by(orders.o_totalprice.desc(), "o_orderdate")
        .limit(100)
    )


@program
def q19(session: Session) -> DataFrame:
    """Revenue of three kinds of parts, delivered by air."""
    lines, parts = session.table("lineitem"), session.table("part")

    def kind(brand: str, size: str, containers: tuple[str, ...], least: int, largest: int) -> Any:
        return and_(
            parts.p_brand == brand,
            parts.p_container.isin([f"{size} {container}" for container in containers]),
            lines.l_quantity.between(least, least + 10),
            parts.p_size.between(1, largest),
        )

    return (
        lines.join(parts, parts.p_partkey == lines.l_partkey)
        .where(
            lines.l_shipmode.isin(["AIR", "AIR REG"]),
            lines.l_shipinstruct == "DELIVER IN PERSON",
            or_(
                kind("Brand#12", "SM", ("CASE", "BOX", "PACK", "PKG"), 1, 5),
                kind("Brand#23", "MED", ("BAG", "BOX", "PKG", "PACK"), 10, 10),
                kind("Brand#34", "LG", ("CASE", "BOX", "PACK", "PKG"), 20, 15),
            ),
        )
        .agg(revenue=func.sum(revenue(lines)))
    )


@program
def q20(session: Session) -> DataFrame:
    """Suppliers in Canada with more forest parts than they need."""
    suppliers, nations, offers, parts, lines = (
        session.table(name) for name in ("supplier", "nation", "partsupp", "part", "lineitem")
    )
    forest = parts.where(parts.p_name.like("forest%")).select("p_partkey")
    sold = lines.where(
        lines.l_partkey == outer(offers.ps_partkey),
        lines.l_suppkey == outer(offers.ps_suppkey),
        lines.l_shipdate >= "1994-01-01",
        lines.l_shipdate < "1995-01-01",
    ).agg(half=0.5 * func.sum(lines.l_quantity))
    plenty = offers.where(offers.ps_partkey.isin(forest), offers.ps_availqty > sold.scalar())
    return (
        suppliers.join(nations, suppliers.s_nationkey == nations.n_nationkey)
        .where(nations.n_name == "CANADA", suppliers.s_suppkey.isin(plenty.select("ps_suppkey")))
        .order_by("s_name")
        .select("s_name", "s_address")
    )


@program
def q21(session: Session) -> DataFrame:
    """Suppliers who alone kept an order waiting."""
    suppliers, orders, nations = (session.table(name) for name in ("supplier", "orders", "nation"))
    lines, others, late = (session.table("lineitem") for _ in range(3))
    same_order = (others.l_orderkey == lines.l_orderkey) & (others.l_suppkey != lines.l_suppkey)
    also_late = (late.l_orderkey == lines.l_orderkey) & (late.l_suppkey != lines.l_suppkey)
    joined = (
        suppliers.join(lines, suppliers.s_suppkey == lines.l_suppkey)
        .join(orders, orders.o_orderkey == lines.l_orderkey)
        .join(nations, suppliers.s_nationkey == nations.n_nationkey)
    )
    waiting = (
        joined.where(
            orders.o_orderstatus == "F",
            lines.l_receiptdate > lines.l_commitdate,
            nations.n_name == "SAUDI ARABIA",
            exists(others, same_order),
            ~exists(late.where(late.l_receiptdate > late.l_commitdate), also_late),
        )
        .group_by("s_name")
        .agg(numwait=func.count())
    )
    return waiting.order_by(waiting.numwait.desc(), "s_name").limit(100)


@program
def q22(session: Session) -> DataFrame:
    """Customers who may buy again."""
    customers, others, orders = (session.table(name) for name in ("customer", "customer", "orders"))
    codes = ["13", "31", "23", "29", "30", "18", "17"]
    usual = others.where(others.c_acctbal > 0, F.left(others.c_phone, 2).in_(codes)).agg(
        balance=func.avg(others.c_acctbal)
    )
    code = F.left(customers.c_phone, 2)
    return (
        customers.where(
            code.in_(codes),
            customers.c_acctbal > usual.scalar(),
            ~exists(orders, orders.o_custkey == customers.c_custkey),
        )
        .select("c_acctbal", cntrycode=code)
        .group_by("cntrycode")
        .agg(numcust=func.count(), totacctbal=func.sum(customers.c_acctbal))
        .order_by("cntrycode")
    )
