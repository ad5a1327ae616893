"""A server that commits, or does not, and breaks the connection before it says so."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

# What the query of `version` has and nothing else: the transaction whose answer is to be lost.
_MARK = b"AS version"


class LosingProxy:
    """Stands before a server's socket, and breaks a connection at the COMMIT of what it is to lose.

    Args:
        server: The server's socket.
        folder: Where its own socket will be.
        is_committed: Whether the COMMIT comes to the server before the connection breaks.
    """

    def __init__(self, server: Path, folder: Path, *, is_committed: bool) -> None:
        self.folder = folder
        self.losses = 0
        self.is_losing = False
        self.then: Callable[[], object] = lambda: None
        self.is_committed = is_committed
        self._is_refusing = False
        self._server = server
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / server.name))
        self._listening.listen(64)
        self._open = [self._listening]
        self._talking: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def refuse(self) -> None:
        """Let no connection live any more."""
        self._is_refusing = True

    def close(self) -> None:
        """Take no connection any more."""
        self._shut(self._listening)
        self._accepting.join()
        for each in self._open:
            self._shut(each)
        # One of them may be at what comes after the loss.
        for thread in self._talking:
            thread.join()
        for each in self._open:
            each.close()
        (self.folder / self._server.name).unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listening.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            self._open += [client, server]
            if self._is_refusing or server.connect_ex(str(self._server)):
                self._shut(client)
                continue
            is_answered = threading.Event()
            for way in (self._ask, self._answer):
                thread = threading.Thread(target=way, args=(client, server, is_answered), daemon=True)
                self._talking.append(thread)
                thread.start()

    def _ask(self, client: socket.socket, server: socket.socket, is_lost: threading.Event) -> None:
        is_marked = False
        with suppress(OSError):  # The other direction has ended it.
            while piece := client.recv(65536):
                is_marked = self.is_losing and (is_marked or _MARK in piece)
                if self.is_losing and is_marked and b"COMMIT" in piece:
                    self.is_losing = False
                    is_lost.set()
                    if not self.is_committed:
                        break
                server.sendall(piece)
        if is_lost.is_set() and not self.is_committed:
            self._lose(client, server)
        self._shut(server)

    def _answer(self, client: socket.socket, server: socket.socket, is_lost: threading.Event) -> None:
        with suppress(OSError):
            while piece := server.recv(65536):
                if is_lost.is_set() and self.is_committed:
                    self._lose(client, server)
                    return
                client.sendall(piece)
        self._shut(client)

    def _lose(self, client: socket.socket, server: socket.socket) -> None:
        self.losses += 1
        self._shut(server)
        self.then()
        self._shut(client)

    def _shut(self, each: socket.socket) -> None:
        with suppress(OSError):  # It may be shut already.
            each.shutdown(socket.SHUT_RDWR)


def socket_of(url: str) -> Path:
    query = sa.engine.make_url(url).query
    return (
        Path(str(query["unix_socket"]))
        if "unix_socket" in query
        else Path(str(query["host"])) / ".s.PGSQL.5432"
    )


def through(proxy: LosingProxy, url: str) -> str:
    """The URL of the same database behind the proxy."""
    parts = sa.engine.make_url(url)
    is_file = "unix_socket" in parts.query
    way = {"unix_socket": str(proxy.folder / "socket")} if is_file else {"host": str(proxy.folder)}
    return parts.update_query_dict(way).render_as_string(hide_password=False)
