"""``make docs``: draw the picture in the README anew, by what the real commands make of the flights example.

The picture shows a run that has ended well; beside it stands the same DAG as text, by which a test sees
whether the picture is of the example as it is now.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.docs.generate import ROOT
from tests.examples.commands import PYDBT, run_command

IMAGES = ROOT / "docs" / "images"


def flights(folder: Path) -> Path:
    """The flights example as a project in the folder."""
    run_command(*PYDBT, "init", "flights", "--example", "flights", cwd=folder)
    return folder / "flights"


def as_text(project: Path) -> str:
    """The project's DAG in Mermaid's language."""
    run_command(*PYDBT, "export-dag", ".", "--format", "mermaid", cwd=project)
    return (project / "dag.mmd").read_text(encoding="utf-8")


def main() -> None:
    """Draw, if the example's DAG is another than the one that is drawn."""
    with tempfile.TemporaryDirectory() as folder:
        project = flights(Path(folder))
        text = as_text(project)
        drawn = IMAGES / "flights.mmd"
        if drawn.exists() and drawn.read_text(encoding="utf-8") == text:
            return
        run_command(*PYDBT, "run", cwd=project)
        run_command(*PYDBT, "export-dag", ".", cwd=project)
        shutil.copy(project / "dag.png", IMAGES / "flights.png")
        drawn.write_text(text, encoding="utf-8")
        print(IMAGES / "flights.png")  # noqa: T201  it says what it wrote


if __name__ == "__main__":
    main()
