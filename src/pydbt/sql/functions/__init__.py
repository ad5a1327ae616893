"""F: typed functions that give the same result on every database.

``from pydbt import F``, or ``from pydbt.sql import functions as F``. Each takes columns, names of columns and
Python values, and gives an expression that stands wherever a column does.

>>> from pydbt import F
>>> games().select("team", club=F.upper("team"), goals=F.abs("goals")).first()
('a', 'A', 3)
"""

from __future__ import annotations

from pydbt.sql.functions.conditional import col as col
from pydbt.sql.functions.conditional import lit as lit
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
from pydbt.sql.functions.dates import current_date as current_date
from pydbt.sql.functions.dates import current_timestamp as current_timestamp
from pydbt.sql.functions.dates import date as date
from pydbt.sql.functions.dates import date_add as date_add
from pydbt.sql.functions.dates import date_diff as date_diff
from pydbt.sql.functions.dates import date_trunc as date_trunc
from pydbt.sql.functions.dates import last_day as last_day
from pydbt.sql.functions.dates import make_date as make_date
from pydbt.sql.functions.numbers import abs as abs  # noqa: A004  the name it has in SQL
from pydbt.sql.functions.text import strpos as strpos
from pydbt.sql.functions.text import upper as upper
