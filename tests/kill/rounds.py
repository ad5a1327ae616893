"""One round: publish a version, die on the way, look at what is left, run again, look again."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from pydbt.core.results import Status
from pydbt.core.state import DEFAULT_URL
from tests.kill.forms import FIRST_DAY, Form, Seen
from tests.kill.memory import TARGET, Memory
from tests.kill.nursery import WORK, Birth, Death, Nursery
from tests.kill.places import Place

_LOCK_SECONDS = 10.0
# Some processes are to be killed at their very end, so a few have ended before.
_BEYOND = 1.2
_LIVES = 9
_TOLD_TO_WAIT = 75


@dataclass(slots=True)
class Round:
    """What a round has found.

    Args:
        instant: When the process was killed, in words.
        was_killed: Whether it lived long enough to be, and came to its fail point.
        points: The fail points it came to.
        violations: What is not as it must be.
        is_broken: Whether the target was neither old nor new after the kill.
        reader: Those of them that a reader saw.
        leftovers: Those of them that are left after the next run.
        looks: How often a reader saw another thing than before.
    """

    instant: str
    was_killed: bool = False
    points: tuple[str, ...] = ()
    violations: list[str] = field(default_factory=list)
    is_broken: bool = False
    reader: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    looks: int = 0

    @property
    def was_at_work(self) -> bool:
        """Whether it had begun its work in the database when it ended."""
        return any(point.startswith(WORK) for point in self.points)

    @property
    def all(self) -> list[str]:
        """All that was found."""
        return [*self.violations, *self.reader, *self.leftovers]


class Stage:
    """A project with one form on one database, killed round after round.

    Args:
        nursery: Where its processes come from.
        folder: An empty one.
        url: An empty database.
        form: The way to publish.
        state: Where its runs are remembered.
    """

    def __init__(
        self, nursery: Nursery, folder: Path, url: str, form: Form, state: str = DEFAULT_URL
    ) -> None:
        self._nursery = nursery
        self._project = folder / "project"
        self._log = folder / "log"
        self._form = form
        self.place = Place(url)
        self.version = 0
        self._lives: deque[Death] = deque(maxlen=_LIVES)
        (self._project / "models").mkdir(parents=True)
        settings = f'state = "{state}"\n\n[targets.{TARGET}]\nurl = "{url}"\n'
        (self._project / "pydbt.toml").write_text(settings)
        self.memory = Memory(self._project, state)
        self.place.fill()

    def close(self) -> None:
        """Leave the database."""
        self.place.close()

    @property
    def building(self) -> float:
        """How long a run works in the database, in seconds."""
        return median(each.building for each in self._lives)

    def rehearse(self) -> tuple[str, ...]:
        """Publish a version, undisturbed; the fail points on the way."""
        self._write_version()
        death = self._undisturbed()
        assert death.code == 0, self._log.read_text()
        return death.points

    def at_point(self, point: str) -> Round:
        """Kill at a fail point; at several, ``a then b``: one run at each, with nobody looking in between."""
        return self._play(point, *({"point": each} for each in point.split(" then ")))

    def at_random(self, chance: random.Random) -> Round:
        """Kill at any instant of the process' life, or of its work in the database."""
        is_from_publication = chance.random() < 0.75
        living = median(each.seconds for each in self._lives)
        when, longest = ("its work", self.building) if is_from_publication else ("its start", living)
        after = chance.uniform(0.0, _BEYOND * longest)
        instant = f"{after * 1000:.1f} ms after {when}"
        return self._play(instant, {"after": after, "is_from_publication": is_from_publication})

    def together(self, others: Sequence[tuple[Nursery, float]]) -> Round:
        """Run it in several processes at once, each so many seconds after the first; nobody is killed."""
        round_ = Round(
            f"{self._form.name} on {self.place.name}, together, after {[each[1] for each in others]}"
        )
        self._write_version()
        before = self.place.look(self._form)
        after = [self._form.after(seen, self.version) for seen in before]
        files = self._files()
        # No reader within: of two processes one alone can open a DuckDB file.
        birth = Birth(str(self._project), str(self._log), self._arguments())
        with self.place.watched(self._form) as changes, ThreadPoolExecutor() as pool:
            calls = [pool.submit(_late, *each, birth) for each in ((self._nursery, 0.0), *others)]
            codes = {call.result().code for call in calls}
            if codes - {0, _TOLD_TO_WAIT}:
                round_.violations.append(f"ended with {codes}: {self._log.read_text()[-800:]}")
            round_.leftovers += self._left_over(files)
        for each in changes:
            round_.reader += self._wrong(each, before, after, "a reader")
        if self.place.look(self._form) != after:
            round_.violations += self._wrong(self.place.look(self._form), after, after, "in the end")
        return round_

    def _undisturbed(self) -> Death:
        death = self._nursery.call(self._birth())
        if death.building:
            self._lives.append(death)
        return death

    def _birth(self, **when: Any) -> Birth:
        if not self.place.is_shared:
            when |= {"url": self.place.url, "queries": self._form.queries}
        return Birth(str(self._project), str(self._log), self._arguments(), **when)

    def _arguments(self) -> tuple[str, ...]:
        day = FIRST_DAY + dt.timedelta(self.version + 1)
        return tuple(str(day) if each == "DAY" else each for each in self._form.arguments)

    def _write_version(self) -> None:
        self.version += 1
        files = {"models/t.py": self._form.models, **dict(self._form.files)}
        for name, text in files.items():
            (self._project / name).write_text(text.replace("VERSION", str(self.version)))

    def _play(self, instant: str, *deaths: dict[str, Any]) -> Round:
        round_ = Round(f"{self._form.name} on {self.place.name}, version {self.version + 1}, {instant}")
        if self._form.fresh:
            self.place.run(*self._form.fresh)
        self._write_version()
        before = self.place.look(self._form)
        after = [self._form.after(seen, self.version) for seen in before]
        known = self.memory.newest()
        history = self.memory.rows(known)
        files = self._files()
        with self.place.watched(self._form) as changes:
            died = [self._nursery.call(self._birth(**when)) for when in deaths]
            death = died[-1]
            left = self.place.look(self._form)
            round_.was_killed, round_.points = {each.code for each in died} == {-9}, death.points
            round_.violations += self._wrong(left, before, after, "after the kill")
            round_.is_broken = bool(round_.violations)
            round_.violations += self._lies(death, left == after, known)
            if self._form.is_mended:
                round_.violations += self._not_mended(after)
                round_.leftovers += self._left_over(files)
        if self.memory.rows(known) != history:
            round_.violations.append("earlier runs are told otherwise")
        seen = [*changes, *death.seen]
        round_.looks = len(seen)
        for each in seen:
            round_.reader += self._wrong(each, before, after, "a reader")
        return round_

    def _wrong(self, seen: list[Any], before: list[Seen], after: list[Seen], who: str) -> Iterator[str]:
        for found, old, new in zip(seen, before, after, strict=True):
            if found not in (old, new):
                yield f"{who}: {_short(found)}, neither {_short(old)} nor {_short(new)}"

    def _lies(self, death: Death, is_new: bool, known: int) -> Iterator[str]:  # noqa: FBT001  it is what is true
        """What the state says that is not so."""
        told = self.memory.told()
        if self.memory.newest() == known:
            return
        if told.status is Status.RUNNING or Status.RUNNING in told.tasks.values():
            yield f"the state says that the run {told.id} is running"
        if death.code == -9 and told.status not in {Status.INTERRUPTED, Status.SUCCESS}:
            yield f"the state says that the killed run {told.status}"
        if Status.SUCCESS in {told.status, told.tasks.get("t")} and not is_new:
            yield "the state says success, and the new version is not there"

    def _not_mended(self, after: list[Seen]) -> Iterator[str]:
        """What the next run has not put right."""
        death = self._undisturbed()
        if death.code != 0:
            yield f"the next run ended with {death.code}: {self._log.read_text()[-800:]}"
            return
        if death.seconds > _LOCK_SECONDS:
            yield f"the next run took {death.seconds:.1f} s"
        now = self.place.look(self._form)
        if now != after:
            yield f"after the next run: {_short(now)}, not {_short(after)}"
        told = self.memory.outcome()
        if told != Status.SUCCESS:
            yield f"the next run is told as {told}"
        yield from (f"the state is damaged: {what}" for what in self.memory.damage())

    def _left_over(self, files: set[str]) -> Iterator[str]:
        """What is there after the next run that was not there before, and is none of its own."""
        relations = {name for name in self.place.relations() if not name.startswith("_pydbt_")}
        excess = relations - self._form.relations - {"numbers"}
        if excess:
            yield f"left in the database: {', '.join(sorted(excess))}"
        more = {name for name in self._files() - files if not name.startswith(".pydbt/state.db")}
        if more:
            yield f"left in the project: {', '.join(sorted(more))}"
        sessions = self.place.sessions(), self.memory.sessions()
        if max(sessions) > 0:
            yield f"sessions are left, in the database and the state: {sessions}"

    def _files(self) -> set[str]:
        found = (path.relative_to(self._project).as_posix() for path in self._project.rglob("*"))
        return {name for name in found if "__pycache__" not in name}


def _late(nursery: Nursery, seconds: float, birth: Birth) -> Death:
    time.sleep(seconds)
    return nursery.call(birth)


def _short(seen: Any) -> str:
    text = "nothing" if seen is None else str(seen)
    return text if len(text) < 200 else f"{text[:200]}…"
