"""The loader: imports model files, collects tasks, and tells what is wrong with which file."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from pydbt.errors import ModelImportError, ModelNameError, SettingsValueError
from pydbt.project.loader import Loaded, load_tasks
from pydbt.project.time_limit import TimeLimit


def _load(folder: Path, files: dict[str, str], seconds: float = 30) -> Loaded:
    for name, text in files.items():
        path = folder / "models" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load_tasks(folder, "models", timeout_seconds=seconds)


def _names(loaded: Loaded) -> list[str]:
    assert not loaded.errors
    return [task.name for task in loaded.tasks]


TASK = "from pydbt import Task\n\n@Task\ndef {name}(): ...\n"


def test_tasks_of_all_files_are_collected_in_order(tmp_path: Path) -> None:
    """Files by name, folders too; within a file in the order of definition."""
    loaded = _load(tmp_path, {"b.py": TASK.format(name="two"), "a/x.py": TASK.format(name="one")})

    assert _names(loaded) == ["one", "two"]


def test_a_file_changed_within_a_second_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own cache goes by size and seconds, and would give the old one."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = tmp_path / "models" / "a.py"
    names = []
    for name in ("one", "two"):
        names += _names(_load(tmp_path, {"a.py": TASK.format(name=name), "b.py": "import models.a\n"}))
        os.utime(file, (1_000_000_000, 1_000_000_000))
        names += _names(load_tasks(tmp_path, "models", timeout_seconds=30))

    assert (names, [*tmp_path.rglob("*.pyc")]) == (["one", "one", "two", "two"], [])


def test_tasks_made_in_a_loop_are_all_collected(tmp_path: Path) -> None:
    """The name they are bound to is overwritten, the tasks are not."""
    text = """\
from pydbt import Task

for country in ("fr", "de"):
    @Task(name=f"sales_{country}")
    def sales(country=country):
        return country
"""
    loaded = _load(tmp_path, {"a.py": text})

    assert _names(loaded) == ["sales_fr", "sales_de"]
    assert [task() for task in loaded.tasks] == ["fr", "de"]


def test_a_file_imports_another_file_once(tmp_path: Path) -> None:
    """The task that is imported is the one that is loaded: identities agree."""
    child = (
        "from models.b import base\nfrom pydbt import Task\n\n@Task(depends_on=[base])\ndef child(): ...\n"
    )
    loaded = _load(tmp_path, {"a.py": child, "b.py": TASK.format(name="base")})

    base, child_task = loaded.tasks
    assert child_task.depends_on == (base,)


def test_the_seeds_short_imports_give_the_same_classes(tmp_path: Path) -> None:
    """`core`, `sql` and `connections` are PyDBT's rooms inside a project."""
    text = """\
import core.task
from core.schedule import Monthly
from core.executors import ThreadExecutor
from core.task import Task
from sql.session import Session
from sql.dataframe import DataFrame
from connections.postgresql import get_engine
import pydbt.core.task

assert core.task is pydbt.core.task

@Task(runs_on=Monthly())
def one(): ...
"""
    assert _names(_load(tmp_path, {"a.py": text})) == ["one"]


def test_a_package_of_the_users_own_wins_over_the_short_names(tmp_path: Path) -> None:
    """Someone who has a package `core` keeps it."""
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "__init__.py").write_text("MINE = 1\n")
    sys.modules.pop("core", None)
    text = "from core import MINE\n" + TASK.format(name="one")

    assert _names(_load(tmp_path, {"a.py": text})) == ["one"]


def test_a_file_named_like_a_standard_module_hides_nothing(tmp_path: Path) -> None:
    """`models/json.py` is `models.json`; `import json` still gives the standard module."""
    text = "import json\n\nassert hasattr(json, 'dumps')\n" + TASK.format(name="one")

    assert _names(_load(tmp_path, {"json.py": text, "é.py": TASK.format(name="two")})) == ["one", "two"]
    assert sys.modules["json"] is json


def test_tasks_in_the_init_file_are_loaded(tmp_path: Path) -> None:
    """A folder with nothing but `__init__.py` works like any other."""
    assert _names(_load(tmp_path, {"__init__.py": TASK.format(name="one")})) == ["one"]


@pytest.mark.parametrize(
    ("file", "better"), [("class.py", "'class_'"), ("my-model.py", "'my_model'"), ("2024.py", "'_2024'")]
)
def test_a_name_that_cannot_be_imported_gets_a_better_one(tmp_path: Path, file: str, better: str) -> None:
    """Not importable, and a name that is."""
    loaded = _load(tmp_path, {file: TASK.format(name="one"), "ok.py": TASK.format(name="two")})

    assert [task.name for task in loaded.tasks] == ["two"]
    (error,) = loaded.errors
    assert isinstance(error, ModelNameError)
    assert better in error.hint


def test_a_syntax_error_is_placed_and_other_files_are_loaded(tmp_path: Path) -> None:
    """File and line; the tasks of other files are still there."""
    loaded = _load(tmp_path, {"bad.py": "x = 1\ndef f(:\n", "ok.py": TASK.format(name="one")})

    (error,) = loaded.errors
    assert isinstance(error, ModelImportError)
    assert error.where.endswith("bad.py:2")
    assert [task.name for task in loaded.tasks] == ["one"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise ValueError('no good')", "bad.py raises ValueError: no good"),
        ("import sys\nsys.exit(3)", "bad.py calls sys.exit(3)"),
        ("import nosuchpackage", "bad.py raises ModuleNotFoundError"),
        ("raise KeyError('k')", "bad.py raises KeyError: 'k'"),
    ],
)
def test_a_file_that_raises_is_told_with_its_line(tmp_path: Path, body: str, told: str) -> None:
    """What it raised, and the line in the project, though the error may be deeper."""
    loaded = _load(tmp_path, {"bad.py": f"\n{body}\n"})

    (error,) = loaded.errors
    assert told in error.what
    assert error.where.endswith(f"bad.py:{1 + len(body.splitlines())}")


def test_a_sibling_imported_by_its_bare_name_gets_the_spelling(tmp_path: Path) -> None:
    """`from b import …` of a model file: the hint says `from models.b import …`."""
    loaded = _load(tmp_path, {"a.py": "from b import base\n", "b.py": TASK.format(name="base")})

    assert "from models.b import" in loaded.errors[0].hint


def test_an_endless_loop_at_import_ends(tmp_path: Path) -> None:
    """The time limit says which file, and how to do it instead."""
    loaded = _load(
        tmp_path, {"loop.py": "while True:\n    pass\n", "ok.py": TASK.format(name="one")}, seconds=0.5
    )

    assert "loop.py has not ended its import after 0.5 s" in loaded.errors[0].what
    assert "load_timeout_seconds" in loaded.errors[0].hint


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            "while True:\n    try:\n        time.sleep(0.1)\n    except BaseException:\n        pass\n",
            id="loop",
        ),
        pytest.param(
            "while True:\n    with contextlib.suppress(BaseException):\n        time.sleep(0.1)\n",
            id="suppress",
        ),
        pytest.param("try:\n    time.sleep(60)\nexcept BaseException:\n    pass\n", id="once"),
        pytest.param(
            "try:\n    time.sleep(60)\nexcept BaseException:\n    raise ValueError from None\n",
            id="another error",
        ),
        pytest.param("import lib_of_loop\nlib_of_loop.ask()\n", id="in a library"),
    ],
)
def test_an_import_that_catches_the_interruption_ends_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    """The limit holds for code that catches everything, and its file is told, none after it loaded."""
    library = "def ask():\n  while True:\n    try: time.sleep(9)\n    except BaseException: pass\n"
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "lib_of_loop.py").write_text(f"import time\n\n{library}")
    monkeypatch.syspath_prepend(tmp_path / "library")
    files = {"deaf.py": f"import contextlib\nimport time\n\n{body}", "ok.py": TASK.format(name="one")}
    before = signal.getsignal(signal.SIGINT), sys.gettrace()

    started = time.monotonic()
    loaded = _load(tmp_path / "project", files, seconds=0.2)

    assert time.monotonic() - started < 8
    assert loaded.tasks == ()
    assert "deaf.py has not ended its import after 0.2 s" in loaded.errors[-1].what
    assert "files not loaded: 1" in loaded.errors[-1].hint
    assert (signal.getsignal(signal.SIGINT), sys.gettrace()) == before
    assert sys.exception() is None


def test_an_import_outside_the_main_thread_is_told_to_be_late(tmp_path: Path) -> None:
    """It cannot be interrupted there: it ends, and is refused."""
    found: list[Loaded] = []
    files = {"slow.py": "import time\ntime.sleep(0.5)\n", "tail.py": TASK.format(name="one")}
    thread = threading.Thread(target=lambda: found.append(_load(tmp_path, files, seconds=0.1)))
    thread.start()
    thread.join()

    assert "slow.py has not ended its import after 0.1 s" in found[0].errors[0].what
    assert found[0].tasks == ()


def test_nothing_is_interrupted_after_the_limit() -> None:
    """Many limits that end when their time does: none fires afterwards, whatever runs then."""
    before = signal.getsignal(signal.SIGINT)
    for _round in range(200):
        with TimeLimit(0.002) as limit, contextlib.suppress(KeyboardInterrupt):
            limit.run(lambda: time.sleep(0.002))
    time.sleep(0.1)

    assert signal.getsignal(signal.SIGINT) is before


LIBRARY = """\
from pydbt import Task

def make(name):
    @Task(name=name)
    def made(): ...
    return made

shared = make("shared")
unused = make("unused")
"""


@pytest.mark.parametrize("place", ["library", "project/.venv/lib/site-packages"])
def test_tasks_of_a_librarys_factory_are_the_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Wherever the factory lies, and whether its tasks have a name or not; each once, at each load."""
    folder = tmp_path / place
    folder.mkdir(parents=True)
    (folder / "lib_of_tasks.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "lib_of_tasks", raising=False)
    text = """\
from lib_of_tasks import make

orders = again = make("orders_raw")
for country in ("fr", "de"):
    sales = make(f"sales_{country}")
"""
    files = {"a.py": text, "b.py": "from models.a import orders\n"}

    first, second = (_names(_load(tmp_path / "project", files)) for _round in range(2))

    assert first == second == ["orders_raw", "sales_fr", "sales_de"]


def test_a_librarys_own_tasks_are_the_projects_when_it_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an import makes is not taken; what a model file imports by name is, at each load."""
    (tmp_path / "lib_of_shared.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "lib_of_shared", raising=False)
    files = {"a.py": "from lib_of_shared import shared\n"}

    first, second = (_names(_load(tmp_path / "project", files)) for _round in range(2))

    assert first == second == ["shared"]


@pytest.mark.parametrize(
    "models", ["sqlalchemy", "pydbt", "duckdb", "json", "sys", "colorsys", "rich/models"]
)
def test_a_models_folder_takes_no_modules_name(tmp_path: Path, models: str) -> None:
    """Its package would stand in place of the real one: refused with the key and its line."""
    name = models.partition("/")[0]
    (tmp_path / models).mkdir(parents=True)
    (tmp_path / models / "a.py").write_text(TASK.format(name="one"))
    (tmp_path / "pydbt.toml").write_text(
        f'name = "x"\nmodels = "{models}"\n[targets.dev]\nurl = "duckdb://"\n'
    )
    before = sys.modules.get(name)

    with pytest.raises(SettingsValueError) as caught:
        load_tasks(tmp_path, models, timeout_seconds=9)

    assert f"models is {models!r}" in caught.value.what
    assert caught.value.where.endswith("pydbt.toml:2")
    assert sys.modules.get(name) is before


def test_a_models_folder_may_have_any_other_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package or a plain folder, one of a project before or behind a link, PyDBT's short names."""
    first, second, link = tmp_path / "first", tmp_path / "second", tmp_path / "link"
    link.symlink_to(first)
    monkeypatch.syspath_prepend(first)

    assert _names(_load(first, {"__init__.py": "", "a.py": TASK.format(name="one")})) == ["one"]
    assert _names(_load(link, {"a.py": TASK.format(name="linked")})) == ["linked"]
    assert _names(_load(second, {"a.py": TASK.format(name="three")})) == ["three"]
    for name in ("sql", "my_models"):
        (second / name).mkdir()
        (second / name / "a.py").write_text(TASK.format(name=name))
        monkeypatch.delitem(sys.modules, name, raising=False)
        assert _names(load_tasks(second, name, timeout_seconds=9)) == [name]
        for module in (name, f"{name}.a"):
            monkeypatch.delitem(sys.modules, module)


def test_a_missing_models_folder_is_told(tmp_path: Path) -> None:
    """The folder, and the key that names it."""
    with pytest.raises(ModelImportError, match="'models' does not exist"):
        load_tasks(tmp_path, "models", timeout_seconds=1)


def test_a_second_project_does_not_see_the_first(tmp_path: Path) -> None:
    """Two projects in one process each import their own files."""
    first, second = tmp_path / "first", tmp_path / "second"
    _load(first, {"a.py": TASK.format(name="one")})

    assert _names(_load(second, {"a.py": TASK.format(name="two")})) == ["two"]


def test_the_default_folder_wins_over_a_package_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package called `models` that happens to be installed does not take the default folder away."""
    (tmp_path / "installed" / "models").mkdir(parents=True)
    (tmp_path / "installed" / "models" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path / "installed")

    assert _names(_load(tmp_path / "project", {"a.py": TASK.format(name="one")})) == ["one"]
