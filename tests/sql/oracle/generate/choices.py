"""Choices, and what is known of the columns while a program is made."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

Item = TypeVar("Item")
_serials = itertools.count()


@cache
def _below(count: int) -> st.SearchStrategy[int]:
    return st.integers(0, count - 1)


@cache
def _bytes(count: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=count, max_size=count)


class Choices:
    """Hypothesis's choices, in few words. The first of what is offered is the simplest."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def below(self, count: int) -> int:
        """A number from 0 on."""
        found: int = self._draw(_below(count)) if count > 1 else 0
        return found

    def pick(self, offered: Sequence[Item]) -> Item:
        """One of these."""
        return offered[self.below(len(offered))]

    def chance(self, percent: int) -> bool:
        """Whether to do what is not simplest."""
        return self.below(100) >= 100 - percent

    def some(self, offered: Sequence[Item], count: int) -> list[Item]:
        """So many of these, each once, in any order."""
        left = list(offered)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]

    def bytes(self, count: int) -> bytes:
        """So many bytes, by one choice: for the cells of a table."""
        found: bytes = self._draw(_bytes(count)) if count else b""
        return found


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a column.

    Args:
        name: Its name.
        kind: Its kind.
        bound: How large its numbers may be.
        identity: It stays the same column for as long as this does, whatever it is called.
    """

    name: str
    kind: str
    bound: int = 0
    identity: int = field(default_factory=lambda: next(_serials))

    def called(self, name: str) -> Known:
        """The same column under another name."""
        return replace(self, name=name)


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression with its kind, and how large its numbers may be."""

    expr: Any
    kind: str
    bound: int = 0
