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
from pydbt.sql.functions.numbers import abs as abs  # noqa: A004  the name it has in SQL
from pydbt.sql.functions.text import strpos as strpos
from pydbt.sql.functions.text import upper as upper
