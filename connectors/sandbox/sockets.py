"""A sandbox library's doors without HTTP: each connection in a thread of its own, on the loopback alone."""

from __future__ import annotations

import socketserver
import threading
import time
from typing import TYPE_CHECKING

from connectors.sandbox.behaviour import Door

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from connectors.sandbox.library import MemberLibrary

    #: From what came and what is remembered of the connection to the answer; None closes the connection.
    Talk = Callable[["Caller"], None]

_LOOPBACK = "127.0.0.1"
_PATIENCE = 300.0
PIECE = 65536


class Caller:
    """One connection, and how the library behaves towards it."""

    def __init__(self, connection: socket.socket, library: MemberLibrary) -> None:
        self.library = library
        self._connection = connection
        self._connection.settimeout(_PATIENCE)

    def heard(self) -> bytes:
        """Return what came, nothing once the other side has hung up or is to be hung up on."""
        piece = self._connection.recv(PIECE)
        return b"" if self.library.scenario.door is Door.SLAMMED else piece

    def say(self, answer: bytes) -> None:
        scenario = self.library.scenario
        time.sleep(scenario.answer_delay * self.library.config.pace)
        self._connection.sendall(answer)

    @property
    def is_broken(self) -> bool:
        return self.library.scenario.door is Door.BROKEN

    @property
    def garbles(self) -> bool:
        return self.library.scenario.garbles


class SocketDoor(socketserver.ThreadingTCPServer):
    """Listens until it is closed."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, library: MemberLibrary, port: int, talk: Talk) -> None:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                try:
                    talk(Caller(self.request, library))
                except OSError:
                    return

        super().__init__((_LOOPBACK, port), Handler)
        self.port = int(self.server_address[1])
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join(5)
