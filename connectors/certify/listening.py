"""Taking what a partner sends while it is examined: the first message only at the second attempt."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

_LARGEST = 256 * 1024
_MOST = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as it came."""

    path: str
    #: names in lower case
    headers: Mapping[str, str] = field(repr=False)
    body: bytes
    at: datetime


class Listener:
    """Keeps what comes; *answer* says what its sender hears, None where it is not taken."""

    def __init__(self, now: Callable[[], datetime], *, seconds: float) -> None:
        self.seconds = seconds
        self.letters: list[Letter] = []
        #: Returns the body of an answer, and its content type.
        self.answer: Callable[[Letter], tuple[bytes, str] | None] = lambda _letter: (b"", "text/plain")
        self._now = now
        self._changed = threading.Condition()

    def app(self, request: Request) -> Response:
        body = request.stream.read(_LARGEST + 1) if request.method == "POST" else b""
        if request.method != "POST" or len(body) > _LARGEST:
            return Response(status=HTTPStatus.BAD_REQUEST)
        headers = {name.lower(): value for name, value in request.headers.items()}
        letter = Letter(request.path, headers, body, self._now())
        with self._changed:
            is_first = not self.letters
            self.letters = [*self.letters, letter][:_MOST]
            self._changed.notify_all()
        if is_first:
            # whoever sends must try again
            return Response(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "1"})
        answered = self.answer(letter)
        if answered is None:
            return Response(status=HTTPStatus.BAD_REQUEST)
        return Response(answered[0], HTTPStatus.ACCEPTED, content_type=answered[1])

    def wait(self, is_enough: Callable[[list[Letter]], bool]) -> list[Letter]:
        """Return what came once it is enough, or once the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: is_enough(self.letters), timeout=self.seconds)
            return [*self.letters]


class _Silent(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Say nothing: the report says it all."""


@contextmanager
def listening(listener: Listener, host: str, port: int) -> Iterator[int]:
    """Listen until the end of the block; yield the port.

    :raises OSError: if nobody can listen there
    """
    app = Request.application(listener.app)
    server = make_server(host, port, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
