"""The ``pydbt`` command: finds the verb, tells errors in one form, gives the exit code."""

from __future__ import annotations

import io
import os
import sys
import threading
from importlib import import_module
from typing import Any, NoReturn, TextIO

import click

from pydbt.errors import (
    ModelFilesError,
    OutputError,
    PyDBTError,
    UnexpectedError,
    UsageError,
    did_you_mean,
    hide_passwords,
    names_at,
)

INTERRUPTED = 130

# The verbs in the order in which a newcomer needs them; each is the module cli/<verb>.py.
VERBS = (
    "init",
    "run",
    "retry",
    "backfill",
    "plan",
    "ls",
    "test",
    "show",
    "sql",
    "export-dag",
    "history",
    "state",
    "debug",
)


# What people type who know dbt and its like.
_ELSEWHERE = {
    **dict.fromkeys(("build", "execute", "start"), "pydbt run runs the tasks and publishes their tables"),
    **dict.fromkeys(("compile", "render"), "pydbt sql TASK prints the SQL of a task"),
    **dict.fromkeys(("docs", "graph", "dag"), "pydbt export-dag FOLDER draws the DAG"),
    **dict.fromkeys(("preview", "head"), "pydbt show TASK prints rows"),
    **dict.fromkeys(("check", "validate"), "pydbt test runs the checks on what is published"),
    **dict.fromkeys(("list", "tasks"), "pydbt ls lists the tasks"),
    **dict.fromkeys(("status", "log", "logs"), "pydbt history lists the runs, with an id its tasks"),
    **dict.fromkeys(("resume", "continue", "rerun"), "pydbt retry goes on from the latest run"),
    **dict.fromkeys(("new", "create"), "pydbt init NAME makes a project"),
}
_OPTIONS_ELSEWHERE = {
    **dict.fromkeys(("-m", "--models", "--model"), "--select, or the names alone: pydbt run orders"),
    "-f": "--force runs what need not run, too; --full-refresh makes incremental tables anew",
    "--vars": "values for tasks stand below [config] in pydbt.toml",
    "--profile": "--target NAME chooses a target of pydbt.toml",
}


# The modules in which what is written to the output fails: here, where it is flushed, in click.echo, in show.
_WRITERS = (__name__, "click.utils", "pydbt.sql.dataframe")


class _Verbs(click.Group):
    """Imports a verb's module only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        if cmd_name not in VERBS:
            return None
        module = import_module(f"pydbt.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            hint = _ELSEWHERE.get(args[0]) or did_you_mean(args[0], VERBS)
            raise UsageError(f"there is no command {args[0]!r}", hint=hint)
        return super().resolve_command(ctx, args)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="pydbt", message="pydbt %(version)s")
def pydbt() -> None:
    """Data transformation for people who write Python.

    A new project: pydbt init NAME --example flights
    """


def main(args: list[str] | None = None) -> NoReturn:
    """Run the command line and leave the process with its exit code.

    0 well, 1 a task failed, 2 usage or configuration, 75 locked, 130 interrupted.
    """
    # What was started without them, as by `>&-`, has none.
    sys.stdout, sys.stderr = (each or _nowhere() for each in (sys.stdout, sys.stderr))
    for stream in (sys.stdout, sys.stderr):
        # A terminal without Unicode shows \\xe9 for what it cannot show; that is no reason to stop.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    code = exit_code(sys.argv[1:] if args is None else args)
    if threading.active_count() > 1:
        from pydbt.core.timeout import is_any_left_behind

        if is_any_left_behind():
            # A task that nothing could stop: a thread inside a library can crash a process that ends orderly.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    sys.exit(code)


def exit_code(args: list[str]) -> int:  # noqa: PLR0911  one return for each way to end
    """Run the command line; errors go to stderr in one form, the traceback only with ``--debug``."""
    try:
        result: Any = pydbt.main(args=args, prog_name="pydbt", standalone_mode=False)
        sys.stdout.flush()
    except PyDBTError as error:
        return _told(error, args)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return UsageError.exit_code
    except click.UsageError as error:
        return _told(_usage(error), args, error)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # Whoever read our output has gone (`| head`): nothing is left to say, and nowhere to say it. When
        # click meets the broken pipe first, it leaves by SystemExit.
        silence(sys.stdout)
        return 1
    except Exception as error:  # noqa: BLE001  whatever it is, it is told in the one form
        return _told(_output_lost(error) or _unexpected(error), args, error)
    return result if isinstance(result, int) else 0


def _output_lost(error: Exception) -> OutputError | None:
    """That the output cannot be written, where that is what an error says; nothing more is written then."""
    if not isinstance(error, OSError) or names_at(error).get("__name__") not in _WRITERS:
        return None
    silence(sys.stdout)
    return OutputError(f"the output cannot be written: {error.strerror or error}")


def _nowhere() -> TextIO:
    return os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def silence(stream: TextIO) -> None:
    """Let a stream whose reader has gone lead nowhere, so that nothing fails when it is written or closed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _told(error: PyDBTError, args: list[str], cause: Exception | None = None) -> int:
    if cause is not None:
        error.__cause__ = cause
    if "--debug" in args:
        for each in error.errors if isinstance(error, ModelFilesError) else (error,):
            show_traceback(each)
    click.echo(str(error), err=True)
    return error.exit_code


def show_traceback(error: PyDBTError) -> None:
    """Write the traceback of an error to stderr, as ``--debug`` asks for it."""
    import traceback

    click.echo(hide_passwords("".join(traceback.format_exception(error))), err=True, nl=False)


def _usage(error: click.UsageError) -> UsageError:
    verb = error.ctx.info_name if error.ctx and error.ctx.parent else None
    hint = f"see {error.ctx.command_path} --help" if error.ctx else "see pydbt --help"
    if not isinstance(error, click.NoSuchOption):
        return UsageError(_one_line(error.format_message()), hint=hint)
    what = f"there is no option {error.option_name!r}"
    if error.option_name.startswith("--with-dep"):
        return UsageError(
            what, hint="a task and all it needs is +TASK: it needs a task name, as in pydbt run +orders"
        )
    if error.option_name in _OPTIONS_ELSEWHERE:
        return UsageError(what, hint=_OPTIONS_ELSEWHERE[error.option_name])
    known = [name for name in error.possibilities or () if name != "--help"]
    if known:
        hint = did_you_mean(error.option_name, known)
    elif verb is None:
        hint = f"a command's options stand behind it, as in pydbt run --target NAME; {hint}"
    elif verb == "init":
        hint = f"a project's name begins with a letter; {hint}"
    return UsageError(what, hint=hint)


def _unexpected(error: Exception) -> PyDBTError:
    from pydbt.core.attempt import failure_of

    failure = failure_of(error)
    return UnexpectedError(
        f"{failure.kind}: {_one_line(failure.message)}",
        where=failure.where or None,
        hint="--debug shows where it comes from",
    )


def _one_line(message: str) -> str:
    text = " ".join(message.split()).rstrip(".")
    return text[:1].lower() + text[1:]
