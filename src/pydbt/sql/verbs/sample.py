"""sample: some of the rows, the same ones each time.

A row is in the sample by a digest of it, or of a key, together with the seed. Databases have samples of their
own, but each draws by its blocks, its threads and its chance: nothing that could be repeated. The digest is
MD5 of the row as text, and text is the same everywhere (``casts.py``): so is the sample.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

from sqlalchemy import cast, func, literal
from sqlalchemy.types import String

from pydbt.errors import ColumnArgumentError, LimitError, user_location
from pydbt.sql.column import column_of
from pydbt.sql.functions.text import md5
from pydbt.sql.query import Query
from pydbt.sql.values import unwrapped
from pydbt.sql.verbs.arguments import element_of, flattened
from pydbt.sql.verbs.filter import filter_rows
from pydbt.sql.verbs.order import check_count, limit, order_by

_TEXT = String()
# So many hexadecimal digits of a digest decide: one row in 2^64 is as fine as anybody samples.
_DIGITS = 16


def sample(query: Query, fraction: Any, n: Any, seed: Any, by: Any) -> Query:
    """About a fraction of the rows, or n of them.

    Args:
        query: Whose rows.
        fraction: A share from 0 to 1.
        n: How many rows, instead of a fraction.
        seed: A whole number: another one, another sample.
        by: What tells rows apart, columns or their names; None is the whole row.
    """
    if (fraction is None) == (n is None):
        hint = "give one of the two: sample(0.1), or sample(n=100)"
        raise ColumnArgumentError("sample takes a fraction or n", where=user_location(), hint=hint)
    seed, fraction = unwrapped(seed), unwrapped(fraction)
    if isinstance(seed, bool) or not isinstance(seed, int):
        hint = "give a whole number"
        raise ColumnArgumentError(f"sample was given seed={seed!r}", where=user_location(), hint=hint)
    digest = _digest_of(query, seed, by)
    if fraction is None:
        return limit(order_by(query, [digest]), check_count(n, "sample"))
    if isinstance(fraction, bool) or not isinstance(fraction, (int, float)) or not 0 <= fraction <= 1:
        hint = "give a share from 0 to 1, or n=… for a number of rows"
        raise LimitError(f"sample was given the fraction {fraction!r}", where=user_location(), hint=hint)
    # One past the digits for the whole: every digest is below it.
    limit_ = "g" if fraction == 1 else f"{int(fraction * 16**_DIGITS):0{_DIGITS}x}"
    return filter_rows(query, [digest < literal(limit_, _TEXT)], "sample")


def _digest_of(query: Query, seed: int, by: Any) -> Any:
    columns = [element_of(query, key, "sample") for key in flattened([by])] if by is not None else []
    columns = columns or [column_of(query, name) for name in query.fields]
    texts = [func.coalesce(cast(column, _TEXT), "", type_=_TEXT) for column in columns]
    first: Any = literal(str(seed), _TEXT)
    return md5(reduce(lambda row, text: row + "|" + text, texts, first))
