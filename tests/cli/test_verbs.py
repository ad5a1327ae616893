"""Each verb of the command line on a small project: what it prints, what it leaves, how it ends."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.cli.command import make_project, pydbt, pydbt_module, tree

SERVERS = ("postgresql", "postgresql14", "mysql")
VERBS = (
    *("init", "run", "retry", "backfill", "plan", "ls", "test", "show", "sql"),
    *("export-dag", "history", "state", "debug"),
)

# A DAG in which every task is published: nothing has to run before its SQL is known.
_PUBLISHED = """\
import sqlalchemy as sa
from pydbt import Task

@Task(materialized="view")
def numbers():
    return sa.select(sa.literal(1).label("n"), sa.literal("été").label("word"))

@Task(materialized="table")
def doubled(numbers):
    return numbers.with_column("twice", numbers.n * 2)

@Task(materialized="table")
def summed(doubled, numbers):
    return doubled.join(numbers, "n").group_by("word").agg(most=sa.func.max(doubled.twice))
"""


def ended(out: str) -> list[str]:
    """The names of the tasks that the plain log says succeeded."""
    return re.findall(r"task (\w+) succeeded", out)


def test_help_of_everything_exits_well(tmp_path: Path) -> None:
    """`-h` and `--help` of the command and of each verb, outside any project."""
    for words in ([], *([verb] for verb in VERBS)):
        short, long = pydbt(tmp_path, *words, "-h"), pydbt(tmp_path, *words, "--help")

        assert (short.code, short.err) == (0, "")
        assert short == long
        assert short.out.startswith(f"Usage: {' '.join(['pydbt', *words])} ")


def test_without_arguments_the_verbs_are_listed(tmp_path: Path) -> None:
    """On stderr and with the code of a usage error, for a script did not mean that."""
    result = pydbt(tmp_path)

    assert (result.code, result.out) == (2, "")
    assert re.findall(r"^  ([a-z-]+)  ", result.err, re.MULTILINE)[-len(VERBS) :] == list(VERBS)


def test_the_version_is_one_line(tmp_path: Path) -> None:
    """`pydbt` and its version."""
    assert re.fullmatch(r"pydbt \d+\.\d+\.\d+\S*\n", pydbt(tmp_path, "--version").out)


def test_python_m_pydbt_is_the_command(tmp_path: Path) -> None:
    """Where the script is not on the path; with worker processes, which import the main module again."""
    make_project(tmp_path)

    run = pydbt_module(tmp_path, "run", "--executor", "process", "--log-format", "plain")
    refused = pydbt_module(tmp_path, "rum")

    assert (run.code, sorted(ended(run.out))) == (0, ["big_orders", "load", "orders"])
    assert (refused.code, refused.out) == (2, "")
    assert "did you mean 'run'" in refused.err


@pytest.mark.parametrize("words", ["plan", "ls", "history", "debug", "ls +big_orders", "plan --force"])
def test_verbs_that_read_leave_nothing_behind(tmp_path: Path, words: str) -> None:
    """On a project that never ran, no state and no database file is made."""
    for scheme in ("sqlite", "duckdb"):
        folder = tmp_path / scheme
        make_project(folder, {"pydbt.toml": f'[targets.dev]\nurl = "{scheme}:///shop.db"\n'})
        before = tree(folder)

        assert pydbt(folder, *words.split()).code == 0

        assert tree(folder) == before


def test_debug_names_every_driver_that_can_be_installed(tmp_path: Path) -> None:
    """The packages of the extras for servers, installed or not."""
    pyproject = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    extras = pyproject["project"]["optional-dependencies"]
    drivers = {re.split(r"[\[>=]", each)[0] for name in SERVERS for each in extras[name]}
    make_project(tmp_path)

    told = {line.split()[0] for line in pydbt(tmp_path, "debug").out.splitlines()}

    assert drivers <= told


def test_debug_tells_a_missing_file_from_a_missing_database(tmp_path: Path) -> None:
    """A file that the first run will make is no reason to worry, and is not made."""
    make_project(tmp_path)

    debug = pydbt(tmp_path, "debug")

    assert "shop.db (not there yet: pydbt run makes it)" in debug.out
    assert debug.out.endswith("connection is well\n")


@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
def test_a_whole_dag_compiles_before_any_run(tmp_path: Path, scheme: str) -> None:
    """`pydbt sql` of every task, on a database that does not exist and is not made."""
    settings = f'[targets.dev]\nurl = "{scheme}:///shop.db"\n'
    make_project(tmp_path, {"models/shop.py": _PUBLISHED, "pydbt.toml": settings})
    before = tree(tmp_path)

    texts = {task: pydbt(tmp_path, "sql", task) for task in ("numbers", "doubled", "summed")}

    assert [(text.code, text.err) for text in texts.values()] == [(0, "")] * 3
    assert "numbers" in texts["doubled"].out
    assert "GROUP BY" in texts["summed"].out
    assert tree(tmp_path) == before


def test_rows_before_the_first_run_are_refused(tmp_path: Path) -> None:
    """There are none: which command makes them."""
    make_project(tmp_path)

    shown = pydbt(tmp_path, "show", "orders")

    assert (shown.code, "pydbt run +orders" in shown.err) == (2, True)
    assert not (tmp_path / "shop.db").exists()


def test_rows_of_a_table_that_is_not_written_yet_are_refused(tmp_path: Path) -> None:
    """A task that came after the last run: its SQL is known, and what to run for its rows is told."""
    task = "@Task(materialized='view')\ndef largest(big_orders):\n    return big_orders\n"
    make_project(tmp_path)
    assert pydbt(tmp_path, "run", "load", "orders").code == 0
    (tmp_path / "models" / "more.py").write_text(f"from pydbt import Task\n\n{task}")

    shown = pydbt(tmp_path, "show", "largest")

    assert pydbt(tmp_path, "sql", "largest").code == 0
    assert (shown.code, shown.out) == (2, "")
    assert shown.err == (
        "PYDBT-E650: the task 'largest' has no rows yet: it reads 'big_orders', which is not written"
        " (models/more.py:3)\n  pydbt run +largest\n"
    )


def test_an_error_of_the_database_is_told_in_its_own_words(tmp_path: Path) -> None:
    """What the database said and the statement, as in a run: no link to pages about SQLAlchemy."""
    task = "@Task(materialized='view')\ndef odd():\n    return sa.select(sa.func.nosuch().label('x'))\n"
    make_project(tmp_path, {"models/odd.py": f"import sqlalchemy as sa\nfrom pydbt import Task\n\n{task}"})
    (tmp_path / "shop.db").touch()

    shown = pydbt(tmp_path, "show", "odd")

    assert shown.code == 1
    assert shown.err.startswith(
        "PYDBT-E105: OperationalError: (sqlite3.OperationalError) no such function: nos"
    )
    assert "Background" not in shown.err


def test_a_plain_task_has_no_rows_to_show(tmp_path: Path) -> None:
    """Unless there is a table of its name, which it has written."""
    writes = "\n@Task\ndef written(session):\n    session.table('raw').write('written')\n"
    make_project(tmp_path, {"models/more.py": f"from pydbt import Task\n{writes}"})
    assert pydbt(tmp_path, "run", "load", "written", "--threads", "1").code in {0, 1}
    assert pydbt(tmp_path, "run", "written", "--force").code == 0

    refused = pydbt(tmp_path, "show", "load")
    shown = pydbt(tmp_path, "show", "written")

    assert refused.code == 1
    assert refused.err.startswith("PYDBT-E550: the task 'load' has no rows to show: it returns none, and")
    assert "(models/shop.py:6)" in refused.err
    assert shown.out.startswith("id | amount\n")


def test_rows_of_a_window_are_told_from_the_table(tmp_path: Path) -> None:
    """What `show` gives of an incremental task is its query's, for the rows that the next run takes."""
    head = "from pydbt import Incremental, Task\n\n\n@Task(materialized=Incremental('append', on='id'))\n"
    make_project(tmp_path, {"models/more.py": f"{head}def added(session):\n    return session.range(2)\n"})
    pydbt(tmp_path, "run", "added")

    shown = pydbt(tmp_path, "show", "added")

    told = "what the query of 'added' gives for its next window, not what is in the table:\n"
    assert (shown.err, shown.out) == (told, "id\n--\nno rows\n")


def test_a_key_that_config_has_not_is_named(tmp_path: Path) -> None:
    """With the nearest ones, in tables of tables too; `get` and `in` answer as those of a dict."""
    toml = '[targets.dev]\nurl = "sqlite:///shop.db"\n[config]\nregion = "EU"\n[config.mail]\nhost = "h"\n'
    body = (
        "    assert config['region'] == 'EU' and config.get('x') is None and 'x' not in config\n"
        "    try:\n        config['mail']['hots']\n    except KeyError as error:\n        print(error)\n"
        "    config['regoin']\n"
    )
    make_project(
        tmp_path,
        {"pydbt.toml": toml, "models/shop.py": f"from pydbt import Task\n\n@Task\ndef one(config):\n{body}"},
    )

    run = pydbt(tmp_path, "run")

    assert run.code == 1
    assert "PYDBT-E206: [config.mail] has no key 'hots' (models/shop.py:7)\n  did you mean 'host'?" in run.out
    assert "PYDBT-E206: [config] has no key 'regoin' (models/shop.py:10)\n  did you mean 'region'?" in run.err


def test_the_life_of_a_project(tmp_path: Path, database_url: str) -> None:
    """List, plan, run, show, history and SQL on each database, in the order of a first hour."""
    folder = tmp_path / "project"
    make_project(folder, {"pydbt.toml": f'[targets.dev]\nurl = "{database_url}"\n'})

    assert pydbt(folder, "ls").out == "load\norders\nbig_orders\n"
    assert pydbt(folder, "plan").out.startswith("3 tasks")
    run = pydbt(folder, "run")
    assert (run.code, run.err, ended(run.out)) == (0, "", ["load", "orders", "big_orders"])
    assert re.findall(r"\d+", pydbt(folder, "show", "big_orders").out)[-2:] == ["3", "30"]
    assert re.findall(r"\d+", pydbt(folder, "show", "orders", "-n", "1").out)[:2] == [
        "2",
        "20",
    ]
    assert "WHERE" in pydbt(folder, "sql", "orders").out
    history = pydbt(folder, "history").out
    assert "3 success" in history
    assert "big_orders" in pydbt(folder, "history", history.split()[0]).out
    assert "connection is well" in pydbt(folder, "debug").out


@pytest.mark.parametrize(
    ("words", "tasks"),
    [
        ("orders", ["orders"]),
        ("-s orders", ["orders"]),
        ("--select +orders", ["load", "orders"]),
        ("orders+", ["orders", "big_orders"]),
        ("tag:core", ["load", "orders"]),
        ("path:models/shop.py --exclude load", ["orders", "big_orders"]),
        ("@load --exclude tag:core", ["big_orders"]),
        ("--threads 1", ["load", "orders", "big_orders"]),
        ("--executor serial", ["load", "orders", "big_orders"]),
        ("--date 2026-01-31", ["load", "orders", "big_orders"]),
    ],
)
def test_what_is_selected_is_listed_planned_and_run(tmp_path: Path, words: str, tasks: list[str]) -> None:
    """The same words choose the same tasks for every verb."""
    make_project(tmp_path)
    pydbt(tmp_path, "run")
    selects = not words.startswith(("--threads", "--executor", "--date"))

    run = pydbt(tmp_path, "run", *words.split())

    assert (run.code, ended(run.out)) == (0, tasks)
    if selects:
        assert pydbt(tmp_path, "ls", *words.split()).out.split() == tasks
        planned = pydbt(tmp_path, "plan", *words.split()).out
        assert re.findall(r"^(?:run|skip)\s+(\w+):", planned, re.MULTILINE) == tasks


def test_nothing_selected_is_said_and_not_recorded(tmp_path: Path) -> None:
    """An empty selection is no run."""
    make_project(tmp_path)

    run = pydbt(tmp_path, "run", "orders", "--exclude", "orders")

    assert (run.code, run.out, "no task is selected" in run.err) == (0, "", True)
    assert not (tmp_path / ".pydbt").exists()


_EVENTS = {
    "run_started": {"run_id", "at", "plan", "slots"},
    "task_started": {"task", "attempt", "at"},
    "attempt_failed": {"task", "attempt", "failure", "wait_seconds"},
    "task_finished": {"task_run"},
    "run_finished": {"run"},
}
_TASK_RUN = {"task", "status", "reason", "attempts", "started_at", "seconds", "rows", "failure", "warnings"}


def test_every_line_of_json_is_an_event(tmp_path: Path) -> None:
    """Whatever tasks print goes to stderr; a failure's traceback stays out."""
    body = "    print('noise')\n    raise ValueError('été')\n"
    models = f"from pydbt import Task\n\n@Task(retry=1)\ndef bad():\n{body}"
    make_project(tmp_path, {"models/bad.py": models})

    run = pydbt(tmp_path, "run", "--log-format", "json")

    events = [json.loads(line) for line in run.out.splitlines()]
    assert run.code == 1
    assert {event["event"] for event in events} == set(_EVENTS)
    for event in events:
        assert set(event) - {"event"} == _EVENTS[event["event"]]
    assert "Traceback" not in run.out
    runs = {event["task_run"]["task"]: event["task_run"] for event in events if "task_run" in event}
    assert all(set(task_run) == _TASK_RUN for task_run in runs.values())
    assert (runs["bad"]["status"], runs["bad"]["attempts"]) == ("failed", 2)
    assert runs["bad"]["failure"]["message"] == "été"
    assert run.err.count("noise") == 2


def test_a_failed_task_is_named_on_stderr_and_in_the_log(tmp_path: Path) -> None:
    """Exit code 1; the reason stands where people and where programs look."""
    models = "from pydbt import Task\n\n@Task\ndef bad():\n    raise ValueError('no good')\n"
    make_project(tmp_path, {"models/bad.py": models})

    run = pydbt(tmp_path, "run")

    assert run.code == 1
    assert "task  bad failed after 0 attempts: no good (models/bad.py:5)" in run.out
    assert run.err.startswith("PYDBT-E505: the task 'bad' failed: ValueError: no good (models/bad.py:5)\n")
    assert "1 failed" in pydbt(tmp_path, "history").out


def test_the_history_tells_a_plan_from_what_came_of_it(tmp_path: Path) -> None:
    """Why a task was to run or to be skipped is said as that, beside how it ended."""
    models = (
        "from pydbt import Monthly, Task\n\n@Task\ndef bad():\n    raise ValueError('no good')\n\n"
        "@Task(runs_on=Monthly())\ndef later(): ...\n"
    )
    make_project(tmp_path, {"models/bad.py": models})
    pydbt(tmp_path, "run", "bad", "later", "--date", "2026-01-07")
    run_id = pydbt(tmp_path, "history").out.split()[0]

    told = [" ".join(line.split()) for line in pydbt(tmp_path, "history", run_id).out.splitlines()]

    assert sorted(re.sub(r"[\d.]+ s ", "", line) for line in told[1:]) == [
        "ValueError: no good models/bad.py:5",
        "failed bad planned to run: it has never ended well on this target",
        "skipped later planned to skip: its schedule is not due",
    ]


def test_pictures_are_drawn_where_they_are_wanted(tmp_path: Path) -> None:
    """Each format by its name; the files are told."""
    make_project(tmp_path)

    drawn = pydbt(tmp_path, "export-dag", ".", "--format", "mermaid,dot,json,svg,png")

    assert drawn.code == 0
    assert {Path(line).name.partition(".")[0] for line in drawn.out.split()} == {"dag"}
    assert all((tmp_path / line).stat().st_size > 0 for line in drawn.out.split())


def test_a_project_is_made_from_the_template(tmp_path: Path) -> None:
    """What was made is listed, and what to type next."""
    made = pydbt(tmp_path, "init", "shop")

    assert made.code == 0
    assert made.out.endswith("Next:  cd shop && pydbt run\n")
    listed = {line.strip() for line in made.out.splitlines() if line.startswith("  ")}
    assert listed == {name for name, content in tree(tmp_path / "shop").items() if content is not None}


def test_the_template_runs_as_it_is_on_each_database(tmp_path: Path, database_url: str) -> None:
    """Only the URL is another."""
    pydbt(tmp_path, "init", "shop")
    settings = tmp_path / "shop" / "pydbt.toml"
    if not database_url.startswith("duckdb"):
        settings.write_text(settings.read_text().replace("duckdb:///shop.duckdb", database_url))

    run = pydbt(tmp_path / "shop", "run")

    assert (run.code, run.err) == (0, "")
    shown = pydbt(tmp_path / "shop", "show", "customers")
    assert [line.split("|")[0].strip() for line in shown.out.splitlines()[2:]] == ["Ada", "Eve"]


def test_the_plain_log_tells_why_a_seed_was_skipped(tmp_path: Path) -> None:
    """It did not succeed: nothing was done."""
    models = "from pydbt import Seed, Task\n\n@Task(materialized=Seed('a.csv'))\ndef a(): ...\n"
    make_project(tmp_path, {"models/shop.py": models, "a.csv": "n\n1\n"})
    pydbt(tmp_path, "run", "a")

    told = pydbt(tmp_path, "run", "a", "--log-format", "plain").out

    assert "task a: its file is as it was when it was loaded: skipping" in told
    assert "task a succeeded" not in told
