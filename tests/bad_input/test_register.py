"""The bad inputs that must be answered, and which test answers each: none may be missing."""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.bad_input import (
    test_command_line,
    test_connections,
    test_model_files,
    test_queries,
    test_selections,
    test_settings_file,
    test_tasks_that_misbehave,
    test_writes,
)
from tests.core import test_incremental
from tests.core.state import test_files, test_migrations
from tests.project import test_increments
from tests.security import test_planted_files

_WORDS, _SETTINGS, _MODELS = test_command_line, test_settings_file, test_model_files
_CONNECTIONS, _TASKS, _QUERIES = test_connections, test_tasks_that_misbehave, test_queries
_SELECTIONS, _WRITES = test_selections, test_writes
_OPTIONS, _INCREMENTS = test_incremental, test_increments

# What somebody does wrong: the module, and in it the names of tests or of cases of its tables.
REGISTER: dict[str, tuple[ModuleType, tuple[str, ...]]] = {
    "run a task that does not exist": (_WORDS, ("run of an unknown task", "run of a task unlike any")),
    "mistype a command": (_WORDS, ("unknown command",)),
    "ask for dependencies of no task": (
        _WORDS,
        ("option of dependencies without a task", "plus without a task"),
    ),
    "run a task without a name": (_WORDS, ("empty task", "empty task to show")),
    "run a path": (_WORDS, ("path as a task", "path as a task to show")),
    "name a project as nothing can be named": (
        _WORDS,
        (
            "project name with a path",
            "empty project name",
            "project name of a device",
            "project name like an option",
        ),
    ),
    "make a project where something is": (_WORDS, ("folder that is not empty",)),
    "run outside a project": (_WORDS, ("test_outside_a_project_the_searched_folders_are_told",)),
    "leave the settings empty": (_SETTINGS, ("empty file", "comment alone")),
    "write settings that do not parse": (_SETTINGS, ("value missing", "table not closed")),
    "mistake a table for a value": (
        _SETTINGS,
        ("value where a table belongs", "table where a value belongs"),
    ),
    "give settings that are huge or not text": (
        _SETTINGS,
        ("test_ten_megabytes_of_settings_are_refused_at_once", "not UTF-8"),
    ),
    "run on a target that does not exist": (_WORDS, ("unknown target", "target unlike any")),
    "write a key twice": (_SETTINGS, ("key twice",)),
    "mistype a key": (_SETTINGS, ("unknown key", "unknown key near a known one")),
    "ask for an odd number of threads": (
        _SETTINGS,
        (
            "threads 0",
            "threads -1",
            "threads 1.5",
            "threads '8'",
            "threads 1000000000.0",
            "threads true",
        ),
    ),
    "give a task an option out of its range": (
        _MODELS,
        ("retry below its range", "ttl that is no number", "ttl NaN", "ttl infinite"),
    ),
    "forget a variable": (_SETTINGS, ("variable not set",)),
    "write a URL that is none": (_SETTINGS, ("URL empty", "URL without its form", "URL of a page")),
    "lack a driver": (_SETTINGS, ("driver not installed", "dialect not installed")),
    "mistype a port": (_SETTINGS, ("port that is no number",)),
    "forget to encode a password": (
        _SETTINGS,
        ("password with an at sign", "password with a slash", "password with a question mark"),
    ),
    "not be let into a server": (
        _CONNECTIONS,
        (
            "wrong password",
            "unknown host",
            "refused port",
            "encryption that the server does not know",
            "test_a_password_that_is_right_is_not_shown_either",
        ),
    ),
    "put a database into a missing folder": (
        _SETTINGS,
        ("SQLite in a missing folder", "DuckDB in a missing folder"),
    ),
    "open a file that is no database": (_SETTINGS, ("test_a_file_that_is_no_database_is_left_as_it_is",)),
    "open a file that another process has": (
        _CONNECTIONS,
        ("test_a_duckdb_file_of_another_process_tells_whose_it_is",),
    ),
    "name a schema or a table that is not there": (
        _SETTINGS,
        ("schema that does not exist", "schema in a DuckDB file not there yet"),
    ),
    "read a source that is not in the settings": (
        _CONNECTIONS,
        ("test_what_a_task_reads_and_is_not_there_is_told",),
    ),
    "decorate without parentheses, or depend without a list": (
        _MODELS,
        ("test_both_spellings_of_the_decorator_work",),
    ),
    "depend on something that is no task": (
        _MODELS,
        (
            "depends on text",
            "depends on a text for a list",
            "depends on a lambda",
            "depends on a plain function",
            "depends on None",
            "depends on itself",
        ),
    ),
    "let tasks depend on each other in a circle": (
        _MODELS,
        ("cycle of one", "cycle of two", "cycle of a thousand"),
    ),
    "name two tasks alike": (_MODELS, ("name twice",)),
    "publish one table twice": (_MODELS, ("table twice by letter case", "table twice by a cut name")),
    "decorate what is no function": (_MODELS, ("class", "method", "coroutine", "generator", "partial")),
    "ask for an argument that nothing provides": (_MODELS, ("argument that nothing provides",)),
    "mistype an option of a task": (_MODELS, ("unknown option",)),
    "write a model file that does not parse": (
        _MODELS,
        ("syntax error", "test_the_other_files_are_still_listed"),
    ),
    "write a model file that raises, exits or never ends": (
        _MODELS,
        ("file that raises", "file that exits", "test_an_import_without_end_ends_at_its_limit"),
    ),
    "name a model file oddly": (
        _MODELS,
        (
            "test_a_file_that_cannot_be_imported_is_named",
            "test_a_file_may_be_named_as_something_known",
            "test_tasks_in_the_folders_own_file_are_found",
        ),
    ),
    "write a task that exits, crashes or throws oddly": (
        _TASKS,
        (
            "exits",
            "interrupts",
            "leaves at once",
            "crashes",
            "throws what cannot be sent",
            "throws what has no text",
        ),
    ),
    "use a column of another DataFrame": (
        _QUERIES,
        (
            "column of another frame",
            "column of another frame, selected",
            "column of another frame in an aggregate",
            "column of a table",
        ),
    ),
    "write an aggregate where rows are": (
        _QUERIES,
        (
            "aggregate in with_column",
            "aggregate in select",
            "aggregate in where",
            "aggregate for a key",
            "aggregate in a join",
        ),
    ),
    "join in no way that can be": (
        _QUERIES,
        (
            "unknown kind of join",
            "join without a condition",
            "join with clashing columns",
            "join with several clashing columns",
            "join of types that do not compare",
            "join on names of types that do not compare",
        ),
    ),
    "group by nothing, or add up text": (
        _QUERIES,
        (
            "neither keys nor aggregates",
            "sum of text",
            "average of a date",
            "filtered sum of text",
            "sum of text inside",
        ),
    ),
    "select nothing, a column twice, or what is no column": (
        _SELECTIONS,
        (
            "nothing selected",
            "an empty list selected",
            "a column selected twice",
            "a name given twice",
            "a number selected",
            "None selected",
            "a mapping selected",
            "a DataFrame selected",
            "SQL text selected",
            "a value that no database knows",
        ),
    ),
    "unite different columns or types": (
        _SELECTIONS,
        (
            "union of different columns",
            "union of different types",
            "difference of different columns",
            "union by name of different names",
            "union by name of different types",
            "union with no DataFrame",
        ),
    ),
    "limit to what is no number of rows": (
        _SELECTIONS,
        (
            "limit below nothing",
            "limit of a broken number",
            "limit of text",
            "limit beyond any table",
            "limit of true",
            "limit of None",
            "offset below nothing",
        ),
    ),
    "give text for a condition": (_WRITES, ("text for a condition",)),
    "write to a name that cannot be": (
        _WRITES,
        (
            "an empty name",
            "a name with NUL",
            "a name that is no text",
            "a reserved name",
            "its own source, filtered",
            "its own source, appended to",
            "its own source, as a view",
            "its own source, joined",
            "test_a_name_that_postgresql_would_cut_is_refused",
        ),
    ),
    "write in a way or of a kind that is none, or over another kind": (
        _WRITES,
        (
            "a kind that is none",
            "a mode that is none",
            "rows added to a view",
            "a view added to a table",
            "a name that is taken",
        ),
    ),
    "schedule a task for no time that comes": (
        _MODELS,
        ("minute out of its range", "zone of no place", "day that never comes"),
    ),
    "keep the state where it cannot be": (test_files, ("test_a_url_that_cannot_be_a_state_is_refused",)),
    "open the state of a newer PyDBT": (test_migrations, ("test_a_newer_state_is_refused_and_left_alone",)),
    "leave a pickle where a state is": (test_planted_files, ("test_no_pickle_is_read",)),
    "append other columns": (_WRITES, ("other columns appended", "fewer columns appended")),
    "add other columns to an incremental table": (_INCREMENTS, ("test_columns_that_come_and_go",)),
    "merge without a key": (_OPTIONS, ("merge without key",)),
    "merge by a key that is NULL or there twice": (
        _INCREMENTS,
        ("test_what_fails_leaves_the_table_and_the_ledger",),
    ),
    "keep a table in a way that is none, or with options that do not go together": (
        _OPTIONS,
        ("a strategy near another", "append with lookback", "start without on", "append with key"),
    ),
    "refresh or backfill what is not incremental": (
        _WORDS,
        ("refresh without an incremental task", "backfill of another task", "backfill from no day"),
    ),
    "return an open connection": (_TASKS, ("test_an_open_connection_cannot_be_published",)),
}


@pytest.mark.parametrize("behaviour", REGISTER)
def test_every_bad_input_has_its_test(behaviour: str) -> None:
    """Whoever renames a case or drops it is told what is no longer tested."""
    module, names = REGISTER[behaviour]
    known = {*vars(module), *getattr(module, "CASES", ()), *getattr(module, "CRASHES", ())}

    assert [name for name in names if name not in known] == []
