"""``pydbt state``: check, repair and prune what PyDBT remembers between runs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from pydbt.cli.options import WholeNumber, open_project, project_options
from pydbt.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from pydbt.core.state.pruning import Pruned
    from pydbt.core.state.repair import Repair
    from pydbt.core.state.soundness import Soundness

_DAMAGED = 1
_NAMES = {"_pydbt_runs": "run", "_pydbt_task_runs": "task run", "_pydbt_tasks": "known task"}


@click.group("state")
def command() -> None:
    """Check, repair or prune what PyDBT remembers between runs."""


@command.command("check")
@project_options
def check(project_dir: str | None, target: str | None, debug: bool) -> int:  # noqa: ARG001, FBT001  main reads --debug
    """Read every row of the state, and say whether it is sound: exit code 0, or 1 when it is not."""
    from pydbt.core.state.soundness import check_state

    with _setting(project_dir, target) as (url, root, _):
        found = check_state(url, root)
    if found.is_sound:
        click.echo(_sound(found))
        _tell_settled(found)
        return 0
    click.echo(f"the state {found.state} is not sound:")
    for finding in found.findings:
        click.echo(f"  {finding.what}")
    _tell_settled(found)
    for hint in dict.fromkeys(finding.hint for finding in found.findings):
        click.echo(hint)
    return _DAMAGED


@command.command("repair")
@click.option("--newer", is_flag=True, help="Set aside a state that a newer PyDBT has made, too.")
@project_options
def repair(
    newer: bool,  # noqa: FBT001  click gives flags so
    project_dir: str | None,
    target: str | None,
    debug: bool,  # noqa: ARG001, FBT001  main reads --debug
) -> None:
    """Keep a damaged state aside as it is, and carry what can be read of it over into a new one."""
    from pydbt.core.state.repair import repair_state

    with _setting(project_dir, target) as (url, root, _):
        done = repair_state(url, root, newer=newer)
    if done.before.is_sound:
        click.echo(f"{_sound(done.before)}: nothing to repair")
        _tell_settled(done.before)
        return
    _tell_repair(done)


@command.command("prune")
@click.option("--keep", metavar="N", type=WholeNumber(min=1), help="Keep the latest N runs on each target.")
@click.option("--before", metavar="YYYY-MM-DD", help="Remove the runs that began before this day.")
@click.option("--dry-run", is_flag=True, help="Say what would go; remove nothing.")
@project_options
def prune(
    keep: int | None,
    before: str | None,
    dry_run: bool,  # noqa: FBT001  click gives flags so
    project_dir: str | None,
    target: str | None,
    debug: bool,  # noqa: ARG001, FBT001  main reads --debug
) -> None:
    """Remove old runs from the history; what plans need to know stays, and no run waits."""
    from pydbt.core.state.pruning import prune_state

    if (keep is None) == (before is None):
        raise UsageError("which runs shall go?", hint="give --keep N or --before YYYY-MM-DD, one of them")
    day = None if before is None else _day(before)
    with _setting(project_dir, target) as (url, root, chosen):
        done = prune_state(url, root, keep=keep, before=day, target=chosen, dry_run=dry_run)
    _tell_pruned(done, dry_run=dry_run)


@contextmanager
def _setting(project_dir: str | None, target: str | None) -> Iterator[tuple[str, Path, str | None]]:
    """The state's URL, the project's folder, and the target if one is asked for; no model file is read."""
    with open_project(project_dir, target) as project:
        settings = project.settings
        url = settings.expand(settings.state, ("state",))
        yield url, settings.root, project.target.name if target else None


def _day(text: str) -> datetime:
    from datetime import datetime

    try:
        return datetime.strptime(text, "%Y-%m-%d").astimezone()
    except ValueError:
        raise UsageError(f"--before {text!r} is not a day", hint="write it as 2026-01-31") from None


def _sound(found: Soundness) -> str:
    if not found.version:
        return f"the state {found.state} is sound: nothing has been recorded yet"
    return f"the state {found.state} is sound: version {found.version}, {_counted(found.counts)}"


def _tell_settled(found: Soundness) -> None:
    for run_id in found.settled:
        click.echo(f"the run {run_id} was killed: it reads as interrupted from now on")


def _tell_repair(done: Repair) -> None:
    click.echo(f"the state {done.before.state} was not sound:")
    for finding in done.before.findings:
        click.echo(f"  {finding.what}")
    click.echo(f"kept as it was: {done.kept}")
    click.echo(f"carried over into a new state: {_counted(done.carried)}")
    for line in done.left_out:
        click.echo(f"  left out: {line}")


def _tell_pruned(done: Pruned, *, dry_run: bool) -> None:
    if not done.runs:
        click.echo(f"nothing to remove from the state {done.state}: {_staying(done.kept)}")
        return
    verb = "would remove" if dry_run else "removed"
    gone = f"{_number(done.runs, 'run')} with {_number(done.task_runs, 'task run')}"
    latest = f"{done.latest.astimezone():%Y-%m-%d %H:%M:%S}" if done.latest else ""
    click.echo(f"{verb} {gone} from the state {done.state}, the latest of {latest}")
    click.echo(f"{_staying(done.kept)}, and all that is known of each task")


def _counted(counts: Mapping[str, Any]) -> str:
    return ", ".join(_number(count, _NAMES.get(table, table)) for table, count in counts.items())


def _staying(count: int) -> str:
    return f"{_number(count, 'run')} {'stays' if count == 1 else 'stay'}"


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
