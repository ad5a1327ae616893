"""The manifest as JSON, ``dag.json``, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict

from pydbt.project.manifest import Manifest

FILE_NAME = "dag.json"
VERSION = 1


def render(manifest: Manifest) -> bytes:
    """The file's bytes: the manifest's own fields, and ``version``, which grows when their meaning changes."""
    tasks = [asdict(task) for task in manifest.tasks]
    whole = {"version": VERSION, "project": manifest.project, "tasks": tasks}
    return (json.dumps(whole, indent=2, ensure_ascii=True, allow_nan=False) + "\n").encode()
