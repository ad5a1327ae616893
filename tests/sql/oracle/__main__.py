# ruff: noqa: T201  a command prints
"""``python -m tests.sql.oracle``: many programs, the corpus' next entry, or a search for planted bugs."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.postgresql import SessionFolder, started_server
from tests.sql.oracle.bugs import BUGS, planted
from tests.sql.oracle.corpus import keep
from tests.sql.oracle.databases import Database, databases, version
from tests.sql.oracle.rounds import CHUNK, Failure, Tally, round_of

CI_SIZE = 2_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1 where a program failed, or a planted bug was not found."""
    parser = argparse.ArgumentParser(prog="python -m tests.sql.oracle", description=__doc__)
    parser.add_argument("--programs", type=int, default=CI_SIZE, help="how many (2000)")
    parser.add_argument("--seed", type=int, help="the first seed, of 250 programs; by chance unless told")
    parser.add_argument(
        "--keep", metavar="NAME", help="write a failing program to the corpus under this name"
    )
    parser.add_argument(
        "--bugs", nargs="*", metavar="BUG", help="plant these bugs, or all, one after another"
    )
    chosen = parser.parse_args(arguments)
    with _server() as url, databases(url) as opened:
        print(", ".join(version(database) for database in opened))
        if chosen.bugs is not None:
            return _search(opened, chosen.bugs or list(BUGS), chosen.seed or 0, chosen.programs)
        first = random.SystemRandom().randrange(10**6) if chosen.seed is None else chosen.seed
        return _rounds(opened, first, chosen.programs, chosen.keep)


@contextmanager
def _server() -> Iterator[str]:
    folder = SessionFolder()
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={started_server(folder.path)}"
    finally:
        folder.close()


def _rounds(opened: Sequence[Database], first: int, count: int, name: str | None) -> int:
    tally = Tally()
    for offset in range(0, count, CHUNK):
        try:
            round_of(opened, first + offset // CHUNK, min(CHUNK, count - offset), tally=tally)
        except Failure as failure:
            print(f"seed {first + offset // CHUNK}: {failure}\n{tally}")
            if name is not None:
                print(keep(name, failure.program, failure.where))
            return 1
        if offset % (20 * CHUNK) == 0:
            print(f"seed {first + offset // CHUNK}: {tally}", flush=True)
            opened[-1].run("VACUUM pg_catalog.pg_class, pg_catalog.pg_attribute, pg_catalog.pg_type")
    print(f"seeds {first} to {first + (count - 1) // CHUNK}: {tally}\n{dict(tally.steps.most_common())}")
    return 0


def _search(opened: Sequence[Database], names: Sequence[str], first: int, count: int) -> int:
    """Each bug by itself: after how many programs it is found, and in how many seconds of the processor."""
    missed = 0
    for name in names:
        sys.stdout.flush()
        tally, started = Tally(), time.process_time()
        try:
            with planted(name):
                round_of(opened, first, count, shrink=False, tally=tally)
        except Failure as failure:
            found = f"found after {tally.programs:5} programs, {_seconds(started, tally)}"
            print(f"{name:34} {found}: {failure.where}")
            continue
        missed += 1
        print(f"{name:34} NOT FOUND by {tally.programs} programs, {_seconds(started, tally)}")
    print(f"{len(names) - missed} of {len(names)} found")
    return 1 if missed else 0


def _seconds(started: float, tally: Tally) -> str:
    return f"{tally.seconds:6.1f} s ({time.process_time() - started:.1f} s of processor)"


if __name__ == "__main__":
    sys.exit(main())
