"""The front: takes requests in and hands answers out side by side; a thread sees whole requests only."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from typing import Any, Protocol

from ill_broker.services.places import Places
from ill_broker.web.edges import LARGEST, REFUSED
from ill_broker.web.streams import Stream

#: in which a body has to be here, and in which each piece of an answer has to be taken
SECONDS = 15.0
#: bytes that are handed out at once
PIECE = 64 * 1024
#: each piece of a body costs the same, however small it is: so many, and one more for so many bytes
_PIECES, _PIECE_BRINGS = 1024, 256
#: bytes of bodies that one process holds at once, and up to which a body is taken even then
HELD, SMALL = 64 * 1024 * 1024, 64 * 1024

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[str, str]]


class Application(Protocol):
    """A WSGI application."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any], /) -> Iterable[bytes]: ...


@dataclass(slots=True)
class _Answer:
    """What the application said: as a whole, or as a stream that goes on without a thread."""

    status: int = 500
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    stream: AsyncGenerator[bytes] | None = None

    def start(self, status: str, headers: Headers, *_: Any) -> Callable[[bytes], None]:
        self.status, self.headers = int(status.split(" ", 1)[0]), headers
        return self._write

    def _write(self, piece: bytes) -> None:
        self.body += piece


class Front:
    """An ASGI application in front of a WSGI application.

    Bodies and answers that are slow wait here, on one event loop, and not in the few threads that work.
    What it refuses it passes on without a body, so that the application answers in its usual way.
    """

    def __init__(
        self, app: Application, places: Places, *, seconds: float = SECONDS, held: int = HELD
    ) -> None:
        self._app, self._places, self._seconds = app, places, seconds
        #: bytes of bodies that may still come; less than nothing while small ones are taken all the same
        self._room = held
        self._threads = ThreadPoolExecutor(places.threads, "web")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        headers, body = _headers(scope), bytearray()
        try:
            refused = await self._body(headers, receive, body)
            environ = _environ(scope, headers, b"" if refused else bytes(body))
            if refused:
                environ[REFUSED] = refused
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._threads, self._answered, environ)
        finally:
            self._room += len(body)
        if refused:
            answer.headers.append(("Connection", "close"))
        await self._hand_out(answer, send)

    async def _body(self, headers: Mapping[str, str], receive: Receive, body: bytearray) -> HTTPStatus | None:
        """Read the whole body, and return what is wrong with it."""
        if any("_" in name for name in headers):
            return HTTPStatus.BAD_REQUEST
        if int(headers.get("content-length", 0)) > LARGEST:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        if not headers.keys() & {"content-length", "transfer-encoding"}:
            return None
        try:
            async with asyncio.timeout(self._seconds):
                return await self._read(receive, body)
        except TimeoutError:
            return HTTPStatus.REQUEST_TIMEOUT

    async def _read(self, receive: Receive, body: bytearray) -> HTTPStatus | None:
        pieces, goes_on = 0, True
        while goes_on:
            message = await receive()
            if message["type"] == "http.disconnect":
                # the other side has hung up, or sends what is no chunk and waits for the answer: the server
                # below says the same of both, and calls it our fault where nothing is answered
                return HTTPStatus.BAD_REQUEST
            piece, goes_on = message.get("body", b""), message.get("more_body", False)
            body += piece
            self._room -= len(piece)
            pieces += 1
            if len(body) > LARGEST or pieces > _PIECES + len(body) // _PIECE_BRINGS:
                return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            if self._room < 0 and len(body) > SMALL:
                return HTTPStatus.SERVICE_UNAVAILABLE
        return None

    def _answered(self, environ: dict[str, Any]) -> _Answer:
        """Return what the application says, in one of the threads that work."""
        answer = _Answer()
        with self._places.working():
            said = self._app(environ, answer.start)
            if isinstance(said, Stream):
                answer.stream = aiter(said)
                return answer
            try:
                answer.body += b"".join(said)
            finally:
                if close := getattr(said, "close", None):
                    close()
        return answer

    async def _hand_out(self, answer: _Answer, send: Send) -> None:
        """Hand an answer out piece by piece; whoever does not take a piece in time loses the connection."""
        headers = [(name.lower().encode("latin-1"), told.encode("latin-1")) for name, told in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        last = max(0, len(answer.body) - 1) // PIECE * PIECE
        try:
            async with aclosing(answer.stream or _pieces(answer.body[:last])) as pieces:
                async for piece in pieces:
                    async with asyncio.timeout(self._seconds):
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
        except TimeoutError:
            return
        await send({"type": "http.response.body", "body": answer.body[last:]})


async def _pieces(body: bytes) -> AsyncGenerator[bytes]:
    for at in range(0, len(body), PIECE):
        yield body[at : at + PIECE]


def _headers(scope: Scope) -> dict[str, str]:
    """Return the headers by their names in small letters; what is said several times stands in one line."""
    headers: dict[str, str] = {}
    for name, told in scope["headers"]:
        known, text = name.decode("latin-1"), told.decode("latin-1")
        between = "; " if known == "cookie" else ", "
        headers[known] = headers[known] + between + text if known in headers else text
    return headers


def _environ(scope: Scope, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Return what PEP 3333 says of a request whose body is here."""
    server, client = scope.get("server") or ("", None), scope.get("client") or ("", None)
    told = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    told["CONTENT_TYPE"] = told.pop("HTTP_CONTENT_TYPE", "")
    told.pop("HTTP_CONTENT_LENGTH", None)
    told.pop("HTTP_TRANSFER_ENCODING", None)
    return {
        **told,
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
