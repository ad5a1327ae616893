"""What PyDBT's own dialects do not pass, and why."""

from __future__ import annotations

from pydbt.testing.backend.case import Mark, Marks, notimpl, notyet

_DATES = notimpl("F has no arithmetic of dates for MariaDB yet: it is refused when the query is built")
_TEXTS = notimpl("F has no rule for MariaDB yet; it is refused when the query is built")
_MYSQL: dict[str, Mark] = {
    "moments: date_add of days": _DATES,
    "moments: date_add of hours": _DATES,
    "moments: date_add of months stays in the month": _DATES,
    "moments: date_diff in days": _DATES,
    "moments: date_trunc to the hour": _DATES,
    "moments: date_trunc to the month": _DATES,
    "moments: date_trunc to the week, from Monday": _DATES,
    "functions: round to digits": notimpl("a float close to a half goes to the even neighbour"),
    "text functions: ltrim": _TEXTS,
    "text functions: regexp_matches": _TEXTS,
    "text functions: regexp_replace": _TEXTS,
    "text functions: rtrim": _TEXTS,
    "text functions: split_part": _TEXTS,
    "text functions: trim": _TEXTS,
    "windows: lead with a default": notyet("MariaDB's own lead takes no default: F.lead supplies one"),
}
MARKS: dict[str, Marks] = {"mysql": _MYSQL, "mariadb": _MYSQL}
