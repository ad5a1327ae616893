"""The live display: what runs now stands at the bottom, what has ended scrolls by above it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import ExitStack
from typing import Any, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pydbt.cli.streams import whole_lines
from pydbt.core.events import AttemptFailed, Event, RunFinished, RunStarted, TaskFinished, TaskStarted
from pydbt.core.plan import Action
from pydbt.core.results import Run, Status, TaskRun

# By how a task ended, in words.
_MARKS = {
    "success": ("✓", "green"),
    "skipped": ("·", "bright_black"),
    "failed": ("✗", "bold red"),
    "upstream failed": ("○", "yellow"),
    "interrupted": ("!", "yellow"),
    "not run": ("○", "bright_black"),
}
_MOST_RUNNING = 8
_SECONDS_BETWEEN_FRAMES = 0.125


class DrawingConsole(Console):
    """A console on which one thread draws at a time.

    Rich measures where the live region stands and writes it in two steps: tasks that print, ended tasks and
    the ticker would each draw over what another one had just written.
    """

    def __init__(self) -> None:
        super().__init__()
        self.drawing = threading.RLock()

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as any console, while nobody else draws."""
        with self.drawing:
            super().print(*objects, **options)


class _Live(Live):
    """Takes the console's lock before its own: then nobody waits for a lock that waits for theirs."""

    console: DrawingConsole

    def start(self, refresh: bool = False) -> None:  # noqa: FBT001, FBT002  rich's signature
        with self.console.drawing:
            super().start(refresh)

    def stop(self) -> None:
        with self.console.drawing:
            super().stop()

    def refresh(self) -> None:
        with self.console.drawing:
            super().refresh()


class LiveDisplay:
    """Shows a run on a terminal; a context manager, so that the terminal is always given back.

    Args:
        console: Where to draw.
    """

    def __init__(self, console: DrawingConsole) -> None:
        self._console = console
        self._running: dict[str, float] = {}
        self._total = 0
        self._ended = 0
        self._width = 10
        self._live = _Live(get_renderable=self._render, console=console, auto_refresh=False, transient=True)
        self._whole_lines = ExitStack()
        self._ended_drawing = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="pydbt-display", daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended_drawing.set()
        if self._ticker.is_alive():
            self._ticker.join()
        self._whole_lines.close()
        self._live.stop()

    def _tick(self) -> None:
        while not self._ended_drawing.wait(_SECONDS_BETWEEN_FRAMES):
            self._live.refresh()

    def __call__(self, event: Event) -> None:
        """Take an event in; the display redraws itself some times a second."""
        match event:
            case RunStarted(plan=plan):
                self._total = len(plan.steps)
                self._width = min(max((len(step.task) for step in plan.steps), default=10), 48)
                runs = sum(step.action is Action.RUN for step in plan.steps)
                self._console.print(f"[bold]{runs}[/] of {self._total} tasks to run\n")
                self._live.start()
                # Above Rich's streams, which make one line of what several tasks print.
                self._whole_lines.enter_context(whole_lines())
                self._ticker.start()
            case TaskStarted(task=task):
                self._running[task] = time.monotonic()
            case AttemptFailed(task=task):
                self._running.pop(task, None)
                self._print_failed_attempt(event)
            case TaskFinished(task_run=task_run):
                self._running.pop(task_run.task, None)
                self._ended += 1
                self._print_ended(task_run)
            case RunFinished(run=run):
                self._console.print(_summary(run))

    def _print_failed_attempt(self, event: AttemptFailed) -> None:
        failure = event.failure
        why = failure.transient or _first_line(failure.message)
        wait = f", again in {event.wait_seconds:.1f} s" if event.wait_seconds else ""
        told = f"↻ {event.task:<{self._width}}  attempt {event.attempt} failed: {why}{wait}"
        self._console.print(Text(told, "yellow"))

    def _print_ended(self, task_run: TaskRun) -> None:
        mark, style = _MARKS[task_run.ending]
        line = Text(f"{mark} ", style).append(
            f"{task_run.task:<{self._width}}", "" if style == "green" else style
        )
        if task_run.status is Status.SUCCESS:
            rows = "" if task_run.rows is None else f"{task_run.rows:,} rows"
            line.append(f"  {rows:>14}  {task_run.seconds:7.2f} s")
        else:
            # The plan's reason explains a skip; below a failure it would read as the failure's cause.
            why = f": {task_run.reason.replace('_', ' ')}" if task_run.status is Status.SKIPPED else ""
            line.append(f"  {task_run.ending}{why}", "bright_black")
        self._console.print(line)
        for warning in task_run.warnings:
            self._console.print(Text(f"    {warning}", "yellow"))
        failure = task_run.failure
        if failure and task_run.status is Status.FAILED:
            where = f" ({failure.where})" if failure.where else ""
            code = f"{failure.code}: " if failure.code else f"{failure.kind}: "
            self._console.print(Text(f"    {code}{failure.message.strip()}{where}", "red"))
            if failure.hint:
                self._console.print(Text(f"    {failure.hint}"))

    def _render(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        now = time.monotonic()
        for task, since in list(self._running.items())[:_MOST_RUNNING]:
            table.add_row(Text("▸", "cyan"), task, Text(f"{now - since:.1f} s", "cyan"))
        if len(self._running) > _MOST_RUNNING:
            table.add_row("", f"and {len(self._running) - _MOST_RUNNING} more", "")
        bar = Table.grid(padding=(0, 2))
        bar.add_row(
            ProgressBar(total=max(self._total, 1), completed=self._ended, width=40),
            f"{self._ended}/{self._total}",
        )
        return Group(table, bar)


def _summary(run: Run) -> Text:
    counts = Counter(task_run.ending for task_run in run.task_runs)
    text = Text(f"\n{run.seconds:.2f} s  ", "bold")
    for ending, (mark, style) in _MARKS.items():
        if counts[ending]:
            text.append(f"{mark} {counts[ending]} {ending}  ", style)
    return text


def _first_line(message: str) -> str:
    return message.strip().partition("\n")[0]
