"""Bad settings: each is refused with its line or key before anything is opened."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pytest

from tests.bad_input.refusal import assert_refused
from tests.cli.command import make_project, pydbt

TARGET = '\n[targets.dev]\nurl = "sqlite:///shop.db"\n'


def url(text: str) -> str:
    """Settings with that URL."""
    return f'[targets.dev]\nurl = "{text}"\n'


_THREADS = "a whole number from 1 to 1024"
_EXAMPLE = "for example duckdb:///"

CASES: dict[str, tuple[str | bytes, str, tuple[str, ...]]] = {
    "empty file": ("", "PYDBT-E201", ("pydbt.toml is empty", "[targets.dev]", "url =")),
    "comment alone": ("# later\n", "PYDBT-E201", ("pydbt.toml is empty",)),
    "value missing": ("threads = \n", "PYDBT-E201", ("(pydbt.toml:1:11)", "toml.io")),
    "table not closed": ("threads = 1\n[targets.dev\n", "PYDBT-E201", ("(pydbt.toml:2:13)",)),
    "value where a table belongs": (
        'targets = "x"\n',
        "PYDBT-E203",
        ("targets is 'x', expected a table", "pydbt.toml:1", "[targets.dev]"),
    ),
    "table where a value belongs": (
        f"[threads]\nx = 1\n{TARGET}",
        "PYDBT-E203",
        ("threads is a table", _THREADS, "pydbt.toml:1", "threads = 4"),
    ),
    "not UTF-8": (b'name = "\xff"\n', "PYDBT-E201", ("byte 0xff at position 8", "pydbt.toml:1", "UTF-8")),
    "key twice": (
        f"threads = 1\nname = 'a'\nthreads = 2\n{TARGET}",
        "PYDBT-E201",
        ("threads stands twice, on lines 1 and 3", "pydbt.toml:3"),
    ),
    "unknown key": (f"conection = 1\n{TARGET}", "PYDBT-E202", ("unknown key conection", "pydbt.toml:1")),
    "unknown key near a known one": (
        f"thread = 1\n{TARGET}",
        "PYDBT-E202",
        ("unknown key thread", "did you mean 'threads'?"),
    ),
    **{
        f"threads {told}": (f"threads = {value}\n{TARGET}", "PYDBT-E203", (_THREADS, "pydbt.toml:1", told))
        for value, told in (
            ("0", "0"),
            ("-1", "-1"),
            ("1.5", "1.5"),
            ('"8"', "'8'"),
            ("1e9", "1000000000.0"),
            ("true", "true"),
        )
    },
    "models outside the project": (
        f'models = "../elsewhere"\n{TARGET}',
        "PYDBT-E203",
        ("'../elsewhere'", "a folder inside the project"),
    ),
    "models folder missing": (f'models = "nosuch"\n{TARGET}', "PYDBT-E407", ("'nosuch' does not exist",)),
    "variable not set": (
        url("${PYDBT_TEST_NOT_SET}"),
        "PYDBT-E204",
        ("PYDBT_TEST_NOT_SET is not set", "targets.dev.url", "pydbt.toml:2", "export"),
    ),
    "URL empty": (url(""), "PYDBT-E301", ("the URL is empty", "targets.dev.url", _EXAMPLE)),
    "URL without its form": (url("duckdb"), "PYDBT-E301", ("'duckdb' is not the URL", _EXAMPLE)),
    "URL of a page": (url("http://x"), "PYDBT-E301", ("'http' is not a database", _EXAMPLE)),
    "driver not installed": (
        url("mysql+mysqldb://h/d"),
        "PYDBT-E302",
        ("driver for mysql", "targets.dev.url", "pip install mysqlclient"),
    ),
    "dialect not installed": (url("snowflake://x/y"), "PYDBT-E302", ("pip install snowflake-sqlalchemy",)),
    "port that is no number": (
        url("postgresql://me:canary@h:abc/d"),
        "PYDBT-E303",
        ("the port 'abc'", "targets.dev.url", "1 to 65535"),
    ),
    "password with an at sign": (
        url("postgresql://me:can@ary@h/d"),
        "PYDBT-E304",
        ("of user 'me'", "unescaped '@'", "%40"),
    ),
    "password with a slash": (url("postgresql://me:can/ary@h/d"), "PYDBT-E304", ("unescaped '/'", "%2F")),
    "password with a question mark": (url("postgresql://me:can?ary@h/d"), "PYDBT-E304", ("'?'", "%3F")),
    "SQLite in a missing folder": (
        url("sqlite:///nosuch/shop.db"),
        "PYDBT-E310",
        ("nosuch does not exist", "make it"),
    ),
    "DuckDB in a missing folder": (
        url("duckdb:///nosuch/shop.duckdb"),
        "PYDBT-E310",
        ("nosuch does not exist", "make it"),
    ),
    "schema that does not exist": (
        f'{url("sqlite:///shop.db")}schema = "mian"\n',
        "PYDBT-E651",
        ("no schema 'mian'", "targets.dev.schema", "did you mean 'main'?"),
    ),
    "schema in a DuckDB file not there yet": (
        f'{url("duckdb:///shop.duckdb")}schema = "nosuch"\n',
        "PYDBT-E651",
        ("no schema 'nosuch'", "known: main"),
    ),
    "state that is no URL": (f'state = "nosuch"\n{TARGET}', "PYDBT-E702", ("'nosuch'", "sqlite:///")),
    "process executor on DuckDB": (
        f'executor = "process"\n{url("duckdb:///shop.duckdb")}',
        "PYDBT-E551",
        ("only one process can open it", 'executor = "thread"'),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_settings_are_refused(tmp_path: Path, case: str) -> None:
    """File and line or the key, what was expected, and not a letter of a password, not even with --debug."""
    text, code, says = CASES[case]
    make_project(tmp_path, {"pydbt.toml": text})

    refused = assert_refused(tmp_path, "run", code=code, says=says)

    debugged = pydbt(tmp_path, "run", "--debug")
    told = refused.out + refused.err + debugged.out + debugged.err
    assert "ary" not in told.replace("library", "")


def test_ten_megabytes_of_settings_are_refused_at_once(tmp_path: Path) -> None:
    """A file that cannot be meant as settings is not read."""
    make_project(tmp_path, {"pydbt.toml": "a = 1\n" * 1_700_000})
    begun = time.monotonic()

    assert_refused(tmp_path, "run", code="PYDBT-E201", says=("10,200,000 bytes", "pydbt.toml", "at most"))

    assert time.monotonic() - begun < 2  # Two commands.


def newer_duckdb(path: Path) -> bytes:
    """An empty DuckDB file that claims to be of a version yet to come."""
    duckdb = pytest.importorskip("duckdb")
    duckdb.connect(path).close()
    content = bytearray(path.read_bytes())
    struct.pack_into("<Q", content, 12, 9_999)
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", content[8:4096]):
        checksum ^= word * 0xBF58476D1CE4E5B9 % 2**64
    struct.pack_into("<Q", content, 0, checksum)
    return bytes(content)


@pytest.mark.parametrize(
    ("scheme", "content", "says"),
    [
        pytest.param("duckdb", b"only text\n" * 1000, ("is not a DuckDB file",), id="text as DuckDB"),
        pytest.param("duckdb", b"x", ("is not a DuckDB file",), id="a byte as DuckDB"),
        pytest.param("sqlite", b"only text\n" * 1000, ("is not a SQLite file",), id="text as SQLite"),
        pytest.param("duckdb", None, ("another version of DuckDB", "9999", "--upgrade"), id="newer DuckDB"),
    ],
)
def test_a_file_that_is_no_database_is_left_as_it_is(
    tmp_path: Path, scheme: str, content: bytes | None, says: tuple[str, ...]
) -> None:
    """Which file, what is wrong with it; not a byte of it changes."""
    content = newer_duckdb(tmp_path / "other.duckdb") if content is None else content
    make_project(tmp_path, {"pydbt.toml": url(f"{scheme}:///shop.file"), "shop.file": content})

    assert_refused(tmp_path, "run", code="PYDBT-E311", says=("shop.file", *says))
