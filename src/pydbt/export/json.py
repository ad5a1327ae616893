"""The manifest as JSON, ``dag.json``, for programs."""

from __future__ import annotations

import json
from dataclasses import fields

from pydbt.project.manifest import Manifest, ManifestTask

FILE_NAME = "dag.json"
VERSION = 1

_FIELDS = tuple(field.name for field in fields(ManifestTask))


def render(manifest: Manifest) -> bytes:
    """The file's bytes: the manifest's fields, and ``version``, which grows when their meaning changes."""
    tasks = [{name: getattr(task, name) for name in _FIELDS} for task in manifest.tasks]
    whole = {"version": VERSION, "project": manifest.project, "tasks": tasks}
    return (json.dumps(whole, indent=2, ensure_ascii=True, allow_nan=False) + "\n").encode()
