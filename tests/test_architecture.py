"""The house stands as designed: floors, no circles, short modules, nothing unsafe, lists that agree.

Each rule is a function in tests/architecture/ that tells the violations it finds; each is shown here to find
a planted one and to leave what is right alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from pydbt.cli.app import VERBS
from tests.architecture.floors import circle_violations, floor_violations, library_violations
from tests.architecture.registers import (
    error_code_violations,
    machine_violations,
    repository_files,
    verb_violations,
)
from tests.architecture.safety import formatted_sql_violations, unsafe_violations
from tests.architecture.source import Module, modules
from tests.architecture.writing import docstring_violations, length_violations, name_violations

ROOT = Path(__file__).parent.parent
# The examples and the template are a user's files: they come in by the front door.
SOURCE = modules(ROOT / "src", without=("pydbt/examples/",))

Rule = Callable[[list[Module]], Iterable[str]]
RULES: dict[str, Rule] = {
    "floors": floor_violations,
    "circles": circle_violations,
    "libraries": library_violations,
    "lengths": length_violations,
    "docstrings": docstring_violations,
    "names": name_violations,
    "unsafe": unsafe_violations,
    "formatted SQL": formatted_sql_violations,
}

# Rule, what to plant, and a word of what it must tell.
PLANTED = [
    (
        "floors",
        {"errors.py": "import pydbt.core.task", "core/task.py": ""},
        "errors (floor 0) imports pydbt.core",
    ),
    (
        "floors",
        {"core/task.py": "from pydbt.sql import query", "sql/query.py": ""},
        "imports pydbt.sql.query",
    ),
    (
        "floors",
        {"core/task.py": "def f():\n    from ..cli import app", "cli/app.py": ""},
        "imports pydbt.cli.app",
    ),
    ("floors", {"sql/query.py": "from pydbt import Task", "__init__.py": ""}, "sql (floor 2) imports pydbt"),
    ("floors", {"attic/box.py": ""}, "the room 'attic' has no floor"),
    ("circles", {"sql/a.py": "from pydbt.sql import b", "sql/b.py": "import pydbt.sql.a"}, "pydbt.sql.a -> "),
    (
        "circles",
        {"sql/__init__.py": "from pydbt.sql.a import A", "sql/a.py": "from pydbt.sql import B"},
        "circle",
    ),
    ("libraries", {"core/dag.py": "def f():\n    import sqlalchemy"}, "sqlalchemy is imported by pydbt.sql"),
    ("libraries", {"core/state/base.py": "import sqlalchemy"}, "sqlalchemy is imported by pydbt.sql"),
    ("libraries", {"sql/__init__.py": "import pyarrow.csv"}, "pyarrow is slow"),
    ("libraries", {"sql/a.py": "import duckdb", "sql/b.py": "from pydbt.sql import a"}, "duckdb is slow"),
    ("lengths", {"core/dag.py": "a = 1\n" * 301}, "301 lines of code, at most 300"),
    ("lengths", {"core/dag.py": "def f():\n" + "    a = 1\n" * 60}, "f has 61 lines of code, at most 60"),
    ("docstrings", {"core/dag.py": "a = 1"}, "says in its docstring"),
    ("names", {"core/utils.py": ""}, "'utils' names no thing"),
    ("names", {"core/dag.py": "class TaskManager: ..."}, "TaskManager: 'manager'"),
    ("names", {"core/dag.py": "def make_context(): ..."}, "make_context: 'context'"),
    ("unsafe", {"core/dag.py": "def f():\n    from pickle import loads"}, "imports pickle"),
    ("unsafe", {"core/dag.py": "eval('1')"}, "calls eval"),
    ("unsafe", {"core/dag.py": "yaml.load(text)"}, "calls yaml.load"),
    ("unsafe", {"core/dag.py": "numpy.load(path, allow_pickle=True)"}, "says allow_pickle"),
    ("unsafe", {"core/dag.py": "import_module('pickle').loads(text)"}, "imports pickle"),
    ("unsafe", {"sql/a.py": "pandas.read_pickle(path)"}, "calls pandas.read_pickle"),
    ("formatted SQL", {"sql/a.py": "text(f'SELECT {a}')"}, "reaches text()"),
    ("formatted SQL", {"sql/a.py": "c.exec_driver_sql('DROP TABLE %s' % a)"}, "reaches exec_driver_sql()"),
    ("formatted SQL", {"sql/a.py": "sa.DDL('DROP TABLE {}'.format(a))"}, "reaches DDL()"),
    (
        "formatted SQL",
        {"sql/a.py": "def f(c, a):\n    s = 'DROP ' + a\n    c.execute(s)"},
        "reaches execute()",
    ),
    (
        "formatted SQL",
        {"sql/a.py": "def f(c, a):\n    s = ''\n    s += a\n    text(text=s)"},
        "reaches text()",
    ),
]

# What the rules must leave alone.
RIGHT = {
    "__init__.py": "if TYPE_CHECKING:\n    from pydbt.sql.a import A",
    "errors.py": "# a comment\n\n" * 400,
    "core/__init__.py": "from pydbt.core.dag import Dag",
    "core/dag.py": "from pydbt import errors\nfrom contextlib import contextmanager",
    "core/state/database.py": "import sqlalchemy",
    "sql/a.py": "A = 'x'\ntext(f'SELECT {A}')\ndef f(c, a):\n    c.execute(g(a + b), {'x': f'{a}'})",
    "sql/b.py": "def f():\n    import duckdb\n    from pydbt.sql import c",
    "sql/c.py": "import duckdb",
    "sql/ddl.py": "DDL(f'DROP TABLE {a}')",
    "project/body.py": "if TYPE_CHECKING:\n    import sqlalchemy\nfrom pydbt.sql import a",
}  # fmt: skip


def planted(folder: Path, files: dict[str, str]) -> list[Module]:
    for name, text in files.items():
        path = folder / "pydbt" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return modules(folder)


@pytest.mark.parametrize("rule", RULES)
def test_the_source_keeps_the_rule(rule: str) -> None:
    """No module of the package breaks any rule of the house."""
    violations = list(RULES[rule](SOURCE))

    assert violations == []


@pytest.mark.parametrize(("rule", "files", "told"), PLANTED)
def test_a_rule_finds_what_breaks_it(tmp_path: Path, rule: str, files: dict[str, str], told: str) -> None:
    """A rule that finds nothing in the source would find it if it were there."""
    violations = list(RULES[rule](planted(tmp_path, files)))

    assert len(violations) == 1
    assert told in violations[0]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_leaves_alone_what_is_right(tmp_path: Path, rule: str) -> None:
    """A rule does not cry wolf."""
    documented = {name: f'"""What it is."""\n{text}' for name, text in RIGHT.items()}

    violations = list(RULES[rule](planted(tmp_path, documented)))

    assert violations == []


def test_every_error_has_a_code_of_its_own_on_the_reference_page() -> None:
    """Whoever looks a code up in the manual finds the one error it stands for."""
    page = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")

    assert list(error_code_violations(SOURCE, page)) == []


def test_error_codes_used_twice_or_not_listed_are_found(tmp_path: Path) -> None:
    """The rule about codes finds each of the four ways to break it."""
    codes = ("PYDBT-E101", "PYDBT-E102", "PYDBT-E1")
    files = {
        "errors.py": "".join(f"class E{n}:\n    code = '{code}'\n" for n, code in enumerate(codes)),
        "cli/app.py": "class Other:\n    code = 'PYDBT-E101'\nclass E0:\n    code = 'PYDBT-E103'",
    }

    violations = list(error_code_violations(planted(tmp_path, files), "PYDBT-E101 PYDBT-E103 PYDBT-E104"))

    assert violations == [
        "2 errors are named E0",
        "PYDBT-E101 stands for 2 errors",
        "PYDBT-E1 is not of the form PYDBT-E123",
        "PYDBT-E1 is not in docs/reference/errors.md",
        "PYDBT-E102 is not in docs/reference/errors.md",
        "docs/reference/errors.md lists PYDBT-E104, which is gone",
    ]


def test_every_verb_is_one_file() -> None:
    """Whoever looks for `pydbt VERB` finds it in cli/VERB.py, and nothing else is a verb."""
    assert list(verb_violations(VERBS, ROOT / "src" / "pydbt" / "cli")) == []


def test_verbs_without_file_and_files_without_verb_are_found(tmp_path: Path) -> None:
    """The rule about verbs finds both ways to break it."""
    (tmp_path / "old.py").write_text("def command(): ...")
    (tmp_path / "options.py").write_text("def target(): ...")

    violations = list(verb_violations(["export-dag"], tmp_path))

    assert violations == [
        "the verb 'export-dag' has no cli/export_dag.py",
        "cli/old.py has a command, but the command line has no such verb",
    ]


def test_no_file_names_a_place_of_one_machine() -> None:
    """A clone elsewhere finds no path and no package index of the machine the code was written on."""
    assert list(machine_violations(repository_files(ROOT))) == []


@pytest.mark.parametrize("line", ["see /ro" + "ot/x", "'/ho" + "me/ann/y'", "pip --ind" + "ex-url x"])
def test_places_of_one_machine_are_found(tmp_path: Path, line: str) -> None:
    """The rule about machines finds a home folder and a package index."""
    path = tmp_path / "a.md"
    path.write_text(f"fine: /tmp/x, docs/work/x, https://example.org/home/x\n{line}\n")

    violations = list(machine_violations([path]))

    assert len(violations) == 1
    assert violations[0].startswith(f"{path}:2: ")
