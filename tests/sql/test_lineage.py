"""lineage: which columns of which tables flow into a column, and which only decide about rows."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import case, func

from pydbt import F, exists
from pydbt.errors import ColumnGoneError, ColumnNotFoundError
from pydbt.sql import verbs
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.flow import FLOWS
from pydbt.sql.lineage import Lineage, SourceColumn
from pydbt.sql.verbs.source import Selectable, Table
from tests.sql.frames import ENGINE, frame, small


def told(df: DataFrame, column: str) -> tuple[str, str]:
    """What flows in, and what controls, in a word each."""
    found = df.lineage(column)
    return " ".join(map(repr, found.values)), " ".join(map(repr, found.controls))


def test_a_column_as_it_is_comes_from_its_table() -> None:
    """Whatever it is called by now."""
    df = small().rename({"k": "n"}).select("n")
    assert told(df, "n") == ("t.k", "")


def test_what_is_computed_comes_from_all_it_is_computed_of() -> None:
    """Through several steps; a constant comes from nowhere."""
    df = frame()
    made = df.with_column("a", df.k + df.id)
    made = made.with_columns(b=func.coalesce(made.a, 0) * made.price, one=sa.literal(1))
    assert told(made, "b") == ("t.id t.k t.price", "")
    assert told(made, "one") == ("", "")


def test_conditions_only_control() -> None:
    """Those before and those after; one that flows in as well is told as that."""
    df = frame()
    made = df.where(df.flag, df.k > 1).select("id", "s", "k").where(df.s == "a")
    assert told(made, "id") == ("t.id", "t.flag t.k t.s")
    assert told(made, "k") == ("t.k", "t.flag t.s")


def test_the_condition_of_a_case_chooses() -> None:
    """What it chooses among flows in."""
    df = frame()
    made = df.select(x=case((df.flag, df.k), else_=df.id))
    assert told(made, "x") == ("t.id t.k", "t.flag")
    assert told(df.select(x=F.when(df.flag, df.k).otherwise(df.id)), "x") == ("t.id t.k", "t.flag")


def test_keys_of_groups_control_and_are_values_of_themselves() -> None:
    """So do conditions on groups, and what a FILTER lets through."""
    df = frame()
    total = func.sum(df.price).filter(df.flag)
    made = df.group_by("s", (df.k % 2).label("odd")).agg(total=total, n=func.count())
    made = made.where(made.n > 3)
    assert told(made, "total") == ("t.price", "t.flag t.k t.s")
    assert told(made, "n") == ("", "t.k t.s")
    assert told(made, "s") == ("t.s", "t.k")
    assert told(made, "odd") == ("t.k", "t.s")


def test_conditions_on_groups_that_nobody_sees_control() -> None:
    """What HAVING reads is not among the columns."""
    df = frame()
    made = df.group_by("s").having(func.max(df.price) > 3).agg(n=func.count())
    assert told(made, "s") == ("t.s", "t.price")


def test_keys_of_a_window_control() -> None:
    """The partition and the order; what the window is computed over flows in."""
    df = frame()
    made = df.with_column("r", func.sum(df.price).over(partition_by=df.s, order_by=df.day))
    assert told(made, "r") == ("t.price", "t.day t.s")
    assert told(made.with_column("n", func.row_number().over(order_by=df.k.desc())), "n") == ("", "t.k")
    assert told(made, "id") == ("t.id", "")


def test_the_order_inside_an_aggregate_controls() -> None:
    """It chooses the first of the values."""
    df = frame()
    made = df.group_by("id").agg(x=F.first("price", order_by="day"))
    assert told(made, "x") == ("t.price", "t.day t.id")


def test_an_order_controls_where_rows_are_cut_off() -> None:
    """Not without a limit, and not where a later order takes its place."""
    df = small()
    assert told(df.order_by("k"), "id") == ("t.id", "")
    assert told(df.order_by("k").limit(3), "id") == ("t.id", "t.k")
    assert told(df.order_by("k").select("id").limit(3), "id") == ("t.id", "t.k")
    assert told(df.order_by("k").order_by("s").limit(3), "id") == ("t.id", "t.s")
    assert told(df.drop_duplicates("s", keep="first", order_by="k"), "id") == ("t.id", "t.k t.s")


def test_both_sides_of_a_join_control_by_its_condition() -> None:
    """And by what they were filtered by themselves."""
    df, other = frame(), frame("u")
    made = df.join(other.where(other.flag), df.k == other.id, "left", suffix="_u")
    assert told(made, "price") == ("t.price", "t.k u.flag u.id")
    assert told(made, "price_u") == ("u.price", "t.k u.flag u.id")
    assert told(df.join(other.where(other.flag), "id", "anti"), "s") == ("t.s", "t.id u.flag u.id")
    assert told(df.select("id").cross_join(other.select(x="k").where(other.k > 1)), "id") == ("t.id", "u.k")


def test_merged_keys_come_from_both_sides_where_both_may_be_missing() -> None:
    """From one of them otherwise."""
    df, other = small(), small("u")
    assert told(df.join(other, "id", "full"), "id") == ("t.id u.id", "")
    assert told(df.join(other, "id"), "id") == ("t.id", "u.id")
    assert told(df.join(other, "id", "right"), "id") == ("u.id", "t.id")


def test_a_self_join_tells_its_sides_apart() -> None:
    """The right side's column is of another row, and of the same table."""
    df = small()
    made = df.join(df.where(df.s == "a"), df.k == df.id_right)
    assert told(made, "k_right") == ("t.k", "t.id t.s")
    assert told(made, "k") == ("t.k", "t.id t.s")
    again = df.alias("b")
    assert told(df.join(again, df.id == again.k).select(x=again.s), "x") == ("t.s", "t.id t.k")


def test_unions_flow_by_position() -> None:
    """Both sides' columns; which rows are the same every column decides, where rows are told apart."""
    df, other = small(), small("u").select("k", "id", "s")
    assert told(df.union_all(other), "id") == ("t.id u.k", "")
    assert told(df.union(other), "id") == ("t.id u.k", "t.k t.s u.id u.s")
    assert told(df.except_(other), "id") == ("t.id", "t.k t.s u.id u.k u.s")
    assert told(df.intersect(other), "s") == ("t.s", "t.id t.k u.id u.k u.s")
    assert told(df.distinct(), "id") == ("t.id", "t.k t.s")
    by_name = df.union_by_name(other.where(other.k > 0).drop("id"), allow_missing=True)
    assert told(by_name, "s") == ("t.s u.s", "u.k")


def test_a_frame_used_twice_is_followed_on_both_ways() -> None:
    """Through the CTE that it becomes."""
    df = frame()
    both = df.where(df.flag).with_column("double", df.k * 2)
    totals = both.group_by("s").agg(total=func.sum(both.double))
    made = both.join(totals, "s").with_column("share", both.double / totals.total)
    assert told(made, "share") == ("t.k", "t.flag t.s")


def test_subqueries_are_conditions_or_values() -> None:
    """EXISTS and IN choose; a scalar subquery's value flows."""
    df, other = frame(), frame("u")
    some = df.where(exists(other.where(other.flag), df.id == other.k))
    assert told(some, "s") == ("t.s", "t.id u.flag u.k")
    among = df.where(df.k.isin(other.where(other.flag).select("id")))
    assert told(among, "s") == ("t.s", "t.k u.flag u.id")
    share = df.with_column("x", df.price / other.where(other.flag).agg(m=func.max(other.price)).scalar())
    assert told(share, "x") == ("t.price u.price", "u.flag")


def test_rows_made_of_columns_and_lists() -> None:
    """The values below each other flow in; a list decides how many rows there are."""
    df = small().unpivot("s", ["id", "k"])
    assert told(df, "value") == ("t.id t.k", "names.name")
    columns: list[Any] = [sa.column("id", sa.Integer()), sa.column("tags", sa.ARRAY(sa.String()))]
    lists = DataFrame(sa.table("t", *columns), sa.create_engine("postgresql+psycopg2://", module=_Driver()))
    assert told(lists.explode("tags"), "tags") == ("t.tags", "")
    assert told(lists.explode("tags"), "id") == ("t.id", "t.tags")


class _Driver:
    """Stands for a driver: no connection is made."""

    paramstyle, __version__, apilevel = "pyformat", "2.9", "2.0"
    extensions: Any = None


def test_names_of_schemas_belong_to_tables() -> None:
    """Two tables of one name are told apart."""
    made = DataFrame(sa.table("t", sa.column("a", sa.Integer()), schema="raw"), ENGINE)
    assert told(made, "a") == ("raw.t.a", "")


def test_a_lineage_is_a_value_one_can_read() -> None:
    """Frozen, comparable, sorted."""
    df = small()
    found = df.where(df.k > 1).lineage("id")
    assert found == Lineage("id", (SourceColumn("t", "id"),), (SourceColumn("t", "k"),))
    assert repr(found) == "<lineage of 'id'\n  values: t.id\n  controls: t.k>"
    assert df.lineage(df.s) == df.lineage("s")


def test_a_column_that_is_not_there_is_an_error() -> None:
    """At the user's line, with what became of it."""
    df = small()
    with pytest.raises(ColumnNotFoundError, match="did you mean 'k'"):
        df.lineage("kk")
    with pytest.raises(ColumnGoneError):
        df.select("id").lineage(df.k)


def test_every_step_says_what_flows() -> None:
    """A step that is added later and tells nothing would be taken for one that mixes everything."""
    steps = {
        kind
        for module in pkgutil.iter_modules(verbs.__path__)
        for kind in vars(importlib.import_module(f"{verbs.__name__}.{module.name}")).values()
        if isinstance(kind, type) and hasattr(kind, "needs") and hasattr(kind, "build")
    }

    assert steps - FLOWS.keys() == {Table, Selectable}
