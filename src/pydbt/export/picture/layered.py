"""Places for the tasks of a DAG too large for Graphviz's own layout: linear in tasks and edges.

Graphviz's time grows with the square of the edges and the levels they cross: a second at 2,000, half a
minute at 11,000. Here each level is a row of boxes, put in order by the mean place of its neighbours, in a
few sweeps up and down, and each edge is one curve, which may pass behind boxes of levels between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydbt.export.picture import layout
from pydbt.project.manifest import Manifest

SLOW_SIZE = 5_000

_SWEEPS = 4
_BETWEEN_BOXES = 12.0
_BETWEEN_LEVELS = 110.0
_ARROW = 6.0


@dataclass(frozen=True, slots=True)
class Box:
    """A task's place: its centre and its size, in points."""

    x: float
    y: float
    width: float
    height: float


def is_slow(manifest: Manifest) -> bool:
    """Whether Graphviz would need more than some seconds: tasks and levels crossed by edges, summed."""
    level = {task.name: task.level for task in manifest.tasks}
    crossed = sum(level[below] - level[above] for above, below in manifest.edges)
    return len(manifest.tasks) + crossed > SLOW_SIZE


def boxes(manifest: Manifest, *, top_down: bool) -> dict[str, Box]:
    """A box for each task, by name."""
    height = 14.0 + layout.box_height(manifest.tasks)
    tasks = {task.name: task for task in manifest.tasks}
    placed = {}
    depth = 0.0
    for row in _ordered(manifest):
        widths = [layout.box_width(tasks[name]) for name in row]
        thickness = height if top_down else max(widths)
        lengths = widths if top_down else [height] * len(row)
        along = -(sum(lengths) + _BETWEEN_BOXES * (len(row) - 1)) / 2
        for name, length in zip(row, lengths, strict=True):
            middle, across = along + length / 2, depth + thickness / 2
            placed[name] = (
                Box(middle, -across, length, height) if top_down else Box(across, -middle, thickness, height)
            )
            along += length + _BETWEEN_BOXES
        depth += thickness + _BETWEEN_LEVELS
    return placed


def curve(start: Box, end: Box, *, top_down: bool) -> str:
    """An edge as Graphviz writes one: the arrow's tip, then a cubic curve from side to side."""
    if top_down:
        tail, tip = (start.x, start.y - start.height / 2), (end.x, end.y + end.height / 2)
        foot = (tip[0], tip[1] + _ARROW)
        bend = (tail[1] - foot[1]) / 2
        controls = ((tail[0], tail[1] - bend), (foot[0], foot[1] + bend))
    else:
        tail, tip = (start.x + start.width / 2, start.y), (end.x - end.width / 2, end.y)
        foot = (tip[0] - _ARROW, tip[1])
        bend = (foot[0] - tail[0]) / 2
        controls = ((tail[0] + bend, tail[1]), (foot[0] - bend, foot[1]))
    return " ".join([f"e,{_point(tip)}", *map(_point, (tail, *controls, foot))])


def _point(point: tuple[float, float]) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


def _ordered(manifest: Manifest) -> list[list[str]]:
    """The levels, each in an order that keeps most edges short."""
    rows = [[task.name for task in level] for level in manifest.levels]
    above: dict[str, list[str]] = {task.name: [] for task in manifest.tasks}
    below: dict[str, list[str]] = {task.name: [] for task in manifest.tasks}
    for upper, lower in manifest.edges:
        above[lower].append(upper)
        below[upper].append(lower)
    place = _places(rows)
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        neighbours = above if downwards else below
        for row in rows if downwards else reversed(rows):
            wished = {name: _mean(neighbours[name], place, place[name]) for name in row}
            row.sort(key=wished.__getitem__)
            place.update(_places([row]))
    return rows


def _places(rows: Iterable[Sequence[str]]) -> dict[str, float]:
    """Where each name stands in its row, from 0 to 1."""
    return {name: (index + 0.5) / len(row) for row in rows for index, name in enumerate(row)}


def _mean(names: Sequence[str], place: Mapping[str, float], otherwise: float) -> float:
    return sum(place[name] for name in names) / len(names) if names else otherwise
