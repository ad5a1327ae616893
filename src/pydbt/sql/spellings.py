"""What PyDBT has under the names of other libraries: PySpark, pandas, polars, Ibis, dplyr and SQL.

Only names that are errors are looked up here. A name that differs in case or underscores alone, as
``groupBy`` and ``unionAll`` do, needs no entry: it is found among the methods.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping


def _by_name(advice: Mapping[str, str]) -> Mapping[str, str]:
    """From what to write with the names it stands for, to each name, folded, with what to write."""
    return {name: text for text, names in advice.items() for name in names.split()}


FRAME = _by_name({
    'df.order_by("a"), or df.order_by(df.a.desc())': "sort sortvalues sortby arrange",
    "df.limit(n).collect(), or df.first() for one row": "head take slice slicehead iloc fetch",
    "df.order_by(df.a.desc()).limit(n)": "tail last slicetail",
    "df.with_columns(b=df.a + 1)": "assign mutate eval addcolumn hstack",
    "df.agg(n=func.count(), total=func.sum(df.a))": "aggregate summarise summarize",
    "df.union_all(other)": "append concat vstack bindrows",
    "df.except_(other)": "subtract minus difference setdiff exceptall",
    "df.distinct()": "unique",
    "df.schema, the columns with their types": "dtypes printschema info glimpse",
    "df.columns": "names colnames",
    "df.collect(): for row in df.collect(): …": "iterrows itertuples rows fetchall execute values foreach",
    "df.write(name) to keep the rows; a DataFrame is lazy and needs no more": "cache persist lazy compute",
    'df.dropna("a")': "dropnulls dropnull",
    "df.fillna(0)": "fillnull na ifnull",
    "df.describe()": "summary",
    "df.unpivot(…)": "melt pivotlonger stack",
    "df.asof_join(other, on, by)": "mergeasof joinasof asof",
    'df.group_by("a").pivot(…)': "pivot pivottable pivotwider crosstab",
    "df.explode(…)": "unnest flatten",
    'df.with_column("a", df.a.cast("int"))': "astype",
    "df.count(), or len(df.columns)": "shape size height nrow length",
    "df.agg(n=func.count(df.a.distinct()))": "nunique ndistinct",
    'df.write(name, as_="view")': "createorreplacetempview createtempview createview",
    "df.write(name)": "tosql saveastable insertinto totable save",
    "df.to_pandas().{name}(…)": "toexcel tojson",
    "df.to_dicts()": "todict torecords",
    "df.sql()": "compile toquery",
    'df.select("a", "b")': "transmute relocate reorder reindex",
    "df.where(df.a > 1)": "loc having subset",
    "a function of your own: f(df)": "apply map pipe transform",
    'df.join(other, "a")': "merge",
    'df.select("a", b=df.a + 1)': "selectexpr",
    "df.rename({old: new})": "todf",
    'df.select("a").collect()': "pull",
    'df.group_by("a").count()': "valuecounts",
    'df.join(other, "a", how="inner")': "innerjoin",
    'df.join(other, "a", how="left")': "leftjoin",
    'df.join(other, "a", how="right")': "rightjoin",
    'df.join(other, "a", how="full")': "outerjoin fulljoin",
    'df.join(other, "a", how="semi")': "semijoin",
    'df.join(other, "a", how="anti")': "antijoin",
    "df.agg(x=func.{name}(df.a))": "sum min max avg",
    "df.agg(x=func.avg(df.a))": "mean",
})  # fmt: skip

GROUPS = _by_name({
    ".agg(x=func.{name}(df.a))": "sum min max avg",
    ".agg(x=func.avg(df.a))": "mean",
    ".agg(n=func.count(df.a.distinct()))": "nunique",
    ".agg(n=func.count())": "aggregate summarise summarize apply",
    ".count()": "size len tally",
    ".agg(n=func.count()) first, then .where(…)": "where filter",
})  # fmt: skip

SESSION = _by_name({
    'session.table("name")': "ref load get readtable fromtable sparktable tables",
    "session.engine.begin(): with it one runs any SQL": "execute run exec connection connect",
    'df.write("name")': "write writetable save createtable",
})  # fmt: skip

COLUMN = _by_name({
    "{column}.is_null()": "isna isnone",
    "{column}.is_not_null()": "notnull notna",
    "F.coalesce({column}, 0)": "fillna fillnull ifnull nvl",
    '{column}.cast("int")': "astype ascast toint tofloat",
    '{column}.label("name"), or select(name={column})': "alias rename as aslabel named name",
    "F.when({column} > 1, 0).otherwise(1)": "when otherwise ifelse",
    "F.avg({column})": "mean average",
    "F.count_distinct({column})": "nunique countdistinct",
    "F.trim({column})": "strip stripchars",
    "F.length({column})": "len size lenchars",
    "F.regexp_matches({column}, …), or {column}.like(…)": "rlike match",
    "{column}.is_not_distinct_from(…)": "eqnullsafe equals identicalto",
    "F.lag({column}).over(order_by=…)": "shift diff",
    "F.sum({column}).over(order_by=…)": "cumsum",
    "F.sum({column}).over(partition_by=…)": "over",
    "df.select(…).distinct()": "unique",
    'df.group_by("a").count()': "valuecounts",
    "functions of SQL, such as F.upper({column}); those of Python do not run in a database": "apply map",
    "F.year({column}), F.month({column}), …": "dt",
    "{column}.like(…), {column}.contains(…), F.upper({column})": "str",
    "F.stddev({column})": "std",
    "{column}.between(low, high)": "isbetween",
    "df.order_by({column})": "sort",
})  # fmt: skip

FUNCTIONS = _by_name({
    "F.array_agg({column})": "collectlist arraycollect list",
    "F.array_agg({column}), over df.distinct()": "collectset",
    "F.avg({column})": "mean average",
    "F.bool_and({column})": "every all logicaland",
    "F.bool_or({column})": "some any logicalor",
    "F.coalesce({column}, 0)": "nvl fillnull fillna",
    "F.concat_ws(separator, {column}, …)": "concatwithsep",
    "F.count()": "countstar countall n size",
    "F.count_distinct({column})": "nunique ndistinct approxcountdistinct approxnunique",
    "F.current_timestamp()": "now getdate",
    "F.current_date()": "today curdate",
    'F.date_add({column}, 1, "day")': "adddays addmonths datesub",
    'F.date_diff("day", {column}, other)': "monthsbetween",
    'F.date_format({column}, "%Y-%m")': "strftime tochar formatdate",
    "F.day_of_week({column})": "weekday isodow",
    "F.length({column})": "len charlength",
    "F.left({column}, n), F.right({column}, n), or F.substring({column}, start, length)": "head mid",
    "F.quantile({column}, 0.9)": "percentile percentileapprox approxpercentile percentilecont approxquantile",
    "F.regexp_matches({column}, pattern)": "rlike regexplike regexpcontains",
    "F.row_number().over(order_by={column})": "monotonicallyincreasingid rowid",
    "F.split_part({column}, separator, n)": "split strsplit",
    "F.stddev({column})": "std stddevsamp",
    "F.string_agg({column}, separator)": "groupconcat listagg",
    "F.strpos({column}, text)": "instr locate position indexof",
    "F.to_timestamp({column}, format)": "strptime todatetime parsedatetime",
    "F.trim({column})": "strip",
    "F.try_cast({column}, type)": "safecast tonumber",
    "F.var({column})": "variance varsamp varsample",
    "F.when(condition, value).otherwise(other)": "case ifelse iff",
    "columns and functions themselves, df.a + 1, F.upper(df.a); a query in SQL is session.sql(…)": "expr sql",
    "{column}.is_null()": "isnull isna",
    "{column}.asc()": "asc",
    "{column}.desc()": "desc",
    'df.explode("a")': "explode unnest flatten",
    "func.random(), with func of sqlalchemy": "rand random",
    "other itself: databases choose how they join": "broadcast",
})  # fmt: skip

# What a column is asked for besides operators; the rest of SQLAlchemy's is not for those who have a typo.
_COLUMN_METHODS = """
    asc() between(…) cast(…) concat(…) contains(…) desc() endswith(…) icontains(…) ilike(…) in_(…) is_(…)
    is_distinct_from(…) is_not(…) is_not_distinct_from(…) is_not_null() is_null() isin(…) istartswith(…)
    label(…) like(…) not_in(…) not_like(…) nulls_first() nulls_last() regexp_match(…) regexp_replace(…)
    startswith(…) try_cast(…)
"""

_NEAR = 0.75
_HOMES = {"F": "F of pydbt", "func": "func of sqlalchemy"}


def folded(name: str) -> str:
    """A name without what libraries differ in: case and underscores.

    >>> folded("with_Column") == folded("withColumn")
    True
    """
    return name.replace("_", "").lower()


def spelled(name: str, methods: Iterable[str], table: Mapping[str, str], owner: str) -> str:
    """What to write for a method of another library, or one with a typo; empty when none is like it.

    Args:
        name: What the user wrote.
        methods: The names there are, ``group_by(…)`` or, for what is not called, ``columns``.
        table: What to write for the names of other libraries.
        owner: What stands before the dot.

    >>> spelled("groupBy", ["group_by(…)"], FRAME, "df")
    'df.group_by(…)'
    >>> spelled("merge", ["join(…)"], FRAME, "df")
    'df.join(other, "a")'
    >>> spelled("seelct", ["select(…)"], FRAME, "df")
    'df.select(…)'
    >>> spelled("goals", ["select(…)"], FRAME, "df")
    ''
    """
    plain = folded(name)
    by_folded = {folded(method).partition("(")[0]: f"{owner}.{method}" for method in methods}
    if plain in by_folded:
        return by_folded[plain]
    if plain in table:
        return table[plain].replace("{name}", name).replace("{column}", owner)
    near = difflib.get_close_matches(plain, list(by_folded), n=1, cutoff=_NEAR)
    return by_folded[near[0]] if near else ""


def spelled_function(name: str, functions: Iterable[str]) -> str:
    """What to write for ``F.name``; what is not among PyDBT's functions may still be the database's.

    >>> spelled_function("dateFormat", ["date_format"])
    'use F.date_format(…)'
    >>> spelled_function("soundex", ["date_format"])
    "func.soundex(…), with func of sqlalchemy, is the database's own, if it has one of that name"
    """
    advice = spelled(name, [f"{each}(…)" for each in functions], FUNCTIONS, "F")
    if advice:
        # Advice is given with a column as its owner: here none is at hand.
        return f"use {FUNCTIONS.get(folded(name), advice)}".replace("{column}", "df.a")
    return f"func.{name}(…), with func of sqlalchemy, is the database's own, if it has one of that name"


def spelled_on_column(name: str, shown: str) -> str:
    """What to write for ``df.a.name``: a method that a column has, or a function over it.

    >>> spelled_on_column("isNull", "df.a")
    'df.a.is_null()'
    >>> spelled_on_column("uper", "df.a")
    'F.upper(df.a), with F of pydbt'
    """
    advice = spelled(name, _COLUMN_METHODS.split(), COLUMN, shown)
    if advice:
        return advice
    # Here, for functions are made of columns.
    from pydbt.sql import functions
    from pydbt.sql.functions.known import KNOWN

    for owner, names in (("F", dir(functions)), ("func", KNOWN)):
        near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=_NEAR)
        if near:
            return f"{owner}.{near[0]}({shown}), with {_HOMES[owner]}"
    return f"func.{name}({shown}), with {_HOMES['func']}"
