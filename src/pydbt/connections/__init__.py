"""Engines that are set right for each database, and what to say when one cannot be reached.

`engine_from(url)` gives the engine of a URL; `pydbt.connections.postgresql.get_engine()`, and the same of
`sqlite` and `duckdb`, one of that database.
"""

from pydbt.connections.active import active_url, use
from pydbt.connections.cache import dispose_all
from pydbt.connections.diagnosis import Diagnosis, diagnose
from pydbt.connections.engines import engine_from, get_engine
from pydbt.connections.failure import explain_failure
from pydbt.connections.report import ConnectionReport, check
from pydbt.connections.running import Cancelled, cancel_all, owning
from pydbt.connections.url import hide_password, validate_url

__all__ = [
    "Cancelled",
    "ConnectionReport",
    "Diagnosis",
    "active_url",
    "cancel_all",
    "check",
    "diagnose",
    "dispose_all",
    "engine_from",
    "explain_failure",
    "get_engine",
    "hide_password",
    "owning",
    "use",
    "validate_url",
]
