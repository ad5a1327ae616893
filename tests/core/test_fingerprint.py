"""Has a task changed? Each ingredient is changed once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from pydbt.core.fingerprint import fingerprint, fingerprints
from pydbt.core.layout import Index
from pydbt.core.results import Fingerprint
from pydbt.core.task import Task

MODEL = '''
import datetime, decimal, enum, functools, json, math, re
from dataclasses import dataclass
from pydbt import Daily, Weekly, Retry, Task
import helping

LIMIT = 10
NAMES = {"a": [1, 2.5, None], "b": {"x", "y", "z"}}
SINCE = datetime.date(2026, 1, 31)
PATTERN = re.compile("a+", re.I)

class Colour(enum.Enum):
    RED = 1

@dataclass(frozen=True)
class Rate:
    """A rate."""
    percent: int = 5

    def of(self, value):
        return value * self.percent

class Cleaner:
    def __init__(self, word):
        self.word = word

    def clean(self, text):
        return text.strip(self.word)

    @functools.cached_property
    def length(self):
        return len(self.word)

RATE = Rate(7)
CLEANER = Cleaner("x")

def deepest(value):
    return value + 1

def deep(value):
    return deepest(value) if value else recursive(value)

def recursive(value):
    return deep(value)

@functools.cache
def cached(value):
    return value * 11

def wrapping(function):
    @functools.wraps(function)
    def inner(*args):
        return function(*args) + 13
    return inner

@wrapping
def wrapped(value):
    return value * 17

def unused(value):
    return value * 19

def made(factor):
    @Task(name="other")
    def other():
        return factor
    return other

other = made(23)
half = functools.partial(deep, 29)
by_word = {"deep": lambda value: value + 31}

@Task(runs_on=Weekly(2), retry=Retry(3, wait_seconds=1), ttl_minutes=5, tags=["core"])
def one(session, config, default=37):
    """What it does."""
    def nested(row):
        """What that does."""
        return row + 41
    import late
    words = [LIMIT, NAMES, SINCE, PATTERN, Colour.RED, RATE.of(1), CLEANER.clean("a"), math.pi]
    assert words  # A comment.
    numbers = [number * 43 for number in range(3)]
    return [deep(1) + helping.help(2), cached(3), wrapped(4), half(), by_word["deep"](5), other(), nested(6)]
'''
HELPING = """
from further import far

UNUSED = 47

def help(value):
    return far(value) * 53

def unused(value):
    return value
"""
FURTHER = """
def far(value):
    return value + 59
"""
LATE = "NUMBER = 61\n"
FILES = {"model.py": MODEL, "helping.py": HELPING, "further.py": FURTHER, "late.py": LATE}
CONFIG = {"rate": 1, "places": {"a": [1, 2]}}

SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[1])
import model
from pydbt.core.fingerprint import fingerprint
made = fingerprint(model.one, config=json.loads(sys.argv[2]))
print(made.code, made.settings)
"""


def prints(folder: Path, changes: dict[str, tuple[str, str]], seed: str = "0") -> Fingerprint:
    """The fingerprint that a fresh process makes of the project with these replacements."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        old, new = changes.get(name, ("", ""))
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1) if old else text)
    old, new = changes.get("config", ("", ""))
    config = json.dumps(CONFIG)
    assert old in config
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), config.replace(old, new, 1) if old else config],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    code, settings = ran.stdout.split()
    return Fingerprint(code, settings)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Fingerprint:
    """The unchanged project's."""
    return prints(tmp_path_factory.mktemp("before"), {})


CODE_CHANGES = {
    "a constant of the body": ("model.py", "words = [LIMIT", "words = [4, LIMIT"),
    "an operation": ("model.py", "deep(1) + helping", "deep(1) - helping"),
    "an attribute": ("model.py", "math.pi", "math.e"),
    "a default": ("model.py", "default=37", "default=38"),
    "a nested function": ("model.py", "row + 41", "row + 42"),
    "a comprehension": ("model.py", "number * 43", "number * 44"),
    "a number of the module": ("model.py", "LIMIT = 10", "LIMIT = 11"),
    "its type": ("model.py", "LIMIT = 10", "LIMIT = 10.0"),
    "something inside a dict": ("model.py", "2.5", "2.6"),
    "something inside a set": ("model.py", '"z"}', '"w"}'),
    "a date": ("model.py", "2026, 1, 31", "2026, 2, 1"),
    "a pattern": ("model.py", '"a+"', '"b+"'),
    "a pattern's flags": ("model.py", ", re.I", ""),
    "an enum's value": ("model.py", "RED = 1", "RED = 2"),
    "a dataclass's value": ("model.py", "Rate(7)", "Rate(8)"),
    "a dataclass's method": ("model.py", "value * self.percent", "value / self.percent"),
    "an object's attribute": ("model.py", 'Cleaner("x")', 'Cleaner("y")'),
    "an object's method": ("model.py", "text.strip(", "text.lstrip("),
    "a cached property": ("model.py", "len(self.word)", "len(self.word) + 1"),
    "a function": ("model.py", "deepest(value) if value", "deepest(value) if not value"),
    "a function below that": ("model.py", "value + 1\n", "value + 2\n"),
    "a function in a circle": ("model.py", "return deep(value)", "return -deep(value)"),
    "a cached function": ("model.py", "value * 11", "value * 12"),
    "a decorator": ("model.py", "(*args) + 13", "(*args) + 14"),
    "what it decorates": ("model.py", "value * 17", "value * 18"),
    "a partial's argument": ("model.py", "partial(deep, 29)", "partial(deep, 30)"),
    "a lambda in a dict": ("model.py", "value + 31", "value + 32"),
    "another task's closure": ("model.py", "made(23)", "made(24)"),
    "another module's function": ("helping.py", "* 53", "* 54"),
    "a function of a third module": ("further.py", "+ 59", "+ 60"),
    "a module imported by the body": ("late.py", "61", "62"),
}
SETTINGS_CHANGES = {
    "the schedule": ("model.py", "Weekly(2)", "Weekly(3)"),
    "the kind of schedule": ("model.py", "Weekly(2)", "Daily()"),
    "the retry": ("model.py", "wait_seconds=1", "wait_seconds=2"),
    "the ttl": ("model.py", "ttl_minutes=5", "ttl_minutes=6"),
    "a tag": ("model.py", '["core"]', '["core", "new"]'),
    "materialized": ("model.py", 'tags=["core"]', 'tags=["core"], materialized="table"'),
    "a dependency": ("model.py", 'tags=["core"]', 'tags=["core"], depends_on=[other]'),
    "a value of the config": ("config", '"rate": 1', '"rate": 2'),
    "a value deep in the config": ("config", "[1, 2]", "[1, 3]"),
}
NO_CHANGES = {
    "a comment": ("model.py", "# A comment.", "# Another comment."),
    "moved lines": ("model.py", "\nLIMIT", "\n\n\n\n\nLIMIT"),
    "another docstring": ("model.py", "What it does.", "What it really does."),
    "no docstring": ("model.py", '    """What it does."""\n', ""),
    "no docstring inside": ("model.py", '        """What that does."""\n', ""),
    "no docstring of a class": ("model.py", '    """A rate."""\n', ""),
    "an empty line inside": ("model.py", "    import late\n", "    import late\n\n"),
    "a function that is not used": ("model.py", "value * 19", "value * 20"),
    "a function of a module that is not used": ("helping.py", "return value\n", "return 2 * value\n"),
    "a number of a module that is not used": ("helping.py", "UNUSED = 47", "UNUSED = 48"),
}


@pytest.mark.parametrize("change", CODE_CHANGES)
def test_whatever_decides_the_result_changes_the_code_digest(
    tmp_path: Path, before: Fingerprint, change: str
) -> None:
    """And the settings' digest stays."""
    file, old, new = CODE_CHANGES[change]

    after = prints(tmp_path, {file: (old, new)})

    assert after.code != before.code
    assert after.settings == before.settings


@pytest.mark.parametrize("change", SETTINGS_CHANGES)
def test_whatever_is_set_changes_the_settings_digest(
    tmp_path: Path, before: Fingerprint, change: str
) -> None:
    """And the code's digest stays."""
    file, old, new = SETTINGS_CHANGES[change]

    after = prints(tmp_path, {file: (old, new)})

    assert after.settings != before.settings
    assert after.code == before.code


@pytest.mark.parametrize("change", NO_CHANGES)
def test_what_decides_nothing_changes_nothing(tmp_path: Path, before: Fingerprint, change: str) -> None:
    """Comments, docstrings, line numbers, and what the task does not use."""
    file, old, new = NO_CHANGES[change]

    assert prints(tmp_path, {file: (old, new)}) == before


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_every_process_makes_the_same_digests(tmp_path: Path, before: Fingerprint, seed: str) -> None:
    """In another folder, with another seed of Python's hashes: sets have another order then."""
    assert prints(tmp_path / seed, {}, seed) == before


def made_of(source: str, **scope: Any) -> Task:
    """The task named ``one`` of a source."""
    scope |= {"Task": Task}
    exec(compile(textwrap.dedent(source), "/project/models/made.py", "exec"), scope)  # a model file
    task: Task = scope["one"]
    return task


def test_the_config_counts_only_for_a_task_that_takes_it() -> None:
    """Others cannot read it."""
    takes = made_of("@Task\ndef one(config): ...")
    leaves = made_of("@Task\ndef one(): ...")

    assert fingerprint(takes, config={"a": 1}) != fingerprint(takes, config={"a": 2})
    assert fingerprint(leaves, config={"a": 1}) == fingerprint(leaves, config={"a": 2})


def test_objects_without_a_text_of_their_own_enter_by_their_type() -> None:
    """Two engines or sessions are different objects in each process."""
    source = "@Task\ndef one(): return thing"

    assert fingerprint(made_of(source, thing=object())) == fingerprint(made_of(source, thing=object()))
    assert fingerprint(made_of(source, thing=object())) != fingerprint(
        made_of(source, thing=type("T", (), {})())
    )


def test_values_that_hold_themselves_come_to_an_end() -> None:
    """A list in itself, and a module's dictionary in a value."""
    endless: list[Any] = [1]
    endless.append(endless)

    assert fingerprint(made_of("@Task\ndef one(): return thing", thing=endless))


def test_a_chain_of_10_000_functions_comes_to_an_end() -> None:
    """Following what a task uses is a loop, not a recursion."""
    lines = [f"def f{number}(): return f{number + 1}()" for number in range(10_000)]
    source = "\n".join([*lines, "def f10000(): return LAST", "@Task", "def one(): return f0()"])

    assert fingerprint(made_of(source, LAST=1)) != fingerprint(made_of(source, LAST=2))


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    """What tasks share is looked at once, and to the same effect."""
    source = "def shared(): return 5\n" + "\n".join(
        f"@Task\ndef t{number}(): return shared() + {number}" for number in range(50)
    )
    scope: dict[str, Any] = {"Task": Task}
    exec(compile(source, "/project/models/many.py", "exec"), scope)  # a model file
    tasks = [scope[f"t{number}"] for number in range(50)]

    together = fingerprints(tasks, config={"a": 1})

    assert together == {task.name: fingerprint(task, config={"a": 1}) for task in tasks}
    assert len({made.code for made in together.values()}) == 50


def test_indexes_and_keys_are_settings() -> None:
    """A table gets what is new, and loses what is gone, in the next run."""

    def one() -> None: ...

    tasks = [Task(materialized="table", indexes=each)(one) for each in ((), "a", Index("a", unique=True))]
    tasks += [Task(materialized="table", primary_key=each)(one) for each in ("a", ("a", "b"))]

    assert len({fingerprint(task).settings for task in tasks}) == 5
    assert len({fingerprint(task).code for task in tasks}) == 1


def test_comments_and_grants_are_settings() -> None:
    """They are set in the next run; the order in which roles are named is none of them."""

    def one() -> None: ...

    given: list[dict[str, Any]] = [{}, {"comment": ""}, {"comment": "a"}, {"column_comments": {"a": "a"}}]
    given += [{"grants": {}}, {"grants": {"select": ["a", "b"], "insert": "a"}}]
    given += [{"grants": {"insert": "a", "select": ["b", "a"]}}]
    tasks = [Task(materialized="table", **each)(one) for each in given]

    settings = [fingerprint(task).settings for task in tasks]
    assert (len({*settings}), settings[-1]) == (6, settings[-2])
    assert len({fingerprint(task).code for task in tasks}) == 1
