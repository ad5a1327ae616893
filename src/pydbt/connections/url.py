"""URLs of databases: read, checked, and shown without their password; nothing here connects."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import sqlalchemy
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from pydbt.errors import (
    DatabaseUrlError,
    DriverNotInstalledError,
    PasswordEncodingError,
    PortError,
    did_you_mean,
    hide_passwords,
    keep_secrets,
)

EXAMPLES = "for example duckdb:///shop.duckdb, sqlite:///shop.db or postgresql://user:password@host:5432/shop"
_HIGHEST_PORT = 65535
# What to install for the module a dialect imports.
_PACKAGES = {
    "psycopg": "'psycopg[binary]'",
    "psycopg2": "psycopg2-binary",
    "duckdb_sqlalchemy": "duckdb-sqlalchemy",
    "duckdb": "duckdb",
    "pymysql": "pymysql",
    "MySQLdb": "mysqlclient",
    "mysql.connector": "mysql-connector-python",
    "oracledb": "oracledb",
    "pyodbc": "pyodbc",
}
# The package that brings a dialect SQLAlchemy itself does not have.
_DIALECTS = {
    "duckdb": "duckdb-sqlalchemy",
    "snowflake": "snowflake-sqlalchemy",
    "bigquery": "sqlalchemy-bigquery",
}
_DATABASES = ("duckdb", "sqlite", "postgresql", "mysql", "mariadb", "oracle", "mssql", *_DIALECTS)
_EMBEDDED = ("duckdb", "sqlite")
_FORM = re.compile(r"(?P<scheme>[A-Za-z][\w.+-]*)://(?P<rest>.*)", re.DOTALL)
_PORT = re.compile(r"(?:\[[^\]]*\]|[^:]*):(?P<port>.+)")
_ENCODED = {"@": "%40", "/": "%2F", "?": "%3F"}


def read_url(text: str, where: str | None = None) -> URL:
    """The parts of a database's URL; ``postgres://`` is taken for ``postgresql://``.

    Args:
        text: The URL.
        where: What an error names as its place: a key of the settings, say.

    Raises:
        DatabaseUrlError: It is none, or of a database nobody knows here.
        PortError: The port is no number from 1 to 65535.
        PasswordEncodingError: A character in the password wants percent-encoding.

    >>> read_url("postgres://me:secret@db.example/shop").database
    'shop'
    """
    form = _FORM.fullmatch(text.strip())
    if form is None:
        shown = f"{text!r} is not the URL of a database" if "@" not in text else "not the URL of a database"
        raise DatabaseUrlError(shown if text.strip() else "the URL is empty", where=where, hint=EXAMPLES)
    scheme, rest = form["scheme"].lower(), form["rest"]
    if scheme.partition("+")[0] == "postgres":
        scheme = "postgresql" + scheme.removeprefix("postgres")
    database = scheme.partition("+")[0]
    if database not in _DATABASES:
        near = did_you_mean(database, _DATABASES)
        hint = near if near.startswith("did") else EXAMPLES
        raise DatabaseUrlError(f"{scheme!r} is not a database PyDBT knows", where=where, hint=hint)
    _check_port(rest, where)
    try:
        url = make_url(f"{scheme}://{rest}")
    except (ArgumentError, ValueError):
        # What SQLAlchemy says holds the whole URL, or a piece of the password.
        raise DatabaseUrlError("the URL does not parse", where=where, hint=EXAMPLES) from None
    _check_password(url, where)
    told = (url.username, url.host, url.database)
    keep_secrets({"password": url.password, **url.query}, not_in=told)
    if database in _EMBEDDED and url.host:
        raise DatabaseUrlError(
            f"the URL names the host {url.host!r}, and {database} has none",
            where=where,
            hint=f"a file follows three slashes: {database}:///{url.host}",
        )
    return url


def validate_url(text: str, key: str | None = None) -> URL:
    """Check a URL, and that its driver is installed, without connecting.

    Args:
        text: The URL.
        key: What an error names as its place.

    Raises:
        ConnectionFailedError: One of its kinds, which says what is wrong with the URL.
    """
    url = read_url(text, key)
    load_driver(url, key)
    return url


def load_driver(url: URL, where: str | None = None) -> URL:
    """The URL with the driver that is installed: for PostgreSQL psycopg, else psycopg2; for MariaDB PyMySQL.

    Raises:
        DriverNotInstalledError: There is none, or one for another SQLAlchemy; the error names the package.
        DatabaseUrlError: SQLAlchemy knows no such driver.
    """
    chosen = _with_installed_driver(url)
    database = chosen.get_backend_name()
    try:
        dialect: Any = chosen.get_dialect()
        # SQLAlchemy 1.4 calls it dbapi.
        (dialect.import_dbapi if hasattr(dialect, "import_dbapi") else dialect.dbapi)()
    except NoSuchModuleError:
        package = _DIALECTS.get(database)
        if package is None:
            raise DatabaseUrlError(
                f"no driver {chosen.drivername!r} is known",
                where=where,
                hint=f"without a driver: {database}://…",
            ) from None
        raise _not_installed(database, package, where) from None
    except ImportError as error:
        if database in _DIALECTS and not isinstance(error, ModuleNotFoundError):
            raise DriverNotInstalledError(
                f"the driver for {database} does not go with SQLAlchemy {sqlalchemy.__version__}: {error}",
                where=where,
                hint=f"pip install --upgrade sqlalchemy {_DIALECTS[database]}",
            ) from None
        module = error.name or chosen.get_driver_name()
        raise _not_installed(database, _PACKAGES.get(module, module), where) from None
    return chosen


def hide_password(url: URL | str) -> str:
    """A URL as it may be shown: with ``***`` for the password.

    >>> hide_password("postgresql://me:secret@db.example/shop")
    'postgresql://me:***@db.example/shop'
    """
    parts = read_url(url) if isinstance(url, str) else url
    return hide_passwords(parts.render_as_string(hide_password=True))


def without_secrets(text: str, url: URL) -> str:
    """A driver's message, with the password taken out wherever it stands.

    >>> without_secrets("no user me:s3cret", make_url("postgresql://me:s3cret@h/d"))
    'no user me:***'
    """
    secrets = [str(url.password or "")]
    for name, value in url.query.items():
        if "password" in name.lower() or "token" in name.lower():
            secrets.extend([value] if isinstance(value, str) else value)
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _with_installed_driver(url: URL) -> URL:
    if url.drivername in {"mysql", "mariadb"}:
        # SQLAlchemy's own choice is one that has to be compiled.
        return url.set(drivername=f"{url.drivername}+pymysql")
    if url.drivername != "postgresql":
        return url
    known = [url.set(drivername=f"postgresql+{driver}") for driver in ("psycopg", "psycopg2")]
    # SQLAlchemy 1.4 has no dialect for psycopg 3.
    usable = [candidate for candidate in known if _has_dialect(candidate)]
    return next((candidate for candidate in usable if _is_importable(candidate.get_driver_name())), usable[0])


def _has_dialect(url: URL) -> bool:
    try:
        url.get_dialect()
    except NoSuchModuleError:
        return False
    return True


def _is_importable(module: str) -> bool:
    try:
        import_module(module)
    except ImportError:
        return False
    return True


def _not_installed(database: str, package: str, where: str | None) -> DriverNotInstalledError:
    return DriverNotInstalledError(
        f"the driver for {database} is not installed", where=where, hint=f"pip install {package}"
    )


def _check_port(rest: str, where: str | None) -> None:
    authority = rest.partition("/")[0].partition("?")[0]
    # What stands before the last @ is the user and the password, and never shown.
    match = _PORT.fullmatch(authority.rpartition("@")[2])
    if match is None:
        return
    port = match["port"]
    if port.isascii() and port.isdigit() and 1 <= int(port) <= _HIGHEST_PORT:
        return
    mark, after = rest[len(authority) : len(authority) + 1], rest[len(authority) :]
    if "@" not in authority and "@" in (after.partition("?")[0] if mark == "/" else after):
        # A slash or a question mark in the password ends the host early: the port is a piece of the password.
        raise _unencoded(mark, where)
    raise PortError(
        f"the port {port!r} in the URL is not a number from 1 to {_HIGHEST_PORT}",
        where=where,
        hint="postgresql://user:password@host:5432/database",
    )


def _check_password(url: URL, where: str | None) -> None:
    if "@" in (url.host or ""):
        raise _unencoded("@", where, url.username)
    if (
        url.password is None
        and "@" in (url.database or "")
        and url.get_backend_name() not in {"duckdb", "sqlite"}
    ):
        raise _unencoded("/", where)


def _unencoded(character: str, where: str | None, user: str | None = None) -> PasswordEncodingError:
    owner = f" of user {user!r}" if user else ""
    return PasswordEncodingError(
        f"the password{owner} in the URL seems to hold an unescaped {character!r}",
        where=where,
        hint=f"percent-encode it: write {_ENCODED[character]} for {character}",
    )
