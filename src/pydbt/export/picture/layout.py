"""Which way the picture runs, and how large its boxes are."""

from __future__ import annotations

from collections.abc import Iterable

from pydbt.export.picture import style
from pydbt.project.manifest import Manifest, ManifestTask

_PAGE = 1000.0  # points; a page of a README shows that without shrinking letters below reading
_PADDING = 26.0
_NAME_LINE = 16.0
_DETAIL_LINE = 12.0
_BESIDE = 56.0  # between columns of boxes, room for edges
_BELOW = 16.0


class _Widths(dict[str, float]):
    """Widths of letters as parts of the size; those not seen yet are reckoned once."""

    def __missing__(self, letter: str) -> float:
        is_square = ord(letter) > 0x2E80  # noqa: PLR2004  where the scripts of square letters start
        self[letter] = 1.0 if is_square else 0.95 if letter in "mwMWQOGD@%" else 0.65
        return self[letter]


_WIDTHS = _Widths(dict.fromkeys("ijlftrI.,:;|!'()[]1 ", 0.4))


def text_width(text: str, size: float) -> float:
    """About how wide a text is, in points; a little too wide rather than too narrow.

    >>> text_width("il", 10) < text_width("ab", 10) < text_width("mw", 10)
    True
    """
    return size * sum(map(_WIDTHS.__getitem__, text))


def lines_of(task: ManifestTask) -> tuple[str, ...]:
    """The small lines under the name: last status first, then what is not the default."""
    return style.status_lines(task) + style.details(task)


def box_width(task: ManifestTask) -> float:
    """How wide the task's box has to be, in points."""
    name = text_width(f"● {task.name}" if task.status else task.name, style.NAME_SIZE)
    return max([name, *(text_width(line, style.DETAIL_SIZE) for line in lines_of(task))]) + _PADDING


def box_height(tasks: Iterable[ManifestTask]) -> float:
    """The least height of a box, in points: room for the name, and for a small line if any task has one."""
    has_small_line = any(lines_of(task) for task in tasks)
    return 14.0 + _NAME_LINE + has_small_line * _DETAIL_LINE


def is_top_down(manifest: Manifest) -> bool:
    """Whether the levels run down the page rather than to the right.

    To the right reads like the sentence "this, then that", so it is the rule. A deep DAG would be too wide
    for a page that way: then whichever way is narrower.
    """
    columns = [max(map(box_width, level)) for level in manifest.levels]
    to_the_right = sum(columns) + _BESIDE * len(columns)
    if to_the_right <= _PAGE:
        return False
    down = max((sum(box_width(task) + _BELOW for task in level) for level in manifest.levels), default=0)
    return down < to_the_right
