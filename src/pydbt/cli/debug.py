"""``pydbt debug``: can I connect, and with which versions?"""

from __future__ import annotations

import click

from pydbt.cli.options import open_project, project_options

_PARTS = ("pydbt", "sqlalchemy", "duckdb", "duckdb-sqlalchemy", "psycopg", "psycopg2-binary", "pymysql")


@click.command("debug")
@project_options
def command(project_dir: str | None, target: str | None, debug: bool) -> None:  # noqa: ARG001, FBT001  main reads --debug
    """Connect to the target and name the versions of everything that takes part."""
    import platform
    from importlib import metadata

    _line("python", f"{platform.python_version()} on {platform.system()}")
    for part in _PARTS:
        try:
            _line(part, metadata.version(part))
        except metadata.PackageNotFoundError:
            _line(part, "not installed")
    with open_project(project_dir, target) as project:
        _line("settings", project.settings.file)
        _line("target", project.target.name)
        _line("state", project.state_url)
        report = project.check_connection()
        for name, value in report:
            _line(name, value)
        click.echo("connection is well")


def _line(name: str, value: object) -> None:
    click.echo(f"{name:<18} {value}")
