"""Nonsense at the doors: arguments and settings nobody thought of end in an error of ours or in success.

A longer round: ``PYDBT_FUZZ=5000 pytest tests/bad_input/test_fuzz.py``.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.cli.command import SETTINGS, Result, make_project, pydbt, tree

_EXAMPLES = int(os.environ.get("PYDBT_FUZZ", "60"))
_bounded = settings(max_examples=_EXAMPLES, deadline=5000, suppress_health_check=list(HealthCheck))

_VERBS = st.sampled_from(
    ["plan", "ls", "show", "sql", "history", "debug", "init", "run", "export-dag", "rnu"]
)
_OPTIONS = st.sampled_from(
    [
        "--select",
        "-s",
        "--exclude",
        "--date",
        "--threads",
        "--executor",
        "--log-format",
        "--target",
        "-t",
        "--project-dir",
        "-n",
        "--limit",
        "--format",
        "-f",
        "--example",
        "--help",
        "--force",
        "--",
        "-",
        "--version",
    ]
)
_WORDS = st.sampled_from(
    ["orders", "+orders", "@load", "tag:core", "path:models", "dev", "json", "1", "0", "."]
)
_ARGUMENTS = st.lists(_OPTIONS | _WORDS | st.text(max_size=8), max_size=6)

_KEYS = st.sampled_from(
    [
        "name",
        "models",
        "default_target",
        "threads",
        "executor",
        "state",
        "load_timeout_seconds",
        "targets",
        "sources",
        "config",
        "targets.dev",
        "targets.dev.url",
        "targets.dev.schema",
        "x",
    ]
)
_VALUES = st.sampled_from(
    [
        "1",
        "true",
        '"a"',
        "[]",
        "{}",
        "nan",
        "inf",
        "1979-05-27",
        '"${X}"',
        '"sqlite://"',
        '"../x"',
        "'''",
        '""',
    ]
) | st.text(max_size=6)
_LINES = st.lists(
    st.builds("{} = {}".format, _KEYS, _VALUES) | st.builds("[{}]".format, _KEYS) | st.text(max_size=10),
    max_size=8,
)


def check(result: Result) -> None:
    """A success, or an error in the form of every error; never a traceback, never an unforeseen one."""
    assert result.code in {0, 1, 2}, result
    assert "Traceback" not in result.out + result.err
    assert "PYDBT-E105" not in result.err, result.err
    if result.code and not result.err.startswith("Usage: "):
        assert re.match(r"PYDBT-E\d{3}: \S", result.err), result


@_bounded
@given(verb=_VERBS, arguments=_ARGUMENTS)
@example(verb="ls", arguments=["\ud800"])
@example(verb="init", arguments=["\x00"])
@example(verb="ls", arguments=["--project-dir", "\x00"])
@example(verb="export-dag", arguments=["\x00"])
@example(verb="ls", arguments=["path:\x00"])
@example(verb="ls", arguments=["[", "a["])
def test_any_arguments_are_answered(verb: str, arguments: list[str]) -> None:
    """No traceback, and no file outside the project."""
    with tempfile.TemporaryDirectory() as folder:
        make_project(Path(folder) / "project")

        check(pydbt(Path(folder) / "project", verb, *arguments))

        assert [path.name for path in Path(folder).iterdir()] == ["project"]


@_bounded
@given(
    content=st.binary(max_size=60)
    | st.builds("\n".join, _LINES).map(lambda text: text.encode(errors="replace"))
)
@example(content=SETTINGS.replace("shop.db", "a\\u0000b").encode())
@example(content=SETTINGS.replace("shop.db", "?x").encode())
@example(content=b'[targets.dev]\nurl = "sqlite://"\nschema = "\\u0000"')
@example(content=b'state = "sqlite:///\\u0000"\n[targets.dev]\nurl = "sqlite://"')
@example(content=b"a = " + b"[" * 5000)
@example(content=b"\xef\xbb\xbf[targets.dev]\nurl = 'sqlite://'")
def test_any_settings_are_answered(content: bytes) -> None:
    """No traceback, and nothing written by a command that only reads."""
    with tempfile.TemporaryDirectory() as name:
        folder = make_project(Path(name) / "project", {"pydbt.toml": content})
        before = tree(Path(name))

        check(pydbt(folder, "plan"))
        check(pydbt(folder, "debug"))

        assert tree(Path(name)) == before


_SCHEMES = st.sampled_from(
    ["duckdb:///", "sqlite:///", "postgresql://", "postgresql+psycopg://", "mysql://", "", "x://"]
)
_URLS = st.builds(
    "{}{}".format, _SCHEMES, st.text("ab:@/?#%[]=&.é\\ ${}~-1", max_size=16) | st.text(max_size=8)
)


@_bounded
@given(url=_URLS, password=st.sampled_from(["", "me:c4n4ry@", "me:c4n@4ry@", "me:c4n/4ry@"]))
def test_any_url_is_answered_without_its_password(url: str, password: str) -> None:
    """No traceback, and no piece of a password."""
    scheme, mark, rest = url.partition("://")
    text = f"[targets.dev]\nurl = {json.dumps(f'{scheme}{mark}{password}{rest}')}\n"
    with tempfile.TemporaryDirectory() as name:
        folder = make_project(Path(name) / "project", {"pydbt.toml": text.encode(errors="replace")})

        result = pydbt(folder, "ls")

    check(result)
    assert not password or "4ry" not in result.out + result.err
