"""DuckDB's engines: threads, other processes, files that are none."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from pydbt.connections import dispose_all, engine_from
from pydbt.errors import DatabaseFileError, DatabaseFolderError, DatabaseLockedError
from tests.conftest import IS_SQLALCHEMY_14

pytestmark = pytest.mark.skipif(IS_SQLALCHEMY_14, reason="DuckDB's dialect needs SQLAlchemy 2")

_HOLDER = (
    "import sys, time, duckdb; held = duckdb.connect(sys.argv[1]);"
    "print('open', flush=True); time.sleep(float(sys.argv[2]))"
)


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    dispose_all()


def connect(url: str, lock_timeout: float = 0.2) -> None:
    """Connect and leave."""
    with engine_from(url, lock_timeout=lock_timeout).connect():
        pass


def path_of(url: str) -> Path:
    """The file of a URL."""
    return Path(str(sa.engine.make_url(url).database))


def held(url: str, seconds: float) -> subprocess.Popen[bytes]:
    """Another process that has the file open for so long."""
    arguments = [sys.executable, "-c", _HOLDER, str(path_of(url)), str(seconds)]
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"open\n"
    return child


@pytest.mark.parametrize("where", ["file", "memory"])
def test_eight_threads_share_one_database(where: str, duckdb_url: str) -> None:
    """Each writes tables of its own and reads those of others: no error, nothing lost."""
    engine = engine_from(duckdb_url if where == "file" else "duckdb:///:memory:")
    gate = threading.Barrier(8)

    def work(number: int) -> int:
        gate.wait()
        for round_ in range(25):
            with engine.begin() as connection:
                connection.exec_driver_sql(f"CREATE TABLE t{number}_{round_} AS SELECT {number} AS n")
        with engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM duckdb_tables()").scalar_one())

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(work, range(8)))

    assert max(counts) == 200


def test_a_rolled_back_transaction_leaves_nothing(duckdb_url: str) -> None:
    """Also when the connection goes back to the pool without a word."""
    engine = engine_from(duckdb_url, pool_size=1, max_overflow=0)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t AS SELECT 1 AS n")
    with engine.begin() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM duckdb_tables()").scalar()

    assert found == 0


def test_the_holder_of_a_locked_file_is_named(duckdb_url: str) -> None:
    """Process id and program, after the wait; the exit code says locked."""
    with held(duckdb_url, 30) as child:
        begun = time.monotonic()
        with pytest.raises(DatabaseLockedError, match=f"process {child.pid} \\(.*python") as caught:
            connect(duckdb_url, lock_timeout=0.5)
        waited = time.monotonic() - begun
        child.kill()

    assert (caught.value.exit_code, 0.3 < waited < 10, str(child.pid) in caught.value.hint) == (
        75,
        True,
        True,
    )


def test_a_file_that_is_let_go_of_in_time_is_opened(duckdb_url: str) -> None:
    """The wait is worth it."""
    with held(duckdb_url, 0.5):
        connect(duckdb_url, lock_timeout=20)


def test_the_file_is_let_go_of_at_the_end(duckdb_url: str) -> None:
    """After `dispose_all` another process may have it."""
    connect(duckdb_url)
    dispose_all()

    with held(duckdb_url, 0):
        pass


def test_a_text_file_is_not_a_database(duckdb_url: str) -> None:
    """It is said, and the file is as it was."""
    path_of(duckdb_url).write_text("id,name\n" * 1000)

    with pytest.raises(DatabaseFileError, match="is not a DuckDB file"):
        connect(duckdb_url)

    assert path_of(duckdb_url).read_text() == "id,name\n" * 1000


def test_a_newer_file_names_the_version(duckdb_url: str) -> None:
    """With what to do: a newer DuckDB."""
    connect(duckdb_url)
    dispose_all()
    data = bytearray(path_of(duckdb_url).read_bytes())
    data[12:20] = (255).to_bytes(8, "little")
    # The header's checksum stands in front of it; DuckDB makes it of what follows.
    data[0:8] = _checksum(bytes(data[8:4096])).to_bytes(8, "little")
    path_of(duckdb_url).write_bytes(data)

    with pytest.raises(DatabaseFileError, match=r"another version of DuckDB: .* 255") as caught:
        connect(duckdb_url)

    assert "pip install --upgrade duckdb" in caught.value.hint


def _checksum(data: bytes) -> int:
    mask = 2**64 - 1
    result = 5381
    for start in range(0, len(data), 8):
        result ^= int.from_bytes(data[start : start + 8], "little") * 0xBF58476D1CE4E5B9 & mask
    return result


def test_a_damaged_file_says_so(duckdb_url: str) -> None:
    """A flipped byte in the header is found by its checksum."""
    connect(duckdb_url)
    dispose_all()
    data = bytearray(path_of(duckdb_url).read_bytes())
    data[100] ^= 0xFF
    path_of(duckdb_url).write_bytes(data)

    with pytest.raises(DatabaseFileError, match="is damaged"):
        connect(duckdb_url)


@pytest.mark.parametrize("database", ["duckdb", "sqlite"])
def test_a_missing_folder_is_named(database: str, tmp_path: Path) -> None:
    """The directory, and the file that was wanted in it."""
    with pytest.raises(DatabaseFolderError, match=f"the directory {tmp_path}/no does not exist"):
        engine_from(f"{database}:///{tmp_path}/no/x.db").connect()


@pytest.mark.parametrize("database", ["duckdb", "sqlite"])
def test_a_folder_is_not_a_database(database: str, tmp_path: Path) -> None:
    """Somebody left the file's name out."""
    with pytest.raises(DatabaseFileError, match="is a folder"):
        engine_from(f"{database}:///{tmp_path}").connect()


def test_a_text_file_is_no_sqlite_database(sqlite_url: str) -> None:
    """As for DuckDB."""
    path_of(sqlite_url).write_text("id,name\n" * 1000)

    with pytest.raises(DatabaseFileError, match="is not a SQLite file"):
        engine_from(sqlite_url).connect()


def test_a_fork_is_told_that_the_file_is_its_parents(duckdb_url: str) -> None:
    """Instead of hanging in the library's own locks."""
    engine = engine_from(duckdb_url)
    connect(duckdb_url)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            engine.connect()
        except DatabaseLockedError as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)

    assert f"open in process {os.getpid()}" in said


def test_pandas_is_not_imported_for_a_table(duckdb_url: str) -> None:
    """DuckDB's package imports it for the first bound value: publishing and the catalog bind none."""
    code = (
        "import sys, sqlalchemy as sa\n"
        "from pydbt.connections import engine_from\n"
        "from pydbt.sql.catalog import catalog_of\n"
        "from pydbt.sql.materialize import publish\n"
        "engine = engine_from(sys.argv[1])\n"
        "publish(engine, sa.select(sa.literal(1).label('n')), 't')\n"
        "catalog_of(engine).forget(); catalog_of(engine).columns(None, 't')\n"
        "print('pandas' in sys.modules)\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, duckdb_url], check=True, capture_output=True, text=True
    ).stdout

    assert out.strip() == "False"
