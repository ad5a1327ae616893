"""Random chains of verbs, for comparing one query with the same steps through tables."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import case, func
from sqlalchemy.engine import Engine

from pydbt import exists, outer
from pydbt.sql.column import Column
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from pydbt.sql.types import Family, family_of

TEXTS = ["", "a", "b", "B", "é", "a b", "it's", "%", "_x", "zz"]
DAYS = [dt.date(2024, 2, 29), dt.date(1970, 1, 1), dt.date(2022, 12, 30)]
NUMBERS = [0, 1, -1, 7, -7, 3, 10, 10**6]
Step = Callable[[DataFrame], DataFrame]


def create_tables(engine: Engine, rng: random.Random) -> None:
    """Two small tables with NULLs and awkward values in every column."""
    metadata = sa.MetaData()
    for name in ("t", "u"):
        table = sa.Table(
            name,
            metadata,
            sa.Column("id", sa.Integer),
            sa.Column("k", sa.Integer),
            sa.Column("order", sa.String(20)),
            sa.Column("a b", sa.Date),
            sa.Column("flag", sa.Boolean),
        )
        table.create(engine)
        rows = [
            {
                "id": number,
                "k": _maybe(rng, NUMBERS),
                "order": _maybe(rng, TEXTS),
                "a b": _maybe(rng, DAYS),
                "flag": _maybe(rng, [True, False]),
            }
            for number in range(rng.randint(0, 12))
        ]
        if rows:
            with engine.begin() as connection:
                connection.execute(table.insert(), rows)


def _maybe(rng: random.Random, values: list[Any]) -> Any:
    return None if rng.random() < 0.25 else rng.choice(values)


class Programs:
    """Makes steps that are valid for the columns a DataFrame has."""

    def __init__(self, rng: random.Random, session: Session) -> None:
        self.rng = rng
        self.session = session
        self.made = 0
        self.frame = session.table("t")

    def name(self) -> str:
        self.made += 1
        return self.rng.choice(["n", "count", "x y", "N"]) + str(self.made)

    def columns(self, frame: DataFrame, family: Family) -> list[str]:
        return [name for name, type_ in frame.schema.items() if family_of(type_) is family]

    def number(self, frame: DataFrame) -> Any:  # noqa: PLR0911  one form each
        names = self.columns(frame, Family.NUMBER)
        if not names:
            return sa.literal(self.rng.choice([1, 2, 3]))
        column = frame[self.rng.choice(names)]
        form = self.rng.randrange(9)
        small = self.rng.choice([2, 3, 5])
        if form <= 1:
            return column
        if form == 2:
            return case((column > small, column - 1), else_=small)
        if form == 3:
            return func.coalesce(column, small)
        if form == 4:
            return (column % 1000) * small - frame[self.rng.choice(names)] % 7
        if form == 5:
            return -(column % small)
        if form == 6:
            return (column + small) % frame[self.rng.choice(names)]
        if form == 7:
            return column // self.rng.choice([small, -small])
        return column % 1000 + small

    def condition(self, frame: DataFrame) -> Any:  # noqa: PLR0911  one form each
        form = self.rng.randrange(8)
        texts, days = self.columns(frame, Family.TEXT), self.columns(frame, Family.DATE)
        flags = self.columns(frame, Family.BOOLEAN)
        if form == 0 and texts:
            return frame[self.rng.choice(texts)] == self.rng.choice(TEXTS)
        if form == 1 and texts:
            return frame[self.rng.choice(texts)] >= self.rng.choice(TEXTS)
        if form == 2 and days:
            return frame[self.rng.choice(days)] <= str(self.rng.choice(DAYS))
        if form == 3 and flags:
            return frame[self.rng.choice(flags)]
        if form == 4:
            return self.condition(frame) | self.condition(frame)
        if form == 5:
            return ~self.condition(frame)
        if form == 6:
            return frame[self.rng.choice(frame.columns)].is_not_null()
        return self.number(frame) > self.rng.choice(NUMBERS)

    def step(self, frame: DataFrame) -> Step:
        """One verb as a function of a DataFrame with the same columns."""
        verbs: list[Callable[[], Step | None]] = [
            self.where, self.where, self.with_column, self.with_column, self.select, self.rename, self.drop,
            self.distinct, self.group, self.group, self.cut, self.join, self.join, self.semi, self.combine,
            self.window, self.subquery, self.subquery, self.sets, self.pivot, self.asof,
            self.where_window, self.order,
        ]  # fmt: skip
        self.frame = frame
        made: Step | None = None
        while made is None:
            made = self.rng.choice(verbs)()
        return made

    def again(self, make: Callable[[DataFrame], DataFrame]) -> Step:
        """The step replays its own random choices, so that it does the same on another DataFrame."""
        state, made = self.rng.getstate(), self.made

        def step(frame: DataFrame) -> DataFrame:
            self.rng.setstate(state)
            self.made = made
            return make(frame)

        return step

    def where(self) -> Step:
        return self.again(lambda df: df.where(self.condition(df)))

    def with_column(self) -> Step:
        def make(df: DataFrame) -> DataFrame:
            name = self.rng.choice([self.name(), *df.columns])
            return df.with_column(name, self.number(df) if self.rng.random() < 0.7 else self.condition(df))

        return self.again(make)

    def select(self) -> Step:
        def make(df: DataFrame) -> DataFrame:
            names = self.rng.sample(df.columns, self.rng.randint(1, len(df.columns)))
            return df.select(*names, **{self.name(): self.number(df)})

        return self.again(make)

    def rename(self) -> Step:
        def make(df: DataFrame) -> DataFrame:
            shuffled = self.rng.sample(df.columns, len(df.columns))
            return df.rename(dict(zip(df.columns, shuffled, strict=True)))

        return self.again(make)

    def drop(self) -> Step | None:
        if len(self.frame.columns) < 3:
            return None
        return self.again(lambda df: df.drop(self.rng.choice(df.columns)))

    def distinct(self) -> Step:
        return self.again(lambda df: df.distinct())

    def order(self) -> Step:
        def make(df: DataFrame) -> DataFrame:
            return df.order_by(
                self.number(df), *self.rng.sample(df.columns, 1), descending=self.rng.random() < 0.5
            )

        return self.again(make)

    def group(self) -> Step:
        def make(df: DataFrame) -> DataFrame:
            keys: list[Any] = self.rng.sample(df.columns, self.rng.randint(0, min(2, len(df.columns))))
            if self.rng.random() < 0.4:
                keys.append(self.number(df).label(self.name()))
            aggregate: Any = self.rng.choice([func.sum, func.min, func.max, func.avg])
            named = {self.name(): func.count(), self.name(): aggregate(self.number(df) % 1000)}
            texts = self.columns(df, Family.TEXT)
            if texts:
                named[self.name()] = func.max(df[self.rng.choice(texts)])
            if self.rng.random() < 0.3:
                named[self.name()] = func.count().filter(self.condition(df))
            made: DataFrame = df.group_by(*keys).agg(**named)
            return made

        return self.again(make)

    def sets(self) -> Step:
        """Sub-totals, told apart by grouping(), and a condition on them."""

        def make(df: DataFrame) -> DataFrame:
            keys: list[Any] = self.rng.sample(df.columns, self.rng.randint(1, min(3, len(df.columns))))
            told = func.grouping(*(df[key] for key in keys))
            if self.rng.random() < 0.3:
                keys.append(self.number(df).label(self.name()))
            form = self.rng.choice(["rollup", "cube", "grouping_sets"])
            lists = [keys[: self.rng.randint(0, len(keys))] for _ in range(self.rng.randint(1, 3))]
            groups = df.grouping_sets(keys, *lists) if form == "grouping_sets" else getattr(df, form)(*keys)
            if self.rng.random() < 0.3:
                groups = groups.having(func.count() > 1)
            named = {self.name(): func.max(self.number(df) % 1000), self.name(): told}
            made: DataFrame = groups.agg(**named)
            return made

        return self.again(make)

    def pivot(self) -> Step | None:
        if not self.columns(self.frame, Family.TEXT):
            return None

        def make(df: DataFrame) -> DataFrame:
            names = [f"{self.name()}_{text}" for text in range(3)]
            values = dict(zip(names, self.rng.sample([*TEXTS, None], 3), strict=True))
            pivoted = df.group_by(*self.rng.sample(df.columns, self.rng.randint(0, 1))).pivot(
                df[self.rng.choice(self.columns(df, Family.TEXT))], values
            )
            made: DataFrame = pivoted.agg(x=func.coalesce(func.sum(self.number(df) % 1000), func.count()))
            return made

        return self.again(make)

    def cut(self) -> Step:
        """A limit over a total order, so that it is one table whatever the database does."""

        def make(df: DataFrame) -> DataFrame:
            descending = self.rng.random() < 0.5
            limits = self.rng.randint(0, 6), self.rng.choice([0, 0, 1])
            return df.order_by(*df.columns, descending=descending).limit(*limits)

        return self.again(make)

    def _other(self) -> DataFrame:
        other = self.session.table(self.rng.choice(["t", "u"]))
        form = self.rng.randrange(5)
        if form == 0:
            other = other.where(other.k > 0)
        elif form == 1:
            other = other.with_column("k", other.k + 1)
        elif form == 2:
            other = other.group_by("id", "order").agg(k=func.max(other.k))
        return other

    def _match(self, df: DataFrame, other: DataFrame) -> Any:
        numbers = self.columns(df, Family.NUMBER)
        if not numbers:
            return None
        left = df[self.rng.choice(numbers)]
        if self.rng.random() < 0.3:
            return (left % 3 == other.id % 3) & (other.k > -5)
        return left == other[self.rng.choice(["id", "k"])]

    def join(self) -> Step | None:
        if not self.columns(self.frame, Family.NUMBER) or len(self.frame.columns) > 14:
            return None

        def make(df: DataFrame) -> DataFrame:
            suffix = "_" + self.name()
            how = self.rng.choice(["inner", "left", "right", "full"])
            if self.rng.random() < 0.25:
                numbers = self.columns(df, Family.NUMBER)
                other = df.alias("me")
                return (
                    df.join(other, df[numbers[0]] == other[numbers[-1]], how, suffix)
                    .order_by(*df.columns)
                    .limit(30)
                )
            other = self._other()
            if self.rng.random() < 0.2 and "id" in df and "id" in self.columns(df, Family.NUMBER):
                return df.join(other, "id", how, suffix)
            return df.join(other, self._match(df, other), how, suffix)

        return self.again(make)

    def asof(self) -> Step | None:
        if not self.columns(self.frame, Family.NUMBER) or len(self.frame.columns) > 14:
            return None

        def make(df: DataFrame) -> DataFrame:
            other = self._other() if self.rng.random() < 0.8 else df
            numbers = self.columns(df, Family.NUMBER), self.columns(other, Family.NUMBER)
            by = (
                "order"
                if self.rng.random() < 0.3
                and all("order" in self.columns(each, Family.TEXT) for each in (df, other))
                else None
            )
            on = [self.rng.choice(names) for names in numbers]
            direction = self.rng.choice(["backward", "forward", "nearest"])
            tolerance = self.rng.choice([None, None, 0, 3])
            return df.asof_join(other, on, by, direction, tolerance, "_" + self.name())

        return self.again(make)

    def semi(self) -> Step | None:
        if not self.columns(self.frame, Family.NUMBER):
            return None

        def make(df: DataFrame) -> DataFrame:
            other = self._other()
            return df.join(other, self._match(df, other), self.rng.choice(["semi", "anti"]))

        return self.again(make)

    def subquery(self) -> Step | None:
        if not self.columns(self.frame, Family.NUMBER):
            return None

        def make(df: DataFrame) -> DataFrame:
            made = self._subquery(df)
            if self.rng.random() < 0.4:
                return df.with_column(self.name(), made)
            made = made | self.condition(df) if self.rng.random() < 0.4 else made
            return df.where(~made if self.rng.random() < 0.4 else made)

        return self.again(make)

    def _subquery(self, df: DataFrame) -> Any:
        """A condition with a subquery; the other frame may be this one."""
        other = self._other() if self.rng.random() < 0.7 else df
        numbers = self.columns(other, Family.NUMBER)
        form = self.rng.randrange(4)
        column = df[self.rng.choice(self.columns(df, Family.NUMBER))]
        if not numbers:
            return exists(other)
        if form == 0:
            return column.isin(other.where(self.condition(other)).select(self.rng.choice(numbers)))
        near = other.where(other[self.rng.choice(numbers)] % 3 == outer(column) % 3)
        if form == 1:
            return exists(near)
        if form == 2:
            return exists(near.where(self.condition(near))) & ~exists(near, near[numbers[0]] > column)
        highest = (near if self.rng.random() < 0.6 else other).agg(m=func.max(other[numbers[0]]))
        return column >= highest.scalar()

    def combine(self) -> Step:
        def make(df: DataFrame) -> DataFrame:
            verb = self.rng.choice(["union", "union_all", "intersect", "except_"])
            other = df.where(self.condition(df)) if self.rng.random() < 0.7 else df
            both: DataFrame = getattr(df, verb)(other)
            return both

        return self.again(make)

    def _window(self, df: DataFrame) -> Any:
        keys = [df[name].desc() if self.rng.random() < 0.5 else df[name] for name in df.columns]
        partition: Column = df[self.rng.choice(df.columns)]
        form = self.rng.randrange(4)
        if form == 0:
            return func.row_number().over(order_by=keys)
        if form == 1:
            return func.rank().over(partition_by=partition, order_by=keys[0])
        if form == 2:
            return func.count().over(partition_by=partition)
        return func.sum(self.number(df) % 100).over(partition_by=partition)

    def window(self) -> Step:
        return self.again(lambda df: df.with_column(self.name(), self._window(df)))

    def where_window(self) -> Step:
        return self.again(lambda df: df.where(self._window(df) <= 3))
