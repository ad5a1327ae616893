"""The databases' codes for what goes wrong, in PyDBT's words. A word with a hint does not pass by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CONNECTION_GONE = "connection lost"
_DEADLOCK = "deadlock"
_LOCK_TIMEOUT = "lock timeout"
_SERIALIZATION = "serialization failure"
_SHUTTING_DOWN = "the server is shutting down"
_TOO_MANY = "too many connections"
_NO_ANSWER = "the server does not answer"

HINTS: Mapping[str, str] = {
    "missing column": "pydbt sql {task} prints the statement: does the table above have that column now?",
    "missing table": "pydbt plan +{task} tells what makes it; a table of others must be there first",
    "missing function": "the database has no such function for these types: cast, or use F",
    "syntax error": "pydbt sql {task} prints the statement",
    "wrong type": "cast the column: the two sides have different types",
    "bad value": "a value does not fit its type: try_cast gives NULL for it",
    "long text": "text is too long for its column: one of a key or an index takes 249 characters",
    "division by zero": "nullif(b, 0) makes it NULL, or filter those rows out",
    "constraint": "the rows break a rule of the table they go into: look for duplicates, NULLs, missing keys",
    "no permission": "the target's user may not do this: GRANT it, or give another user in the URL",
    "read only": "{database}, or the transaction, is read only",
    "disk full": "make room on the disk of {database}; what was published stays as it was",
    "out of memory": "the database ran out of memory: give it more, or make the task smaller",
    "damaged file": "the database file is damaged: bring it back from a copy",
    "statement timeout": "the database gave up the statement: raise its statement_timeout, or the engine's",
    "cancelled": "somebody cancelled the statement in the database",
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html
POSTGRESQL: Mapping[str, str] = {
    "40001": _SERIALIZATION,
    "40P01": _DEADLOCK,
    "40003": CONNECTION_GONE,
    "55P03": _LOCK_TIMEOUT,
    "57P01": _SHUTTING_DOWN,
    "57P02": _SHUTTING_DOWN,
    "57P03": "the server is starting or stopping",
    "57P05": CONNECTION_GONE,
    "25P03": CONNECTION_GONE,
    "53300": _TOO_MANY,
    "08000": CONNECTION_GONE,
    "08001": CONNECTION_GONE,
    "08003": CONNECTION_GONE,
    "08006": CONNECTION_GONE,
    "08007": CONNECTION_GONE,
    "25006": "read only",
    "22012": "division by zero",
    "42501": "no permission",
    "42601": "syntax error",
    "42703": "missing column",
    "42804": "wrong type",
    "42883": "missing function",
    "42P01": "missing table",
    "53100": "disk full",
    "53200": "out of memory",
    "57014": "cancelled",
}
POSTGRESQL_CLASSES: Mapping[str, str] = {"22": "bad value", "23": "constraint"}

# Without a code: what libpq and psycopg say of a connection that broke or was not made.
POSTGRESQL_WORDS: Mapping[str, str] = {
    "too many clients": _TOO_MANY,
    "remaining connection slots": _TOO_MANY,
    "terminating connection": _SHUTTING_DOWN,
    "shutting down": _SHUTTING_DOWN,
    "starting up": "the server is starting or stopping",
    "recovery mode": "the server is starting or stopping",
    "not yet accepting": "the server is starting or stopping",
    "closed the connection": CONNECTION_GONE,
    "connection not open": CONNECTION_GONE,
    "connection is closed": CONNECTION_GONE,
    "connection already closed": CONNECTION_GONE,
    "connection is lost": CONNECTION_GONE,
    "consuming input failed": CONNECTION_GONE,
    "could not receive data": CONNECTION_GONE,
    "could not send data": CONNECTION_GONE,
    "connection reset": CONNECTION_GONE,
    "eof detected": CONNECTION_GONE,
    "broken pipe": CONNECTION_GONE,
    "connection refused": _NO_ANSWER,
}

# https://mariadb.com/docs/server/reference/error-codes; those from 2000 on are the client's own.
MARIADB: Mapping[Any, str] = {
    0: CONNECTION_GONE,
    1020: _SERIALIZATION,
    1040: _TOO_MANY,
    1203: _TOO_MANY,
    1053: _SHUTTING_DOWN,
    1080: _SHUTTING_DOWN,
    1158: CONNECTION_GONE,
    1159: CONNECTION_GONE,
    1160: CONNECTION_GONE,
    1161: CONNECTION_GONE,
    1205: _LOCK_TIMEOUT,
    1213: _DEADLOCK,
    1412: "a table was replaced meanwhile",
    1927: CONNECTION_GONE,
    2002: _NO_ANSWER,
    2003: _NO_ANSWER,
    2006: CONNECTION_GONE,
    2013: CONNECTION_GONE,
    4031: CONNECTION_GONE,
    1021: "disk full",
    1041: "out of memory",
    1044: "no permission",
    1048: "constraint",
    1054: "missing column",
    1062: "constraint",
    1064: "syntax error",
    1114: "disk full",
    1142: "no permission",
    1143: "no permission",
    1146: "missing table",
    1227: "no permission",
    1264: "bad value",
    1290: "read only",
    1292: "bad value",
    1305: "missing function",
    1317: "cancelled",
    1365: "division by zero",
    1366: "bad value",
    1406: "long text",
    1451: "constraint",
    1452: "constraint",
    1836: "read only",
    1969: "statement timeout",
    4025: "constraint",
}

# https://www.sqlite.org/rescode.html
SQLITE: Mapping[int, str] = {
    5: "the database is locked",
    6: "a table is locked",
    8: "read only",
    9: "cancelled",
    11: "damaged file",
    13: "disk full",
    15: "the database is locked",
    17: "a table was replaced meanwhile",
    19: "constraint",
    26: "damaged file",
}
SQLITE_WORDS: Mapping[str, str] = {
    "no such column": "missing column",
    "no such table": "missing table",
    "no such function": "missing function",
    "syntax error": "syntax error",
}

# The exception's class, a piece of what it says, in the order they are looked for. DuckDB has no codes.
DUCKDB: tuple[tuple[str, str, str], ...] = (
    ("TransactionException", "conflict", "transaction conflict"),
    ("IOException", "set lock on file", "another process holds the file"),
    ("IOException", "no space left", "disk full"),
    ("TransactionException", "no space left", "disk full"),
    ("OutOfMemoryException", "max_temp_directory_size", "disk full"),
    ("OutOfMemoryException", "", "out of memory"),
    ("BinderException", "column", "missing column"),
    ("CatalogException", "table with name", "missing table"),
    ("CatalogException", "function with name", "missing function"),
    ("ParserException", "", "syntax error"),
    ("ConversionException", "", "bad value"),
    ("PermissionException", "", "no permission"),
    ("InvalidInputException", "read-only", "read only"),
    ("InterruptException", "", "cancelled"),
    ("ConstraintException", "", "constraint"),
    ("", "constraint violat", "constraint"),
)
