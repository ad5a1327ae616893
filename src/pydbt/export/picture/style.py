"""How the picture looks: colours, sizes and the few words on a box.

Fill and border say how a task is stored, the dot and its word how it last ended; no meaning rests on
colour alone. The picture brings its own background, so it reads the same on light and dark pages.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from pydbt.core.schedule import Daily
from pydbt.project.manifest import Manifest, ManifestTask

FONTS = "Inter,Segoe UI,Roboto,Helvetica Neue,Arial,sans-serif"
NAME_SIZE = 12.0
DETAIL_SIZE = 9.0

BACKGROUND = "#fbfcfd"
INK = "#1c2733"
MUTED = "#5d6b7a"
EDGE = "#a3afbd"

_EVERY_DAY = Daily().describe()
_LINE_LENGTH = 34


@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of task is drawn, and what the legend calls it."""

    word: str
    fill: str
    border: str
    is_dashed: bool = False


LOOKS: dict[str | None, Look] = {
    "table": Look("table", "#e6f0fc", "#7ea9dd"),
    "view": Look("view", "#e7f6ee", "#69b392", is_dashed=True),
    None: Look("task", "#f3f1ec", "#bdb5a4"),
}

STATUSES = {
    "success": "#2c8a58",
    "failed": "#cb3a3a",
    "upstream_failed": "#b86a10",
    "skipped": "#7b8794",
    "interrupted": "#8453b8",
    "running": "#2f6fc4",
}


def look_of(task: ManifestTask) -> Look:
    """The task's colours; a materialization unknown here gets the table's, under its own word."""
    known = LOOKS.get(task.materialized)
    table = LOOKS["table"]
    return known or Look(task.materialized or table.word, table.fill, table.border)


def looks_in(manifest: Manifest) -> tuple[Look, ...]:
    """The looks that occur, once each, in the order of `LOOKS`."""
    found = {look.word: look for look in map(look_of, manifest.tasks)}
    order = [look.word for look in LOOKS.values()]
    known = [found[word] for word in order if word in found]
    return (*known, *(found[word] for word in sorted(found.keys() - set(order))))


def statuses_in(manifest: Manifest) -> tuple[str, ...]:
    """The last statuses that occur, once each, in the order of `STATUSES`."""
    found = {task.status for task in manifest.tasks}
    return tuple(status for status in STATUSES if status in found)


def words_of(status: str) -> str:
    """A status as one reads it.

    >>> words_of("upstream_failed")
    'upstream failed'
    """
    return status.replace("_", " ")


def color_of(status: str | None) -> str:
    """The colour of a status; grey for one unknown here."""
    return STATUSES.get(status or "", MUTED)


def border_of(task: ManifestTask) -> str:
    """The border's colour: a task in trouble wears that of its status."""
    return color_of(task.status) if is_in_trouble(task) else look_of(task).border


def is_in_trouble(task: ManifestTask) -> bool:
    """Whether somebody should look at the task."""
    return task.status in ("failed", "upstream_failed", "interrupted")


def status_lines(task: ManifestTask) -> tuple[str, ...]:
    """The last status in a word, unless all went well."""
    return (words_of(task.status),) if task.status not in (None, "success") else ()


def details(task: ManifestTask) -> tuple[str, ...]:
    """What is not the default, in short lines: schedule, ttl, retries."""
    found = []
    if task.schedule not in (_EVERY_DAY, ""):
        found.append(task.schedule.replace("on the ", "").replace(" of the month", " of month"))
    if task.ttl_minutes:
        found.append(f"ttl {duration(task.ttl_minutes)}")
    if task.retries:
        found.append("1 retry" if task.retries == 1 else f"{task.retries} retries")
    line = " · ".join(found)
    if len(line) <= _LINE_LENGTH:
        return (line,) if line else ()
    return tuple(textwrap.wrap(line, _LINE_LENGTH))


def duration(minutes: float) -> str:
    """Minutes in their largest whole unit.

    >>> duration(45), duration(90), duration(120), duration(1440)
    ('45 min', '90 min', '2 h', '1 d')
    """
    for unit, length in (("d", 1440), ("h", 60)):
        if minutes >= length and minutes % length == 0:
            return f"{minutes / length:g} {unit}"
    return f"{minutes:g} min"


def summary(manifest: Manifest) -> str:
    """How much there is to see: ``5 tasks in 4 levels``."""
    return f"{_counted(len(manifest.tasks), 'task')} in {_counted(len(manifest.levels), 'level')}"


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
