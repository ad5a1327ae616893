"""The seed's project: its own spellings, `python app.py run`, tasks that end in five ways, and the cache."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pydbt.connections import dispose_all, engine_from
from tests.seed.conftest import load, schema_of

RUNS_ON_MARIADB = True

_APP = """
from pydbt.cli import main

if __name__ == "__main__":
    main()
"""
_MODELS = """
from sqlalchemy import func, select, MetaData, Table
from connections import get_engine
from core.schedule import Daily, Monthly, MonthlyLastOpenDayInMonth, SemiMonthly, Weekly
from core.task import Task
from sql.dataframe import DataFrame
from sql.session import Session

engine = get_engine()
session = Session(engine=engine, schema=SCHEMA)


@Task(ttl_minutes=60)
def task_one():
    session.table("predictions").show()


@Task(depends_on=[task_one])
def task_two():
    df = session.table("predictions")
    df.where((df.matchDate == "2022-12-30")).write("friday")


@Task(depends_on=[task_two])
def plain_sqlalchemy():
    table = Table("friday", MetaData(), autoload_with=engine)
    with engine.connect() as connection:
        print("friday has", connection.execute(select(func.count()).select_from(table)).scalar(), "rows")


@Task(depends_on=[task_one])
def task_three():
    df = session.table("predictions")
    df.where(df.matchday == "2022-12-31").show()


@Task(depends_on=[task_three, task_two], runs_on=Monthly() | (SemiMonthly() & MonthlyLastOpenDayInMonth()))
def task_four():
    DataFrame(select(Table("odds", MetaData(), autoload_with=engine)).cte(), engine).show()


@Task(runs_on=Daily() | Weekly(weekday=0), retry=5)
def task_five():
    raise Exception("Erreur")
"""
_LINE = re.compile(r"(INFO|ERROR) \d\d/\d\d/\d{4} \d\d:\d\d:\d\d [AP]M: (.*)")


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Path:
    """A project on a loaded database; its day, 2023-02-03, is a Friday that no monthly schedule means."""
    load(engine_from(database_url))
    dispose_all()
    schema = schema_of(database_url)
    folder = tmp_path / "project"
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "example.py").write_text(_MODELS.replace("SCHEMA", repr(schema)))
    (folder / "app.py").write_text(_APP)
    settings = f'default_target = "here"\n[targets.here]\nurl = "{database_url}"\nschema = "{schema}"\n'
    (folder / "pydbt.toml").write_text(settings)
    return folder


def run(project: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "app.py", *arguments]
    done = subprocess.run(
        command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout


def told(output: str, task: str) -> list[str]:
    """What the log tells of a task after it was registered and compared."""
    lines = [f"{found[1]} {found[2]}" for found in map(_LINE.fullmatch, output.splitlines()) if found]
    return [line for line in lines if re.match(rf"\w+ (retrying )?task  ?{task}\b", line)]


def test_five_tasks_end_in_five_ways(project: Path) -> None:
    """One is skipped by ttl, one runs, one fails at once, one is not due, one is retried in vain."""
    code, output = run(project, "run", "--date", "2023-02-03", "--log-format", "plain")
    assert (code, "friday has 3 rows" in output) == (1, True), output

    code, output = run(project, "run", "--date", "2023-02-03", "--log-format", "plain")

    assert code == 1, output
    assert "INFO task task_one: ttl not elasped: skipping" in told(output, "task_one")
    assert told(output, "task_two")[0] == "INFO task task_two is scheduled to be run"
    assert told(output, "task_three")[1].startswith("ERROR task  task_three failed after 0 attempts: ")
    assert told(output, "task_four") == ["INFO task task_four is not scheduled to be run: skipping"]
    assert sum("retrying" in line for line in told(output, "task_five")) == 5
    assert "ERROR task  task_five failed after 5 attempts: Erreur" in "\n".join(told(output, "task_five"))


def test_a_run_is_compared_with_the_latest_one(project: Path) -> None:
    """The log of a second run says of each task that it is equal, and of none that it was added."""
    run(project, "run", "--date", "2023-02-03", "--log-format", "plain")

    _, output = run(project, "run", "--date", "2023-02-03", "--log-format", "plain")

    assert "no added task" in output
    assert output.count("is equal to previous run keeping old task") == 6


def test_the_dag_is_exported(project: Path) -> None:
    """`python app.py export-dag .` writes the picture in both formats."""
    code, output = run(project, "export-dag", ".")

    assert code == 0, output
    assert (project / "dag.png").read_bytes().startswith(b"\x89PNG")
    assert "task_five" in (project / "dag.svg").read_text()
