"""PyDBT: data transformation for people who write Python.

Everything public is here and imported when first used, so that ``import pydbt`` costs next to nothing.

>>> from pydbt import Task, Daily
>>> @Task(runs_on=Daily())
... def hello():
...     return "hello"
>>> hello()
'hello'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydbt.core.incremental import Incremental as Incremental
    from pydbt.core.layout import Index as Index
    from pydbt.core.materialization import (
        Seed as Seed,
    )
    from pydbt.core.materialization import (
        Snapshot as Snapshot,
    )
    from pydbt.core.retry import Retry as Retry
    from pydbt.core.schedule import (
        Cron as Cron,
    )
    from pydbt.core.schedule import (
        Daily as Daily,
    )
    from pydbt.core.schedule import (
        Monthly as Monthly,
    )
    from pydbt.core.schedule import (
        MonthlyLastOpenDayInMonth as MonthlyLastOpenDayInMonth,
    )
    from pydbt.core.schedule import (
        SemiMonthly as SemiMonthly,
    )
    from pydbt.core.schedule import (
        Weekly as Weekly,
    )
    from pydbt.core.task import Task as Task
    from pydbt.core.window import Window as Window
    from pydbt.errors import PyDBTError as PyDBTError
    from pydbt.project.project import Project as Project
    from pydbt.sql import functions as F  # noqa: F401, N812  its one-letter name
    from pydbt.sql.correlation import outer as outer
    from pydbt.sql.dataframe import DataFrame as DataFrame
    from pydbt.sql.dataframe import exists as exists
    from pydbt.sql.session import Session as Session

__version__ = "0.1.0"

_HOMES = {
    "Cron": "pydbt.core.schedule",
    "Daily": "pydbt.core.schedule",
    "DataFrame": "pydbt.sql.dataframe",
    "F": "pydbt.sql.functions",
    "Incremental": "pydbt.core.incremental",
    "Index": "pydbt.core.layout",
    "Monthly": "pydbt.core.schedule",
    "MonthlyLastOpenDayInMonth": "pydbt.core.schedule",
    "Project": "pydbt.project.project",
    "PyDBTError": "pydbt.errors",
    "Retry": "pydbt.core.retry",
    "Seed": "pydbt.core.materialization",
    "SemiMonthly": "pydbt.core.schedule",
    "Session": "pydbt.sql.session",
    "Snapshot": "pydbt.core.materialization",
    "Task": "pydbt.core.task",
    "Weekly": "pydbt.core.schedule",
    "Window": "pydbt.core.window",
    "exists": "pydbt.sql.dataframe",
    "outer": "pydbt.sql.correlation",
}

# These names stand for their home itself.
_MODULES = {"F"}

__all__ = sorted(_HOMES)  # noqa: PLE0605  the one list of names is _HOMES


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module 'pydbt' has no attribute {name!r}"
        raise AttributeError(msg)
    home = importlib.import_module(_HOMES[name])
    value = home if name in _MODULES else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *_HOMES]
