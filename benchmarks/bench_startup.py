"""How long `pydbt --help` takes, beside the import of click alone."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.timing import paired, process

HERE = Path(__file__).parent
PYDBT = str(Path(sys.executable).with_name("pydbt"))

paired(
    "pydbt --help",
    process([PYDBT, "--help"], HERE),
    process([sys.executable, "-c", "import click"], HERE),
    rounds=15,
    most=2.5,
)
paired(
    "import pydbt",
    process([sys.executable, "-c", "import pydbt"], HERE),
    process([sys.executable, "-c", "import sqlalchemy"], HERE),
    rounds=9,
    most=1.2,
)
