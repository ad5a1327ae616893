"""The DAG in Graphviz's language: ``dag.dot``, which the PNG and the SVG are drawn from.

Written as text, without Graphviz. ``dot -Tpdf dag.dot`` draws the same picture elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydbt.export.picture import layout, style
from pydbt.export.picture.label import header, node_label
from pydbt.export.picture.text import printable
from pydbt.project.manifest import Manifest, ManifestTask

FILE_NAME = "dag.dot"

_POINTS_PER_INCH = 72


def render(manifest: Manifest) -> bytes:
    """The file's bytes."""
    return source(manifest).encode()


def source(manifest: Manifest) -> str:
    """The graph as text: one node a line, level by level, then one edge a line."""
    top_down = layout.is_top_down(manifest)
    lines = [
        f"digraph {quoted(manifest.project)} {{",
        *graph_attributes(manifest, "TB" if top_down else "LR"),
        *_nodes(manifest, top_down=top_down),
        *(f"  {quoted(above)} -> {quoted(below)};" for above, below in manifest.edges),
        "}",
    ]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    r"""A text as a string of the language, whatever stands in it; line breaks become Graphviz's ``\n``.

    >>> print(quoted('say "hi"'))
    "say \"hi\""
    """
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def attributes(values: Mapping[str, str]) -> str:
    """Attributes in brackets; a value that starts with ``<`` is markup and stands as it is."""
    shown = (f"{key}={value if value.startswith('<') else quoted(value)}" for key, value in values.items())
    return f"[{', '.join(shown)}]"


def graph_attributes(manifest: Manifest, direction: str) -> Iterator[str]:
    """The lines that all nodes and edges share."""
    tail, head = ("s", "n") if direction == "TB" else ("e", "w")
    graph = {
        "rankdir": direction,
        "bgcolor": style.BACKGROUND,
        "pad": "0.3",
        "nodesep": "0.16" if direction == "LR" else "0.22",
        "ranksep": "0.85" if direction == "LR" else "0.55",
        "fontname": style.FONTS,
        "fontcolor": style.INK,
        "label": header(manifest),
        "labelloc": "t",
        "labeljust": "l",
        "tooltip": manifest.project,
    }
    node = {
        "shape": "box",
        "style": "rounded,filled",
        "fontname": style.FONTS,
        "fontcolor": style.INK,
        "fontsize": f"{style.NAME_SIZE:g}",
        "penwidth": "1.2",
        "margin": "0.16,0.08",
        "height": f"{layout.box_height(manifest.tasks) / _POINTS_PER_INCH:.3f}",
    }
    edge = {
        "color": style.EDGE,
        "penwidth": "1.2",
        "arrowsize": "0.6",
        "tailport": tail,
        "headport": head,
    }
    yield f"  graph {attributes(graph)};"
    yield f"  node {attributes(node)};"
    yield f"  edge {attributes(edge)};"


def node(task: ManifestTask, **more: str) -> str:
    """A task's line."""
    look = style.look_of(task)
    values = {
        "label": node_label(task),
        "fillcolor": look.fill,
        "color": style.border_of(task),
        "tooltip": task.description or task.name,
    }
    if look.is_dashed:
        values["style"] = "rounded,filled,dashed"
    if style.is_in_trouble(task):
        values["penwidth"] = "2"
    return f"{quoted(task.name)} {attributes(values | more)};"


def _nodes(manifest: Manifest, *, top_down: bool) -> Iterator[str]:
    for level in manifest.levels:
        widest = max(map(layout.box_width, level))
        yield "  { rank=same;"
        for task in level:
            width = layout.box_width(task) if top_down else widest
            yield f"    {node(task, width=f'{width / _POINTS_PER_INCH:.3f}')}"
        yield "  }"
