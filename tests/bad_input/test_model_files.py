"""Bad model files: each is refused with its file and line, and the other files are still listed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.bad_input.refusal import assert_form, assert_refused
from tests.cli.command import make_project, pydbt

_IMPORT = "from pydbt import Task\n\n"
_SHOP = "load\norders\nbig_orders\n"


def task(options: str) -> str:
    """A file whose third line decorates a task with those options."""
    return f"{_IMPORT}@Task({options})\ndef one(): ...\n"


def checks(given: str) -> str:
    """A file whose fourth line decorates a task with these checks."""
    imports = "from pydbt import Task\nfrom pydbt.checks import row_count, unique\n\n"
    return f"{imports}@Task(materialized='table', checks={given})\ndef one(): ...\n"


def cron(arguments: str) -> str:
    """A file whose third line decorates a task with that schedule."""
    return f"from pydbt import Cron, Task\n\n@Task(runs_on=Cron({arguments}))\ndef one(): ...\n"


def depends_on(value: str) -> str:
    """A file whose task, on line 4, depends on that."""
    return f"{_IMPORT}def plain(): ...\n@Task(depends_on={value})\ndef one(): ...\n"


_RING = "".join(f"@Task\ndef t{n}(t{(n + 1) % 1000}): ...\n" for n in range(1000))
_LONG = "x" * 63

# What stands in models/one.py, next to the shop's own file.
CASES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "retry below its range": (task("retry=-1"), "PYDBT-E402", ("retry=-1", "one.py:3", "from 0 to 1000")),
    "ttl that is no number": (task("ttl_minutes='soon'"), "PYDBT-E402", ("'soon'", "one.py:3", "0 or more")),
    "timeout of nothing": (task("timeout=0"), "PYDBT-E402", ("timeout=0", "one.py:3", "above 0")),
    "timeout that is no number": (task("timeout='5 min'"), "PYDBT-E402", ("'5 min'", "timedelta")),
    "upstream failure": (task("on_upstream_failure='ignore'"), "PYDBT-E402", ("'ignore'", "one.py:3", "run")),
    "ttl NaN": (task("ttl_minutes=float('nan')"), "PYDBT-E402", ("ttl_minutes=nan", "0 or more")),
    "ttl infinite": (task("ttl_minutes=float('inf')"), "PYDBT-E402", ("ttl_minutes=inf", "0 or more")),
    "minute out of its range": (cron("'99 * * * *'"), "PYDBT-E410", ("99", "one.py:3", "minute", "59")),
    "zone of no place": (cron("'0 0 * * *', tz='Mars/Base'"), "PYDBT-E410", ("'Mars/Base'", "one.py:3")),
    "day that never comes": (cron("'0 0 30 2 *'"), "PYDBT-E410", ("'0 0 30 2 *'", "one.py:3", "never")),
    "option of a check": (
        checks("unique('id', severty='warn')"),
        "PYDBT-E407",
        ("'severty'", "one.py:4", "it is unique(*columns, severity=None)"),
    ),
    "option of a check by its place": (
        checks("row_count(1)"),
        "PYDBT-E407",
        ("takes 0 positional", "one.py:4", "it is row_count(*, min=None"),
    ),
    "check that is not called": (
        checks("[unique]"),
        "PYDBT-E402",
        ("checks holds unique, not called", "one.py:4", 'unique("id")'),
    ),
    "check of more than rows": (
        checks("[lambda rows, session: rows]"),
        "PYDBT-E402",
        ("cannot be called with the rows alone", "one.py:4", "one parameter"),
    ),
    "check by its name": (checks("'unique'"), "PYDBT-E402", ("checks holds 'unique'", 'not_null("id")')),
    "check with a typo": (
        checks("not_nul('id')"),
        "PYDBT-E407",
        ("'not_nul'", "'not_null', of pydbt.checks?"),
    ),
    "check that is not imported": (
        checks("not_null('id')"),
        "PYDBT-E407",
        ("'not_null'", "one.py:4", "from pydbt.checks import not_null"),
    ),
    "schedule with a typo": (task("runs_on=Monthy()"), "PYDBT-E407", ("did you mean 'Monthly', of pydbt?",)),
    "retry by its class": (
        "from pydbt import Retry, Task\n\n@Task(retry=Retry)\ndef one(): ...\n",
        "PYDBT-E402",
        ("one.py:3", "Retry(times=3)"),
    ),
    "unknown option": (task("retries=3"), "PYDBT-E402", ("no option 'retries'", "did you mean 'retry'?")),
    "half an option": (task("ttl=3"), "PYDBT-E402", ("no option 'ttl'", "did you mean 'ttl_minutes'?")),
    "kind without its name": (task("'table'"), "PYDBT-E402", ("not 'table'", 'materialized="table"')),
    "name without its name": (task("'daily'"), "PYDBT-E402", ("not 'daily'", 'name="daily"')),
    "retry without its name": (task("3"), "PYDBT-E402", ("by name, not 3", "retry=3")),
    "list without its name": (task("[]"), "PYDBT-E402", ("by name, not []", "depends_on=[")),
    "depends on text": (depends_on("['load']"), "PYDBT-E403", ("'load'", "one.py:4", "depends_on=[load]")),
    "depends on a text for a list": (depends_on("'load'"), "PYDBT-E403", ("a list of tasks, not 'load'",)),
    "depends on a lambda": (depends_on("[lambda: 1]"), "PYDBT-E403", ("a lambda", "decorated with @Task")),
    "depends on a plain function": (depends_on("[plain]"), "PYDBT-E403", ("put @Task above 'plain'",)),
    "depends on None": (depends_on("None"), "PYDBT-E403", ("not None", "leave depends_on out")),
    "depends on itself": (depends_on("[one]"), "PYDBT-E407", ("'one'", "one.py:4", "depend on itself")),
    "cycle of one": (
        f"{_IMPORT}@Task\ndef one(one): ...\n",
        "PYDBT-E404",
        ("one → one (one at models/one.py:3)",),
    ),
    "cycle of two": (
        f"{_IMPORT}@Task\ndef one(two): ...\n@Task\ndef two(one): ...\n",
        "PYDBT-E404",
        ("one → two → one (one at models/one.py:3, two at models/one.py:5)",),
    ),
    "cycle of a thousand": (
        f"{_IMPORT}{_RING}",
        "PYDBT-E404",
        ("t0 → t1 → t2 → ", " → t998 → t999 → t0 (", "t999 at models/one.py:2001"),
    ),
    "name twice": (
        f"{_IMPORT}@Task\ndef orders(): ...\n",
        "PYDBT-E405",
        ("two tasks are named 'orders'", "models/one.py:3", "models/shop.py:14"),
    ),
    "table twice by letter case": (
        f"{_IMPORT}@Task(materialized='table')\ndef Orders(session): ...\n",
        "PYDBT-E406",
        ("'Orders' (models/one.py:3)", "'orders' (models/shop.py:14)", "letter case"),
    ),
    "table twice by a cut name": (
        "".join(
            [_IMPORT, *(f"@Task(materialized='table')\ndef {_LONG}{end}(session): ...\n" for end in "ab")]
        ),
        "PYDBT-E406",
        ("models/one.py:3", "models/one.py:5", "63 bytes"),
    ),
    "class": (f"{_IMPORT}@Task\nclass A: ...\n", "PYDBT-E401", ("the class 'A'", "one.py:3", "function")),
    "method": (
        f"{_IMPORT}class A:\n    @Task\n    def m(self): ...\n",
        "PYDBT-E401",
        ("the method 'A.m'", "one.py:4", "out of the class"),
    ),
    "coroutine": (
        f"{_IMPORT}@Task\nasync def one(): ...\n",
        "PYDBT-E401",
        ("the coroutine 'one'", "asyncio.run"),
    ),
    "generator": (
        f"{_IMPORT}@Task\ndef one():\n    yield 1\n",
        "PYDBT-E401",
        ("the generator 'one'", "return the result"),
    ),
    "partial": (
        f"import functools\n{_IMPORT}one = Task(functools.partial(print, 1))\n",
        "PYDBT-E401",
        ("a functools.partial", "one.py:4"),
    ),
    "argument that nothing provides": (
        f"{_IMPORT}@Task\ndef one(sesion): ...\n",
        "PYDBT-E409",
        ("the argument 'sesion'", "'one'", "one.py:3", "did you mean 'session'?"),
    ),
    "syntax error": ("x = 1\ndef f(:\n", "PYDBT-E407", ("one.py does not parse", "models/one.py:2")),
    "file that raises": ("x = 1\nraise ValueError('no good')\n", "PYDBT-E407", ("ValueError: no good", ":2")),
    "file whose error has no text": (
        "class E(Exception):\n    def __str__(self): raise RuntimeError\nraise E\n",
        "PYDBT-E407",
        ("raises E: its message cannot be read", "models/one.py:3"),
    ),
    "file that exits": ("import sys\nsys.exit(3)\n", "PYDBT-E407", ("calls sys.exit(3)", "models/one.py:2")),
    "file that interrupts": ("\nraise KeyboardInterrupt\n", "PYDBT-E407", ("raises KeyboardInterrupt", ":2")),
    "file that is not text": ("\x00\x01", "PYDBT-E407", ("one.py", "null bytes")),
    "module that is not installed": (
        "import nosuchpackage\n",
        "PYDBT-E407",
        ("nosuchpackage", "models/one.py:1", "install the package"),
    ),
}


@pytest.mark.parametrize("verb", ["ls", "run"])
@pytest.mark.parametrize("case", CASES)
def test_bad_model_files_are_refused(tmp_path: Path, case: str, verb: str) -> None:
    """File, line and what to write instead, when tasks are listed and when they are run."""
    text, code, says = CASES[case]
    make_project(tmp_path, {"models/one.py": text})

    assert_refused(tmp_path, verb, code=code, says=says)


def test_the_other_files_are_still_listed(tmp_path: Path) -> None:
    """A file that fails hides only its own tasks; each file that fails is told."""
    make_project(tmp_path, {"models/one.py": "def f(:\n", "models/two.py": "1 / 0\n"})

    listed = pydbt(tmp_path, "ls")

    assert (listed.code, listed.out) == (2, _SHOP)
    first, second = listed.err.split("PYDBT-")[1:]
    assert_form(f"PYDBT-{first}", "PYDBT-E407", ("models/one.py:1",))
    assert_form(f"PYDBT-{second}", "PYDBT-E407", ("ZeroDivisionError", "models/two.py:1"))


def test_all_files_that_fail_are_told_by_a_run(tmp_path: Path) -> None:
    """One look shows everything that is to be corrected."""
    make_project(tmp_path, {"models/one.py": "def f(:\n", "models/two.py": "1 / 0\n"})

    run = pydbt(tmp_path, "run")

    assert run.code == 2
    assert "models/one.py:1" in run.err
    assert "models/two.py:1" in run.err


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("while True: pass\n", id="loop"),
        pytest.param("import time\ntime.sleep(60)\n", id="sleep"),
        pytest.param(
            "import time\ntry:\n    time.sleep(60)\nexcept Exception:\n    pass\n", id="deaf to exceptions"
        ),
    ],
)
def test_an_import_without_end_ends_at_its_limit(tmp_path: Path, body: str) -> None:
    """The file, the line it was at, and the key that allows more."""
    settings = 'load_timeout_seconds = 0.2\n[targets.dev]\nurl = "sqlite:///shop.db"\n'
    make_project(tmp_path, {"models/one.py": body, "pydbt.toml": settings})
    begun = time.monotonic()

    assert_refused(
        tmp_path,
        "run",
        code="PYDBT-E407",
        says=("one.py has not ended its import after 0.2 s", "models/one.py:", "load_timeout_seconds"),
    )

    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("file", "says"),
    [
        pytest.param("class.py", ("'class' cannot be imported", "models/class.py", "'class_'"), id="keyword"),
        pytest.param("my-model.py", ("'my-model' cannot", "models/my-model.py", "'my_model'"), id="hyphen"),
    ],
)
def test_a_file_that_cannot_be_imported_is_named(tmp_path: Path, file: str, says: tuple[str, ...]) -> None:
    """Which name, why not, and one that can."""
    make_project(tmp_path, {f"models/{file}": task("")})

    listed = assert_refused(tmp_path, "ls", code="PYDBT-E408", says=says)

    assert listed.out == _SHOP


@pytest.mark.parametrize("file", ["json.py", "é.py", "pydbt.py"])
def test_a_file_may_be_named_as_something_known(tmp_path: Path, file: str) -> None:
    """A model file hides no module of Python's: files are modules of their folder."""
    make_project(tmp_path, {f"models/{file}": f"import json\n{task('')}\njson.dumps(1)\n"})

    listed = pydbt(tmp_path, "ls")

    assert (listed.code, sorted(listed.out.split())) == (0, sorted(["one", *_SHOP.split()]))


def test_tasks_in_the_folders_own_file_are_found(tmp_path: Path) -> None:
    """A folder with nothing but `__init__.py` works."""
    make_project(tmp_path, {"models/shop.py": "", "models/__init__.py": task("")})

    assert pydbt(tmp_path, "ls").out == "one\n"


def test_a_project_without_a_task_says_how_to_make_one(tmp_path: Path) -> None:
    """Forgotten decorators are not taken for a run in which all went well."""
    make_project(tmp_path, {"models/shop.py": "def orders(): ...\n"})

    assert_refused(
        tmp_path, "run", code="PYDBT-E120", says=("the project has no tasks", "folder models", "put @Task")
    )


@pytest.mark.parametrize("decorator", ["@Task", "@Task()", "@Task(depends_on=load)"])
def test_both_spellings_of_the_decorator_work(tmp_path: Path, decorator: str) -> None:
    """Without parentheses, with them, and one dependency without a list."""
    text = f"from models.shop import load\n{_IMPORT}{decorator}\ndef one(): ...\n"
    make_project(tmp_path, {"models/one.py": text})

    assert "one" in pydbt(tmp_path, "ls").out.split()
