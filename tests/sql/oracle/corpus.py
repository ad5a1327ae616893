"""The corpus: programs that were wrong once, one a file, with what was wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from zlib import crc32

from tests.sql.oracle.program import Program, as_json, from_json
from tests.sql.oracle.relations import RELATIONS

CORPUS = Path(__file__).parents[2] / "corpus"


def read(path: Path) -> Program:
    """The program, to be compared with itself in every way, on a database that its name decides."""
    program: Program = from_json(json.loads(path.read_text())["program"])
    if program.is_wrong:
        return program
    return replace(program, turn=crc32(path.stem.encode()), relations=RELATIONS)


def keep(name: str, program: Program, why: str) -> Path:
    """Write a program into the corpus.

    Args:
        name: The file's, without its ending.
        program: What was wrong.
        why: What was wrong about it, in a sentence.
    """
    CORPUS.mkdir(exist_ok=True)
    path = CORPUS / f"{name}.json"
    made = {"why": why, "program": as_json(program)}
    path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
    return path
