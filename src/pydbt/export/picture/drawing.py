"""Graphviz at work, as a program of its own: ``python drawing.py GRAPH PICTURE FORMAT LAYOUT``.

Run by `pydbt.export.picture.graphviz`; it imports nothing of PyDBT. In a process of its own Graphviz can be
stopped when it takes too long, reads our fonts without changing the caller's environment, and keeps its
warnings to itself.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

_POINTS_PER_INCH = 72
_SHARP = 144.0  # dots per inch: letters stay clean where a page shrinks the picture
_LONGEST = 16_000  # pixels; the library behind Graphviz ends at 32,767
_LARGEST = 24_000_000  # pixels, 100 MB while drawing


def resolution(width: float, height: float) -> float:
    """Dots per inch for a picture of so many points: sharp, but of a size that programs can open.

    >>> resolution(600, 200)
    144.0
    >>> resolution(72 * 1600, 100)
    10.0
    """
    inches = (max(width, 1.0) / _POINTS_PER_INCH, max(height, 1.0) / _POINTS_PER_INCH)
    return min(_SHARP, _LONGEST / max(inches), math.sqrt(_LARGEST / (inches[0] * inches[1])))


def main(graph: str, picture: str, picture_format: str, layout: str) -> None:
    """Lay the graph out, choose a resolution, draw."""
    import pygraphviz

    drawn = pygraphviz.AGraph(string=Path(graph).read_text(encoding="utf-8"))
    drawn.layout(prog=layout)
    if picture_format == "png":
        left, bottom, right, top = (float(number) for number in drawn.graph_attr["bb"].split(","))
        drawn.graph_attr["dpi"] = f"{resolution(right - left, top - bottom):.2f}"
    drawn.draw(picture, format=picture_format, prog="nop2")


if __name__ == "__main__":
    main(*sys.argv[1:])
