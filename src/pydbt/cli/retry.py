"""``pydbt retry``: go on from the latest run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pydbt.cli.options import open_project, project_options
from pydbt.cli.run import carried_out, run_options

if TYPE_CHECKING:
    from pydbt.core.results import Run


@click.command("retry")
@run_options
@project_options
def command(
    threads: int | None,
    executor: str | None,
    log_format: str,
    project_dir: str | None,
    target: str | None,
    debug: bool,  # noqa: FBT001  click gives flags so
) -> int:
    """Go on from the latest run, on its target and for its day: run what failed and what was not come to."""
    from pydbt.project.remainder import plan_remainder, remainder

    run = _latest_run(project_dir, target)
    endings = remainder(run) if run else {}
    if run is None or not endings:
        click.echo(f"nothing to retry: {_why_nothing(run)}", err=True)
        return 0
    with open_project(project_dir, run.target, is_reading=False) as project:
        plan = plan_remainder(project, run)
        gone = [name for name in endings if name not in project.dag.tasks]
        if gone:
            click.echo(f"the project no longer has {', '.join(gone)}", err=True)
        if not plan.steps:
            click.echo(f"nothing to retry of the run {run.id}", err=True)
            return 0
        some = "1 task" if len(plan.steps) == 1 else f"{len(plan.steps)} tasks"
        day = "" if run.on is None else f", for {run.on:%Y-%m-%d}"
        click.echo(f"retrying {some} of the run {run.id} on {run.target}{day}", err=True)
        return carried_out(
            project, plan, threads=threads, executor=executor, log_format=log_format, is_debug=debug
        )


def _latest_run(project_dir: str | None, target: str | None) -> Run | None:
    """Looked for before the target is known: where none is named, it is that of the run."""
    from pydbt.project.remainder import latest_run

    with open_project(project_dir, target) as project:
        return latest_run(project, target)


def _why_nothing(run: Run | None) -> str:
    if run is None:
        return "there is no run yet; pydbt run makes one"
    return f"all tasks of the latest run, {run.id} on {run.target}, ended well"
