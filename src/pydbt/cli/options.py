"""Options that several verbs share, and the project they open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pydbt.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from pydbt.core.plan import Plan
    from pydbt.project.project import Project

Function = TypeVar("Function", bound=Callable[..., Any])


def project_options(function: Function) -> Function:
    """``--project-dir``, ``--target`` and ``--debug``."""
    for option in (
        click.option("--debug", is_flag=True, help="Show the traceback of an error."),
        click.option("-t", "--target", metavar="NAME", help="A target of pydbt.toml."),
        click.option("--project-dir", metavar="DIR", help="The project's folder. [default: here or above]"),
    ):
        function = option(function)
    return function


def selection_options(function: Function) -> Function:
    """``TASKS``, ``--select`` and ``--exclude``, in dbt's grammar."""
    for option in (
        click.option("--exclude", multiple=True, metavar="SELECTOR", help="Leave these tasks out."),
        click.option(
            "-s",
            "--select",
            multiple=True,
            metavar="SELECTOR",
            help="a, +a, a+, 2+a, @a, tag:x, path:models/x.py",
        ),
        click.argument("tasks", nargs=-1, metavar="[TASK]..."),
    ):
        function = option(function)
    return function


class WholeNumber(click.IntRange):
    """A whole number in a range; one that is none is refused in the words of the settings."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number."""
        try:
            number = int(value)
        except (TypeError, ValueError):
            number = None
        if number is None or not (self.min or 0) <= number <= (self.max or number):
            most = f" to {self.max}" if self.max else ""
            self.fail(f"{value!r} is not a whole number from {self.min}{most}", param, ctx)
        return number


@contextmanager
def open_project(
    project_dir: str | None, target: str | None, *, is_reading: bool = True
) -> Iterator[Project]:
    """The project around the folder, closed again at the end."""
    from pydbt.project.project import Project

    if project_dir is not None and not Path(project_dir).is_dir():
        raise UsageError(
            f"--project-dir {project_dir!r} is not a folder", hint="name a folder with a pydbt.toml"
        )
    folder = Path(project_dir) if project_dir is not None else None
    project = Project.open(folder, target=target, is_reading=is_reading)
    try:
        yield project
    finally:
        project.close()


def plan_options(function: Function) -> Function:
    """``--date``, ``--force`` and ``--full-refresh``."""
    for option in (
        click.option(
            "--full-refresh", is_flag=True, help="Make the tables of selected incremental tasks anew."
        ),
        click.option("--force", is_flag=True, help="Run the selected tasks whatever the plan says."),
        click.option("--date", metavar="YYYY-MM-DD", help="Plan for this day instead of today."),
    ):
        function = option(function)
    return function


def planned(
    project: Project,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    date: str | None,
    *,
    force: bool,
    full_refresh: bool,
) -> Plan:
    """The plan for the day that the command line names, or for now."""
    on = None if date is None else day(date, "--date")
    return project.plan(select, exclude, force=force, full_refresh=full_refresh, on=on)


def day(text: str, option: str) -> date:
    """The day that an option names.

    Raises:
        UsageError: It names none.
    """
    from datetime import datetime

    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone: each schedule has its own
    except ValueError:
        raise UsageError(f"{option} {text!r} is not a day", hint="write it as 2026-01-31") from None
