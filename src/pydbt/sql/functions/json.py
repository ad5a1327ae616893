"""Values out of JSON documents."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from pydbt.errors import FunctionArgumentError, user_location
from pydbt.sql.functions import supplied
from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import STRING, ColumnOrName, column, literal
from pydbt.sql.functions.rule import ANY, Rule

_STEP = re.compile(r'\.(?P<name>[A-Za-z_]\w*)|\."(?P<quoted>[^"\\]+)"|\[(?P<place>[0-9]{1,9})\]', re.ASCII)
_JSON_VALUE = Rule(
    "json_value",
    {"document": ANY, "path": ANY, "scalar": ANY},
    STRING,
    {
        "ansi": "json_value({document}, {path})",
        "duckdb": "CASE WHEN json_type({document}, {path}) NOT IN ('OBJECT', 'ARRAY')"
        " THEN json_extract_string({document}, {path}) END",
        "postgresql": "(jsonb_path_query_first(CAST({document} AS JSONB), CAST({scalar} AS JSONPATH),"
        " '{}', true) #>> '{}')",
        "sqlite": "pydbt_json_value({document}, {path})",
        "mysql": "CASE WHEN json_type(json_extract({document}, {path})) NOT IN ('OBJECT', 'ARRAY', 'NULL')"
        " THEN json_unquote(json_extract({document}, {path})) END",
    },
)


def json_value(document: ColumnOrName, path: str) -> Call:
    """The number, text or boolean at a path of a JSON document, as text.

    NULL gives NULL, and so do JSON's null, a place that is not there, and one that holds an object or an
    array. A document that is no JSON is an error of the database. Fractions are written as the database
    writes them, 1.50 as 1.5 or as 1.50: cast them.

    Args:
        document: A column of JSON, or of text.
        path: As ``$.customer.name``, ``$.lines[0].price``, ``$."first name"``.

    >>> from pydbt import F
    >>> result(F.json_value(F.lit('{"lines": [{"item": "pen", "n": 2}]}'), "$.lines[0].item"))
    'pen'
    """
    steps = _steps(path)
    exact = "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in steps)
    scalar = f'strict {exact} ? (@.type() != "object" && @.type() != "array")'
    return call(_JSON_VALUE, column(document), literal(exact), literal(scalar))


def _steps(path: object) -> list[str | int]:
    """The names and places of a path, or an error at the user's line."""
    text = path if isinstance(path, str) else ""
    steps: list[str | int] = []
    position = 1
    while text.startswith("$") and position < len(text):
        found = _STEP.match(text, position)
        if found is None:
            break
        steps.append(int(found["place"]) if found["place"] else found["name"] or found["quoted"])
        position = found.end()
    if not text.startswith("$") or position < len(text):
        hint = 'write it as $.name, $.lines[0].price, $."first name"'
        raise FunctionArgumentError(
            f"F.json_value was given the path {path!r}", where=user_location(), hint=hint
        )
    return steps


_read = lru_cache(256)(_steps)


@supplied.scalar("pydbt_json_value", 2)
def _value_at(document: str, path: str) -> str | None:
    """What :func:`json_value` gives, for SQLite.

    >>> _value_at('{"a": [true, 1.50, null]}', "$.a[0]"), _value_at('{"a": [true, 1.50, null]}', "$.a[1]")
    ('true', '1.5')
    """
    found: Any = json.loads(document)
    for step in _read(path):
        if isinstance(step, int) and isinstance(found, list):
            found = found[step] if step < len(found) else None
        elif isinstance(step, str) and isinstance(found, dict):
            found = found.get(step)
        else:
            return None
    if isinstance(found, bool):
        return "true" if found else "false"
    return str(found) if isinstance(found, (str, int, float)) else None
