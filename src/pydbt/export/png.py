"""The DAG as a PNG picture, ``dag.png``, drawn by Graphviz."""

from __future__ import annotations

from pydbt.export.picture.picture import picture
from pydbt.project.manifest import Manifest

FILE_NAME = "dag.png"


def render(manifest: Manifest) -> bytes:
    """The picture's bytes.

    Raises:
        PictureError: Graphviz failed or took longer than two minutes.
    """
    return picture(manifest, "png")
