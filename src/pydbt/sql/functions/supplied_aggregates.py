"""Aggregates for SQLite: statistics, ordered lists and texts, counts of rows."""

from __future__ import annotations

import json
import math
from collections import deque
from typing import Any

from pydbt.sql.functions.supplied import aggregate


class _Numbers:
    """The numbers of a frame, in the order they come; a window drops the oldest first."""

    def __init__(self) -> None:
        self.numbers: deque[float] = deque()

    def step(self, number: float | None) -> None:
        if number is not None:
            self.numbers.append(float(number))

    def inverse(self, number: float | None) -> None:
        if number is not None:
            self.numbers.popleft()

    def value(self) -> float | None:
        raise NotImplementedError

    def finalize(self) -> float | None:
        return self.value()

    def variance(self, less: int) -> float | None:
        """The mean square of the distances from the mean, of so many numbers less than there are."""
        count = len(self.numbers)
        if count <= less:
            return None
        mean = math.fsum(self.numbers) / count
        return math.fsum((number - mean) ** 2 for number in self.numbers) / (count - less)


def _root(number: float | None) -> float | None:
    return None if number is None else math.sqrt(number)


@aggregate("pydbt_var_samp", 1)
class VarianceOfSample(_Numbers):
    """``var_samp``."""

    def value(self) -> float | None:
        """Of the numbers so far."""
        return self.variance(1)


@aggregate("pydbt_var_pop", 1)
class VarianceOfPopulation(_Numbers):
    """``var_pop``."""

    def value(self) -> float | None:
        """Of the numbers so far."""
        return self.variance(0)


@aggregate("pydbt_stddev_samp", 1)
class DeviationOfSample(_Numbers):
    """``stddev_samp``."""

    def value(self) -> float | None:
        """Of the numbers so far."""
        return _root(self.variance(1))


@aggregate("pydbt_stddev_pop", 1)
class DeviationOfPopulation(_Numbers):
    """``stddev_pop``."""

    def value(self) -> float | None:
        """Of the numbers so far."""
        return _root(self.variance(0))


@aggregate("pydbt_corr", 2)
class Correlation:
    """``corr``, of the rows where neither is NULL."""

    def __init__(self) -> None:
        self.pairs: deque[tuple[float, float]] = deque()

    def step(self, x: float | None, y: float | None) -> None:
        """Take a row."""
        if x is not None and y is not None:
            self.pairs.append((float(x), float(y)))

    def inverse(self, x: float | None, y: float | None) -> None:
        """Drop the oldest row."""
        if x is not None and y is not None:
            self.pairs.popleft()

    def value(self) -> float | None:
        """Of the rows so far."""
        count = len(self.pairs)
        if not count:
            return None
        mean_x, mean_y = (math.fsum(column) / count for column in zip(*self.pairs, strict=True))
        both = math.fsum((x - mean_x) * (y - mean_y) for x, y in self.pairs)
        of_x = math.fsum((x - mean_x) ** 2 for x, _ in self.pairs)
        of_y = math.fsum((y - mean_y) ** 2 for _, y in self.pairs)
        if not of_x or not of_y:
            return None
        return max(-1.0, min(1.0, both / math.sqrt(of_x * of_y)))

    def finalize(self) -> float | None:
        """Of all rows."""
        return self.value()


@aggregate("pydbt_quantile", 2)
class Quantile:
    """``percentile_cont``."""

    def __init__(self) -> None:
        self.numbers: list[float] = []
        self.share = 0.0

    def step(self, number: float | None, share: float) -> None:
        """Take a row."""
        self.share = share
        if number is not None:
            self.numbers.append(float(number))

    def finalize(self) -> float | None:
        """The number at the place, or between the two beside it."""
        if not self.numbers:
            return None
        self.numbers.sort()
        place = self.share * (len(self.numbers) - 1)
        low, high = self.numbers[math.floor(place)], self.numbers[math.ceil(place)]
        return low + (high - low) * (place - math.floor(place))


@aggregate("pydbt_count_distinct", -1)
class CountDistinct:
    """How many different rows without a NULL there are."""

    def __init__(self) -> None:
        self.rows: set[tuple[Any, ...]] = set()

    def step(self, *row: Any) -> None:
        """Take a row."""
        if None not in row:
            self.rows.add(row)

    def finalize(self) -> int:
        """Their number."""
        return len(self.rows)


class _Ordered:
    """Values in the order of keys.

    The first argument is the value; the second the directions of the keys, two letters for each: ``a`` or
    ``d``, and ``f`` or ``l`` for NULLs first or last; then come the keys.
    """

    def __init__(self) -> None:
        self.rows: list[tuple[Any, tuple[Any, ...]]] = []
        self.directions = ""

    def take(self, value: Any, directions: str, keys: tuple[Any, ...]) -> None:
        """Take a row."""
        self.directions = directions
        self.rows.append((value, keys))

    def in_order(self) -> list[Any]:
        """The values, sorted by the last key first, as sorting keeps the order of equals."""
        for position in reversed(range(len(self.directions) // 2)):
            way, nulls = self.directions[2 * position], self.directions[2 * position + 1]
            absent = [row for row in self.rows if row[1][position] is None]
            present = [row for row in self.rows if row[1][position] is not None]
            present.sort(key=lambda row, place=position: row[1][place], reverse=way == "d")  # type: ignore[misc]  # mypy takes no default
            self.rows = absent + present if nulls == "f" else present + absent
        return [value for value, _ in self.rows]


@aggregate("pydbt_string_agg", -1)
class StringAggregate(_Ordered):
    """``string_agg``: texts one after the other, NULLs left out."""

    def __init__(self) -> None:
        super().__init__()
        self.separator = ""

    def step(self, value: str | None, separator: str, directions: str = "", *keys: Any) -> None:
        """Take a row."""
        self.separator = separator
        if value is not None:
            self.take(value, directions, keys)

    def finalize(self) -> str | None:
        """The texts with the separator between."""
        return self.separator.join(self.in_order()) if self.rows else None


@aggregate("pydbt_array_agg", -1)
class ArrayAggregate(_Ordered):
    """``array_agg`` as a JSON list; bytes, which JSON has not, are hexadecimal digits."""

    def step(self, value: Any, directions: str, *keys: Any) -> None:
        """Take a row."""
        self.take(value, directions, keys)

    def finalize(self) -> str | None:
        """The list; none of no rows."""
        return json.dumps(self.in_order(), default=bytes.hex) if self.rows else None


@aggregate("pydbt_first", -1)
class First(_Ordered):
    """The value of the first row."""

    def step(self, value: Any, directions: str, *keys: Any) -> None:
        """Take a row."""
        self.take(value, directions, keys)

    def finalize(self) -> Any:
        """The value, which may be NULL."""
        return self.in_order()[0] if self.rows else None
