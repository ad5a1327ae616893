"""Settings: every wrong value is refused with the key, the line and what to do."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pydbt.errors import (
    EnvironmentVariableError,
    ProjectNotFoundError,
    PyDBTError,
    SettingsKeyError,
    SettingsSyntaxError,
    SettingsValueError,
    UnknownTargetError,
)
from pydbt.project.settings import Settings, Source, Target, find_root, load_settings

GOOD = """\
name = "shop"
default_target = "dev"
threads = 2

[targets.dev]
url = "duckdb:///shop.duckdb"

[targets.prod]
url = "postgresql://me:${SHOP_PASSWORD}@db/shop"
schema = "analytics"

[sources]
orders = "raw.orders"

[config]
smallest = 10
"""


def _load(folder: Path, text: str | bytes) -> Settings:
    (folder / "pydbt.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    return load_settings(folder)


def _error(folder: Path, text: str | bytes) -> PyDBTError:
    with pytest.raises(PyDBTError) as caught:
        _load(folder, text)
    return caught.value


def test_every_key_is_read(tmp_path: Path) -> None:
    """What the file says is what the values say, and what it leaves out has its default."""
    settings = _load(tmp_path, GOOD)

    assert (settings.name, settings.threads, settings.models) == ("shop", 2, "models")
    assert settings.target() == Target("dev", "duckdb:///shop.duckdb", None)
    assert dict(settings.sources) == {"orders": Source("orders", "raw")}
    assert dict(settings.config) == {"smallest": 10}


def test_a_variable_is_read_when_its_target_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables of production need not be set to work on the development target."""
    settings = _load(tmp_path, GOOD)
    settings.target("dev")
    monkeypatch.setenv("SHOP_PASSWORD", "x1")

    assert settings.target("prod").url == "postgresql://me:x1@db/shop"


def test_a_variable_that_is_not_set_is_named_with_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the variable, the key and the line."""
    monkeypatch.delenv("SHOP_PASSWORD", raising=False)
    with pytest.raises(EnvironmentVariableError) as caught:
        _load(tmp_path, GOOD).target("prod")

    assert "SHOP_PASSWORD" in str(caught.value)
    assert "targets.prod.url" in str(caught.value)
    assert caught.value.where.endswith("pydbt.toml:9")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("${A:-b}", "b"), ("$${A}", "${A}"), ("x${HOME_OF_X}y", "x/homey"), ("$A", "$A")],
)
def test_variables_have_defaults_and_can_be_escaped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, expected: str
) -> None:
    """The shell's own spelling of a default works; two dollars keep the text as it is."""
    monkeypatch.setenv("HOME_OF_X", "/home")

    assert _load(tmp_path, GOOD).expand(value, ("state",)) == expected


def test_passwords_are_not_in_the_repr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and targets end up in tracebacks and logs: their texts hold no URL."""
    monkeypatch.setenv("SHOP_PASSWORD", "s3cret")
    settings = _load(tmp_path, GOOD.replace("${SHOP_PASSWORD}", "s3cret"))

    assert "s3cret" not in repr(settings) + repr(settings.target("prod"))


def test_the_project_is_found_from_a_folder_below(tmp_path: Path) -> None:
    """Like git: the nearest folder upwards that holds the settings is the project."""
    (tmp_path / "pydbt.toml").write_text(GOOD)
    below = tmp_path / "models" / "deep"
    below.mkdir(parents=True)

    assert find_root(below) == tmp_path


def test_outside_a_project_the_searched_folders_are_listed(tmp_path: Path) -> None:
    """No settings found, the directories searched, what to do."""
    with pytest.raises(ProjectNotFoundError) as caught:
        find_root(tmp_path)

    assert str(tmp_path) in str(caught.value)
    assert str(tmp_path.parent) in str(caught.value)
    assert "pydbt init" in caught.value.hint


@pytest.mark.parametrize("text", ["", "   \n", "# only a comment\n"])
def test_an_empty_file_says_what_it_needs(tmp_path: Path, text: str) -> None:
    """Empty, with the keys that are expected."""
    error = _error(tmp_path, text)

    assert isinstance(error, SettingsSyntaxError)
    assert "empty" in error.what
    assert "[targets.dev]" in error.hint


@pytest.mark.parametrize(
    ("text", "place"),
    [("threads = \n", ":1:11"), ("threads = 2\n[targets.dev\n", ":2:13"), ('a = "x\n', ":1:7")],
)
def test_a_file_that_does_not_parse_is_placed(tmp_path: Path, text: str, place: str) -> None:
    """File, line and column of the first thing that is not TOML."""
    error = _error(tmp_path, text)

    assert isinstance(error, SettingsSyntaxError)
    assert error.where.endswith(f"pydbt.toml{place}")


def test_a_key_that_stands_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    """Both lines, in the table where they are."""
    error = _error(tmp_path, '[targets.dev]\nurl = "duckdb://"\n\nurl = "sqlite://"\n')

    assert "targets.dev.url stands twice, on lines 2 and 4" in error.what


def test_a_table_that_stands_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    """Two headers of one table are a mistake of the same kind."""
    error = _error(tmp_path, '[targets.dev]\nurl = "duckdb://"\n[config]\n[targets.dev]\nschema = "a"\n')

    assert "targets.dev stands twice, on lines 1 and 4" in error.what


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("defaul_target = 1", "did you mean 'default_target'?"),
        ("thread = 2", "did you mean 'threads'?"),
        ("[targts.dev]", "did you mean 'targets'?"),
    ],
)
def test_an_unknown_key_gets_the_nearest_one(tmp_path: Path, line: str, named: str) -> None:
    """Unknown key, its line, did you mean."""
    error = _error(tmp_path, f'{line}\n[targets.dev]\nurl = "duckdb://"\n')

    assert isinstance(error, SettingsKeyError)
    assert error.where.endswith("pydbt.toml:1")
    assert error.hint.startswith(named.rstrip("?"))


def test_an_unknown_key_of_a_target_gets_the_nearest_one(tmp_path: Path) -> None:
    """The same below a target: the whole path, and the keys a target has."""
    error = _error(tmp_path, '[targets.dev]\nulr = "duckdb://"\n')

    assert (error.what, error.hint) == ("unknown key targets.dev.ulr", "did you mean 'url'?")
    assert error.where.endswith(":2")


@pytest.mark.parametrize("value", ["0", "-1", "1.5", '"8"', "1e9", "true", "1025", "[4]"])
def test_threads_are_a_whole_number_from_1_to_1024(tmp_path: Path, value: str) -> None:
    """Anything else is refused with the range and an example."""
    error = _error(tmp_path, f'threads = {value}\n[targets.dev]\nurl = "duckdb://"\n')

    assert isinstance(error, SettingsValueError)
    assert "a whole number from 1 to 1024" in error.what
    assert error.where.endswith("pydbt.toml:1")
    assert error.hint == "for example: threads = 4"


@pytest.mark.parametrize("value", ["0", "-1", "86401", "1e10", "inf", "nan", "true", '"60"'])
def test_the_limit_of_imports_is_a_day_at_most(tmp_path: Path, value: str) -> None:
    """Anything else is refused with the range: no clock waits that long."""
    error = _error(tmp_path, f'load_timeout_seconds = {value}\n[targets.dev]\nurl = "duckdb://"\n')

    assert isinstance(error, SettingsValueError)
    assert "a number of seconds over 0, at most 86400" in error.what
    assert error.where.endswith("pydbt.toml:1")


@pytest.mark.parametrize(
    ("text", "key", "told"),
    [
        ('targets = "duckdb://"', "targets is 'duckdb://', expected a table", "[targets.dev]"),
        ('[threads]\nx = 1\n[targets.dev]\nurl = "duckdb://"', "threads is a table", "threads = 4"),
        ("[targets.dev]\nurl = 3", "targets.dev.url is 3", 'url = "duckdb:///my.duckdb"'),
        ('[targets]\ndev = "duckdb://"', "targets.dev is 'duckdb://'", "[targets.dev]"),
        ('executor = "dask"\n[targets.dev]\nurl = "x"', "executor is 'dask'", 'executor = "thread"'),
        ('[targets.dev]\nurl = "x"\n[sources]\na = 1', "sources.a is 1", 'orders = "raw.orders"'),
    ],
)
def test_a_value_of_the_wrong_kind_gets_an_example(tmp_path: Path, text: str, key: str, told: str) -> None:
    """The key, what was expected, an example of it right."""
    error = _error(tmp_path, text)

    assert key in error.what
    assert told in error.hint


def test_a_target_without_url_is_refused(tmp_path: Path) -> None:
    """The one key a target cannot do without."""
    assert _error(tmp_path, '[targets.dev]\nschema = "a"\n').what == "targets.dev has no url"


def test_a_huge_file_is_refused_at_once(tmp_path: Path) -> None:
    """10 MB of settings are a mistake, and are not even read."""
    (tmp_path / "pydbt.toml").write_bytes(b"a = 1\n" * 2_000_000)
    started = time.monotonic()
    with pytest.raises(SettingsSyntaxError) as caught:
        load_settings(tmp_path)
    error = caught.value

    assert "12,000,000 bytes" in error.what
    assert time.monotonic() - started < 1


def test_a_bad_byte_is_placed(tmp_path: Path) -> None:
    """Not UTF-8: the byte, its position and its line."""
    error = _error(tmp_path, b'a = "x"\nb = "\xff"\n')

    assert "byte 0xff at position 13" in error.what
    assert error.where.endswith(":2")


def test_the_mark_of_windows_editors_is_no_text(tmp_path: Path) -> None:
    """A byte order mark in front of the file changes neither the values nor the places of errors."""
    settings = _load(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())

    assert (settings.name, settings.threads) == ("shop", 2)
    assert ":1" in _error(tmp_path, b"\xef\xbb\xbfthreads = 0\n" + GOOD.partition("[")[2].encode()).where


def test_an_unknown_target_lists_those_that_exist(tmp_path: Path) -> None:
    """Targets that exist."""
    with pytest.raises(UnknownTargetError) as caught:
        _load(tmp_path, GOOD).target("nosuch")

    assert caught.value.hint == "known: dev, prod"


def test_a_default_target_that_does_not_exist_is_placed(tmp_path: Path) -> None:
    """The default is wrong at its own line."""
    settings = _load(tmp_path, GOOD.replace('default_target = "dev"', 'default_target = "dve"'))
    with pytest.raises(UnknownTargetError) as caught:
        settings.target()

    assert caught.value.where.endswith("pydbt.toml:2")
    assert caught.value.hint == "did you mean 'dev'?"
