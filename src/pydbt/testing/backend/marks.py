"""What PyDBT's own dialects do not pass, and why."""

from __future__ import annotations

from pydbt.testing.backend.case import Mark, Marks, notimpl

_PATTERNS = notimpl("F has no rule for MariaDB's patterns yet: they are refused when the query is built")
_AGGREGATES = notimpl("MariaDB has it as a window only; it is refused when the query is built")
_MYSQL: dict[str, Mark] = {
    "aggregates: first in order": _AGGREGATES,
    "aggregates: last in order": _AGGREGATES,
    "aggregates: median": _AGGREGATES,
    "aggregates: quantile is interpolated": _AGGREGATES,
    "text functions: regexp_matches": _PATTERNS,
    "text functions: regexp_replace": _PATTERNS,
}
MARKS: dict[str, Marks] = {"mysql": _MYSQL, "mariadb": _MYSQL}
