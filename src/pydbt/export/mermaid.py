"""The DAG as a Mermaid flowchart, ``dag.mmd``: READMEs and issue trackers draw it from its text."""

from __future__ import annotations

from pydbt.export.picture import layout, style
from pydbt.export.picture.text import printable
from pydbt.project.manifest import Manifest, ManifestTask

FILE_NAME = "dag.mmd"

_SHAPES = {"table": ("[", "]"), "view": ("([", "])")}
_PLAIN = ("(", ")")
# What Mermaid, its Markdown or the page around would read as markup.
_MARKUP = frozenset("\"'`#&<>;\\*_~|[](){}%^$")


def render(manifest: Manifest) -> bytes:
    """The file's bytes: one node a line, one edge a line, so that a change reads well in a diff."""
    lines = [f"flowchart {'TB' if layout.is_top_down(manifest) else 'LR'}"]
    lines += [f"  {_node(task)}" for task in manifest.tasks]
    lines += [f"  {_identifier(above)} --> {_identifier(below)}" for above, below in manifest.edges]
    lines += [f"  {line}" for line in _classes(manifest)]
    return ("\n".join(lines) + "\n").encode()


def escaped(text: str) -> str:
    """A text as it stands between a label's quotes: every mark with a meaning as its number.

    >>> escaped('say "hi" & go')
    'say #34;hi#34; #38; go'
    """
    one_line = " ".join(printable(text).split())
    return "".join(f"#{ord(letter)};" if letter in _MARKUP else letter for letter in one_line)


def _identifier(name: str) -> str:
    # A prefix keeps words of Mermaid's own, "end" or "default", from being read as such.
    return f"t_{name}" if name.isascii() and name.isidentifier() else f"u_{name.encode().hex()}"


def _node(task: ManifestTask) -> str:
    opening, closing = _SHAPES.get(task.materialized or "", _PLAIN)
    small = [*style.status_lines(task), *style.details(task)]
    label = "<br/>".join([task.name if _is_plain(task.name) else escaped(task.name), *map(escaped, small)])
    return f'{_identifier(task.name)}{opening}"{label}"{closing}:::{_class(task)}'


def _is_plain(name: str) -> bool:
    """Whether a name needs no escapes: single underscores inside a word mean nothing to Markdown."""
    return name.isascii() and name.isidentifier() and "__" not in name and name.strip("_") == name


def _class(task: ManifestTask) -> str:
    kind = task.materialized if task.materialized in style.LOOKS else "table"
    return f"{kind or 'task'}_{task.status}" if style.is_in_trouble(task) else (kind or "task")


def _classes(manifest: Manifest) -> list[str]:
    used = {_class(task): task for task in manifest.tasks}
    return [f"classDef {name} {_styles(task)}" for name, task in sorted(used.items())]


def _styles(task: ManifestTask) -> str:
    look = style.look_of(task)
    values = {"fill": look.fill, "stroke": style.border_of(task), "color": style.INK}
    if look.is_dashed:
        values["stroke-dasharray"] = "5 3"
    if style.is_in_trouble(task):
        values["stroke-width"] = "2px"
    return ",".join(f"{key}:{value}" for key, value in values.items())
