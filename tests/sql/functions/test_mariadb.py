"""MariaDB: each function gives what Python says there, too, or is refused when the query is built."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from pydbt import F
from pydbt.connections import engine_from
from pydbt.errors import UnsupportedFunctionError
from pydbt.sql.dataframe import DataFrame
from tests.sql.functions.nasty import Case, check, table_of
from tests.sql.functions.test_conditional import DOCUMENT, PATHS
from tests.sql.functions.test_random_values import CASES

REFUSED = {
    "initcap",
    "regexp_matches",
    "regexp_extract",
    "regexp_replace",
    "trim of characters",
    "ltrim",
    "rtrim",
}

pytestmark = pytest.mark.filterwarnings("ignore:Data truncated:sqlalchemy.exc.SAWarning")


@pytest.fixture(scope="module")
def df(mysql_module_url: str) -> Iterator[DataFrame]:
    with table_of(engine_from(mysql_module_url)) as frame:
        yield frame


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_a_function_gives_what_python_says_or_is_refused(df: DataFrame, case: Case) -> None:
    """Never another result."""
    refused = {name for name in REFUSED if case.name == name or case.name.startswith(f"{name} ")}
    if refused:
        with pytest.raises(UnsupportedFunctionError, match="cannot be had on mysql"):
            check(df, case)
    else:
        check(df, case)


@pytest.mark.parametrize("path", PATHS)
def test_json_gives_its_values_as_text(df: DataFrame, path: str) -> None:
    """As on the other databases."""
    made = df.where(df.id < 3).select(value=F.json_value(F.lit(json.dumps(DOCUMENT)), path))

    assert made.collect() == [(PATHS[path],)] * 2
