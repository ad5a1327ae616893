"""The page about what is the same on every database tells the truth about each."""

from __future__ import annotations

from sqlalchemy.engine import Engine

from tests.docs.semantics import EXCEPTIONS, KEPT, outcome, prepare, shown


def test_a_database_does_what_the_page_says(engine: Engine) -> None:
    """Each piece of Python on the page, run on this database, gives what the page prints for it.

    An exception that a database no longer needs fails here too: then it moves to the rules.
    """
    df = prepare(engine)
    expected = {claim.code: shown(claim.expected(engine.dialect.name)) for claim in (*KEPT, *EXCEPTIONS)}

    found = {code: shown(outcome(code, df)) for code in expected}

    assert found == expected
