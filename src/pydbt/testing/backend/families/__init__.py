"""The cases, a family a module."""

from __future__ import annotations

from pydbt.testing.backend.case import Case
from pydbt.testing.backend.families import (
    aggregates,
    arithmetic,
    casts,
    comparisons,
    functions,
    groups,
    joins,
    logic,
    moments,
    ordering,
    programs,
    projections,
    sets,
    statistics,
    text_functions,
    texts,
    windows,
)

_MODULES = (
    arithmetic,
    comparisons,
    logic,
    texts,
    moments,
    casts,
    functions,
    text_functions,
    projections,
    ordering,
    aggregates,
    statistics,
    groups,
    windows,
    joins,
    sets,
    programs,
)
_CASES: tuple[Case, ...] = tuple(case for module in _MODULES for case in module.CASES)


def cases(*families: str) -> tuple[Case, ...]:
    """The cases, all or those of some families.

    >>> len(cases()) >= 250, sorted({case.family for case in cases("joins", "sets")})
    (True, ['joins', 'sets'])
    """
    return tuple(case for case in _CASES if not families or case.family in families)
