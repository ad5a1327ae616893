"""A picture of a manifest: Graphviz's layout, or our own where that would take too long."""

from __future__ import annotations

from typing import Literal

from pydbt.export import dot
from pydbt.export.picture import layered, layout
from pydbt.export.picture.graphviz import draw
from pydbt.project.manifest import Manifest

_POINTS_PER_INCH = 72


def picture(manifest: Manifest, picture_format: Literal["png", "svg"]) -> bytes:
    """The picture's bytes.

    Raises:
        PictureError: Graphviz failed or took longer than two minutes.
    """
    if layered.is_slow(manifest):
        return draw(placed_source(manifest), picture_format, "nop2")
    return draw(dot.source(manifest), picture_format)


def placed_source(manifest: Manifest) -> str:
    """The graph in Graphviz's language with a place for every task and edge."""
    top_down = layout.is_top_down(manifest)
    boxes = layered.boxes(manifest, top_down=top_down)
    lines = [f"digraph {dot.quoted(manifest.project)} {{"]
    lines += dot.graph_attributes(manifest, "TB" if top_down else "LR")
    lines.append('  graph [outputorder="edgesfirst"]; node [fixedsize="true"];')
    for task in manifest.tasks:
        box = boxes[task.name]
        size = {"width": box.width / _POINTS_PER_INCH, "height": box.height / _POINTS_PER_INCH}
        more = {key: f"{inches:.3f}" for key, inches in size.items()}
        lines.append("  " + dot.node(task, pos=f"{box.x:.1f},{box.y:.1f}", **more))
    for above, below in manifest.edges:
        curve = layered.curve(boxes[above], boxes[below], top_down=top_down)
        lines.append(f"  {dot.quoted(above)} -> {dot.quoted(below)} [pos={dot.quoted(curve)}];")
    return "\n".join([*lines, "}"]) + "\n"
