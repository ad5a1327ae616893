"""Programs run and compared, one by one or many at a time."""

from __future__ import annotations

import gc
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import HypothesisWarning
from sqlalchemy.exc import SAWarning

from pydbt.errors import PyDBTError
from pydbt.sql.dataframe import DataFrame
from tests.sql.oracle.build import build
from tests.sql.oracle.compare import DifferenceError, check
from tests.sql.oracle.databases import Database
from tests.sql.oracle.generate.programs import programs
from tests.sql.oracle.program import Program, tables_of
from tests.sql.oracle.reference.frame import Frame
from tests.sql.oracle.reference.verbs import frames
from tests.sql.oracle.relations import RELATION, Run
from tests.sql.oracle.text import program_text
from tests.sql.oracle.values import TYPES

CHUNK = 250  # Programs of one seed.


class Failure(AssertionError):  # noqa: N818  what pytest prints is the program
    """A program on which two ways of computing do not agree: the program, its SQL, its tables, what differs.

    Args:
        program: Which.
        where: The database, and the comparison.
        why: What went wrong.
        sql: The query.
        expected: The reference's rows.
    """

    def __init__(self, program: Program, where: str, why: str, sql: str, expected: Sequence[Any]) -> None:
        self.program = program
        self.where = where
        rows = "\n".join(f"    {row!r}" for row in expected)
        super().__init__(f"{where}: {why}\n\n{program_text(program)}\n\n{sql}\n\nreference:\n{rows}")


@dataclass
class Tally:
    """What has been run."""

    programs: int = 0
    queries: int = 0
    wrong: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def __str__(self) -> str:
        rate = self.programs / self.seconds if self.seconds else 0.0
        return (
            f"{self.programs} programs ({self.wrong} of them to be refused), {sum(self.steps.values())}"
            f" verbs, {self.seconds:.1f} s, {rate:.1f} programs/s"
        )


def check_program(
    program: Program, databases: Sequence[Database], expected: tuple[Frame, ...] | None = None
) -> None:
    """Raise a :class:`Failure` unless all ways of computing the program agree."""
    if program.is_wrong:
        check_refused(program, databases[program.turn % len(databases)])
        return
    result = (expected or frames(program))[-1]
    plan, used = None, tables_of(program.plan)
    for number, database in enumerate(databases):
        with database.program(program.tables, used) as tables:
            where, frame = database.name, None
            try:
                # A plan knows no database: the first one's serves them all.
                plan = build(program, tables)[-1] if plan is None else plan
                frame = database.adopted(plan)
                run = Run(program, database, tables, frame, check(frame, result), result)
                if number == program.turn % len(databases):
                    for name in program.relations:
                        where = f"{database.name}, {name}"
                        RELATION[name](run)
            except Exception as error:
                raise Failure(program, where, _told(error), _sql(frame), result.rows) from error


def _sql(frame: DataFrame | None) -> str:
    try:
        return "no SQL" if frame is None else frame.sql()
    except Exception as error:  # noqa: BLE001  what failed is told already
        return f"no SQL: {error!r}"


def _told(error: Exception) -> str:
    if isinstance(error, DifferenceError):
        return f"{error.args[0]}\n" + "\n".join(f"found: {each}" for each in error.args[1:])
    return f"{type(error).__name__}: {error}"


def check_refused(program: Program, database: Database) -> None:
    """Raise unless the last verb is an error of ours, raised before any SQL is sent."""
    good = Program(program.tables, type(program.plan)(0, program.plan.steps[:-1]))
    tables = [
        database.declared(table.name, {name: TYPES[kind] for name, kind in table.columns})
        for table in program.tables
    ]
    build(good, tables)
    try:
        frame = build(program, tables)[-1]
    except PyDBTError:
        return
    raise Failure(program, database.name, "the last verb was not refused", repr(frame), ())


def round_of(
    databases: Sequence[Database],
    first_seed: int,
    count: int,
    *,
    shrink: bool = True,
    tally: Tally | None = None,
) -> Tally:
    """Run so many programs; the first that fails, made as small as can be, is raised.

    Args:
        databases: Where they run.
        first_seed: The seed of the first 250 programs; the next 250 have the next.
        count: How many.
        shrink: Whether a failing program is made small.
        tally: What is counted; it is filled even where a program fails.
    """
    tally = tally if tally is not None else Tally()
    started = time.perf_counter()
    try:
        with warnings.catch_warnings():
            # SQLAlchemy warns of what SQLite does to decimals; multiples of an eighth survive it.
            warnings.filterwarnings("ignore", "Dialect sqlite.*Decimal", SAWarning)
            # The program is shown as one would write it, whatever Hypothesis thinks of its repr.
            warnings.filterwarnings("ignore", "Generating overly large repr", HypothesisWarning)
            for offset in range(0, count, CHUNK):
                # Much is made and nothing kept: to look for garbage meanwhile takes a tenth of the time.
                gc.collect()
                gc.disable()
                chunk_of(
                    databases, first_seed + offset // CHUNK, min(CHUNK, count - offset), tally, shrink=shrink
                )
    finally:
        gc.enable()
        tally.seconds += time.perf_counter() - started
    return tally


def chunk_of(
    databases: Sequence[Database], number: int, count: int, tally: Tally, *, shrink: bool = True
) -> None:
    """Programs of one seed, by one run of Hypothesis."""

    def run(made: tuple[Program, tuple[Frame, ...]]) -> None:
        program, expected = made
        tally.programs += 1
        tally.wrong += program.is_wrong
        tally.steps.update(type(step).__name__ for step in program.plan.steps)
        check_program(program, databases, expected)

    _hypothesis(run, number, count, shrink=shrink)


def _hypothesis(run: Callable[..., None], number: int, count: int, *, shrink: bool) -> None:
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    options = settings(
        max_examples=count,
        phases=phases,
        database=None,
        deadline=None,
        print_blob=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    try:
        seed(number)(options(given(programs())(run)))()
    except Failure as failure:
        failure.add_note(f"seed {number}")
        raise
