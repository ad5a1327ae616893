# ruff: noqa: FBT003, PLW0108  the mistakes are what is tested
"""Mistakes with columns and conditions end at the user's line, with what is wrong and what to do."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func

from pydbt import F, errors
from pydbt.errors import PyDBTError
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.sql.frames import frame, small

Mistake = Callable[[Any], Any]

ANY_F: Any = F
COUNTED: Any = frame("games").select(count="k", s="s", id="id")

MISTAKES: list[tuple[str, Mistake, type[PyDBTError], str]] = [
    ("unknown attribute", lambda df: df.ids, errors.ColumnNotFoundError, "did you mean 'id'"),
    ("unknown item", lambda df: df["prise"], errors.ColumnNotFoundError, "did you mean 'price'"),
    (
        "unknown in select",
        lambda df: df.select("id", "dya"),
        errors.ColumnNotFoundError,
        "did you mean 'day'",
    ),
    ("a column's name with a leading _", lambda df: df._idd, errors.ColumnNotFoundError, "mean 'id'"),
    ("groupBy", lambda df: df.groupBy("k"), errors.UnknownMethodError, "use df.group_by(…)"),
    ("withColumn", lambda df: df.withColumn("x", df.k), errors.UnknownMethodError, "use df.with_column(…)"),
    ("sort", lambda df: df.sort("k"), errors.UnknownMethodError, 'use df.order_by("a")'),
    ("merge", lambda df: df.merge(df), errors.UnknownMethodError, 'use df.join(other, "a")'),
    ("head", lambda df: df.head(), errors.UnknownMethodError, "use df.limit(n).collect()"),
    ("to_excel", lambda df: df.to_excel("x"), errors.UnknownMethodError, "df.to_pandas().to_excel(…)"),
    ("melt", lambda df: df.melt(), errors.UnknownMethodError, "use df.unpivot(…)"),
    ("seelct", lambda df: df.seelct("k"), errors.UnknownMethodError, "use df.select(…)"),
    ("colums", lambda df: df.colums, errors.UnknownMethodError, "use df.columns"),
    ("mean, near a column", lambda df: df.mean, errors.UnknownMethodError, "did you mean 'moment'"),
    ("groups.sum", lambda df: df.group_by("k").sum(), errors.UnknownMethodError, "use .agg(x=func.sum("),
    ("rows of a frame", lambda df: list(df), errors.NotAListError, "df.collect()"),
    ("length of a frame", lambda df: len(df), errors.NotAListError, "df.count()"),
    (
        "a column put into a frame",
        lambda df: df.__setitem__("x", 1),
        errors.NotAListError,
        "df = df.with_column('x', …)",
    ),
    ("upper", lambda df: df.s.upper(), errors.UnknownMethodError, "use F.upper(df.s), with F of pydbt"),
    ("lenght", lambda df: df.s.lenght(), errors.UnknownMethodError, "use F.length(df.s), with F of pydbt"),
    ("isNull", lambda df: df.s.isNull(), errors.UnknownMethodError, "use df.s.is_null()"),
    ("alias of a column", lambda df: df.s.alias("t"), errors.UnknownMethodError, 'df.s.label("name")'),
    ("as_ of a column", lambda df: df.s.as_("t"), errors.UnknownMethodError, 'df.s.label("name")'),
    ("expr", lambda _df: ANY_F.expr("a + 1"), errors.UnknownMethodError, "session.sql("),
    (
        "add_months",
        lambda _df: ANY_F.add_months("day", 1),
        errors.UnknownMethodError,
        'F.date_add(df.a, 1, "day")',
    ),
    ("rename of a number", lambda df: df.rename(5), errors.ColumnArgumentError, "rename(str.lower)"),
    ("rename to one name", lambda df: df.rename(lambda _: "x"), errors.AmbiguousColumnError, "another name"),
    (
        "descending for each",
        lambda df: df.order_by("k", "s", descending=[True, False]),
        errors.ColumnArgumentError,
        "df.a.desc()",
    ),
    (
        "nulls last",
        lambda df: df.order_by("k", nulls_first="last"),
        errors.ColumnArgumentError,
        "True or False",
    ),
    ("two suffixes", lambda df: df.join(df, "id", suffix=("_x", "_y")), errors.JoinError, 'suffix="_right"'),
    ("a name for with_columns", lambda df: df.with_columns("k"), errors.ColumnArgumentError, "b=df.a + 1"),
    (
        "a column twice in with_columns",
        lambda df: df.with_columns({"x": df.k}, x=df.k),
        errors.AmbiguousColumnError,
        "another name",
    ),
    ("cast of one", lambda df: df.cast("k", "int"), errors.ColumnArgumentError, 'cast({"a": Integer'),
    ("a key called agg", lambda df: df.group_by(agg=df.k), errors.AggregateError, 'label("agg")'),
    ("a key without a name", lambda df: df.group_by(df.k + 1), errors.UnnamedColumnError, "group_by(name="),
    ("drop of a sum", lambda df: df.drop(df.k + 1), errors.UnnamedColumnError, "a column, or its name"),
    ("union of nothing", lambda df: df.union(), errors.ColumnArgumentError, "df.union(other)"),
    (
        "selec",
        lambda df: Session(df.engine).sql("selec 1"),
        errors.NotAQueryError,
        "did you mean SELECT?",
    ),
    ("alias of a sum", lambda df: df.agg(func.sum(df.k).alias("n")), errors.ColumnArgumentError, ".label("),
    ("year", lambda df: df.day.year, errors.UnknownMethodError, "use F.year(df.day)"),
    ("item of another kind", lambda df: df.select(df.id)[3], errors.NotAListError, "limit"),
    (
        "right name in a filter",
        lambda df: df.where(df.id_right > 1),
        errors.ColumnNotFoundError,
        "right side",
    ),
    ("hidden by a method", lambda _: COUNTED.count == 3, errors.HiddenColumnError, 'df["count"]'),
    ("hidden, in an expression", lambda _: COUNTED.count + 1, errors.HiddenColumnError, 'df["count"]'),
    (
        "hidden, as an argument",
        lambda _: COUNTED.select(COUNTED.count),
        errors.HiddenColumnError,
        'df["count"]',
    ),
    (
        "hidden, as an operand",
        lambda _: COUNTED.id == COUNTED.count,
        errors.HiddenColumnError,
        'df["count"]',
    ),
    (
        "text as a condition",
        lambda df: df.where("k = 1; drop table t"),
        errors.NotAConditionError,
        "with columns",
    ),
    (
        "text() as a condition",
        lambda df: df.where(sa.text("k = 1")),
        errors.NotAConditionError,
        "with columns",
    ),
    ("True", lambda df: df.where(True), errors.NotAConditionError, "comparison"),
    ("None", lambda df: df.where(None), errors.NotAConditionError, "comparison"),
    ("no condition", lambda df: df.where(), errors.NotAConditionError, "comparison"),
    ("a number as a condition", lambda df: df.where(df.k), errors.NotAConditionError, "compare it"),
    ("and of equalities", lambda df: df.where(df.k == 1 and df.id == 2), errors.NotAConditionError, "& | ~"),
    (
        "& without parentheses",
        lambda df: df.where(df.k > 1 & df.id == 2),
        errors.NotAConditionError,
        "bind f",
    ),
    (
        "| without parentheses",
        lambda df: df.where(df.k == 1 | df.id == 2),
        errors.NotAConditionError,
        "bind f",
    ),
    ("& beside a date", lambda df: df.where(df.day > "2020-01-01" & df.flag), errors.NotAConditionError, "("),
    ("& of columns", lambda df: df.where(df.k > df.id & df.id == 2), errors.NotAConditionError, "bind f"),
    ("& of a flag", lambda df: df.where(df.flag & df.k == 2), errors.NotAConditionError, "bind first"),
    ("& of sums", lambda df: df.where(df.k > df.id + 1 & df.k == 2), errors.NotAConditionError, "bind first"),
    ("& of a condition", lambda df: df.where((df.k > 1) & df.k == 2), errors.NotAConditionError, "bind f"),
    ("~ of a number", lambda df: df.where(~df.k == 2), errors.NotAConditionError, "bind first"),
    ("in a list", lambda df: df.where(df.k in [1, 2]), errors.NotAConditionError, "isin(["),
    (
        "in a list, computed",
        lambda df: df.where(df.k + 1 in [1, 2]),
        errors.NotAConditionError,
        "isin([",
    ),
    ("in a column", lambda df: df.where("x" in df.s), errors.NotAConditionError, "isin(["),
    ("a chain", lambda df: df.where(1 < df.k < 3), errors.NotAConditionError, "between(1, 3)"),
    ("a chain, computed", lambda df: df.where(1 < df.k + 1 < 3), errors.NotAConditionError, "between(1, 3)"),
    ("not", lambda df: df.where(not df.flag), errors.NotAConditionError, "& | ~"),
    (
        "and of a func",
        lambda df: df.where(func.lower(df.s) == "a" and df.flag),
        errors.NotAConditionError,
        "& | ~",
    ),
    (
        "or of a cast",
        lambda df: df.where(sa.cast(df.s, sa.Integer) != 1 or df.flag),
        errors.NotAConditionError,
        "& | ~",
    ),
    (
        "and of a count",
        lambda df: df.group_by("k").having(func.count() == 1 and df.k > 2),
        errors.NotAConditionError,
        "& | ~",
    ),
    (
        "a func in a list",
        lambda df: df.where(func.lower(df.s) in ["a", "b"]),
        errors.NotAConditionError,
        "isin([",
    ),
    (
        "chance written twice",
        lambda df: df.select(x=F.sqrt(func.random())),
        errors.FunctionArgumentError,
        "with_column",
    ),
    (
        "// of chance",
        lambda df: df.select(x=func.random() // 2),
        errors.FunctionArgumentError,
        "with_column",
    ),
    (
        "% of a random float",
        lambda df: df.select(x=(func.random() * 2.5) % 2.0),
        errors.FunctionArgumentError,
        "with_column",
    ),
    (
        "% by chance",
        lambda df: df.select(x=df.k % func.random()),
        errors.FunctionArgumentError,
        "with_column",
    ),
    ("// of text", lambda df: df.select(x=df.s // 2), errors.TypeMismatchError, "cast"),
    (
        "and of computed columns",
        lambda df: df.where(df.k % 2 == 0 and df.id + 1 == 2),
        errors.NotAConditionError,
        "& | ~",
    ),
    ("and of columns", lambda df: df.where(df.flag and df.flag), errors.NotAConditionError, "& | ~"),
    ("if df", lambda df: bool(df), errors.NotAConditionError, "is_empty"),
    ("another frame's column", lambda df: df.where(frame().k > 1), errors.ForeignColumnError, "join"),
    (
        "a table's column",
        lambda df: df.where(sa.table("t", sa.column("k")).c.k > 1),
        errors.ForeignColumnError,
        "df[",
    ),
    ("dropped", lambda df: df.drop("k").where(df.k > 1), errors.ColumnGoneError, ""),
    (
        "replaced",
        lambda df: df.with_column("k", df.k + 1).where(df.k > 1),
        errors.ColumnGoneError,
        "another one",
    ),
    ("aggregated away", lambda df: df.group_by("s").count().where(df.k > 1), errors.ColumnGoneError, ""),
    ("select of nothing", lambda df: df.select(), errors.ColumnArgumentError, "at least one"),
    ("a column twice", lambda df: df.select("k", "k"), errors.AmbiguousColumnError, "another name"),
    ("select of a number", lambda df: df.select(3), errors.ColumnArgumentError, "names or columns"),
    ("select of text()", lambda df: df.select(sa.text("k")), errors.ColumnArgumentError, "columns"),
    ("without a name", lambda df: df.select(df.k + 1), errors.UnnamedColumnError, "label"),
    ("drop of all", lambda df: df.drop(*df.columns), errors.ColumnArgumentError, "at least one"),
    ("rename to a taken name", lambda df: df.rename({"k": "s"}), errors.AmbiguousColumnError, ""),
    ("rename of an unknown", lambda df: df.rename({"kk": "x"}), errors.ColumnNotFoundError, "'k'"),
    ("an empty name", lambda df: df.with_column("", df.k), errors.ColumnArgumentError, "not empty"),
    (
        "a value of no type",
        lambda df: df.with_column("x", object()),
        errors.ColumnArgumentError,
        "expression",
    ),
    (
        "text in with_column",
        lambda df: df.with_column("x", "price"),
        errors.ColumnArgumentError,
        "df['price'] is the column, F.lit('price') the text",
    ),
    (
        "a misspelled column in with_columns",
        lambda df: df.with_columns(x="prise"),
        errors.ColumnArgumentError,
        "df['price'] is the column, F.lit('prise') the text",
    ),
    (
        "an aggregate in with_column",
        lambda df: df.with_column("x", func.sum(df.k)),
        errors.AggregateError,
        "window",
    ),
    ("an aggregate in where", lambda df: df.where(func.sum(df.k) > 1), errors.AggregateError, "window"),
    (
        "an aggregate in where after group_by",
        lambda df: df.group_by("s").count().order_by("s").where(func.count() > 1),
        errors.AggregateError,
        "name it in agg",
    ),
    (
        "an aggregate of a gone column in where after group_by",
        lambda df: df.group_by("s").count().where(func.sum(df.k) > 1),
        errors.ColumnGoneError,
        "name it in agg",
    ),
    ("an aggregate in order_by", lambda df: df.order_by(func.count()), errors.AggregateError, "window"),
    ("group_by of nothing", lambda df: df.group_by().agg(), errors.AggregateError, "keys"),
    ("no aggregate in agg", lambda df: df.group_by("s").agg(x=df.k), errors.AggregateError, "func.max"),
    (
        "a column in a function in agg",
        lambda df: df.group_by("s").agg(x=func.abs(df.k)),
        errors.AggregateError,
        "func.max",
    ),
    (
        "a column beside an aggregate",
        lambda df: df.group_by("s").agg(x=func.sum(df.id) + func.coalesce(df.k, 0)),
        errors.AggregateError,
        "func.max",
    ),
    (
        "a bad pair in agg",
        lambda df: df.group_by("s", agg={"k": func.count}),
        errors.AggregateError,
        "func.count",
    ),
    ("a number plus text", lambda df: df.k + "x", errors.TypeMismatchError, "cast one"),
    ("text plus a number", lambda df: df.s + 1, errors.TypeMismatchError, "cast one"),
    ("a text before a number", lambda df: "x" + df.k, errors.TypeMismatchError, "cast one"),
    ("text plus a column", lambda df: df.s + "!" + df.k, errors.TypeMismatchError, "cast one"),
    ("text times a number", lambda df: df.s * 2, errors.TypeMismatchError, "cast one"),
    ("a row by its number", lambda df: df[0], errors.NotAListError, "limit(n, offset)"),
    ("rows by their numbers", lambda df: df[2:5], errors.NotAListError, "limit(n, offset)"),
    ("a method not called", lambda df: df.order_by(df.k.desc), errors.ColumnArgumentError, "call it: desc()"),
    ("a lambda in select", lambda df: df.select(lambda d: d.k), errors.ColumnArgumentError, "a lambda"),
    ("a lambda in where", lambda df: df.where(lambda d: d.k > 1), errors.NotAConditionError, "a lambda"),
    ("above the average", lambda df: df.where(df.k > func.avg(df.k)), errors.AggregateError, ".scalar()"),
    ("a session of a URL", lambda _: Session("sqlite://"), errors.FrameSourceError, "create_engine"),  # type: ignore[arg-type]  # the mistake
    ("a table by a frame", lambda df: Session(df.engine).table(df), errors.InvalidNameError, "orders"),
    ("text in agg", lambda df: df.group_by("s").agg(n="sum"), errors.AggregateError, "agg(n=func.sum("),
    ("a dict in agg", lambda df: df.group_by("s").agg({"k": "sum"}), errors.AggregateError, "func.count()"),
    ("a minus in order_by", lambda df: df.order_by("-k"), errors.ColumnNotFoundError, "df['k'].desc()"),
    ("desc in order_by", lambda df: df.order_by("k desc"), errors.ColumnNotFoundError, "df['k'].desc()"),
    (
        "round()",
        lambda df: df.select(x=round(df.price, 1)),
        errors.UnknownMethodError,
        "F.round(df.price)",
    ),
    ("abs()", lambda df: df.select(x=abs(df.k)), errors.UnknownMethodError, "F.abs(df.k)"),
    (
        "ref",
        lambda df: Session(df.engine).ref("t"),
        errors.UnknownMethodError,
        'session.table("name")',
    ),
    ("sum of text", lambda df: df.group_by("k").agg(x=func.sum(df.s)), errors.TypeMismatchError, "numbers"),
    (
        "sum of text beside each row",
        lambda df: df.with_column("x", func.sum(df.s).over(partition_by=df.k)),
        errors.TypeMismatchError,
        "numbers",
    ),
    ("groups as a frame", lambda df: df.group_by("k").where(df.k > 1), errors.UnknownMethodError, ".agg("),
    ("limit -1", lambda df: df.limit(-1), errors.LimitError, "from 0"),
    ("limit 1.5", lambda df: df.limit(1.5), errors.LimitError, "from 0"),
    ("limit '5'", lambda df: df.limit("5"), errors.LimitError, "from 0"),
    ("limit 2**70", lambda df: df.limit(2**70), errors.LimitError, "from 0"),
    ("limit True", lambda df: df.limit(True), errors.LimitError, "from 0"),
    ("a bad offset", lambda df: df.limit(5, offset=-1), errors.LimitError, "from 0"),
    ("show(-1)", lambda df: df.show(-1), errors.LimitError, "from 0"),
    ("no key in order_by", lambda df: df.order_by(), errors.ColumnArgumentError, "at least one"),
    ("a bad date", lambda df: df.day == "2024-13-45", errors.LiteralError, "2022-12-30"),
    (
        "a bad date after arithmetic",
        lambda df: df.where(func.max(df.day).over() == "x"),
        errors.LiteralError,
        "2022",
    ),
    ("a date with a time", lambda df: df.day == "2024-01-01 10:00", errors.LiteralError, "2022-12-30"),
    ("a bad moment", lambda df: df.moment >= "yesterday", errors.LiteralError, "2022-12-30 17"),
    ("a number with text", lambda df: df.k == "abc", errors.TypeMismatchError, "quotes"),
    ("a number with text in a list", lambda df: df.k.in_([1, "abc"]), errors.TypeMismatchError, "quotes"),
    (
        "a computed number with text",
        lambda df: df.where(df.k + 1 == "abc"),
        errors.TypeMismatchError,
        "quotes",
    ),
    ("text with a number", lambda df: df.s > 5, errors.TypeMismatchError, "as text"),
    ("a flag with text", lambda df: df.flag == "yes", errors.TypeMismatchError, "True or False"),
    ("columns that do not compare", lambda df: df.k == df.s, errors.TypeMismatchError, "cast"),
    ("less than None", lambda df: df.k < None, errors.TypeMismatchError, "is_null"),
    ("more than 64 bits", lambda df: df.k == 2**63, errors.LiteralError, "decimal"),
    ("a bad mode", lambda df: df.write("x", mode="replace"), errors.WriteError, "overwrite"),
    ("a bad kind", lambda df: df.write("x", as_="tabel"), errors.WriteError, "'table'"),
    ("an unknown dialect", lambda df: df.sql("postgres_ql"), errors.ColumnArgumentError, "postgresql"),
    ("union with fewer columns", lambda df: df.union(small()), errors.SetOperationError, "same columns"),
    (
        "union with other types",
        lambda df: df.select("k").union(df.select("s")),
        errors.SetOperationError,
        "cast",
    ),
    ("union with a table", lambda df: df.union(sa.table("t")), errors.ColumnArgumentError, "DataFrame("),
    ("how='outter'", lambda df: df.join(frame("u"), "id", how="outter"), errors.JoinError, "known"),
    (
        "how='lefft'",
        lambda df: df.join(frame("u"), "id", how="lefft"),
        errors.JoinError,
        "did you mean 'left'",
    ),
    ("a join without a condition", lambda df: df.join(frame("u")), errors.JoinError, "how='cross'"),
    ("a join on True", lambda df: df.join(frame("u"), True), errors.NotAConditionError, "comparison"),
    (
        "a cross join with a condition",
        lambda df: df.join(frame("u"), "id", how="cross"),
        errors.JoinError,
        "inner",
    ),
    ("a join on one side only", lambda df: df.join(frame("u"), df.id == df.k), errors.JoinError, "cross"),
    (
        "a self join of a column with itself",
        lambda df: df.join(df, df.id == df.id),
        errors.JoinError,
        "id_right|name_right",
    ),
    (
        "a join on a third frame",
        lambda df: df.join(frame("u"), df.id == frame("v").id),
        errors.ForeignColumnError,
        "joins",
    ),
    (
        "a join on an unknown name",
        lambda df: df.join(small("u"), "day"),
        errors.ColumnNotFoundError,
        "id, k, s",
    ),
    (
        "names that clash again",
        lambda df: df.join(df.select("id", id_right="k"), "k"),
        errors.ColumnNotFoundError,
        "",
    ),
    (
        "a join of other types",
        lambda df: df.join(small("u").select(id="s"), "id"),
        errors.TypeMismatchError,
        "cast",
    ),
    ("a frame of text", lambda df: DataFrame("t", df.engine), errors.FrameSourceError, "select()"),
    (
        "a frame without names",
        lambda df: DataFrame(sa.select(func.count()), df.engine),
        errors.UnnamedColumnError,
        "label",
    ),
]


@pytest.mark.parametrize(
    ("mistake", "kind", "hint"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_mistake_is_an_error_at_the_users_line(mistake: Mistake, kind: type[PyDBTError], hint: str) -> None:
    """Before any SQL is sent: the code, what is wrong, this file and line, and advice."""
    with pytest.raises(PyDBTError) as raised:
        mistake(frame())
    error = raised.value
    assert type(error) is kind
    assert any(part in error.hint for part in hint.split("|"))
    line = mistake.__code__.co_firstlineno
    assert error.where == f"{Path(__file__).relative_to(Path.cwd())}:{line}"


def test_a_gone_column_says_where_it_went() -> None:
    """The verb that let it go is named."""
    df = frame()
    with pytest.raises(errors.ColumnGoneError, match=r"it went at drop\('k'\)"):
        df.drop("k").limit(3).where(df.k > 1)


def test_clashing_names_are_listed() -> None:
    """When the suffix does not tell the columns apart either."""
    left = small().rename({"s": "k_right"})
    with pytest.raises(errors.AmbiguousColumnError, match="'k_right'"):
        left.join(small("u"), "id")


def test_a_column_of_a_dataframe_never_runs_in_a_statement_of_its_own() -> None:
    """It stands in no table there, and would be read as whatever has its name."""
    df = frame()
    statement = sa.select(df.k).select_from(sa.table("other"))
    with pytest.raises(errors.ForeignColumnError, match="statement of its own"):
        statement.compile(dialect=df.engine.dialect)


def test_a_column_of_an_ancestor_works_while_its_value_is_there() -> None:
    """Under another name too."""
    df = frame()
    later = df.where(df.k > 1).with_column_renamed("k", "n").limit(3).drop("s")
    assert later.where(df.k > 2).columns[1] == "n"


def test_a_function_nobody_knows_may_be_an_aggregate() -> None:
    """A database has more of them than any list, and users add their own."""
    df = frame()
    made = df.group_by("s").agg(x=func.my_median(df.k) + func.abs(func.my_median(df.id)))
    assert made.columns == ["s", "x"]
    assert "counted" not in str(df.agg(x=func.my_count()).query)


def test_python_booleans_combine_with_conditions() -> None:
    """As the beginning of a chain made in a loop."""
    df = frame()

    made = functools.reduce(operator.and_, [df.k > 1, df.flag], True)

    assert str(made) == "k > :k_1 AND flag"


def test_what_operators_make_of_columns_is_cached_by_shape() -> None:
    """SQLAlchemy compiles a statement of one shape once, whatever class its expressions have."""
    df = frame()

    one, other = (df.where((df.k + number) * 2 > 3).query for number in (1, 2))

    assert one._generate_cache_key() == other._generate_cache_key()
