"""Kill rounds by hand: ``python -m tests.kill --rounds 1000 --database duckdb``.

Half of the rounds kill at a fail point, each in turn; the others at a random instant. With ``--rivals`` the
same is done to ways that other tools and scripts have, at random instants alone. With ``--state`` the runs
are remembered on a server.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.kill.forms import EVERYWHERE, FORMS, RIVALS, Form
from tests.kill.nursery import Nursery
from tests.kill.rounds import Round, Stage
from tests.kill.servers import Fresh, databases

# A database that grows with each round would slow the next ones down.
_ROUNDS_ON_A_STAGE = 100


def played(
    nursery: Nursery, fresh: Fresh, state: Fresh, form: Form, count: int, chance: random.Random
) -> Iterator[Round]:
    """The rounds of one form on one database."""
    for begin in range(0, count, _ROUNDS_ON_A_STAGE):
        with (
            tempfile.TemporaryDirectory(prefix="pydbt-kill-") as folder,
            closing(
                Stage(nursery, Path(folder), fresh(Path(folder)), form, state(Path(folder, "state")))
            ) as stage,
        ):
            stage.rehearse()
            named = _named(stage.rehearse())
            # A stage may end before all had their turn; none is to be left out each time.
            chance.shuffle(named)
            points = itertools.cycle(named)
            for number in range(begin, min(count, begin + _ROUNDS_ON_A_STAGE)):
                is_random = number % 2 or not form.is_mended
                yield stage.at_random(chance) if is_random else stage.at_point(next(points))


def _named(points: tuple[str, ...]) -> list[str]:
    """Each time a point is reached by a name of its own."""
    seen: dict[str, int] = {}
    for point in points:
        seen[point] = seen.get(point, 0) + 1
    return [f"{point}:{time}" for point, count in seen.items() for time in range(1, count + 1)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="for each form")
    parser.add_argument("--database", choices=EVERYWHERE, default="sqlite")
    parser.add_argument("--state", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--form", action="append", help="one form of all; may be repeated")
    parser.add_argument("--rivals", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--minutes", type=float, default=60.0, help="stop after so long")
    given = parser.parse_args()
    deadline = time.monotonic() + given.minutes * 60
    print(f"seed {given.seed}", flush=True)  # noqa: T201  it is a command
    bad = 0
    with Nursery() as nursery, databases(given.database) as fresh, databases(given.state) as state:
        for form in RIVALS if given.rivals else FORMS:
            if given.database not in form.databases or (given.form and form.name not in given.form):
                continue
            chance = random.Random(f"{given.seed} {form.name}")
            rounds = played(nursery, fresh, state, form, given.rounds, chance)
            bad += _told(form, itertools.takewhile(lambda _: time.monotonic() < deadline, rounds))
    return 1 if bad and not given.rivals else 0


def _told(form: Form, rounds: Iterator[Round]) -> int:
    """Play the rounds, and say what they found; how many found something."""
    found: list[Round] = []
    begun = time.monotonic()
    for each in rounds:
        found.append(each)
        if each.all and form.is_mended:
            print(f"{each.instant}:", *each.all, sep="\n  ", flush=True)  # noqa: T201  it is a command
    killed = sum(each.was_killed for each in found)
    at_work = sum(each.was_killed and each.was_at_work for each in found)
    broken = sum(each.is_broken for each in found)
    bad = sum(bool(each.all) for each in found)
    print(  # noqa: T201  it is a command
        f"{form.name}: {len(found)} rounds, {killed} killed ({at_work} in the database), {bad} bad:"
        f" {broken} broken ({100 * broken / max(1, killed):.0f} % of the killed),"
        f" {sum(bool(each.reader) for each in found)} seen by readers,"
        f" {sum(bool(each.leftovers) for each in found)} with leftovers;"
        f" {(time.monotonic() - begun) / max(1, len(found)):.2f} s each",
        flush=True,
    )
    return bad


if __name__ == "__main__":
    sys.exit(main())
