"""``pydbt history``: the runs before."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from pydbt.cli.options import WholeNumber, open_project, project_options
from pydbt.core.plan import Reason

if TYPE_CHECKING:
    from pydbt.core.results import Run


@click.command("history")
@click.argument("run_id", required=False)
@click.option("-n", "--limit", default=20, show_default=True, type=WholeNumber(min=1), help="How many runs.")
@project_options
def command(
    run_id: str | None,
    limit: int,
    project_dir: str | None,
    target: str | None,
    debug: bool,  # noqa: ARG001, FBT001  main reads --debug
) -> None:
    """List the latest runs on all targets, or the tasks of one run."""
    with open_project(project_dir, target) as project:
        if run_id:
            _show_run(project.past_run(run_id))
            return
        runs = project.past_runs(limit, target=target)
        if not runs:
            click.echo("no runs yet: pydbt run")
        for run in runs:
            counts = Counter(task_run.ending for task_run in run.task_runs)
            told = ", ".join(f"{count} {ending}" for ending, count in sorted(counts.items()))
            ended = f"{run.status.value:<11}  {run.seconds:8.2f} s"
            click.echo(f"{run.id}  {_local(run)}  {run.target:<10}  {ended}  {told}{_day(run)}")


def _show_run(run: Run) -> None:
    ended = f"{run.status.value} in {run.seconds:.2f} s"
    click.echo(f"{run.id}  {_local(run)}  on {run.target}: {ended}{_day(run)}")
    width = max((len(task_run.task) for task_run in run.task_runs), default=0)
    for task_run in run.task_runs:
        rows = "" if task_run.rows is None else f"{task_run.rows:,} rows"
        ended = f"{task_run.ending:<15}  {task_run.task:<{width}}  {task_run.seconds:8.2f} s"
        line = f"{ended}  {rows:>14}  {_planned(task_run.reason)}"
        click.echo(line.rstrip())
        for warning in task_run.warnings:
            click.echo(f"  warning: {warning}")
        if task_run.failure:
            click.echo(
                f"  {task_run.failure.kind}: {task_run.failure.message} {task_run.failure.where}".rstrip()
            )


def _planned(reason: str) -> str:
    """What the plan said before the task ran; reasons of a later version have no text here."""
    known = next((each for each in Reason if each.value == reason), None)
    return f"planned to {known.action.value}: {known.text}" if known else reason


def _day(run: Run) -> str:
    """The day that the run was for, where it is not the one on which it started."""
    if run.on is None or f"{run.on:%Y-%m-%d}" == _local(run)[:10]:
        return ""
    return f", for {run.on:%Y-%m-%d}"


def _local(run: Run) -> str:
    return f"{run.started_at.astimezone():%Y-%m-%d %H:%M:%S}"
