"""``pydbt retry``: what failed and what was not come to, and nothing else."""

from __future__ import annotations

import datetime as dt
import os
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from pydbt.core.state.schema import runs
from pydbt.core.state.writes import put
from pydbt.project.project import Project
from tests.cli.command import Result, make_project, pydbt, pydbt_process, started

# What a task does stands in a file of its name: nothing there, and it ends well.
_MODELS = """\
import os
import time
from pathlib import Path

from pydbt import MonthlyLastOpenDayInMonth, Task

HERE = Path(__file__).parent.parent


def does(name):
    with (HERE / "log.txt").open("a") as log:
        log.write(name + "\\n")
    what = HERE / (name + ".txt")
    if what.exists() and what.read_text() == "fail":
        raise ValueError("no good")
    if what.exists() and what.read_text() == "hang":
        time.sleep(120)


@Task
def one():
    does("one")


@Task(depends_on=[one])
def two():
    does("two")


@Task(depends_on=[two])
def three():
    does("three")


@Task(depends_on=[one])
def four():
    does("four")
"""


def shop(folder: Path, **does: str) -> Path:
    """Four tasks, of which those named fail or hang."""
    make_project(folder, {"models/shop.py": _MODELS})
    for name, what in does.items():
        (folder / f"{name}.txt").write_text(what)
    return folder


def called(folder: Path) -> list[str]:
    """The tasks whose bodies were called since this was last asked."""
    log = folder / "log.txt"
    names = log.read_text().split() if log.exists() else []
    log.unlink(missing_ok=True)
    return names


def reasons(folder: Path) -> dict[str, str]:
    """Why the tasks of the latest run ran."""
    project = Project.open(folder)
    try:
        (run,) = project.past_runs(1)
        return {task_run.task: f"{task_run.status.value}: {task_run.reason}" for task_run in run.task_runs}
    finally:
        project.close()


def test_what_failed_and_what_hung_on_it_runs_again(tmp_path: Path) -> None:
    """Two, and three that depends on it; what ended well is left alone."""
    shop(tmp_path, two="fail")
    assert pydbt(tmp_path, "run").code == 1
    assert sorted(called(tmp_path)) == ["four", "one", "two"]
    (tmp_path / "two.txt").unlink()

    again = pydbt(tmp_path, "retry")

    assert (again.code, called(tmp_path)) == (0, ["two", "three"])
    assert "retrying 2 tasks of the run " in again.err
    assert "task three succeeded" in again.out
    assert reasons(tmp_path) == {"two": "success: retried", "three": "success: retried"}


def test_what_fails_again_is_retried_again(tmp_path: Path) -> None:
    """The run that went on is the latest one then."""
    shop(tmp_path, two="fail")
    pydbt(tmp_path, "run")

    codes = [pydbt(tmp_path, "retry").code, pydbt(tmp_path, "retry").code]
    called(tmp_path)
    (tmp_path / "two.txt").unlink()
    last = pydbt(tmp_path, "retry")

    assert (codes, last.code, called(tmp_path)) == ([1, 1], 0, ["two", "three"])


def nothing(result: Result) -> bool:
    """Whether nothing was retried, and nothing is wrong with that."""
    return result.code == 0 and not result.out and result.err.startswith("nothing to retry: ")


def test_nothing_to_retry_is_no_failure(tmp_path: Path) -> None:
    """Before the first run, and after one that ended well."""
    shop(tmp_path)

    first = pydbt(tmp_path, "retry")
    pydbt(tmp_path, "run")
    called(tmp_path)
    second = pydbt(tmp_path, "retry")

    assert nothing(first)
    assert nothing(second)
    assert "ended well" in second.err
    assert called(tmp_path) == []


def test_it_goes_on_on_the_target_of_the_run(tmp_path: Path) -> None:
    """Not on the default one, unless that is asked for."""
    shop(tmp_path, two="fail")
    pydbt(tmp_path, "run", "-t", "prod")
    called(tmp_path)

    on_default = pydbt(tmp_path, "retry", "-t", "dev")
    on_its_own = pydbt(tmp_path, "retry")

    assert nothing(on_default)
    assert (on_its_own.code, called(tmp_path)) == (1, ["two"])
    assert " on prod, for " in on_its_own.err.splitlines()[0]


def test_a_task_that_is_gone_is_left_out_and_told(tmp_path: Path) -> None:
    """The others are retried."""
    shop(tmp_path, one="fail")
    pydbt(tmp_path, "run")
    called(tmp_path)
    (tmp_path / "one.txt").unlink()
    model = tmp_path / "models" / "shop.py"
    model.write_text(model.read_text().partition("@Task(depends_on=[one])\ndef four")[0])

    again = pydbt(tmp_path, "retry")

    assert (again.code, called(tmp_path)) == (0, ["one", "two", "three"])
    assert "the project no longer has four" in again.err


def test_what_was_due_then_runs_now(tmp_path: Path) -> None:
    """A task of the month's last day that failed is retried on the day after."""
    shop(tmp_path, two="fail")
    model = tmp_path / "models" / "shop.py"
    pydbt(tmp_path, "run")
    model.write_text(
        model.read_text()
        .replace("@Task(depends_on=[one])\ndef two", "@Task(depends_on=[one], runs_on=NEVER)\ndef two")
        .replace("HERE = ", "NEVER = MonthlyLastOpenDayInMonth() & Weekly(5)\nHERE = ")
        .replace("import MonthlyLastOpenDayInMonth", "import MonthlyLastOpenDayInMonth, Weekly")
    )
    called(tmp_path)

    assert pydbt(tmp_path, "retry").code == 1
    assert called(tmp_path) == ["two"]


@pytest.mark.parametrize("executor", ["thread", "process"])
def test_a_killed_run_is_gone_on_from(tmp_path: Path, executor: str) -> None:
    """With what it was at, and with what it had not come to."""
    shop(tmp_path, two="hang")
    process = started(tmp_path, "run", "--threads", "1", "--executor", executor)
    log = tmp_path / "log.txt"
    done: set[str] = set()
    listed = ""
    deadline = time.monotonic() + 60
    # Until two hangs, and the state knows what ended before.
    while "1 running" not in listed or f"{len(done)} success" not in listed:
        assert time.monotonic() < deadline, listed
        time.sleep(0.05)
        begun = log.read_text().split() if log.exists() else []
        if "two" in begun:
            done = set(begun) - {"two"}
            listed = pydbt(tmp_path, "history").out
    process.kill()
    process.communicate()
    called(tmp_path)
    (tmp_path / "two.txt").unlink()

    again = pydbt(tmp_path, "retry")

    assert (again.code, " on dev, for 20" in again.err) == (0, True)
    assert set(called(tmp_path)) == {"one", "two", "three", "four"} - done


def test_a_run_that_goes_on_is_not_gone_on_from(tmp_path: Path) -> None:
    """Its tasks would run twice at once."""
    shop(tmp_path, one="hang")
    process = started(tmp_path, "run")
    deadline = time.monotonic() + 60
    while "1 running, 3 waiting" not in pydbt(tmp_path, "history").out:
        assert time.monotonic() < deadline
        time.sleep(0.05)

    again = pydbt(tmp_path, "retry")
    listed = pydbt(tmp_path, "history").out
    process.kill()
    process.communicate()

    assert (again.code, "has not ended yet" in again.err) == (2, True)
    assert listed.rstrip().endswith("1 running, 3 waiting")


def test_its_options_are_those_of_run(tmp_path: Path) -> None:
    """One process of its own for each slot, and events as JSON."""
    shop(tmp_path, two="fail")
    pydbt_process(tmp_path, "run")
    (tmp_path / "two.txt").unlink()

    again = pydbt_process(
        tmp_path, "retry", "--executor", "process", "--threads", "2", "--log-format", "json"
    )

    assert again.code == 0
    assert again.out.startswith('{"event": "run_started"')
    assert '"reason": "retried", "detail": "failed"' in again.out
    assert os.linesep + '{"event": "run_finished"' in again.out


_BY_DAY = """\
from pathlib import Path

from pydbt import Incremental, Task


@Task(materialized=Incremental("append", on="day", start="2026-01-01"))
def days(session):
    if not (Path(__file__).parent.parent / "mended").exists():
        raise ValueError("no good")
    return session.read.csv("days.csv")
"""


@pytest.fixture
def failed(tmp_path: Path) -> Path:
    """A project whose latest run was for a day of its own, failed, and would go well now."""
    make_project(tmp_path, {"models/shop.py": _BY_DAY, "days.csv": "day\n2026-01-01\n2026-01-02\n"})
    assert pydbt(tmp_path, "run", "days", "--date", "2026-01-03").code == 1
    (tmp_path / "mended").touch()
    return tmp_path


def test_it_goes_on_for_the_day_of_the_run(failed: Path) -> None:
    """A ledger goes as far as it was to go: days after it, whose rows had not come, do not count as done."""
    again = pydbt(failed, "retry")
    listed = pydbt(failed, "history").out.splitlines()
    (failed / "days.csv").write_text("day\n2026-01-01\n2026-01-02\n2026-01-03\n")
    after = pydbt(failed, "run", "days", "--date", "2026-01-04")

    assert (again.code, again.err.splitlines()[0].rpartition(" on ")[2]) == (0, "dev, for 2026-01-03")
    assert [line.endswith(", for 2026-01-03") for line in listed] == [True, True]
    assert "1 row" in after.out


def test_the_day_of_a_retry_that_failed_is_that_of_the_first_run(failed: Path) -> None:
    """However often it is gone on from."""
    (failed / "mended").unlink()

    retries = [pydbt(failed, "retry") for _ in range(2)]

    days = {each.err.splitlines()[0].rpartition(", for ")[2] for each in retries}
    assert (days, [each.code for each in retries]) == ({"2026-01-03"}, [1, 1])


def test_a_day_that_an_earlier_version_did_not_keep_is_asked_for(failed: Path) -> None:
    """It is not guessed: the error says which command names it, and that one does what was to be done."""
    forget_days(failed)

    refused = pydbt(failed, "retry")
    listed = pydbt(failed, "history").out

    assert (refused.code, ", for " in listed) == (2, False)
    day = f"{dt.datetime.now().astimezone():%Y-%m-%d}"
    assert f"name it, as in pydbt run days --date {day}" in refused.err
    assert pydbt(failed, "run", "days", "--date", "2026-01-03").code == 0


def test_where_no_day_matters_none_is_asked_for(tmp_path: Path) -> None:
    """A run that an earlier version recorded is gone on from today."""
    shop(tmp_path, two="fail")
    pydbt(tmp_path, "run")
    forget_days(tmp_path)
    called(tmp_path)

    again = pydbt(tmp_path, "retry")

    assert (again.code, called(tmp_path), again.err.splitlines()[0][-7:]) == (1, ["two"], " on dev")


def forget_days(folder: Path) -> None:
    """Make the runs what they are when they come from version 2 of the state."""
    engine = sa.create_engine(f"sqlite:///{folder / '.pydbt' / 'state.db'}", future=True)
    with engine.begin() as connection:
        rows = connection.execute(sa.select(runs)).mappings().all()
        put(connection, runs, [{**row, "planned_for": None} for row in rows])
    engine.dispose()
