"""The DAG as a SVG picture, ``dag.svg``, drawn by Graphviz."""

from __future__ import annotations

from pydbt.export.picture.picture import picture
from pydbt.project.manifest import Manifest

FILE_NAME = "dag.svg"


def render(manifest: Manifest) -> bytes:
    """The picture's bytes.

    Raises:
        PictureError: Graphviz failed or took longer than two minutes.
    """
    return picture(manifest, "svg")
