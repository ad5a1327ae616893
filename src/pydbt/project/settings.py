"""Settings: ``pydbt.toml`` as frozen values; every error names the key and the line."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any

from pydbt.errors import (
    EnvironmentVariableError,
    Location,
    ProjectNotFoundError,
    SettingsKeyError,
    SettingsSyntaxError,
    SettingsValueError,
    UnknownTargetError,
    did_you_mean,
    keep_secrets_of,
)
from pydbt.project.toml_lines import key_at, line_of, lines_of, position_of

FILE = "pydbt.toml"
MOST_BYTES = 1_000_000
MOST_THREADS = 1024
MOST_SECONDS = 86_400

_TOML = "texts stand in quotes, tables in brackets; https://toml.io tells the rest"
_VARIABLE = re.compile(r"\$(\$?)\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Target:
    """A database a project runs against.

    Args:
        name: The word after ``--target``.
        url: SQLAlchemy's database URL; relative files start at the project's folder.
        schema: Where tables are read and published; None is the database's default.
    """

    name: str
    url: str = field(repr=False)
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A table that the project reads but does not make: ``session.source(alias)``."""

    table: str
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``pydbt.toml`` says.

    Args:
        root: The folder of the file.
        name: The project's name; the folder's when not given.
        models: The folder with the model files, relative to ``root``.
        default_target: The target used without ``--target``.
        threads: How many tasks run at once, 1 to 1024.
        executor: "thread", "serial" or "process".
        state: The URL of the state's database; a relative SQLite file starts at ``root``.
        load_timeout_seconds: How long all model files together may take to import, at most a day.
        sources: Aliases of tables that the project only reads.
        config: The project's own values: the ``config`` parameter of tasks.
    """

    root: Path
    text: str = field(repr=False)
    name: str
    models: str = "models"
    default_target: str = "dev"
    threads: int = 4
    executor: str = "thread"
    state: str = "sqlite:///.pydbt/state.db"
    load_timeout_seconds: float = 60.0
    sources: Mapping[str, Source] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    targets: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    @property
    def file(self) -> Path:
        """The settings file itself."""
        return self.root / FILE

    def target(self, name: str | None = None) -> Target:
        """The target of that name, or the default one; only now are its ``${VARIABLES}`` read.

        Raises:
            UnknownTargetError: There is no such target.
            EnvironmentVariableError: A variable that its values name is not set.
        """
        wanted = name or self.default_target
        if wanted not in self.targets:
            key = ("default_target",) if name is None else ("targets",)
            place = _place(self.file, self.text, key)
            hint = did_you_mean(wanted, self.targets)
            raise UnknownTargetError(f"there is no target {wanted!r}", where=place, hint=hint)
        values = {
            key: self.expand(value, ("targets", wanted, key)) for key, value in self.targets[wanted].items()
        }
        return Target(name=wanted, url=values["url"], schema=values.get("schema"))

    def expand(self, value: str, path: tuple[str, ...]) -> str:
        """The text with ``${NAME}`` and ``${NAME:-default}`` replaced; ``$${NAME}`` stays as ``${NAME}``."""

        def replaced(found: re.Match[str]) -> str:
            escaped, name, default = found.groups()
            if escaped:
                return found[0][1:]
            text = os.environ.get(name, default)
            if text is None:
                raise EnvironmentVariableError(
                    f"the environment variable {name} is not set, which the key {'.'.join(path)} needs",
                    where=_place(self.file, self.text, path),
                    hint=f"set it (export {name}=...), or give a default: ${{{name}:-...}}",
                )
            return text

        return _VARIABLE.sub(replaced, value)

    def keep_secrets(self) -> None:
        """Let no text tell what is secret in the URL of any target, also of one that is not used."""
        for name, values in self.targets.items():
            # A variable that another target needs may well not be set: then it holds no secret either.
            with suppress(EnvironmentVariableError):
                keep_secrets_of(self.expand(values["url"], ("targets", name, "url")))


def find_root(start: Path) -> Path:
    """The nearest folder, from ``start`` upwards, that holds a ``pydbt.toml``.

    Raises:
        ProjectNotFoundError: There is none; the message lists where it was looked for.
    """
    folders = [start, *start.parents]
    for folder in folders:
        if (folder / FILE).is_file():
            return folder
    searched = ", ".join(str(folder) for folder in folders)
    hint = "go into a project's folder, or make one: pydbt init NAME"
    raise ProjectNotFoundError(f"no {FILE} here; searched {searched}", hint=hint)


def load_settings(root: Path) -> Settings:
    """Read and check ``pydbt.toml`` in the folder ``root``.

    Raises:
        SettingsSyntaxError: It cannot be read or parsed: file, line and column.
        SettingsKeyError: A key is unknown or missing.
        SettingsValueError: A value is of the wrong kind or out of its range.
    """
    file = root / FILE
    text = _read(file)
    values = _parse(file, text)
    if not values:
        hint = 'it needs at least [targets.dev] with url = "duckdb:///my.duckdb"'
        raise SettingsSyntaxError(f"{FILE} is empty", where=str(file), hint=hint)
    check = _Check(file, text)
    check.keys(values, (), _TOP)
    for key, value in values.items():
        check.value((key,), value, _TOP[key])
    targets = check.targets(values.get("targets"))
    plain = {key: values[key] for key in values if key not in ("targets", "sources", "config", "name")}
    settings = Settings(
        root=root,
        text=text,
        name=values.get("name", root.name),
        targets=targets,
        sources=check.sources(values.get("sources", {})),
        config=MappingProxyType(values.get("config", {})),
        **{"default_target": next(iter(targets)), **plain},
    )
    settings.keep_secrets()
    return settings


def place_of(root: Path, path: tuple[str, ...]) -> str:
    """Where a key stands in the ``pydbt.toml`` of a folder: the file and, when the key is in it, the line."""
    file = root / FILE
    return _place(file, _read(file), path) if file.is_file() else str(file)


def _read(file: Path) -> str:
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise SettingsSyntaxError(
                f"{FILE} has {size:,} bytes", where=str(file), hint=f"at most {MOST_BYTES:,} are read"
            )
        # Editors on Windows put a mark in front, of which TOML knows nothing.
        return file.read_bytes().decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsSyntaxError(
            f"{FILE} is not UTF-8: byte {error.object[error.start]:#04x} at position {error.start}",
            where=Location(str(file), line),
            hint="save it as UTF-8",
        ) from None
    except OSError as error:
        raise SettingsSyntaxError(f"{FILE} cannot be read: {error.strerror}", where=str(file)) from None


def _parse(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        what = "lists or tables are nested too deeply"
        raise SettingsSyntaxError(what, where=str(file), hint="settings need two levels") from None
    except tomllib.TOMLDecodeError as error:
        found = position_of(str(error))
        if found is None:
            last = text.count("\n") + 1
            raise SettingsSyntaxError(str(error), where=Location(str(file), last), hint=_TOML) from None
        message, line, column = found
        key = key_at(text, line)
        lines = lines_of(text, key) if key else []
        if key and message.startswith("Cannot") and len(lines) > 1:
            raise SettingsSyntaxError(
                f"the key {'.'.join(key)} stands twice, on lines {lines[0]} and {lines[1]}",
                where=Location(str(file), lines[1]),
                hint="keep one of them",
            ) from None
        raise SettingsSyntaxError(
            message, where=f"{Location(str(file), line)}:{column}", hint=_TOML
        ) from None


def _place(file: Path, text: str, path: tuple[str, ...]) -> str:
    line = line_of(text, path)
    return str(Location(str(file), line)) if line else str(file)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a key takes: how it is told, an example, and whether a value will do."""

    told: str
    example: str
    fits: Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_inside(value: Any) -> bool:
    path = PurePath(value) if _is_text(value) else PurePath()
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\0" not in value


def _is_threads(value: Any) -> bool:
    return type(value) is int and 1 <= value <= MOST_THREADS


def _is_seconds(value: Any) -> bool:
    return type(value) in (int, float) and 0 < value <= MOST_SECONDS


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


_TOP = {
    "name": _Kind("a text", 'name = "flights"', _is_text),
    "models": _Kind("a folder inside the project", 'models = "models"', _is_inside),
    "default_target": _Kind("a target's name", 'default_target = "dev"', _is_text),
    "threads": _Kind(f"a whole number from 1 to {MOST_THREADS}", "threads = 4", _is_threads),
    "executor": _Kind(
        "thread, serial or process",
        'executor = "thread"',
        lambda value: value in ("thread", "serial", "process"),
    ),
    "state": _Kind("a database URL", 'state = "sqlite:///.pydbt/state.db"', _is_text),
    "load_timeout_seconds": _Kind(
        f"a number of seconds over 0, at most {MOST_SECONDS}", "load_timeout_seconds = 60", _is_seconds
    ),
    "targets": _Kind("a table", '[targets.dev]\n  url = "duckdb:///my.duckdb"', _is_table),
    "sources": _Kind("a table", '[sources]\n  orders = "raw.orders"', _is_table),
    "config": _Kind("a table", "[config]\n  country = 'FR'", _is_table),
}
_TARGET = {
    "url": _Kind("a database URL", 'url = "duckdb:///my.duckdb"', lambda value: isinstance(value, str)),
    "schema": _Kind("a schema's name", 'schema = "analytics"', _is_text),
}
_SOURCE = _Kind("a table's name, with its schema where it has one", 'orders = "raw.orders"', _is_text)

KEYS = (*_TOP, *(f"targets.NAME.{key}" for key in _TARGET), "sources.ALIAS", "config.KEY")


@dataclass(frozen=True, slots=True)
class _Check:
    """Checks values against what their keys take; the file and its text give the places."""

    file: Path
    text: str

    def keys(self, values: Mapping[str, Any], path: tuple[str, ...], known: Mapping[str, _Kind]) -> None:
        for key in values:
            if key not in known:
                dotted = ".".join((*path, key))
                raise SettingsKeyError(
                    f"unknown key {dotted}",
                    where=_place(self.file, self.text, (*path, key)),
                    hint=did_you_mean(key, known),
                )

    def value(self, path: tuple[str, ...], value: Any, kind: _Kind) -> None:
        if not kind.fits(value):
            shown = "a table" if isinstance(value, dict) else repr(value)
            if isinstance(value, bool):
                # As TOML spells it.
                shown = shown.lower()
            raise SettingsValueError(
                f"{'.'.join(path)} is {shown}, expected {kind.told}",
                where=_place(self.file, self.text, path),
                hint=f"for example: {kind.example}",
            )

    def targets(self, targets: Mapping[str, Any] | None) -> Mapping[str, Mapping[str, str]]:
        if not targets:
            raise SettingsKeyError(
                "no target is given", where=str(self.file), hint=f"for example: {_TOP['targets'].example}"
            )
        for name, values in targets.items():
            path = ("targets", name)
            self.value(path, values, _TOP["targets"])
            self.keys(values, path, _TARGET)
            if "url" not in values:
                place = _place(self.file, self.text, path)
                hint = f"for example: {_TARGET['url'].example}"
                raise SettingsKeyError(f"targets.{name} has no url", where=place, hint=hint)
            for key, value in values.items():
                self.value((*path, key), value, _TARGET[key])
        return MappingProxyType(dict(targets))

    def sources(self, sources: Mapping[str, Any]) -> Mapping[str, Source]:
        found = {}
        for alias, value in sources.items():
            self.value(("sources", alias), value, _SOURCE)
            schema, _, table = value.rpartition(".")
            found[alias] = Source(table=table, schema=schema or None)
        return MappingProxyType(found)
