"""The loader: imports every file of ``models/`` and collects the tasks they make.

Model files become modules of a package named after the folder (``models.orders``), so a file named like
a standard module hides nothing, and one file imports another by ``from models.orders import orders``.
"""

from __future__ import annotations

import importlib
import importlib.util
import keyword
import sys
import traceback
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydbt.core.attempt import failure_of
from pydbt.core.task import Task, collecting
from pydbt.errors import (
    Location,
    ModelImportError,
    ModelNameError,
    PyDBTError,
    SettingsValueError,
    is_users_file,
    names_at,
)
from pydbt.project import seed_names
from pydbt.project.from_source import read_from_source
from pydbt.project.names import name_hint
from pydbt.project.settings import place_of
from pydbt.project.signature import signature_in
from pydbt.project.time_limit import TimeLimit

_DEFAULT_FOLDER = "models"

# The project's modules of the last load: another load, of this or another project, starts without them.
_loaded: set[str] = set()
# The projects loaded so far, which stay on the module path: what their tasks import later is found there.
_roots: set[Path] = set()


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the model files gave: their tasks in order of definition, and the errors of files that failed."""

    tasks: tuple[Task, ...]
    errors: tuple[PyDBTError, ...]


def load_tasks(root: Path, models: str, *, timeout_seconds: float) -> Loaded:
    """Import all model files in the order of their names and collect their tasks.

    A file that fails does not keep the others from being loaded: its error is in ``errors``. All files
    together have ``timeout_seconds``: when they are over, the file that is being imported is told, and none
    after it is loaded.

    Raises:
        ModelImportError: The folder is missing.
        SettingsValueError: The folder has the name of a module that Python has already.
    """
    folder = root / models
    if not folder.is_dir():
        hint = "make the folder, or set the key `models` in pydbt.toml"
        raise ModelImportError(f"the models folder {models!r} does not exist", where=str(folder), hint=hint)
    _refuse_taken_name(root, models)
    files = sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)
    seed_names.install()
    errors: list[PyDBTError] = []
    with _importable(root, models), collecting() as tasks, TimeLimit(timeout_seconds) as limit:
        for number, file in enumerate(files, 1):
            where = Location(str(file), 1)
            try:
                _import(_module_name(root, file), file, root, limit)
            except PyDBTError as error:
                errors.append(error)
            except KeyboardInterrupt as error:
                if limit.is_interrupted or not limit.is_over:
                    raise
                where = _innermost(error, file, root)
            if limit.is_over:
                errors.append(_too_slow(file, where, limit, unread=len(files) - number))
                break
    return Loaded(_own(tasks, root), tuple(errors))


def _refuse_taken_name(root: Path, models: str) -> None:
    # The folder's package would stand in place of that module, for the whole process.
    name = Path(models).parts[0]
    if name == _DEFAULT_FOLDER:
        # Whoever keeps to the default need not know what packages of that name there are: the folder wins.
        return
    origin = _module_elsewhere(name, {*_roots, root.resolve()})
    if origin:
        raise SettingsValueError(
            f"models is {models!r}, and Python has a module {name!r} already: {origin}",
            where=place_of(root, ("models",)),
            hint='give the folder another name, for example: models = "models"',
        )


def _module_elsewhere(name: str, roots: set[Path]) -> str | None:
    """Where a module of the name comes from that is none of the projects'; None when there is none."""
    before = sys.path[:]
    # Standard and installed modules: a worker's path has the folders of other projects, too.
    sys.path[:] = [place for place in before if not is_users_file(place)]
    loaded = sys.modules.get(name)
    try:
        if loaded is not None and name not in _loaded:
            spec = loaded.__spec__
        else:
            spec = next(filter(None, (finder.find_spec(name, None) for finder in sys.meta_path)), None)
    finally:
        sys.path[:] = before
    # A folder that no one has made a package hides nothing, and the short names give way.
    if spec is None or spec.origin is None or type(spec.loader).__module__ == seed_names.__name__:
        return None
    return None if any(Path(spec.origin).resolve().is_relative_to(root) for root in roots) else spec.origin


def _own(tasks: list[Task], root: Path) -> tuple[Task, ...]:
    """The tasks that the project's files made, by a library's functions or not, or have a name for."""
    modules = [sys.modules[name] for name in sorted(_loaded) if name in sys.modules]
    named = [value for module in modules for value in _values(module) if isinstance(value, Task)]
    known = set(named)
    made = [
        task
        for task in tasks
        if task in known or _is_ours(task.location.file, root) or not _is_librarys(task)
    ]
    return tuple(dict.fromkeys([*made, *named]))


def _is_librarys(task: Task) -> bool:
    """Whether the module that holds the function has the task, too: then its import made the task."""
    return any(value is task for value in _values(sys.modules.get(task.module)))


def _values(module: types.ModuleType | None) -> list[object]:
    return list(getattr(module, "__dict__", {}).values())


def _module_name(root: Path, file: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    for part in parts:
        if not part.isidentifier() or keyword.iskeyword(part):
            raise ModelNameError(
                f"{part!r} cannot be imported: it is not a Python name",
                where=Location(str(file), 1),
                hint=f"rename it, for example to {_importable_name(part)!r}",
            )
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _importable_name(name: str) -> str:
    """A Python name near to a word that is none.

    >>> _importable_name("my-model"), _importable_name("class"), _importable_name("2024")
    ('my_model', 'class_', '_2024')
    """
    letters = "".join(letter if f"_{letter}".isidentifier() else "_" for letter in name)
    if keyword.iskeyword(letters):
        return f"{letters}_"
    return letters if letters.isidentifier() else f"_{letters}"


@contextmanager
def _importable(root: Path, models: str) -> Iterator[None]:
    """Put the project in front of the module path and forget the modules of the load before."""
    for name in _loaded:
        sys.modules.pop(name, None)
    _loaded.clear()
    importlib.invalidate_caches()
    before = set(sys.modules)
    _roots.add(root.resolve())
    read_from_source(root)
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    # A plain folder would lose to any installed package of its name; a package made by hand does not.
    folder = root
    names: list[str] = []
    for part in Path(models).parts:
        folder = folder / part
        names.append(part)
        if not (folder / "__init__.py").exists():
            package = types.ModuleType(".".join(names))
            package.__path__ = [str(folder)]
            sys.modules[package.__name__] = package
    try:
        yield
    finally:
        _loaded.update(name for name in set(sys.modules) - before if _lies_in(sys.modules[name], root))


def _lies_in(module: types.ModuleType, root: Path) -> bool:
    places = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", ())]
    return any(place and _is_ours(place, root) for place in places)


def _is_ours(place: str, root: Path) -> bool:
    # An environment inside the project's folder is not the project's own code.
    return "site-packages" not in place and Path(place).is_relative_to(root)


def _import(name: str, file: Path, root: Path, limit: TimeLimit) -> None:
    try:
        limit.run(lambda: importlib.import_module(name))
    except PyDBTError:
        raise
    except SyntaxError as error:
        where = Location(error.filename or str(file), error.lineno or 1)
        hint = "correct it: nothing runs until every model file is well"
        raise ModelImportError(f"{file.name} does not parse: {error.msg}", where=where, hint=hint) from error
    except KeyboardInterrupt as error:
        if limit.is_over or limit.is_interrupted or not limit.is_watching:
            raise
        raise _raised(error, file, root) from error
    except SystemExit as error:
        where = _innermost(error, file, root)
        what = f"{file.name} calls sys.exit({error.code!r}) while it is imported"
        raise ModelImportError(what, where=where, hint="a model file only defines tasks") from error
    except Exception as error:
        raise _raised(error, file, root) from error


def _too_slow(file: Path, where: Location, limit: TimeLimit, *, unread: int) -> ModelImportError:
    what = (
        f"{file.name} has not ended its import after {limit.seconds:g} s, which all model files have together"
    )
    hint = "do the work inside tasks, or raise the key load_timeout_seconds"
    return ModelImportError(
        what, where=where, hint=hint + (f"; files not loaded: {unread}" if unread else "")
    )


def _raised(error: BaseException, file: Path, root: Path) -> ModelImportError:
    # Its text is the user's code too, and may raise in its turn.
    kind, said = type(error).__name__, failure_of(error).message
    what = f"{file.name} raises {kind}" + ("" if said == f"raised {kind}" else f": {said}")
    return ModelImportError(what, where=_innermost(error, file, root), hint=_hint(error, root, file))


def _hint(error: BaseException, root: Path, file: Path) -> str:
    known = names_at(error)
    if isinstance(error, NameError) and error.name:
        return name_hint(error.name, known)
    if isinstance(error, TypeError) and (signature := signature_in(str(error), known)):
        return signature
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return "a model file only defines tasks: correct it, or do the work inside a task"
    package = file.parent.relative_to(root).parts[0]
    if (root / package / f"{error.name.partition('.')[0]}.py").exists():
        return f"model files are modules of {package!r}: write from {package}.{error.name} import ..."
    return f"install the package that gives {error.name!r}, or correct the name"


def _innermost(error: BaseException, file: Path, root: Path) -> Location:
    """The innermost line of the traceback that lies in the project."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(root)]
    return Location(ours[-1].filename, ours[-1].lineno or 1) if ours else Location(str(file), 1)
