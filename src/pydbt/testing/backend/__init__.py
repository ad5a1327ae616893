"""The conformance kit: small cases that a database passes when PyDBT means the same on it as everywhere.

For whoever writes a dialect. Each case is a program over small tables, and the columns, types and rows that
come out of it::

    import pytest
    from pydbt.testing.backend import cases, never, run

    MARKS = {"sets: intersect": never("this database has no INTERSECT")}

    @pytest.mark.parametrize("case", cases(), ids=str)
    def test_my_database(case, my_engine):
        run(case, my_engine, MARKS)

A case that is marked ``notimpl``, ``notyet`` or ``never`` must fail: one that passes is a failure, so that a
mark goes when its reason has gone. ``docs/how-to/support-another-database.md`` goes through a whole dialect.
"""

from pydbt.testing.backend.case import Case, Mark, Marks, Tables, each, never, notimpl, notyet
from pydbt.testing.backend.families import cases
from pydbt.testing.backend.marks import MARKS
from pydbt.testing.backend.running import UnexpectedPassError, check, run

__all__ = [
    "MARKS",
    "Case",
    "Mark",
    "Marks",
    "Tables",
    "UnexpectedPassError",
    "cases",
    "check",
    "each",
    "never",
    "notimpl",
    "notyet",
    "run",
]
