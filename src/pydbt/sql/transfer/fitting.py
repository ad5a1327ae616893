"""Values meet the type of their column on the way in, or are told by their row."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy.types import Numeric

from pydbt.errors import IncomingError, LiteralError, TypeMismatchError, user_location
from pydbt.sql.transfer.kinds import AnyType, is_exact, is_within_64_bits
from pydbt.sql.types import Family, family_of, is_integer, meet
from pydbt.sql.values import ZONED, plain

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # no types of its own

_FITTING: dict[Family, frozenset[type]] = {}


def plain_column(values: Sequence[Any], name: str) -> list[Any]:
    """The values without what libraries wrap around them.

    Raises:
        IncomingError: One is of a class that no database knows, by its row.
    """
    made = []
    for row, value in enumerate(values, 1):
        try:
            made.append(str(value) if isinstance(value, uuid.UUID) else plain(value))
        except TypeError as error:
            raise IncomingError(
                f"column {name!r}, row {row}: a database has no type for {error} ({value!r:.60})",
                where=user_location(),
                hint="make it text, a number, a date or the like",
            ) from None
    return made


def fitted(values: Sequence[Any], type_: AnyType, name: str) -> Sequence[Any]:
    """The values as this type takes them: text read as dates, whole numbers as floats.

    Raises:
        IncomingError: One does not fit, by its row.
    """
    family = family_of(type_)
    kinds = set(map(type, values))
    if kinds <= _exactly(type_, family):
        return values
    if is_integer(type_) and kinds <= {int, type(None)} and is_within_64_bits(values):
        return values
    made = []
    for row, value in enumerate(values, 1):
        try:
            made.append(_fitted(value, type_, family))
        except (LiteralError, TypeMismatchError, ValueError, OverflowError) as error:
            what = error.what if isinstance(error, (LiteralError, TypeMismatchError)) else str(error)
            raise IncomingError(
                f"column {name!r}, row {row}: {value!r:.80} is not {family.value}: {what}",
                where=user_location(),
                hint=f"mend it, or give the column another type than {type_!r}",
            ) from None
    return made


def arrow_array(values: Sequence[Any], kind: pa.DataType | None, type_: AnyType, name: str) -> pa.Array:
    """The values as an Arrow array; needs pyarrow.

    Args:
        values: The values, which fit the type.
        kind: The array's type; None where the values tell it.
        type_: The column's type.
        name: The column's name.

    Raises:
        IncomingError: One is larger than the type's values.
    """
    import pyarrow as pa

    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        raise IncomingError(
            f"column {name!r} does not fit {type_!r}: {str(error).splitlines()[0]}",
            where=user_location(),
            hint="mend it, or give the column another type in schema",
        ) from None


def _exactly(type_: AnyType, family: Family) -> frozenset[type]:
    """The classes whose values need no look."""
    none = type(None)
    if family is Family.NUMBER:
        return frozenset({none} if is_exact(type_) or is_integer(type_) else {float, none})
    if not _FITTING:
        _FITTING.update(
            {
                Family.TEXT: frozenset({str, none}),
                Family.BOOLEAN: frozenset({bool, none}),
                Family.DATE: frozenset({dt.date, none}),
                Family.TIME: frozenset({dt.time, none}),
                Family.INTERVAL: frozenset({dt.timedelta, none}),
                Family.BINARY: frozenset({bytes, none}),
            }
        )
    return _FITTING.get(family, frozenset())


def _fitted(value: Any, type_: AnyType, family: Family) -> Any:
    if value is None:
        return None
    if family is Family.NUMBER:
        return _number(meet(value, type_), type_)
    if family is Family.DATETIME:
        met = meet(value, ZONED)
        zone = getattr(type_, "timezone", False)
        if zone and met.tzinfo is None:
            raise ValueError("it has no time zone")
        return met if zone or met.tzinfo is None else met.astimezone(dt.UTC).replace(tzinfo=None)
    return meet(value, type_)


def _number(value: Any, type_: AnyType) -> Any:
    if is_integer(type_):
        if int(value) != value:
            raise ValueError("it has a fraction")
        return int(value)
    if not is_exact(type_):
        return float(value)
    exact = decimal.Decimal(str(value))
    assert isinstance(type_, Numeric), "only those are exact"
    if type_.precision is not None:
        scale = type_.scale or 0
        rounded = round(exact, scale)
        if rounded != exact or len(rounded.as_tuple().digits) > type_.precision:
            raise ValueError(f"it does not fit {type_.precision} digits, {scale} of them behind the point")
    return exact
