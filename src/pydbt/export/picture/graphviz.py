"""Drawing a graph with the Graphviz inside pygraphviz, and with letters that are always there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path
from typing import Literal

from pydbt.errors import PictureError

_SECONDS = 120
_FONTS = Path(__file__).parent / "fonts"
_DRAWING = Path(__file__).parent / "drawing.py"
# The shipped fonts hold Latin, Greek and Cyrillic; only for other letters are the system's searched,
# so that elsewhere the same DAG gives the same picture on every machine.
_BEYOND_THE_FONTS = "\u0530"
_SYMBOLS = ("\u1e00", "\u2fff")
_SYSTEM_FONTS = (
    '<dir>/usr/share/fonts</dir><dir>/usr/local/share/fonts</dir><dir prefix="xdg">fonts</dir>'
    "<dir>/System/Library/Fonts</dir><dir>/Library/Fonts</dir><dir>WINDOWSFONTDIR</dir>"
)


def draw(graph: str, picture_format: Literal["png", "svg"], layout: Literal["dot", "nop2"] = "dot") -> bytes:
    """A picture of a graph.

    Args:
        graph: In Graphviz's language.
        picture_format: What to draw.
        layout: ``dot`` finds the places; ``nop2`` takes those in the graph.

    Raises:
        PictureError: Graphviz failed or took longer than two minutes.
    """
    with tempfile.TemporaryDirectory(prefix="pydbt-") as folder:
        source, picture = Path(folder, "dag.dot"), Path(folder, "picture")
        source.write_text(graph, encoding="utf-8")
        # Copied, for the font library leaves files of its own beside the fonts it reads.
        shutil.copytree(_FONTS, Path(folder, "fonts"))
        fonts = Path(folder, "fonts.conf")
        fonts.write_text(fonts_conf(folder, with_system_fonts=_needs_system_fonts(graph)), encoding="utf-8")
        _run([str(source), str(picture), picture_format, layout], fonts)
        return picture.read_bytes()


def fonts_conf(folder: str, *, with_system_fonts: bool) -> str:
    """What tells Graphviz's font library to use the folder's fonts, and the system's only if asked to."""
    more = _SYSTEM_FONTS if with_system_fonts else ""
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig><dir>{escape(folder)}/fonts</dir>{more}<cachedir>{escape(folder)}/cache</cachedir></fontconfig>"
    )


def _needs_system_fonts(graph: str) -> bool:
    first, last = _SYMBOLS
    return any(letter >= _BEYOND_THE_FONTS and not first <= letter <= last for letter in set(graph))


def _run(arguments: list[str], fonts: Path) -> None:
    environment = os.environ | {
        "FONTCONFIG_FILE": str(fonts),
        "PANGOCAIRO_BACKEND": "fontconfig",  # Letters come from the system on macOS and Windows.
        "PYTHONWARNINGS": "ignore",
    }
    command = [sys.executable, "-P", str(_DRAWING), *arguments]
    try:
        done = subprocess.run(  # noqa: S603  our own program, with paths of our own
            command, env=environment, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise PictureError(
            f"Graphviz did not finish the picture in {_SECONDS} seconds",
            hint="draw a part with --select, or write --format mermaid, dot or json",
        ) from None
    if done.returncode or not Path(arguments[1]).exists():
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise PictureError(
            f"Graphviz could not draw the picture: {said[-1] if said else f'exit code {done.returncode}'}",
            hint="is pygraphviz installed well? --format mermaid, dot and json do without it",
        )
