"""The words on the picture, in Graphviz's markup: those on a box, and the header with its legend."""

from __future__ import annotations

from pydbt.export.picture import style
from pydbt.export.picture.text import markup
from pydbt.project.manifest import Manifest, ManifestTask

_TABLE = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}"{more}>{rows}</TABLE>'
_TITLE_SIZE = 17
_LEGEND_SIZE = 10


def node_label(task: ManifestTask) -> str:
    """A dot for the last status and the name; under it in small print what is out of the ordinary."""
    dot = f"{_dot(task.status, style.DETAIL_SIZE)} " if task.status else ""
    name = _row(f"{dot}<B>{markup(task.name)}</B>")
    status = [
        _row(_text(line, style.color_of(task.status), style.DETAIL_SIZE)) for line in style.status_lines(task)
    ]
    small = [_row(_text(line, style.MUTED, style.DETAIL_SIZE)) for line in style.details(task)]
    return f"<{_table([name, *status, *small])}>"


def header(manifest: Manifest) -> str:
    """The project's name, how much there is to see, and what the colours mean."""
    name = f"<B>{_text(manifest.project or 'DAG', style.INK, _TITLE_SIZE)}</B>"
    rows = [
        _row(name, ' ALIGN="LEFT"'),
        _row(_text(style.summary(manifest), style.MUTED, _LEGEND_SIZE), ' ALIGN="LEFT"'),
        _row("", ' HEIGHT="8"'),
        *([_row(_legend(manifest), ' ALIGN="LEFT"')] if manifest.tasks else []),
        _row("", ' HEIGHT="14"'),
    ]
    return f"<{_table(rows)}>"


def _legend(manifest: Manifest) -> str:
    cells = []
    for look in style.looks_in(manifest):
        dashed = ",dashed" if look.is_dashed else ""
        swatch = (
            '<TABLE FIXEDSIZE="TRUE" WIDTH="22" HEIGHT="13" BORDER="1" CELLBORDER="0" CELLSPACING="0" '
            f'STYLE="rounded{dashed}" COLOR="{look.border}" BGCOLOR="{look.fill}"><TR><TD></TD></TR></TABLE>'
        )
        word = _text(look.word, style.MUTED, _LEGEND_SIZE)
        cells += [f"<TD>{swatch}</TD>", _gap(3), f'<TD ALIGN="LEFT">{word}</TD>', _gap(11)]
    for status in style.statuses_in(manifest):
        word = _text(style.words_of(status), style.MUTED, _LEGEND_SIZE)
        cells += [f'<TD ALIGN="LEFT">{_dot(status, _LEGEND_SIZE)} {word}</TD>', _gap(11)]
    return _table([f"<TR>{''.join(cells)}</TR>"], padding=1)


def _gap(width: int) -> str:
    return f'<TD WIDTH="{width}"></TD>'


def _dot(status: str | None, size: float) -> str:
    return _text("●", style.color_of(status), size)


def _text(words: str, color: str, size: float) -> str:
    return f'<FONT COLOR="{color}" POINT-SIZE="{size:g}">{markup(words)}</FONT>'


def _row(content: str, more: str = "") -> str:
    return f"<TR><TD{more}>{content}</TD></TR>"


def _table(rows: list[str], padding: int = 0, more: str = "") -> str:
    return _TABLE.format(padding=padding, more=more, rows="".join(rows))
