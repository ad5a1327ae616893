"""The predictions example: five tasks, five fates, told in the plain log's own words."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.examples.commands import run_command

EXAMPLE = Path(__file__).parents[2] / "examples" / "predictions"
LINE = re.compile(r"(INFO|ERROR) \d\d/\d\d/\d{4} \d\d:\d\d:\d\d [AP]M: (.*)")
TASKS = ["task_one", "task_two", "task_three", "task_four", "task_five"]
# A Friday: Monthly() is due on a month's first Monday.
DAY = "2023-02-03"
THE_WRONG_LINE = '    df = df.where((df.matchDate == "2022-12-31"))'

Log = list[tuple[str, str]]


@pytest.fixture(scope="module", params=["duckdb", "postgresql"])
def logs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """What two runs print, one after the other, on each of the example's targets."""
    folder = tmp_path_factory.mktemp("predictions") / "predictions"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".pydbt", "*.duckdb*"))
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_module_url")
    else:
        url = f"duckdb:///{folder / 'predictions.duckdb'}"
    run_command(sys.executable, "load_data.py", url, cwd=folder)
    run = (sys.executable, "app.py", "run", "--target", request.param, "--date", DAY, "--log-format", "plain")
    env = {"DATABASE_URL": url}
    return (
        run_command(*run, cwd=folder, env=env, exit_code=1),
        run_command(*run, cwd=folder, env=env, exit_code=1),
    )


def lines_of(output: str) -> Log:
    """The log's lines, level and text; what tasks print themselves is left out."""
    return [(found[1], found[2]) for found in map(LINE.fullmatch, output.splitlines()) if found]


def story(log: Log, task: str) -> list[str]:
    """What the log tells of one task while it runs, in order; tasks of one level may come in any order."""
    begun = next(number for number, (_, text) in enumerate(log) if text.startswith("exploring"))
    return [f"{level} {text}" for level, text in log[begun:] if re.search(rf"task  ?{task}\b", text)]


def test_a_task_is_skipped_while_its_last_success_is_young(logs: tuple[str, str]) -> None:
    """task_one runs in the first run and is skipped by its ttl in the second."""
    first, second = map(lines_of, logs)

    assert "INFO task task_one is scheduled to be run" in story(first, "task_one")
    assert not any("skipping" in line for line in story(first, "task_one"))
    assert story(second, "task_one") == [
        "INFO task task_one is scheduled to be run",
        "INFO task task_one: ttl not elasped: skipping",
    ]


def test_a_wrong_column_fails_at_once(logs: tuple[str, str]) -> None:
    """task_three is tried once, and the error names the column and the line it stands on."""
    log = lines_of(logs[1])

    scheduled, failed, hint = story(log, "task_three")
    assert scheduled == "INFO task task_three is scheduled to be run"
    assert failed.startswith("ERROR task  task_three failed after 0 attempts: ")
    assert "'matchDate'" in failed
    assert hint == "ERROR task  task_three: known: count_preds, preds"
    source = (EXAMPLE / "models" / "example.py").read_text().splitlines()
    assert f"example.py:{1 + source.index(THE_WRONG_LINE, source.index('def task_three():'))}" in failed


def test_a_task_that_is_not_due_is_skipped(logs: tuple[str, str]) -> None:
    """task_four is monthly, and a task it depends on failing changes nothing about that."""
    assert story(lines_of(logs[1]), "task_four") == [
        "INFO task task_four is not scheduled to be run: skipping"
    ]


def test_a_task_is_retried_as_often_as_it_says(logs: tuple[str, str]) -> None:
    """task_five is tried five times more; a skipped task before it does not stop it."""
    *tries, failed = story(lines_of(logs[1]), "task_five")

    assert tries == [
        "INFO task task_five is scheduled to be run",
        *(f"INFO retrying task task_five try number: {number}" for number in range(5)),
    ]
    assert failed.startswith("ERROR task  task_five failed after 5 attempts: Erreur")


def test_the_rest_goes_on_and_counts_the_predictions(logs: tuple[str, str]) -> None:
    """task_two, beside the failing one, shows its three rows in both runs."""
    for output in logs:
        assert story(lines_of(output), "task_two")[0] == "INFO task task_two is scheduled to be run"
        shown = {
            tuple(re.findall(r"\b(?:d|aw|hw|\d)\b", line))
            for line in output.splitlines()
            if "2022-12-30" in line
        }
        assert {("d", "2"), ("aw", "1"), ("hw", "3")} <= {row[-2:] for row in shown}


def test_the_log_compares_with_the_run_before(logs: tuple[str, str]) -> None:
    """The second run finds the first and all five tasks equal to what they were."""
    log = [text for _, text in lines_of(logs[1])]

    assert log[:5] == [f"registring task {task}" for task in TASKS]
    assert log[5] == "cache enable fetch latest file"
    assert log[6].startswith("using latest run ")
    assert log[7:9] == ["comparing tasks", "no added task"]
    assert log[9:14] == [f"{task} is equal to previous run keeping old task" for task in TASKS]


def test_the_log_names_the_levels_of_the_dag(logs: tuple[str, str]) -> None:
    """Each of the four levels is told once, with its tasks."""
    log = [text for _, text in lines_of(logs[1])]

    assert sorted(line for line in log if line.startswith("exploring")) == [
        f"exploring dag level {level}" for level in (1, 2, 3, 4)
    ]
    assert "collected tasks set ['task_two', 'task_three'] using 2 threads" in log
