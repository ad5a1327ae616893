"""Which room may import which: down the floors only, never in a circle, no library where it costs time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from tests.architecture.source import Module, imported_modules

PACKAGE = "pydbt"
FRONT_DOOR = 8

# Rooms on one floor do not see each other.
FLOORS = {
    "errors": 0,
    "failpoints": 0,
    "owner": 1,
    "sql": 2,
    "connections": 2,
    "core": 2,
    "checks": 3,
    "testing": 3,
    "project": 4,
    "export": 5,
    "docs": 6,
    "ui": 6,
    "cli": 7,
    "__main__": FRONT_DOOR,
}

# A library, and who may import it, but for types alone: whole rooms or single modules.
LIBRARY_HOMES = {
    "sqlalchemy": ("pydbt.sql", "pydbt.connections", "pydbt.core.state", "pydbt.testing.backend"),
    "duckdb": ("pydbt.sql", "pydbt.connections"),
    "duckdb_sqlalchemy": ("pydbt.sql", "pydbt.connections"),
    "psycopg": ("pydbt.sql", "pydbt.connections"),
    "psycopg2": ("pydbt.sql", "pydbt.connections"),
    "pandas": ("pydbt.sql",),
    "polars": ("pydbt.sql",),
    "pyarrow": ("pydbt.sql",),
    "pygraphviz": ("pydbt.export",),
    "click": ("pydbt.cli",),
    "rich": ("pydbt.cli",),
    "cronsim": ("pydbt.core",),
}

# What a store of runs promises, and the one in memory, know no SQL.
WITHOUT_SQL = ("pydbt.core.state.base", "pydbt.core.state.memory")

# Too slow to import for whoever does not use them, or not there: only inside the functions that do, or in a
# module that is itself imported only there.
LAZY_LIBRARIES = frozenset(
    {"duckdb", "duckdb_sqlalchemy", "pandas", "polars", "psycopg", "psycopg2", "pyarrow", "pygraphviz"}
)


def floor_violations(modules: list[Module]) -> Iterator[str]:
    """Imports, lazy ones and those for types included, that do not go down."""
    known = frozenset(module.name for module in modules)
    for module in modules:
        own = _room(module.name)
        if own not in FLOORS and own != PACKAGE:
            yield f"{module.path}: the room {own!r} has no floor"
            continue
        for entry in imported_modules(module, known, at_import_time=False):
            other = _room(entry.target)
            if other != own and _floor(other) >= _floor(own):
                yield f"{module.path}:{entry.line}: {own} (floor {_floor(own)}) imports {entry.target}"


def circle_violations(modules: list[Module]) -> Iterator[str]:
    """Modules that import each other, at import time, in a circle."""
    known = frozenset(module.name for module in modules)
    graph = {
        module.name: {entry.target for entry in imported_modules(module, known, at_import_time=True)}
        for module in modules
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield "a circle: " + " -> ".join(reversed(error.args[1]))


def library_violations(modules: list[Module]) -> Iterator[str]:
    """Libraries imported outside their rooms, or at import time although they are slow."""
    known = frozenset(module.name for module in modules)
    eager = {
        entry.target for module in modules for entry in imported_modules(module, known, at_import_time=True)
    }
    for module in modules:
        is_lazy = module.name not in eager and module.path.name != "__init__.py"
        for entry in module.imports:
            library = entry.target.partition(".")[0]
            homes = LIBRARY_HOMES.get(library)
            if homes is None or entry.for_types:
                continue
            if not _is_in(module.name, homes) or module.name in WITHOUT_SQL:
                yield f"{module.path}:{entry.line}: {library} is imported by {', '.join(homes)} only"
            elif library in LAZY_LIBRARIES and entry.at_import_time and not is_lazy:
                yield f"{module.path}:{entry.line}: {library} is slow: import it where it is used"


def _is_in(name: str, homes: Iterable[str]) -> bool:
    return any(name == home or name.startswith(f"{home}.") for home in homes)


def _room(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def _floor(room: str) -> int:
    return FLOORS.get(room, FRONT_DOOR)
