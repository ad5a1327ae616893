"""One tree of errors: a code, what is wrong, where it stands, and what to do.

The codes come in hundreds: 1 the command line, 2 settings, 3 connections, 4 model files and tasks,
5 runs, 6 queries, 7 state. Each class has a code of its own; ``docs/reference/errors.md`` lists them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydbt.errors.secrets import hide_passwords as hide_passwords
from pydbt.errors.secrets import keep_secret as keep_secret
from pydbt.errors.secrets import keep_secrets as keep_secrets
from pydbt.errors.secrets import keep_secrets_of as keep_secrets_of
from pydbt.errors.telling import Location as Location
from pydbt.errors.telling import did_you_mean as did_you_mean
from pydbt.errors.telling import is_users_file as is_users_file
from pydbt.errors.telling import location_of as location_of
from pydbt.errors.telling import names_at as names_at
from pydbt.errors.telling import nearest as nearest
from pydbt.errors.telling import user_location as user_location


class PyDBTError(Exception):
    """The root of all errors PyDBT raises on purpose. It holds no password of a URL or a connection.

    Args:
        what: What is wrong, with the value that was got.
        where: ``file:line`` or a settings key; None where there is no such place.
        hint: What to do.

    >>> print(PyDBTError("no such thing", where="pydbt.toml:3", hint="remove it"))
    PYDBT-E000: no such thing (pydbt.toml:3)
      remove it
    """

    code: ClassVar[str] = "PYDBT-E000"
    exit_code: ClassVar[int] = 2

    def __init__(self, what: str, *, where: Location | str | None = None, hint: str = "") -> None:
        self.what = hide_passwords(what)
        super().__init__(self.what)
        self.where = str(where) if where is not None else ""
        self.hint = hint

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        advice = f"\n  {self.hint}" if self.hint else ""
        return f"{self.code}: {self.what}{place}{advice}"

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions are rebuilt from `args`: where and hint would be lost on the way from a worker process.
        return _rebuild, (type(self), self.what, self.where, self.hint)


def _rebuild(kind: type[PyDBTError], what: str, where: str, hint: str) -> PyDBTError:
    return kind(what, where=where or None, hint=hint)


# 1 The command line and the project folder.


class UsageError(PyDBTError):
    """The command line is not understood: an unknown command or option, or a bad value."""

    code = "PYDBT-E100"


class ProjectNameError(PyDBTError):
    """The name given to ``pydbt init`` cannot name a project."""

    code = "PYDBT-E101"


class FolderNotEmptyError(PyDBTError):
    """``pydbt init`` would write into a folder that holds something already."""

    code = "PYDBT-E102"


class ExampleError(PyDBTError):
    """``pydbt init --example`` names an example that does not exist."""

    code = "PYDBT-E103"


class UnknownFormatError(PyDBTError):
    """``pydbt export-dag --format`` names a format that does not exist."""

    code = "PYDBT-E110"


class ExportFolderError(PyDBTError):
    """The folder to export into is missing, is no folder, or cannot be written."""

    code = "PYDBT-E111"


class PictureError(PyDBTError):
    """Graphviz could not draw the DAG, or not in the time it has."""

    code = "PYDBT-E112"


class UnknownTaskError(PyDBTError):
    """A selector or a command names a task that the project does not have."""

    code = "PYDBT-E120"


class SelectorError(PyDBTError):
    """A ``--select`` or ``--exclude`` cannot be read: empty, not a task name, or an unknown method."""

    code = "PYDBT-E121"


class UnexpectedError(PyDBTError):
    """Something went wrong that PyDBT does not know: an error of a library, or of PyDBT itself."""

    code = "PYDBT-E105"
    exit_code = 1


class OutputError(PyDBTError):
    """What a command prints cannot be written: the disk of the file that takes it is full, and the like."""

    code = "PYDBT-E106"
    exit_code = 1


class HistoryError(PyDBTError):
    """``pydbt history`` names a run that the state does not know."""

    code = "PYDBT-E104"


# 2 Settings.


class ProjectNotFoundError(PyDBTError):
    """There is no ``pydbt.toml`` in this folder or above it."""

    code = "PYDBT-E200"


class SettingsSyntaxError(PyDBTError):
    """``pydbt.toml`` cannot be read or parsed."""

    code = "PYDBT-E201"


class SettingsKeyError(PyDBTError):
    """A key of ``pydbt.toml`` is unknown or missing."""

    code = "PYDBT-E202"


class SettingsValueError(PyDBTError):
    """A value in ``pydbt.toml`` is of the wrong kind or out of its range."""

    code = "PYDBT-E203"


class EnvironmentVariableError(PyDBTError):
    """A ``${VARIABLE}`` in ``pydbt.toml`` is not set."""

    code = "PYDBT-E204"


class UnknownTargetError(PyDBTError):
    """``--target`` or ``default_target`` names no target of ``pydbt.toml``."""

    code = "PYDBT-E205"


class ConfigKeyError(SettingsKeyError, KeyError):
    """A task asked its ``config`` for a key that ``[config]`` in ``pydbt.toml`` does not have."""

    code = "PYDBT-E206"


# 3 Connections.


class ConnectionFailedError(PyDBTError):
    """The database could not be reached, for a reason that has no class of its own."""

    code = "PYDBT-E300"


class DatabaseUrlError(ConnectionFailedError):
    """Something is not the URL of a database: empty, without a database's name, or of an unknown database."""

    code = "PYDBT-E301"


class DriverNotInstalledError(ConnectionFailedError):
    """The package that talks to the database is not installed."""

    code = "PYDBT-E302"


class PortError(ConnectionFailedError):
    """The port in a URL is not a number from 1 to 65535."""

    code = "PYDBT-E303"


class PasswordEncodingError(ConnectionFailedError):
    """The password in a URL holds a character that ends it early: it wants percent-encoding."""

    code = "PYDBT-E304"


class AuthenticationError(ConnectionFailedError):
    """The server refused the user or the password."""

    code = "PYDBT-E305"


class UnknownHostError(ConnectionFailedError):
    """The name of the host has no address."""

    code = "PYDBT-E306"


class ServerUnreachableError(ConnectionFailedError):
    """Nothing answers at the host and port: refused, or no answer in time."""

    code = "PYDBT-E307"


class EncryptionError(ConnectionFailedError):
    """The encrypted connection (TLS) could not be made."""

    code = "PYDBT-E308"


class UnknownDatabaseError(ConnectionFailedError):
    """The server has no database of that name."""

    code = "PYDBT-E309"


class DatabaseFolderError(ConnectionFailedError):
    """The folder of a database file does not exist, or may not be written."""

    code = "PYDBT-E310"


class DatabaseFileError(ConnectionFailedError):
    """A file is not a database of that kind, is damaged, or was written by a newer version."""

    code = "PYDBT-E311"


class DatabaseLockedError(ConnectionFailedError):
    """Another process holds the database file."""

    code = "PYDBT-E312"
    exit_code = 75


class NoDatabaseError(ConnectionFailedError):
    """`get_engine()` was called without a URL, and neither a project nor the environment gives one."""

    code = "PYDBT-E313"


class ServerBusyError(ConnectionFailedError):
    """The server takes no connection now: it starts, it stops, or it has too many."""

    code = "PYDBT-E314"


# 4 Model files and tasks.


class TaskDefinitionError(PyDBTError):
    """``@Task`` stands above something that is not a plain function."""

    code = "PYDBT-E401"


class TaskOptionError(PyDBTError):
    """An option of ``@Task`` is unknown or out of its range."""

    code = "PYDBT-E402"


class DependencyError(PyDBTError):
    """``depends_on`` or a parameter names something that is not a task of the project."""

    code = "PYDBT-E403"


class CycleError(PyDBTError):
    """Tasks depend on each other in a circle."""

    code = "PYDBT-E404"


class DuplicateTaskError(PyDBTError):
    """Two tasks have one name."""

    code = "PYDBT-E405"


class DuplicateTableError(PyDBTError):
    """Two tasks publish the same table."""

    code = "PYDBT-E406"


class ModelImportError(PyDBTError):
    """A model file does not parse, raises or does not end while it is imported."""

    code = "PYDBT-E407"


class ModelNameError(PyDBTError):
    """A model file has a name that Python cannot import."""

    code = "PYDBT-E408"


class MissingArgumentError(PyDBTError):
    """A task has a parameter that nothing provides."""

    code = "PYDBT-E409"


class ScheduleError(PyDBTError):
    """A schedule has a weekday, a cron field or a time zone that does not exist, or is never due."""

    code = "PYDBT-E410"


class ModelFilesError(PyDBTError):
    """Several model files failed: each of them is told."""

    code = "PYDBT-E411"

    def __init__(self, errors: Sequence[PyDBTError]) -> None:
        super().__init__(f"{len(errors)} model files failed")
        self.errors = tuple(errors)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)

    def __reduce__(self) -> tuple[object, ...]:
        return ModelFilesError, (self.errors,)


class CheckDefinitionError(PyDBTError):
    """A check was given something it cannot hold rows to."""

    code = "PYDBT-E412"


# 5 Runs.


class TableLockedError(PyDBTError):
    """Another run has been publishing the table, or writing to the SQLite file, for longer than we wait."""

    code = "PYDBT-E510"
    exit_code = 75


class OutcomeUnknownError(PyDBTError):
    """The answer to a COMMIT was lost, and the database could not be asked what became of it."""

    code = "PYDBT-E511"
    exit_code = 1


class TableMovedError(PyDBTError):
    """Other runs have changed an incremental table each time when this one was about to."""

    code = "PYDBT-E520"
    exit_code = 75


class UnknownIntervalsError(PyDBTError):
    """An incremental table is there, and it is not known which of its intervals are in it."""

    code = "PYDBT-E522"
    exit_code = 1


class RowKeyError(PyDBTError):
    """New rows have a key that is NULL, or the same one twice; nothing was published."""

    code = "PYDBT-E521"
    exit_code = 1


class CheckFailedError(PyDBTError):
    """Rows that were to be published failed a check: nothing was published."""

    code = "PYDBT-E506"
    exit_code = 1


class CheckResultError(PyDBTError):
    """A check of the user's own did not return the rows that fail it."""

    code = "PYDBT-E507"
    exit_code = 1


class TaskTimeoutError(PyDBTError, TimeoutError):
    """A task took longer than its ``timeout``."""

    code = "PYDBT-E508"
    exit_code = 1


class TaskResultError(PyDBTError):
    """A task that is materialized returned something that is not a query, or a task has no query to show."""

    code = "PYDBT-E550"
    exit_code = 1


class ExecutorError(PyDBTError):
    """The executor cannot work with this target."""

    code = "PYDBT-E551"


class SlotsError(PyDBTError):
    """An executor has a number of slots that is out of its range."""

    code = "PYDBT-E500"


class WorkerLostError(PyDBTError):
    """The process that ran a task died: killed, crashed or left by ``os._exit``."""

    code = "PYDBT-E501"
    exit_code = 1


class TaskFailedError(PyDBTError):
    """A task raised an exception that is not one of PyDBT's."""

    code = "PYDBT-E505"
    exit_code = 1


class NotSendableError(PyDBTError):
    """Something that has to travel to or from another process cannot."""

    code = "PYDBT-E502"
    exit_code = 1


class WorkFailedError(PyDBTError):
    """What was sent to another process raised there, outside any task: only what it said comes back."""

    code = "PYDBT-E504"
    exit_code = 1


class ListenerError(PyDBTError):
    """A listener failed while a run told it an event; the run itself went on to its end."""

    code = "PYDBT-E503"
    exit_code = 1


# 6 Queries.


class QueryError(PyDBTError):
    """A query cannot be built as written; the root of the errors about queries."""

    code = "PYDBT-E610"


class ColumnNotFoundError(QueryError, AttributeError):
    """A DataFrame has no column of that name."""

    code = "PYDBT-E611"


class UnknownMethodError(ColumnNotFoundError):
    """A DataFrame, its groups, a column or ``F`` lack what was named; the hint says what it is called."""

    code = "PYDBT-E630"


class NotAListError(QueryError, TypeError):
    """A DataFrame was used as a list or a dict of rows: a loop over it, its ``len``, ``df["a"] = …``."""

    code = "PYDBT-E636"


class ColumnGoneError(QueryError):
    """A column of an earlier DataFrame was dropped, replaced or aggregated away since."""

    code = "PYDBT-E612"


class ForeignColumnError(QueryError):
    """An expression uses a column of a DataFrame that was not joined."""

    code = "PYDBT-E613"


class AmbiguousColumnError(QueryError):
    """A column could belong to both sides of a join, or two columns would have one name."""

    code = "PYDBT-E614"


class HiddenColumnError(QueryError):
    """``df.name`` is a method, although the DataFrame has a column of that name."""

    code = "PYDBT-E615"


class NotAConditionError(QueryError):
    """Something that is not a condition was given as one: text, a Python bool, ``and``, ``if df``."""

    code = "PYDBT-E616"


class ColumnArgumentError(QueryError):
    """A verb or an operator was given what is neither a column, a name, an expression nor a value."""

    code = "PYDBT-E617"


class UnnamedColumnError(QueryError):
    """An expression has no name to be selected under."""

    code = "PYDBT-E618"


class AggregateError(QueryError):
    """An aggregate stands outside ``agg`` or in another one, or what is no aggregate stands inside."""

    code = "PYDBT-E619"


class TypeMismatchError(QueryError):
    """Two types do not compare, or a function does not work on the type of its column."""

    code = "PYDBT-E620"


class LiteralError(QueryError):
    """A value cannot be read as the type of the column it meets, or not every database takes it."""

    code = "PYDBT-E621"


class JoinError(QueryError):
    """A join has an unknown ``how``, no condition, or a condition that does not relate both sides."""

    code = "PYDBT-E622"


class SetOperationError(QueryError):
    """The two sides of a union, an intersection or a difference have different columns."""

    code = "PYDBT-E623"


class LimitError(QueryError):
    """``limit``, ``show`` or ``offset`` was given something that is not a whole number from 0 on."""

    code = "PYDBT-E624"


class SubqueryError(QueryError):
    """A subquery has several columns, or may give several rows where one value is wanted."""

    code = "PYDBT-E631"


class OuterColumnError(QueryError):
    """``outer(…)`` or a subquery stands in a query of its own, not inside the DataFrame it speaks of."""

    code = "PYDBT-E632"


class WriteError(QueryError):
    """``write`` was given an unknown mode or kind."""

    code = "PYDBT-E625"


class FrameSourceError(QueryError):
    """A DataFrame was made from something that is not a table or a query."""

    code = "PYDBT-E626"


class MissingPackageError(QueryError):
    """A result was asked for in the form of a package that is not installed."""

    code = "PYDBT-E627"


class SourceNotFoundError(QueryError):
    """The settings have no source of that alias."""

    code = "PYDBT-E628"


class UnsupportedSubqueryError(QueryError):
    """A subquery reads columns of the rows around it at a depth to which the database cannot see."""

    code = "PYDBT-E642"


class UnsupportedFunctionError(QueryError):
    """A function of ``F`` cannot be had on the database that is asked."""

    code = "PYDBT-E640"


class FunctionArgumentError(QueryError):
    """A function of ``F`` was given a unit, a format or a number that it does not take."""

    code = "PYDBT-E641"


class IncomingError(QueryError):
    """Rows that were to become a DataFrame have no types, do not agree, or hold what no database takes."""

    code = "PYDBT-E645"


class NotAQueryError(QueryError):
    """SQL text for a DataFrame is no query, is more than one, or names a value that it was not given."""

    code = "PYDBT-E646"


class FileReadError(QueryError):
    """A data file is not there, cannot be read, or holds what does not fit its columns."""

    code = "PYDBT-E647"


class OutgoingError(QueryError):
    """A result cannot leave as asked: no room on the disk, a batch of no rows, values that do not fit."""

    code = "PYDBT-E648"


class TableNotFoundError(QueryError):
    """The schema has no table or view of that name."""

    code = "PYDBT-E650"


class SchemaNotFoundError(QueryError):
    """The database has no schema of that name."""

    code = "PYDBT-E651"


class TableExistsError(QueryError):
    """A table or view was to be made where none may be replaced, and one of that name is there."""

    code = "PYDBT-E652"


class NotATableError(QueryError):
    """What stands under the name is neither a table nor a view, or rows were to be added to a view."""

    code = "PYDBT-E653"


class InvalidNameError(QueryError):
    """A name is empty, holds a NUL character, is longer than the database keeps, or another's in its eyes."""

    code = "PYDBT-E654"


class UnmatchedColumnsError(QueryError):
    """The columns of a query are not, by name or by type, those of the table it is to be added to."""

    code = "PYDBT-E655"


class DependentObjectsError(QueryError):
    """Views or foreign keys stand on a table whose columns would change, or its rows be lost."""

    code = "PYDBT-E656"


class UnboundValueError(QueryError):
    """A query with a parameter that has no value was to be published."""

    code = "PYDBT-E657"


class UnwritableValueError(QueryError):
    """A value has no form in which it can be written into the SQL of a view."""

    code = "PYDBT-E658"


class CommentError(QueryError):
    """A comment is longer than the database keeps, or holds a character that it does not keep."""

    code = "PYDBT-E659"


class GrantError(QueryError):
    """A grant names a role or a privilege that the database does not have."""

    code = "PYDBT-E660"


# 7 State.


class StateError(PyDBTError):
    """What PyDBT remembers between runs could not be read or written; the kinds below say why."""

    code = "PYDBT-E701"


class StateUrlError(StateError):
    """The setting ``state`` is not the URL of a database the state can live in."""

    code = "PYDBT-E702"


class StateVersionError(StateError):
    """The state was written by a newer PyDBT."""

    code = "PYDBT-E703"


class StateDamagedError(StateError):
    """The state is not what PyDBT wrote: damaged, cut short, or another kind of file."""

    code = "PYDBT-E704"


class StateAccessError(StateError):
    """The state's file, directory or server cannot be opened: missing rights, full disk, no connection."""

    code = "PYDBT-E705"


class StateDriverError(StateError):
    """The package that talks to the state's database is not installed."""

    code = "PYDBT-E706"


class StateLockedError(StateError):
    """Another process kept the state locked for longer than we wait."""

    code = "PYDBT-E707"
    exit_code = 75


class StateWriteError(StateError):
    """A run could not be remembered, or not all of it; the run itself went on as if nothing had happened."""

    code = "PYDBT-E708"
    exit_code = 1
