"""The DataFrame: a lazy table in the user's own database.

It holds a plan (``query.py``) and an engine. Its verbs return new DataFrames and touch nothing;
``show``, ``collect``, ``first``, ``count``, ``is_empty``, ``to_*``, ``explain`` and ``write`` run SQL.
The examples below share this little table::

    games:  team  goals
            'a'       3
            'b'       1
            'a'    None
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, reduce
from os import PathLike
from types import MethodType
from typing import TYPE_CHECKING, Any, NoReturn, overload

from sqlalchemy.engine import Engine, Row
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from pydbt.errors import (
    ColumnArgumentError,
    ColumnNotFoundError,
    NotAConditionError,
    NotAListError,
    UnknownMethodError,
    user_location,
)
from pydbt.sql import output
from pydbt.sql.catalog import catalog_of
from pydbt.sql.column import RIGHT, Column, HiddenColumn, check_value, column_not_found, column_of
from pydbt.sql.compile import Statement, compile_query
from pydbt.sql.dialects import dialect_of
from pydbt.sql.display import as_html, as_text
from pydbt.sql.functions.supplied import supply
from pydbt.sql.lineage import Lineage, lineage
from pydbt.sql.methods import Methods
from pydbt.sql.query import Query
from pydbt.sql.spellings import FRAME, GROUPS, spelled
from pydbt.sql.transfer import outgoing
from pydbt.sql.verbs import aggregate, asof, clean, combine, order, pick, project, source, subquery
from pydbt.sql.verbs import cast as casting
from pydbt.sql.verbs import describe as describing
from pydbt.sql.verbs import explode as exploding
from pydbt.sql.verbs import filter as filtering
from pydbt.sql.verbs import grouping_sets as sets
from pydbt.sql.verbs import join as joining
from pydbt.sql.verbs import pivot as pivoting
from pydbt.sql.verbs import sample as sampling
from pydbt.sql.verbs import unpivot as unpivoting

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]  # no types of its own
    import polars as pl
    import pyarrow as pa  # type: ignore[import-untyped]  # no types of its own


class DataFrame:
    """A lazy table: a plan of verbs over an engine.

    Args:
        base: A SQLAlchemy Table, Select, CTE or subquery.
        engine: Where it runs.
        schema: Where ``write`` puts tables, unless told.

    >>> df = games()
    >>> df.where(df.goals > 0).select("team").collect()
    [('a',), ('b',)]
    """

    __slots__ = ("_engine", "_query", "_schema", "_statement")

    def __init__(self, base: Any, engine: Engine, schema: str | None = None) -> None:
        supply(engine)
        catalog_of(engine)  # Whose making sees to the connections.
        self._query: Query = _query_of(base, engine)
        self._engine = engine
        self._schema = schema
        self._statement: Statement | None = None

    @classmethod
    def _of(cls, query: Query, engine: Engine, schema: str | None) -> DataFrame:
        frame = object.__new__(cls)
        frame._query = query
        frame._engine = engine
        frame._schema = schema
        frame._statement = None
        return frame

    def _with(self, query: Query) -> DataFrame:
        return DataFrame._of(query, self._engine, self._schema)

    # What it is.

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order.

        >>> games().columns
        ['team', 'goals']
        """
        return list(self._query.fields)

    @property
    def schema(self) -> dict[str, TypeEngine[Any]]:
        """The columns with their types, in order.

        >>> games().schema
        {'team': VARCHAR(), 'goals': INTEGER()}
        """
        return {name: value.type for name, value in self._query.fields.items()}

    @property
    def engine(self) -> Engine:
        """The engine the DataFrame runs on."""
        return self._engine

    @property
    def query(self) -> Statement:
        """The DataFrame as a SQLAlchemy Select.

        >>> from sqlalchemy import select, func
        >>> rows = games().query.subquery()
        >>> str(select(func.max(rows.c.goals))).startswith("SELECT max(anon_1.goals)")
        True
        """
        if self._statement is None:
            self._statement = compile_query(self._query, dialect_of(self._engine))
        return self._statement

    def lineage(self, column: Any) -> Lineage:
        """Where a column comes from: what flows into it, and what only decides about rows.

        It is read off the plan, without a database and without parsing SQL.

        Args:
            column: A column or its name.

        >>> df = games()
        >>> from sqlalchemy import func
        >>> best = df.where(df.goals > 0).group_by("team").agg(points=3 * func.max(df.goals))
        >>> best.lineage("points")
        <lineage of 'points'
          values: games.goals
          controls: games.team>
        """
        element = column if isinstance(column, Column) else column_of(self._query, column)
        check_value(self._query, element)
        return lineage(self._query, self._query.name_of(element.value) or element.name)

    def sql(self, dialect: Any = None, *, pretty: bool = True) -> str:
        """The SQL that runs, with its values written in.

        Args:
            dialect: A name such as ``"postgresql"``; None for the engine's own.
            pretty: One clause a line.

        >>> df = games()
        >>> print(df.where(df.goals > 1).sql())
        SELECT team, goals
        FROM games
        WHERE goals > 1
        """
        chosen = output.dialect_named(dialect, self._engine)
        differences = dialect_of(chosen)
        is_own = differences is dialect_of(self._engine)
        statement = self.query if is_own else compile_query(self._query, differences)
        return output.sql_text(statement, chosen, pretty=pretty)

    # Which columns.

    def select(self, *columns: Any, **named: Any) -> DataFrame:
        """Only these columns, in this order: ``SELECT a, b``.

        Args:
            *columns: Names, columns, labelled expressions, ``"*"`` for all.
            **named: Further columns under a name: a column's name, a column or an expression.

        >>> df = games()
        >>> df.select("team", twice=df.goals * 2).collect()
        [('a', 6), ('b', 2), ('a', None)]
        """
        return self._with(project.select(self._query, columns, named))

    def with_column(self, name: str, expression: Any) -> DataFrame:
        """All columns and one more; one of that name is replaced, in its place.

        Args:
            name: What it is called.
            expression: A column, an expression, a number, a date, True, False or None. Text would be a column
                to some and a value to others: write ``df["team"]`` or ``F.lit("team")``.

        >>> df = games()
        >>> df.with_column("goals", df.goals + 1).collect()
        [('a', 4), ('b', 2), ('a', None)]
        """
        return self._with(project.with_columns(self._query, {name: expression}, "with_column"))

    def with_columns(self, columns: Mapping[str, Any] | None = None, /, **named: Any) -> DataFrame:
        """All columns and these; each reads the columns as they were before.

        Args:
            columns: As ``named``, by names that need not be Python's.
            **named: As in :meth:`with_column`.

        >>> df = games()
        >>> df.with_columns(more=df.goals + 1, less=df.goals - 1).first()
        ('a', 3, 4, 2)
        >>> df.with_columns({"one more": df.goals + 1}).first()
        ('a', 3, 4)
        """
        return self._with(project.with_columns(self._query, project.joined(columns, named)))

    def with_column_renamed(self, old: str, new: str) -> DataFrame:
        """All columns, one under another name.

        >>> games().with_column_renamed("team", "club").columns
        ['club', 'goals']
        """
        return self._with(project.rename(self._query, {old: new}, "with_column_renamed"))

    def rename(self, names: Mapping[str, str] | Callable[[str], str]) -> DataFrame:
        """All columns, some under other names.

        Args:
            names: Old names with new ones, or a function that makes the new name of each.

        >>> games().rename({"team": "goals", "goals": "team"}).columns
        ['goals', 'team']
        >>> games().rename(str.upper).columns
        ['TEAM', 'GOALS']
        """
        return self._with(project.rename(self._query, names))

    def drop(self, *columns: Any) -> DataFrame:
        """All columns but these.

        >>> games().drop("goals").columns
        ['team']
        """
        return self._with(project.drop(self._query, columns))

    def cast(self, types: Mapping[str, Any], *more: Any) -> DataFrame:
        """All columns, some as other types: ``CAST(goals AS VARCHAR) AS goals``.

        Text that does not parse, and a number that does not fit, are the database's error;
        ``df.goals.try_cast(…)`` gives NULL there.

        Args:
            types: Names with types: SQLAlchemy's or their classes, Python's classes, or names such as
                ``"decimal(10,2)"``.
            *more: Is refused, with what to write for ``cast("goals", "text")``.

        >>> games().cast({"goals": "text"}).collect()
        [('a', '3'), ('b', '1'), ('a', None)]
        """
        return self._with(casting.cast(self._query, (types, *more) if more else types))

    def fillna(self, value: Any, subset: Any = None) -> DataFrame:
        """All columns, a value in the place of NULL: ``coalesce(goals, 0) AS goals``. NaN is a value.

        Args:
            value: One for every column that can hold it, or ``{column: value}``.
            subset: The columns, if not all; a value that one of them cannot hold is an error.

        >>> games().fillna(0).collect()
        [('a', 3), ('b', 1), ('a', 0)]
        >>> games().fillna({"goals": -1}).topk(1, "goals").collect()
        [('a', 3)]
        """
        return self._with(clean.fillna(self._query, value, subset))

    def replace(self, values: Mapping[Any, Any], subset: Any = None) -> DataFrame:
        """All columns, other values for some: ``CASE WHEN team = 'a' THEN 'A' ELSE team END AS team``.

        Args:
            values: Old value to new one, all at once: ``{1: 2, 2: 1}`` swaps. A new one may be None.
            subset: The columns, if not every one that can hold all of the values.

        >>> games().replace({"a": "A"}).collect()
        [('A', 3), ('b', 1), ('A', None)]
        """
        return self._with(clean.replace(self._query, values, subset))

    # Which rows.

    def dropna(self, how: str = "any", subset: Any = None) -> DataFrame:
        """The rows without NULL: ``WHERE team IS NOT NULL AND goals IS NOT NULL``.

        Args:
            how: ``"any"``: a row goes when a value is missing; ``"all"``: when every value is.
            subset: The columns that count, if not all.

        >>> games().dropna().collect()
        [('a', 3), ('b', 1)]
        >>> games().dropna("all").count()
        3
        """
        return self._with(clean.dropna(self._query, how, subset))

    def where(self, *conditions: Any) -> DataFrame:
        """The rows for which all conditions are true: ``WHERE``.

        After ``group_by`` a condition on the columns that ``agg`` made is ``HAVING``. An aggregate itself has
        no place here: name it in ``agg``, and compare its column.

        >>> from sqlalchemy import func
        >>> df = games()
        >>> df.where((df.team == "a") & (df.goals > 2)).collect()
        [('a', 3)]
        >>> teams = df.group_by("team").agg(n=func.count())
        >>> print(teams.where(teams.n > 1).sql())
        SELECT team, count(*) AS n
        FROM games
        GROUP BY team
        HAVING count(*) > 1
        """
        return self._with(filtering.filter_rows(self._query, conditions, "where"))

    def filter(self, *conditions: Any) -> DataFrame:
        """As :meth:`where`.

        >>> df = games()
        >>> df.filter(df.goals.is_null()).collect()
        [('a', None)]
        """
        return self._with(filtering.filter_rows(self._query, conditions, "filter"))

    def distinct(self) -> DataFrame:
        """Each row once: ``SELECT DISTINCT``.

        >>> games().select("team").distinct().order_by("team").collect()
        [('a',), ('b',)]
        """
        return self._with(order.distinct(self._query))

    def drop_duplicates(self, subset: Any = None, keep: str = "any", order_by: Any = None) -> DataFrame:
        """One row for each combination of some columns; without columns as :meth:`distinct`.

        In SQL it is ``WHERE row_number() OVER (PARTITION BY team ORDER BY goals) = 1``, one SELECT up.

        Args:
            subset: Columns or their names; NULL is one value among others.
            keep: The ``"first"`` or the ``"last"`` row in the order, or ``"any"``.
            order_by: A key or a list of keys, as :meth:`order_by` takes them. Of rows that are equal in it
                any is kept.

        >>> games().drop_duplicates("team", keep="first", order_by="goals").order_by("team").collect()
        [('a', 3), ('b', 1)]
        >>> games().select("team").drop_duplicates().count()
        2
        """
        return self._with(pick.drop_duplicates(self._query, subset, keep, order_by))

    def topk(self, n: int, by: Any) -> DataFrame:
        """The n rows with the largest values, largest first: ``ORDER BY goals DESC LIMIT 2``.

        Args:
            n: How many rows.
            by: A key or a list of keys; ``df.goals.asc()`` for the smallest. NULLs come last.

        >>> games().topk(2, "goals").collect()
        [('a', 3), ('b', 1)]
        """
        return self._with(pick.topk(self._query, n, by))

    def sample(
        self, fraction: Any = None, *, n: int | None = None, seed: int = 0, by: Any = None
    ) -> DataFrame:
        """Some of the rows: the same ones each time, and on every database that holds the same rows.

        A row is in it by a digest of its columns and the seed: ``WHERE md5('0|' || …) < '80…'``. So the
        database reads every row and computes an MD5 of each: in DuckDB a quarter of a microsecond with a
        number for ``by``, three times that for a row of four columns. With ``n`` it sorts by it, too.

        Args:
            fraction: The share of the rows, from 0 to 1; about so many come.
            n: So many rows instead.
            seed: Another number gives another sample.
            by: A key, or a list of columns, that tells rows apart: less to compute than the whole row. Rows
                that are equal in it are all in the sample or none.

        >>> games().sample(0.5, seed=1).collect()
        [('a', 3), ('a', None)]
        >>> games().sample(n=1, by="team").count()
        1
        """
        return self._with(sampling.sample(self._query, fraction, n, seed, by))

    def order_by(self, *keys: Any, descending: bool = False, nulls_first: bool = False) -> DataFrame:
        """The rows in order; NULLs come last unless told, on every database.

        Args:
            *keys: Names, columns, expressions; ``df.a.desc()`` from large to small.
            descending: All keys from large to small.
            nulls_first: NULLs before everything else.

        >>> df = games()
        >>> df.order_by(df.goals.desc()).collect()
        [('a', 3), ('b', 1), ('a', None)]
        """
        keyed = order.order_by(self._query, keys, descending=descending, nulls_first=nulls_first)
        return self._with(keyed)

    def limit(self, count: int, offset: int = 0) -> DataFrame:
        """At most so many rows, after skipping some: ``LIMIT``.

        What follows works on these rows: ``limit`` then ``where`` is not ``where`` then ``limit``.

        >>> games().order_by("goals").limit(1).collect()
        [('b', 1)]
        """
        return self._with(order.limit(self._query, count, offset))

    # Columns to rows.

    def unpivot(
        self, ids: Any = None, values: Any = None, names_to: str = "name", values_to: str = "value"
    ) -> DataFrame:
        """Columns below each other: for each row one row for each column of values.

        In SQL it is a cross join with the names and ``CASE WHEN name = 'goals' THEN goals … END AS value``:
        the table is read once. NULLs are kept, as rows; the rows come in no order, as everywhere without
        ``order_by``.

        Args:
            ids: The columns that stay, first; without them all that are not values.
            values: The columns that become rows; without them all that are not ids. They must be of one kind:
                whole numbers become decimals or floats where others are.
            names_to: The column of their names.
            values_to: The column of their values.

        >>> games().unpivot("team").order_by("value").first()
        ('b', 'goals', 1)
        """
        return self._with(unpivoting.unpivot(self._query, ids, values, names_to, values_to))

    def explode(self, column: Any, name: str | None = None) -> DataFrame:
        """A row for each element of a list, in its place: ``SELECT team, unnest(players) AS players``.

        A row whose list is NULL or empty is gone. DuckDB and PostgreSQL have lists; elsewhere it is an
        error at your line.

        Args:
            column: A column of lists, or its name.
            name: What the elements are called; without it as the lists were.
        """
        return self._with(exploding.explode(self._query, column, name))

    def describe(self, *columns: Any) -> DataFrame:
        """A row for each column: ``column, count, nulls, mean, stddev, min, max``.

        In SQL it is one SELECT of aggregates, whose one row is then taken apart. Mean and spread are of
        numbers only; the least and the greatest are text, as columns are of many types.

        Args:
            *columns: Columns or their names; without them all.

        >>> games().describe().show()
        column | count | nulls | mean |             stddev | min | max
        -------+-------+-------+------+--------------------+-----+----
        team   |     3 |     0 | NULL |               NULL | a   | b
        goals  |     2 |     1 |  2.0 | 1.4142135623730951 | 1   | 3
        """
        return self._with(describing.describe(self._query, columns))

    # Groups.

    @overload
    def group_by(self, *keys: Any, agg: None = None, **named: Any) -> GroupedData: ...
    @overload
    def group_by(self, *keys: Any, agg: Mapping[str, Any], **named: Any) -> DataFrame: ...
    def group_by(
        self, *keys: Any, agg: Mapping[str, Any] | None = None, **named: Any
    ) -> DataFrame | GroupedData:
        """Groups of rows: with ``agg`` a DataFrame at once, without it a :class:`GroupedData`.

        Args:
            *keys: Names, columns, labelled expressions.
            agg: ``{"column": (function, "name")}``, or a list of such pairs for a column.
            **named: Further keys under a name; one called ``agg`` is given a label.

        >>> from sqlalchemy import func
        >>> df = games()
        >>> df.group_by(df.team, agg={"goals": (func.count, "n")}).order_by("team").collect()
        [('a', 1), ('b', 1)]
        >>> df.group_by("team").agg(best=func.max(df.goals)).order_by("team").collect()
        [('a', 3), ('b', 1)]
        >>> df.group_by(is_known=df.goals.is_not_null()).count().order_by("count").collect()
        [(False, 1), (True, 2)]
        """
        keys = (*keys, *aggregate.named_keys(self._query, named))
        if agg is None:
            return GroupedData(self, keys)
        return self._with(aggregate.group(self._query, keys, aggregate.seed_aggregates(self._query, agg)))

    def rollup(self, *keys: Any, **named: Any) -> GroupedData:
        """Groups by all keys, by all but the last, and so on, to one of all rows: sub-totals and the total.

        ``GROUP BY ROLLUP(team, goals)``; where the database has none, a ``UNION ALL`` of the sets. A key that
        a row's set is without is NULL; ``func.grouping(df.team)`` is 1 there, and 0 where NULL is the key.

        >>> from sqlalchemy import func
        >>> df = games()
        >>> made = df.rollup("team").agg(n=func.count(), is_total=func.grouping(df.team))
        >>> made.order_by("is_total", "team").collect()
        [('a', 2, 0), ('b', 1, 0), (None, 3, 1)]
        """
        keys = (*keys, *aggregate.named_keys(self._query, named, "rollup"))
        return GroupedData(self, sets.rollup(self._query, keys))

    def cube(self, *keys: Any, **named: Any) -> GroupedData:
        """Groups by every subset of the keys: ``GROUP BY CUBE(team, goals)``, as with :meth:`rollup`.

        >>> from sqlalchemy import func
        >>> df = games()
        >>> made = df.cube("team", "goals").agg(n=func.count(), level=func.grouping(df.team, df.goals))
        >>> made.group_by("level").count().order_by("level").collect()
        [(0, 3), (1, 2), (2, 3), (3, 1)]
        """
        keys = (*keys, *aggregate.named_keys(self._query, named, "cube"))
        return GroupedData(self, sets.cube(self._query, keys))

    def grouping_sets(self, *keys: Sequence[Any]) -> GroupedData:
        """Groups by each of these lists of keys: ``GROUP BY GROUPING SETS ((team), ())``, as :meth:`rollup`.

        >>> from sqlalchemy import func
        >>> games().grouping_sets(["team"], []).agg(n=func.count()).order_by("n", "team").collect()
        [('b', 1), ('a', 2), (None, 3)]
        """
        return GroupedData(self, sets.grouping_sets(self._query, keys))

    def agg(self, *labelled: Any, having: Any = None, **named: Any) -> DataFrame:
        """One row for the whole table; none when ``having`` is given and not true of it.

        >>> from sqlalchemy import func
        >>> df = games()
        >>> df.agg(total=func.sum(df.goals), n=func.count()).collect()
        [(4, 3)]
        """
        return GroupedData(self, ()).agg(*labelled, having=having, **named)

    # Several DataFrames.

    def join(self, other: DataFrame, on: Any = None, how: str = "inner", suffix: str = RIGHT) -> DataFrame:
        """The rows of both that match, side by side.

        Args:
            other: The right side.
            on: A condition, a name, or a list of names; columns of these names come out once.
            how: ``inner, left, right, full, semi, anti, cross``. A semi join keeps the rows that have a
                match, an anti join
                those that have none; neither adds columns.
            suffix: Added to the names of the right side that are on the left too. In a condition
                ``other.name_right`` is
                the column ``name`` of the right side.

        >>> df, best = games(), games().select("team", goal="goals")
        >>> df = games()
        >>> df.join(df, (df.team == df.team_right) & (df.goals < 3)).columns
        ['team', 'goals', 'team_right', 'goals_right']
        """
        return self._with(joining.join(self._query, _plan(other, "join"), on, how, suffix))

    def asof_join(
        self,
        other: DataFrame,
        on: Any,
        by: Any = None,
        direction: str = "backward",
        tolerance: Any = None,
        suffix: str = RIGHT,
    ) -> DataFrame:
        """All rows, each beside the nearest one of the other side: the last price before each order.

        ``ASOF LEFT JOIN`` on DuckDB; elsewhere windows over both sides, and joins by equality. Of rows of the
        other side that are equal in ``on`` and ``by``, the first in the order of its other columns counts.

        Args:
            other: Where the nearest row is looked for.
            on: A number, a date or a date with time that both have, or a pair of names.
            by: A name, or names, of columns that must be equal; they come out once.
            direction: ``backward``: the last one that is not after the row. ``forward``: the first one that
                is not before it. ``nearest``: either, and of two as near the earlier.
            tolerance: What is further away is no match: a number, or a ``timedelta``.
            suffix: As in :meth:`join`.

        >>> df = games()
        >>> steps = df.select(goals=df.goals + 1, step="goals")
        >>> df.asof_join(steps, "goals").select("goals", "step").order_by("goals").collect()
        [(1, None), (3, 1), (None, None)]
        """
        plan = _plan(other, "asof_join")
        return self._with(asof.asof_join(self._query, plan, on, by, direction, tolerance, suffix))

    def cross_join(self, other: DataFrame, suffix: str = RIGHT) -> DataFrame:
        """Every row of one beside every row of the other.

        >>> games().cross_join(games()).count()
        9
        """
        return self._with(joining.join(self._query, _plan(other, "cross_join"), None, "cross", suffix))

    def union(self, *others: DataFrame) -> DataFrame:
        """The rows of all by position, each once: SQL's ``UNION``.

        >>> games().union(games()).count()
        3
        """
        return self._combined(others, "union")

    def union_all(self, *others: DataFrame) -> DataFrame:
        """The rows of all by position, all of them: ``UNION ALL``.

        >>> games().union_all(games(), games()).count()
        9
        """
        return self._combined(others, "union_all")

    def union_by_name(self, *others: DataFrame, allow_missing: bool = False) -> DataFrame:
        """All rows of all, the columns matched by name: ``UNION ALL`` of the same columns in the same order.

        Args:
            *others: The rows that come below.
            allow_missing: A column that one side lacks is NULL there; else it is an error.

        >>> df = games()
        >>> df.union_by_name(df.select("goals", "team")).count()
        6
        >>> df.union_by_name(df.select("team"), allow_missing=True).order_by("goals").first()
        ('b', 1)
        """
        united = partial(combine.union_by_name, allow_missing=allow_missing)
        return self._with(reduce(united, _plans(others, "union_by_name"), self._query))

    def intersect(self, *others: DataFrame) -> DataFrame:
        """The rows that all have, each once.

        >>> df = games()
        >>> df.intersect(df.where(df.team == "b")).collect()
        [('b', 1)]
        """
        return self._combined(others, "intersect")

    def except_(self, *others: DataFrame) -> DataFrame:
        """The rows that none of the others has, each once.

        >>> df = games()
        >>> df.except_(df.where(df.team == "a")).collect()
        [('b', 1)]
        """
        return self._combined(others, "except_")

    def _combined(self, others: Sequence[DataFrame], verb: str) -> DataFrame:
        return self._with(reduce(partial(combine.combine, verb=verb), _plans(others, verb), self._query))

    def alias(self, name: str) -> DataFrame:
        """The same rows under another name, as another DataFrame: its columns are its own.

        >>> df, other = games(), games().alias("other")
        >>> df.join(other, df.goals < other.goals).select(df.team, low=df.goals, high=other.goals).collect()
        [('b', 1, 3)]
        """
        return self._with(source.alias(self._query, name))

    def scalar(self) -> Methods:
        """The one value of one column and at most one row, as a value elsewhere: a scalar subquery.

        Without a row it is NULL. With ``outer(df.a)`` in its conditions it is asked for each row.

        >>> from sqlalchemy import func
        >>> df = games()
        >>> df.where(df.goals >= df.agg(m=func.max(df.goals)).scalar()).collect()
        [('a', 3)]
        """
        return subquery.scalar(self._query)

    def __holds__(self, element: ColumnElement[Any]) -> ColumnElement[bool]:
        return subquery.holds(self._query, element)

    # What comes out.

    def collect(self) -> list[Row[Any]]:
        """All rows, as SQLAlchemy's rows: tuples with names.

        >>> [row.team for row in games().collect()]
        ['a', 'b', 'a']
        """
        return output.rows(self._engine, self.query)

    def first(self) -> Row[Any] | None:
        """The first row; None when there is none.

        >>> games().order_by("goals").first()
        ('b', 1)
        """
        found = self.limit(1).collect()
        return found[0] if found else None

    def count(self) -> int:
        """How many rows there are.

        >>> games().count()
        3
        """
        counted = compile_query(aggregate.counted(self._query), dialect_of(self._engine))
        return int(output.scalar(self._engine, counted))

    def is_empty(self) -> bool:
        """Whether there is no row.

        >>> df = games()
        >>> df.where(df.goals > 99).is_empty()
        True
        """
        return not self.limit(1).collect()

    def to_dicts(self) -> list[dict[str, Any]]:
        """All rows as dicts.

        >>> games().limit(1).to_dicts()
        [{'team': 'a', 'goals': 3}]
        """
        names = self.columns
        return [dict(zip(names, row, strict=True)) for row in self.collect()]

    def to_arrow(self) -> pa.Table:
        """All rows as an Arrow table of the columns' types; DuckDB gives it as it is.

        >>> games().limit(0).to_arrow().schema.field("team").type
        DataType(string)
        """
        return outgoing.to_arrow(self._engine, self.query, self.schema)

    def to_batches(self, size: int = outgoing.BATCH) -> Iterator[pa.RecordBatch]:
        """The rows as Arrow record batches, read while they are taken: in a memory of one batch.

        Args:
            size: How many rows a batch has at most.

        >>> [batch.num_rows for batch in games().to_batches(2)]
        [2, 1]
        """
        return outgoing.to_batches(self._engine, self.query, self.schema, size)

    def to_pandas(self) -> pd.DataFrame:
        """All rows as a pandas DataFrame; whole numbers and booleans keep their type beside NULLs.

        >>> games().to_pandas().dtypes["goals"]
        Int64Dtype()
        """
        return outgoing.to_pandas(self._engine, self.query, self.schema)

    def to_polars(self) -> pl.DataFrame:
        """All rows as a polars DataFrame.

        >>> games().to_polars().schema["goals"]
        Int64
        """
        return outgoing.to_polars(self._engine, self.query, self.schema)

    def to_parquet(self, path: str | PathLike[str]) -> int:
        """Write the rows to a Parquet file, whole or not at all, and give their number."""
        from pydbt.sql.transfer import file_out

        return file_out.to_parquet(self._engine, self.query, self.schema, path)

    def to_csv(self, path: str | PathLike[str]) -> int:
        """Write the rows to a CSV file with a header, whole or not at all, and give their number.

        NULL is nothing between the commas, an empty text is ``""``.
        """
        from pydbt.sql.transfer import file_out

        return file_out.to_csv(self._engine, self.query, self.schema, path)

    def show(self, n: int = 20) -> None:
        """Print the first rows as a table.

        >>> games().show()
        team | goals
        -----+------
        a    |     3
        b    |     1
        a    |  NULL
        """
        # In one piece: between a text and its end, another thread's line of the log could come.
        print(f"{self._shown(n)}\n", end="")  # noqa: T201  that is what it is for

    def _shown(self, n: int) -> str:
        count = order.check_count(n, "show")
        rows = self.limit(count + 1).collect()
        return as_text(self.columns, rows[:count], more=len(rows) > count)

    def explain(self) -> str:
        """How the database would run it: its own EXPLAIN."""
        return output.explain(self._engine, self.query)

    def write(
        self, name: str, mode: str = "overwrite", as_: str = "table", schema: str | None = None
    ) -> int | None:
        """Write the rows to a table or a view of the database, in one transaction.

        A table takes the place of a view of its name. A view never takes that of a table, whose rows would be
        gone: only a task changes what it has published from one to the other.

        Args:
            name: The table's name, without the schema's.
            mode: ``overwrite``, ``append``, ``error`` when it exists, or ``ignore`` then.
            as_: ``table`` or ``view``.
            schema: Where; the session's schema unless told.

        Returns:
            How many rows were written, where the database says so.

        >>> df = games()
        >>> df.where(df.goals > 0).write("scored")
        2
        """
        return output.write(self, name, mode, as_, schema or self._schema)

    # How Python sees it.

    def __getattr__(self, name: str) -> Column:
        if name[:1] != "_" and name in self._query.fields:
            return column_of(self._query, name)  # Nearly always.
        if name.startswith("__") or name in DataFrame.__slots__:
            raise AttributeError(name)
        if name in self._query.fields or name.endswith(RIGHT):
            return column_of(self._query, name)
        if isinstance(vars(DataFrame).get(name), property):
            # It failed with an AttributeError, which Python takes for "there is none": once more, to say so.
            object.__getattribute__(self, name)
        raise _unknown(name, type(self), FRAME, "a DataFrame has", "df", self._query)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return column_of(self._query, key)
        if isinstance(key, (list, tuple)):
            return self.select(*key)
        if isinstance(key, (int, slice)) and not isinstance(key, bool):
            raise _refused("a DataFrame has no rows by number", "df.order_by(…).limit(n, offset)")
        return self.where(key)

    def __contains__(self, name: object) -> bool:
        return name in self._query.fields

    def __iter__(self) -> NoReturn:
        raise _refused("a DataFrame is not a list of rows", "for row in df.collect()")

    def __len__(self) -> NoReturn:
        raise _refused("a DataFrame has no length before it has run", "df.count(), or len(df.columns)")

    def __setitem__(self, name: object, value: object) -> NoReturn:
        raise _refused("a DataFrame does not change", f"df = df.with_column({name!r}, …)")

    def __bool__(self) -> NoReturn:
        hint = "use df.is_empty(), or compare with None: df is not None"
        raise NotAConditionError("a DataFrame is not true or false", where=user_location(), hint=hint)

    def __dir__(self) -> list[str]:
        return [*object.__dir__(self), *(name for name in self._query.fields if name.isidentifier())]

    def _ipython_key_completions_(self) -> list[str]:
        return self.columns

    def __repr__(self) -> str:
        columns = ", ".join(f"{name}: {value.type!r}" for name, value in self._query.fields.items())
        return f"<DataFrame {self._query.describe()}: {columns}>"

    def _repr_html_(self) -> str:
        rows = self.limit(21).collect()
        return as_html(self.columns, rows[:20], more=len(rows) > 20)  # noqa: PLR2004  as show()


def exists(other: DataFrame, on: Any = None) -> ColumnElement[bool]:
    """Whether a DataFrame has a row that matches, ``EXISTS (SELECT 1 FROM other WHERE …)``; with ``~`` none.

    A condition like every other: for ``where``, with ``& | ~``, or as a column.

    Args:
        other: Where a row is looked for.
        on: What relates it to the row around it: a condition as in a join, a name, or a list of names.
            Without it, any row counts; ``outer(df.a)`` in a condition of ``other`` relates the two as well.

    >>> from pydbt import exists
    >>> df, other = games(), games()
    >>> df.where(~exists(other, (df.team == other.team) & (other.goals > df.goals))).collect()
    [('a', 3), ('b', 1), ('a', None)]
    >>> df.where(exists(other.where(other.goals > 9)) | (df.goals == 1)).collect()
    [('b', 1)]
    """
    return subquery.exists(_plan(other, "exists"), on)


class GroupedData:
    """Groups of rows that wait for their aggregates: what ``group_by`` without ``agg`` gives."""

    __slots__ = ("_conditions", "_frame", "_keys", "_pivot")

    def __init__(
        self,
        frame: DataFrame,
        keys: Sequence[Any] | sets.Grouped,
        conditions: Sequence[Any] = (),
        pivot: pivoting.Pivot | None = None,
    ) -> None:
        self._frame = frame
        self._keys = keys
        self._conditions = tuple(conditions)
        self._pivot = pivot
        if not isinstance(keys, sets.Grouped):
            aggregate.group_keys(_plan(frame, "group_by"), keys)

    def having(self, *conditions: Any) -> GroupedData:
        """Only the groups for which all conditions are true: ``HAVING``. It comes before ``agg``.

        >>> from sqlalchemy import func
        >>> games().group_by("team").having(func.count() > 1).agg(n=func.count()).collect()
        [('a', 2)]
        """
        return GroupedData(self._frame, self._keys, (*self._conditions, *conditions), self._pivot)

    def pivot(self, column: Any, values: Any = None) -> GroupedData:
        """A column for each of these values of a column, with the aggregates of the rows that have it.

        ``sum(goals) FILTER (WHERE team = 'a') AS a``. One aggregate gives columns called by the value,
        several give ``a_total``, ``a_n``. Without such rows a sum is NULL and a count 0.

        Args:
            column: The column whose values become columns.
            values: Which values, a list; with other names, ``{"small": 1, "large": 2}``.

        >>> from sqlalchemy import func
        >>> df = games()
        >>> df.group_by().pivot("team", ["a", "b"]).agg(total=func.sum(df.goals)).to_dicts()
        [{'a': 3, 'b': 1}]
        >>> df.group_by("goals").pivot("team", ["a", "b"]).count().order_by("goals").collect()
        [(1, 0, 1), (3, 1, 0), (None, 1, 0)]
        """
        if self._pivot is not None:
            hint = "group by the other column, or compute one column of both"
            raise ColumnArgumentError("groups are pivoted already", where=user_location(), hint=hint)
        pivot = pivoting.pivot(_plan(self._frame, "pivot"), column, values)
        return GroupedData(self._frame, self._keys, self._conditions, pivot)

    def agg(self, *labelled: Any, having: Any = None, **named: Any) -> DataFrame:
        """One row for each group, with these aggregates.

        Args:
            *labelled: Aggregates with a label.
            having: A condition on the groups, of aggregates and keys, or a list of them.
            **named: Aggregates under their names; one called ``having`` is given a label.

        >>> from sqlalchemy import func
        >>> df = games()
        >>> made = df.group_by("team").agg(func.count().label("n"), goals=func.sum(df.goals))
        >>> made.order_by("team").collect()
        [('a', 2, 3), ('b', 1, 1)]
        """
        query = _plan(self._frame, "agg")
        pairs = [aggregate.labelled(query, each) for each in labelled]
        pairs.extend(named.items())
        pairs = pairs if self._pivot is None else self._pivot.spread(query, pairs)
        conditions = self._conditions if having is None else (*self._conditions, having)
        if isinstance(self._keys, sets.Grouped):
            made = sets.group(query, self._keys, pairs, conditions)
        else:
            made = aggregate.group(query, self._keys, pairs, conditions)
        return self._frame._with(made)  # noqa: SLF001  as a DataFrame's own verb

    def count(self, name: str = "count") -> DataFrame:
        """How many rows each group has.

        >>> games().group_by("team").count().order_by("team").collect()
        [('a', 2), ('b', 1)]
        """
        from sqlalchemy import func

        return self.agg(func.count().label(name))

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        raise _unknown(name, type(self), GROUPS, "groups have", "", None)


class _Method:
    """A method that steps aside, with an error that says so, when a column of its name is meant."""

    __slots__ = ("__dict__", "function")

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__
        self.__module__ = function.__module__
        self.__wrapped__ = function

    def __get__(self, frame: DataFrame | None, owner: type | None = None) -> Any:
        if frame is None:
            return self.function
        method = MethodType(self.function, frame)
        return HiddenColumn(method, self.__name__) if self.__name__ in frame._query.fields else method  # noqa: SLF001  its own


for _name, _function in list(vars(DataFrame).items()):
    if not _name.startswith("_") and callable(_function):
        setattr(DataFrame, _name, _Method(_function))


def _unknown(
    name: str, kind: type, table: Mapping[str, str], whose: str, owner: str, query: Query | None
) -> ColumnNotFoundError:
    """The error for an attribute that is neither a method nor a column: a typo, or another library's name."""
    methods = [
        each if isinstance(value, property) else f"{each}(…)"
        for each, value in vars(kind).items()
        if not each.startswith("_")
    ]
    advice = spelled(name, methods, table, owner)
    if query is not None:
        missing = column_not_found(query, name)
        if not advice:
            return missing
        if missing.hint.startswith("did you mean"):
            advice += f"; for a column, {missing.hint}"
    elif not advice:
        advice = ".agg(n=func.count()), or .count()"
    return UnknownMethodError(f"{whose} no method {name!r}", where=user_location(), hint=f"use {advice}")


def _refused(what: str, advice: str) -> NotAListError:
    return NotAListError(what, where=user_location(), hint=f"use {advice}")


def _plan(other: Any, verb: str) -> Query:
    """The plan of another DataFrame that a verb was given."""
    if isinstance(other, DataFrame):
        return other._query  # noqa: SLF001  its own kind
    hint = "give a DataFrame; a SQLAlchemy query becomes one by DataFrame(query, engine)"
    raise ColumnArgumentError(f"{verb} was given {other!r}", where=user_location(), hint=hint)


def _plans(others: Sequence[Any], verb: str) -> list[Query]:
    """The plans of other DataFrames that a verb was given, one or more."""
    if not others:
        hint = f"give it the other rows: df.{verb}(other)"
        raise ColumnArgumentError(f"{verb} was given nothing", where=user_location(), hint=hint)
    return [_plan(other, verb) for other in others]


def _query_of(base: Any, engine: Engine) -> Query:
    if isinstance(base, DataFrame):
        return _plan(base, "DataFrame")
    return source.from_selectable(base, engine.dialect.name)
