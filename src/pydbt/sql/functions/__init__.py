"""F: typed functions that give the same result on every database.

``from pydbt import F``, or ``from pydbt.sql import functions as F``. Each takes columns, names of columns and
Python values, and gives an expression that stands wherever a column does.

>>> from pydbt import F
>>> games().select("team", club=F.upper("team"), goals=F.abs("goals")).first()
('a', 'A', 3)
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, NoReturn

from pydbt.sql.functions.aggregates import any_value as any_value
from pydbt.sql.functions.aggregates import avg as avg
from pydbt.sql.functions.aggregates import bool_and as bool_and
from pydbt.sql.functions.aggregates import bool_or as bool_or
from pydbt.sql.functions.aggregates import count as count
from pydbt.sql.functions.aggregates import count_distinct as count_distinct
from pydbt.sql.functions.aggregates import count_if as count_if
from pydbt.sql.functions.aggregates import max as max  # noqa: A004  the name it has in SQL
from pydbt.sql.functions.aggregates import min as min  # noqa: A004  the name it has in SQL
from pydbt.sql.functions.aggregates import sum as sum  # noqa: A004  the name it has in SQL
from pydbt.sql.functions.casting import cast as cast
from pydbt.sql.functions.casting import try_cast as try_cast
from pydbt.sql.functions.conditional import coalesce as coalesce
from pydbt.sql.functions.conditional import col as col
from pydbt.sql.functions.conditional import greatest as greatest
from pydbt.sql.functions.conditional import if_null as if_null
from pydbt.sql.functions.conditional import least as least
from pydbt.sql.functions.conditional import lit as lit
from pydbt.sql.functions.conditional import nullif as nullif
from pydbt.sql.functions.conditional import when as when
from pydbt.sql.functions.date_parts import day as day
from pydbt.sql.functions.date_parts import day_of_week as day_of_week
from pydbt.sql.functions.date_parts import day_of_year as day_of_year
from pydbt.sql.functions.date_parts import extract as extract
from pydbt.sql.functions.date_parts import hour as hour
from pydbt.sql.functions.date_parts import minute as minute
from pydbt.sql.functions.date_parts import month as month
from pydbt.sql.functions.date_parts import quarter as quarter
from pydbt.sql.functions.date_parts import second as second
from pydbt.sql.functions.date_parts import week as week
from pydbt.sql.functions.date_parts import year as year
from pydbt.sql.functions.date_text import date_format as date_format
from pydbt.sql.functions.date_text import to_date as to_date
from pydbt.sql.functions.date_text import to_timestamp as to_timestamp
from pydbt.sql.functions.dates import current_date as current_date
from pydbt.sql.functions.dates import current_timestamp as current_timestamp
from pydbt.sql.functions.dates import date as date
from pydbt.sql.functions.dates import date_add as date_add
from pydbt.sql.functions.dates import date_diff as date_diff
from pydbt.sql.functions.dates import date_trunc as date_trunc
from pydbt.sql.functions.dates import last_day as last_day
from pydbt.sql.functions.dates import make_date as make_date
from pydbt.sql.functions.json import json_value as json_value
from pydbt.sql.functions.mathematics import acos as acos
from pydbt.sql.functions.mathematics import asin as asin
from pydbt.sql.functions.mathematics import atan as atan
from pydbt.sql.functions.mathematics import atan2 as atan2
from pydbt.sql.functions.mathematics import cos as cos
from pydbt.sql.functions.mathematics import degrees as degrees
from pydbt.sql.functions.mathematics import exp as exp
from pydbt.sql.functions.mathematics import ln as ln
from pydbt.sql.functions.mathematics import log as log
from pydbt.sql.functions.mathematics import log10 as log10
from pydbt.sql.functions.mathematics import pi as pi
from pydbt.sql.functions.mathematics import power as power
from pydbt.sql.functions.mathematics import radians as radians
from pydbt.sql.functions.mathematics import sin as sin
from pydbt.sql.functions.mathematics import sqrt as sqrt
from pydbt.sql.functions.mathematics import tan as tan
from pydbt.sql.functions.numbers import abs as abs  # noqa: A004  the name it has in SQL
from pydbt.sql.functions.numbers import bitwise_and as bitwise_and
from pydbt.sql.functions.numbers import bitwise_not as bitwise_not
from pydbt.sql.functions.numbers import bitwise_or as bitwise_or
from pydbt.sql.functions.numbers import bitwise_xor as bitwise_xor
from pydbt.sql.functions.numbers import ceil as ceil
from pydbt.sql.functions.numbers import floor as floor
from pydbt.sql.functions.numbers import mod as mod
from pydbt.sql.functions.numbers import round as round  # noqa: A004  the name it has in SQL
from pydbt.sql.functions.numbers import sign as sign
from pydbt.sql.functions.numbers import trunc as trunc
from pydbt.sql.functions.ordered_aggregates import array_agg as array_agg
from pydbt.sql.functions.ordered_aggregates import first as first
from pydbt.sql.functions.ordered_aggregates import last as last
from pydbt.sql.functions.ordered_aggregates import string_agg as string_agg
from pydbt.sql.functions.padding import lpad as lpad
from pydbt.sql.functions.padding import ltrim as ltrim
from pydbt.sql.functions.padding import rpad as rpad
from pydbt.sql.functions.padding import rtrim as rtrim
from pydbt.sql.functions.padding import trim as trim
from pydbt.sql.functions.parts import contains as contains
from pydbt.sql.functions.parts import ends_with as ends_with
from pydbt.sql.functions.parts import left as left
from pydbt.sql.functions.parts import right as right
from pydbt.sql.functions.parts import split_part as split_part
from pydbt.sql.functions.parts import starts_with as starts_with
from pydbt.sql.functions.parts import strpos as strpos
from pydbt.sql.functions.parts import substring as substring
from pydbt.sql.functions.patterns import regexp_extract as regexp_extract
from pydbt.sql.functions.patterns import regexp_matches as regexp_matches
from pydbt.sql.functions.patterns import regexp_replace as regexp_replace
from pydbt.sql.functions.slicing import slice as slice  # noqa: A004  the name it has in SQL
from pydbt.sql.functions.statistics import corr as corr
from pydbt.sql.functions.statistics import median as median
from pydbt.sql.functions.statistics import quantile as quantile
from pydbt.sql.functions.statistics import stddev as stddev
from pydbt.sql.functions.statistics import stddev_pop as stddev_pop
from pydbt.sql.functions.statistics import var as var
from pydbt.sql.functions.statistics import var_pop as var_pop
from pydbt.sql.functions.text import ascii as ascii  # noqa: A004  the name it has in SQL
from pydbt.sql.functions.text import chr as chr  # noqa: A004  the name it has in SQL
from pydbt.sql.functions.text import concat as concat
from pydbt.sql.functions.text import concat_ws as concat_ws
from pydbt.sql.functions.text import initcap as initcap
from pydbt.sql.functions.text import length as length
from pydbt.sql.functions.text import lower as lower
from pydbt.sql.functions.text import md5 as md5
from pydbt.sql.functions.text import repeat as repeat
from pydbt.sql.functions.text import replace as replace
from pydbt.sql.functions.text import reverse as reverse
from pydbt.sql.functions.text import upper as upper
from pydbt.sql.functions.windows import cume_dist as cume_dist
from pydbt.sql.functions.windows import dense_rank as dense_rank
from pydbt.sql.functions.windows import first_value as first_value
from pydbt.sql.functions.windows import lag as lag
from pydbt.sql.functions.windows import last_value as last_value
from pydbt.sql.functions.windows import lead as lead
from pydbt.sql.functions.windows import nth_value as nth_value
from pydbt.sql.functions.windows import ntile as ntile
from pydbt.sql.functions.windows import percent_rank as percent_rank
from pydbt.sql.functions.windows import rank as rank
from pydbt.sql.functions.windows import row_number as row_number


def __dir__() -> list[str]:
    """The functions alone: what stands beside them in this module is no answer to a Tab."""
    return sorted(name for name, made in globals().items() if inspect.isfunction(made) and name[0] != "_")


if not TYPE_CHECKING:  # For type checkers a name that is not there stays one.

    def __getattr__(name: str) -> NoReturn:
        """Tell how what other libraries call so, or what looks like it, is called here.

        >>> from pydbt import F
        >>> F.countDistinct
        Traceback (most recent call last):
        pydbt.errors.UnknownMethodError: PYDBT-E630: F has no function 'countDistinct' (...)
          use F.count_distinct(…)...
        """
        if name.startswith("__"):
            raise AttributeError(name)
        from pydbt.errors import UnknownMethodError, user_location
        from pydbt.sql.spellings import spelled_function

        hint = spelled_function(name, __dir__())
        raise UnknownMethodError(f"F has no function {name!r}", where=user_location(), hint=hint)
