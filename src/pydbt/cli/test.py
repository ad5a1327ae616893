"""``pydbt test``: the checks, on what is published."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from pydbt.cli.app import show_traceback
from pydbt.cli.options import open_project, project_options, selection_options

if TYPE_CHECKING:
    from pydbt.checks.verdict import Verdict


@click.command("test")
@selection_options
@project_options
def command(
    tasks: tuple[str, ...],
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    project_dir: str | None,
    target: str | None,
    debug: bool,  # noqa: FBT001  click gives flags so
) -> int:
    """Run the checks of tasks on their tables as they are published; nothing is changed."""
    ended: Counter[str] = Counter()
    with open_project(project_dir, target) as project:
        for tested in project.test((*tasks, *select), exclude):
            if tested.error is not None:
                ended["ERROR"] += 1
                click.echo(f"ERROR {tested.task}: {tested.error}")
                if debug:
                    show_traceback(tested.error)
            for verdict in tested.verdicts:
                word = _word(verdict)
                ended[word] += 1
                click.echo(f"{word:<6}{tested.task}: {verdict if verdict.failing else verdict.check}")
    if not ended:
        click.echo("nothing to test: no selected task has checks", err=True)
        return 0
    number = ended["ERROR"]
    untested = f", {number} task{'s' if number > 1 else ''} not tested" if number else ""
    click.echo(f"{ended['ok']} passed, {ended['WARN']} warned, {ended['FAIL']} failed{untested}")
    return 1 if ended["FAIL"] or number else 0


def _word(verdict: Verdict) -> str:
    if not verdict.failing:
        return "ok"
    return "WARN" if verdict.severity == "warn" else "FAIL"
