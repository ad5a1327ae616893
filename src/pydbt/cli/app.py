"""The ``pydbt`` command: finds the verb, tells errors in one form, gives the exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from pydbt.errors import PyDBTError, UsageError, did_you_mean

INTERRUPTED = 130

# The verbs in the order in which a newcomer needs them; each is the module cli/<verb>.py.
VERBS = ("init", "run", "plan", "ls", "show", "sql", "export-dag", "history", "debug")


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
            hint = did_you_mean(args[0], VERBS)
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
    sys.exit(exit_code(sys.argv[1:] if args is None else args))


def exit_code(args: list[str]) -> int:
    """Run the command line; errors go to stderr in one form, the traceback only with ``--debug``."""
    try:
        result: Any = pydbt.main(args=args, prog_name="pydbt", standalone_mode=False)
    except PyDBTError as error:
        return _told(error, args)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return UsageError.exit_code
    except click.UsageError as error:
        command = f"pydbt {error.ctx.info_name} --help" if error.ctx and error.ctx.parent else "pydbt --help"
        return _told(UsageError(_one_line(error.format_message()), hint=f"see {command}"), args)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`): nothing is left to say, and nowhere to say it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return result if isinstance(result, int) else 0


def _told(error: PyDBTError, args: list[str]) -> int:
    if "--debug" in args:
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    click.echo(str(error), err=True)
    return error.exit_code


def _one_line(message: str) -> str:
    text = " ".join(message.split()).rstrip(".")
    return text[:1].lower() + text[1:]
