"""The front takes requests in whole and hands answers out, whatever pace the other side keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Any

import pytest

from ill_broker.app import create_app
from ill_broker.services.places import Places
from ill_broker.settings import Settings
from ill_broker.web.front import PIECE, Front
from ill_broker.web.streams import Stream

MEGABYTE = 2**20
Messages = Iterable[dict[str, Any]]


class Caller:
    """The other side of a connection: sends its body in *pieces*, and stays silent if that is not all."""

    def __init__(self, *pieces: bytes, ends: bool = True, reads: bool = True) -> None:
        self._pieces, self._ends, self._reads = list(pieces), ends, reads
        self.status, self.got = 0, b""
        self.headers: dict[bytes, bytes] = {}
        self.is_over = False

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(0)
        if not self._pieces and not self._ends:
            await asyncio.sleep(60)
        piece = self._pieces.pop(0) if self._pieces else b""
        return {"type": "http.request", "body": piece, "more_body": bool(self._pieces) or not self._ends}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
            return
        if self.got and not self._reads:
            await asyncio.sleep(60)
        self.got += message["body"]
        self.is_over = not message.get("more_body")


def calls(
    front: Front, caller: Caller, *headers: tuple[str, str], path: str = "/", method: str = "POST"
) -> Caller:
    asyncio.run(called(front, caller, *headers, path=path, method=method))
    return caller


async def called(
    front: Front, caller: Caller, *headers: tuple[str, str], path: str = "/", method: str = "POST"
) -> Caller:
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"a=%20b",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("10.0.0.9", 5000),
        "headers": [(name.encode(), told.encode()) for name, told in headers],
    }
    await front(scope, caller.receive, caller.send)
    return caller


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    """Say what was heard."""
    heard = {name: told for name, told in environ.items() if isinstance(told, str)}
    start("200 OK", [("Content-Type", "text/plain")])
    return [f"{sorted(heard.items())}\n".encode(), environ["wsgi.input"].read()]


def fronting(app: Any, **facts: Any) -> Front:
    return Front(app, Places(working=1, waiting=1), **facts)


@pytest.fixture(scope="module")
def service() -> Front:
    """The service's own application, which knows what a refusal looks like."""
    return fronting(create_app(Settings(secret_key="a key for the tests alone, and long")), seconds=0.2)


CHUNKED = ("transfer-encoding", "chunked")


def test_a_request_arrives_as_it_was_sent() -> None:
    sent = Caller(b"one ", b"two")
    told = calls(fronting(echo), sent, CHUNKED, ("x-a", "1"), ("x-a", "2"), ("cookie", "a"), ("cookie", "b"))
    head, _, body = told.got.partition(b"\n")

    assert (200, b"one two", True) == (told.status, body, told.is_over)
    for expected in (
        "('HTTP_X_A', '1, 2')",
        "('HTTP_COOKIE', 'a; b')",
        "('CONTENT_LENGTH', '7')",
        "('QUERY_STRING', 'a=%20b')",
        "('REMOTE_ADDR', '10.0.0.9')",
    ):
        assert expected in head.decode()

    assert b"TRANSFER" not in head


def test_a_body_that_does_not_come_is_given_up_in_the_usual_words(service: Front) -> None:
    told = calls(service, Caller(b"{", ends=False), ("content-length", "1000"), path="/api/v1/sessions")

    assert (408, b"close") == (told.status, told.headers[b"connection"])
    assert b"application/problem+json" == told.headers[b"content-type"]


@pytest.mark.parametrize("pieces", [[b"x" * MEGABYTE, b"x"], [b"x"] * 1100])
def test_a_body_that_is_too_large_or_in_too_many_pieces_is_refused(
    service: Front, pieces: list[bytes]
) -> None:
    front = fronting(service._app)
    told = calls(front, Caller(*pieces), CHUNKED, path="/api/v1/webhooks/szutl")

    assert 413 == told.status


def test_a_body_in_many_pieces_that_bring_something_is_taken() -> None:
    told = calls(fronting(echo), Caller(*[b"x" * 256] * 4096), CHUNKED)

    assert (200, MEGABYTE) == (told.status, len(told.got.partition(b"\n")[2]))


def test_bodies_beyond_the_room_for_them_are_asked_to_come_again(service: Front) -> None:
    """While two large ones are on their way small ones are taken, and large ones when they are gone."""

    async def all_of_them() -> list[Caller]:
        front = Front(service._app, service._places, seconds=0.5, held=2 * MEGABYTE)
        where = {"path": "/api/v1/nowhere"}
        large = [Caller(b"x" * (MEGABYTE - 1), ends=False) for _ in range(2)]
        slow = [asyncio.create_task(called(front, one, CHUNKED, **where)) for one in large]
        await asyncio.sleep(0.1)
        meanwhile = [
            await called(front, Caller(*pieces), CHUNKED, **where)
            for pieces in ([b"x" * PIECE] * 2, [b"x" * PIECE], [b"x" * PIECE] * 2)
        ]
        gone = await asyncio.gather(*slow)
        return [*meanwhile, *gone, await called(front, Caller(*[b"x" * PIECE] * 2), CHUNKED, **where)]

    told = asyncio.run(all_of_them())

    assert [503, 404, 503, 408, 408, 404] == [one.status for one in told]
    assert (b"5", b"close") == tuple(told[0].headers[name] for name in (b"retry-after", b"connection"))
    assert b'"busy"' in told[0].got


def test_whoever_hangs_up_or_sends_what_is_no_body_is_refused(service: Front) -> None:
    class Leaving(Caller):
        async def receive(self) -> dict[str, Any]:
            return {"type": "http.disconnect"}

    told = calls(service, Leaving(), ("content-length", "5"), path="/api/v1/sessions")

    assert (400, b"close") == (told.status, told.headers[b"connection"])


def test_a_large_answer_is_handed_out_piece_by_piece_and_whole() -> None:
    def large(_: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("200 OK", [])
        return [b"x" * (3 * PIECE)]

    taken, left = Caller(), Caller(reads=False)
    front = fronting(large, seconds=0.2)

    assert (3 * PIECE, True) == (len(calls(front, taken).got), taken.is_over)
    assert (PIECE, False) == (len(calls(front, left).got), left.is_over)


def test_who_watches_holds_no_place_at_work() -> None:
    goes_on = asyncio.Event()

    async def pieces() -> AsyncGenerator[bytes]:
        yield b"first "
        await goes_on.wait()
        yield b"last"

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        start("200 OK", [])
        return Stream(pieces()) if environ["PATH_INFO"] == "/events" else [b"alive"]

    async def all_of_them() -> tuple[Caller, list[Caller]]:
        front = fronting(app)
        watchers = [asyncio.create_task(called(front, Caller(), path="/events")) for _ in range(200)]
        other = await called(front, Caller(), path="/healthz")
        goes_on.set()
        return other, await asyncio.gather(*watchers)

    other, watchers = asyncio.run(all_of_them())

    assert b"alive" == other.got
    assert {(b"first last", True)} == {(one.got, one.is_over) for one in watchers}


def test_a_stream_is_an_ordinary_answer_for_any_other_server() -> None:
    async def pieces() -> AsyncGenerator[bytes]:
        for piece in (b"one", b"two"):
            await asyncio.sleep(0)
            yield piece

    assert [b"one", b"two"] == [*Stream(pieces())]


def test_what_the_application_leaves_open_is_closed() -> None:
    closed: list[bool] = []

    class Open:
        def __iter__(self) -> Any:
            return iter([b"a"])

        def close(self) -> None:
            closed.append(True)

    def app(_: dict[str, Any], start: Callable[..., Any]) -> Any:
        start("200 OK", [])(b"written ")
        return Open()

    assert (b"written a", [True]) == (calls(fronting(app), Caller()).got, closed)
