"""``pydbt show``: the rows of a task."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from pydbt.cli.options import WholeNumber, open_project, project_options


@click.command("show")
@click.argument("task")
@click.option("-n", "--limit", default=20, show_default=True, type=WholeNumber(min=1), help="How many rows.")
@project_options
def command(task: str, limit: int, project_dir: str | None, target: str | None, debug: bool) -> None:  # noqa: ARG001, FBT001  main reads --debug
    """Show the first rows that TASK's query gives now; nothing is published."""
    from pydbt.core.incremental import Incremental

    with open_project(project_dir, target) as project:
        frame = project.rows(task)
        if isinstance(project.task(task).materialized, Incremental):
            click.echo(
                f"what the query of {task!r} gives for its next window, not what is in the table:", err=True
            )
        with _cancelling():
            frame.show(limit)


@contextmanager
def _cancelling() -> Iterator[None]:
    """Let Ctrl-C stop the statement in the database: most drivers wait where Python sees no signal.

    Raises:
        KeyboardInterrupt: It did.
    """
    from pydbt.connections import cancel_all
    from pydbt.core.interrupt import interrupting
    from pydbt.core.timeout import CANCEL_AGAIN_SECONDS

    asked, ended = threading.Event(), threading.Event()

    def cancel() -> None:
        cancel_all()
        while not ended.wait(CANCEL_AGAIN_SECONDS):
            cancel_all()

    def interrupt() -> None:
        asked.set()
        threading.Thread(target=cancel, name="pydbt-cancel", daemon=True).start()

    try:
        with interrupting(interrupt):
            yield
    finally:
        ended.set()
        if asked.is_set():
            # What the driver says of its statement's end is what was asked for.
            raise KeyboardInterrupt from None
