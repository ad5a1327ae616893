"""Connections that are cut in the middle, before a statement arrives or before its answer does."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from pydbt.connections import dispose_all, engine_from
from pydbt.core.events import AttemptFailed, Event, RunStarted
from pydbt.project.project import Project

_TASKS = 10
_MODELS = f"""\
import sqlalchemy as sa

from pydbt import Task

for number in range({_TASKS}):

    def body(number=number):
        rows = sa.text("generate_series(1, 500) AS s(n)")
        return sa.select(sa.literal(number).label("task"), sa.column("n")).select_from(rows)

    Task(name=f"t{{number}}", materialized="table")(body)
"""


class CuttingProxy:
    """Stands before a server's socket and cuts connections by chance, in either direction.

    Args:
        server: The server's socket.
        folder: Where its own socket will be.
        seed: Of its chance.
        cuts: How many connections it cuts in all.
    """

    def __init__(self, server: Path, folder: Path, seed: int, cuts: int) -> None:
        self.folder = folder
        self.is_cutting = False
        self.cut = 0
        self._cuts = cuts
        self._server = server
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / server.name))
        self._listening.listen(64)
        self._open: list[socket.socket] = [self._listening]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Cut all that is left."""
        self._shut(*self._open)
        for each in self._open:
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listening.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._server))
            self._open += [client, server]
            for ends in ((client, server), (server, client)):
                threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):  # The other direction may have been cut.
            while (piece := source.recv(4096)) and not self._is_to_cut():
                sink.sendall(piece)
        self._shut(source, sink)

    def _is_to_cut(self) -> bool:
        with self._lock:
            if not self.is_cutting or self.cut >= self._cuts or self._chance.random() > 1 / 8:
                return False
            self.cut += 1
            return True

    def _shut(self, *sockets: socket.socket) -> None:
        for each in sockets:
            with suppress(OSError):  # It may be shut already.
                each.shutdown(socket.SHUT_RDWR)


@pytest.fixture(params=[1, 2, 3])
def proxy(
    request: pytest.FixtureRequest, postgresql_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CuttingProxy]:
    """A proxy with a chance of its own each time."""
    folder = sa.engine.make_url(postgresql_url).query["host"]
    made = CuttingProxy(
        Path(str(folder)) / ".s.PGSQL.5432", tmp_path_factory.mktemp("p"), seed=request.param, cuts=15
    )
    yield made
    made.close()
    dispose_all()


def test_cut_connections_fail_no_task(tmp_path: Path, postgresql_url: str, proxy: CuttingProxy) -> None:
    """Whatever was lost, the statement or its answer, a COMMIT's too: each table is there once, and whole."""
    url = sa.engine.make_url(postgresql_url).update_query_dict({"host": str(proxy.folder)})
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "many.py").write_text(_MODELS)
    settings = f'[targets.dev]\nurl = "{url.render_as_string(hide_password=False)}"\n'
    (tmp_path / "pydbt.toml").write_text(settings)
    failed: list[AttemptFailed] = []

    def listen(event: Event) -> None:
        if isinstance(event, RunStarted):
            proxy.is_cutting = True
        elif isinstance(event, AttemptFailed):
            failed.append(event)

    opened = Project.open(tmp_path)
    run = opened.run(opened.plan(), listeners=[listen], threads=4)
    opened.close()

    assert [f"{each.failure.kind}: {each.failure.message}" for each in run.task_runs if each.failure] == []
    assert proxy.cut == 15
    assert failed
    with engine_from(postgresql_url).connect() as connection:
        names = [name for name in sa.inspect(connection).get_table_names() if not name.startswith("_pydbt")]
        counts = {name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in names}
    assert counts == {f"t{number}": 500 for number in range(_TASKS)}
