"""URLs: what is said about a wrong one, and that no password is."""

from __future__ import annotations

import subprocess
import sys

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import registry

from pydbt.connections import hide_password, validate_url
from pydbt.connections.url import read_url, without_secrets
from pydbt.errors import (
    DatabaseUrlError,
    DriverNotInstalledError,
    PasswordEncodingError,
    PortError,
    PyDBTError,
)

SECRET = "hunter2"
# DuckDB's dialect needs SQLAlchemy 2.
EMBEDDED = (
    [] if sa.__version__.startswith("1.4") else ["duckdb:///a.duckdb", "duckdb:///:memory:", "duckdb://"]
)


@pytest.mark.parametrize(
    ("text", "kind", "says", "advises"),
    [
        ("", DatabaseUrlError, "the URL is empty", "duckdb:///"),
        ("   ", DatabaseUrlError, "the URL is empty", "duckdb:///"),
        ("duckdb", DatabaseUrlError, "'duckdb' is not the URL of a database", "duckdb:///"),
        ("http://x", DatabaseUrlError, "'http' is not a database", "duckdb:///"),
        (
            "postgresqll://h/d",
            DatabaseUrlError,
            "'postgresqll' is not a database",
            "did you mean 'postgresql'?",
        ),
        ("postgresql+nosuch://h/d", DatabaseUrlError, "no driver 'postgresql+nosuch'", "postgresql://"),
        ("postgresql://u@h:abc/d", PortError, "the port 'abc'", "host:5432"),
        ("sqlite://x.db", DatabaseUrlError, "the host 'x.db', and sqlite has none", "sqlite:///x.db"),
        ("postgresql://u@h:0/d", PortError, "the port '0'", "host:5432"),
        ("postgresql://u@h:65536/d", PortError, "the port '65536'", "host:5432"),
        ("postgresql://u@[::1]:abc/d", PortError, "the port 'abc'", "host:5432"),
        (
            "mysql+mysqldb://u@h/d",
            DriverNotInstalledError,
            "the driver for mysql is not installed",
            "pip install mysqlclient",
        ),
        ("snowflake://u@h/d", DriverNotInstalledError, "snowflake", "pip install snowflake-sqlalchemy"),
        (f"postgresql://u:{SECRET}@x@h/d", PasswordEncodingError, "of user 'u'", "%40"),
        (f"postgresql://u:{SECRET}@x@h:5432/d", PasswordEncodingError, "unescaped '@'", "%40"),
        (f"postgresql://u:{SECRET}/x@h:5432/d", PasswordEncodingError, "unescaped '/'", "%2F"),
        (f"postgresql://u:5{SECRET}/@h/d", PasswordEncodingError, "unescaped '/'", "%2F"),
        (f"postgresql://u:{SECRET}@h:abc/d", PortError, "the port 'abc'", "host:5432"),
        (f"u:{SECRET}@h/d", DatabaseUrlError, "not the URL of a database", "duckdb:///"),
    ],
)
def test_a_wrong_url_says_what_is_wrong(text: str, kind: type[PyDBTError], says: str, advises: str) -> None:
    """What, at which key, what to do; and never the password."""
    with pytest.raises(kind) as caught:
        validate_url(text, "the key targets.dev.url")

    message = str(caught.value)
    assert [says in message, "targets.dev.url" in message, advises in message] == [True, True, True], message
    assert SECRET not in message


@pytest.mark.parametrize(
    "text",
    [
        *EMBEDDED, "sqlite://", "sqlite:////tmp/a@b.db",
        "postgresql://h/d", "postgres://u:p%40x@h:5432/d", "postgresql+psycopg2://u@/d?host=/tmp:x",
        "postgresql://u:p@[::1]:5432/d", "postgresql://", "  sqlite:///a.db ",
    ],
)  # fmt: skip
def test_a_right_url_passes(text: str) -> None:
    """Nothing connects, and nothing is raised."""
    validate_url(text)


def test_postgres_means_postgresql() -> None:
    """As libpq has it, also with a driver."""
    names = [read_url(text).drivername for text in ("postgres://h/d", "postgres+psycopg2://h/d")]

    assert names == ["postgresql", "postgresql+psycopg2"]


def test_passwords_are_hidden_wherever_they_stand() -> None:
    """In their place, and in the query."""
    shown = hide_password(
        f"postgresql://u:{SECRET}@h/d?password={SECRET}&sslpassword={SECRET}&sslmode=require"
    )

    assert (SECRET in shown, "sslmode=require" in shown) == (False, True)


def test_passwords_are_taken_out_of_messages() -> None:
    """A driver may repeat what it was given."""
    url = read_url(f"postgresql://u:{SECRET}@h/d?sslpassword=abc{SECRET}")

    assert without_secrets(f"no {SECRET}, no abc{SECRET}", url) == "no ***, no ***"


def test_a_missing_driver_is_named_with_its_package() -> None:
    """Also for PostgreSQL: in a Python without psycopg and psycopg2."""
    code = (
        "import sys; sys.modules['psycopg'] = sys.modules['psycopg2'] = None\n"
        "from pydbt.connections import validate_url\n"
        "from pydbt.errors import DriverNotInstalledError\n"
        "try: validate_url('postgresql://h/d')\n"
        "except DriverNotInstalledError as error: print(error.hint)\n"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert out.startswith("pip install ")
    assert "psycopg" in out


def test_a_driver_for_another_sqlalchemy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As DuckDB's is on 1.4; not called missing."""

    def load() -> None:
        raise ImportError("cannot import name 'processors'")

    monkeypatch.setitem(registry.impls, "duckdb", load)

    with pytest.raises(DriverNotInstalledError, match=r"does not go with SQLAlchemy .*processors") as caught:
        validate_url("duckdb:///x.duckdb")
    assert caught.value.hint == "pip install --upgrade sqlalchemy duckdb-sqlalchemy"
