"""HTTP to a library: every way in which it can go wrong, in our words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import httpx
import pytest

from connectors.addresses import Reach
from connectors.failures import Garbled, PartnerFailure, Refused, Unreachable
from connectors.transport import AsyncTarget, Limits, Reply, Target, approve, retry_after

URL = "http://bhu.example/x"
Get = Callable[..., Reply]


def get(carry: Callable[[httpx.Request], httpx.Response], *, limits: Limits | None = None) -> Reply:
    target = Target("bhu", limits=limits or Limits(), transport=httpx.MockTransport(carry))
    try:
        return target.get(URL, params={"q": "1"})
    finally:
        target.close()


def get_async(carry: Callable[[httpx.Request], httpx.Response], *, limits: Limits | None = None) -> Reply:
    async def called() -> Reply:
        target = AsyncTarget("bhu", limits=limits or Limits(), transport=httpx.MockTransport(carry))
        try:
            return await target.get(URL, params={"q": "1"}, deadline=60)
        finally:
            await target.close()

    return asyncio.run(called())


both = pytest.mark.parametrize("call", [get, get_async])


@both
def test_an_answer_is_returned_whatever_its_status(call: Get) -> None:
    reply = call(lambda request: httpx.Response(418, content=request.url.query, headers={"X-Tea": "green"}))

    assert [reply.status, reply.body, reply.headers["x-tea"]] == [418, b"q=1", "green"]


@both
def test_a_redirect_is_not_followed(call: Get) -> None:
    asked = []

    def carry(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(302, headers={"location": "http://127.0.0.1/secret"})

    assert call(carry).status == 302
    assert len(asked) == 1


@both
@pytest.mark.parametrize("headers", [{}, {"content-length": "999999"}])
def test_too_large_an_answer_is_garbled(call: Get, headers: dict[str, str]) -> None:
    def pieces() -> Iterator[bytes]:
        yield from [b"x" * 10] * 3

    def carry(_request: httpx.Request) -> httpx.Response:
        content = b"".join(pieces())
        return httpx.Response(200, content=content, headers=headers)

    with pytest.raises(Garbled):
        call(carry, limits=Limits(size=20))


@both
def test_a_compressed_answer_is_garbled(call: Get) -> None:
    def carry(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "x-packed"}, content=b"\x1f\x8b")

    with pytest.raises(Garbled):
        call(carry)


@both
@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (httpx.ConnectError, Unreachable),
        (httpx.ReadTimeout, Unreachable),
        (httpx.ReadError, Unreachable),
        (httpx.RemoteProtocolError, Garbled),
        (httpx.UnsupportedProtocol, Refused),
    ],
)
def test_failures_of_the_network_get_our_names(
    call: Get, error: type[httpx.TransportError], failure: type[PartnerFailure]
) -> None:
    def carry(_request: httpx.Request) -> httpx.Response:
        raise error("no")

    with pytest.raises(failure) as caught:
        call(carry)

    assert caught.value.library == "bhu"


def test_a_library_that_drips_is_given_up() -> None:
    def drip() -> Iterator[bytes]:
        yield from [b"x"] * 2

    target = Target("bhu", limits=Limits(total=0.0), transport=_Dripping(drip))

    with pytest.raises(Unreachable):
        target.get(URL)


class _Dripping(httpx.BaseTransport):
    def __init__(self, pieces: Callable[[], Iterator[bytes]]) -> None:
        self._pieces = pieces

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=self._pieces())


def test_a_library_that_hangs_is_left_at_the_deadline() -> None:
    class Hanging(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

    async def called() -> None:
        await AsyncTarget("bhu", transport=Hanging()).get(URL, params={}, deadline=0.01)

    with pytest.raises(Unreachable):
        asyncio.run(called())


def test_an_address_that_is_checked_and_refused_is_not_called() -> None:
    away = Reach(lookup=lambda _host, _port: ["10.0.0.1"])
    target = Target("bhu", reach=away, transport=httpx.MockTransport(lambda _: httpx.Response(200)))

    with pytest.raises(Refused):
        target.get(URL)


@pytest.mark.parametrize("url", ["http://\x00", "ftp://bhu.example/", "nowhere"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        Target("bhu").get(url)


@pytest.mark.parametrize(
    ("status", "failure", "again"),
    [
        (400, Refused, False),
        (302, Refused, False),
        (408, Refused, True),
        (429, Refused, True),
        (503, Unreachable, True),
    ],
)
def test_a_no_says_whether_waiting_helps(status: int, failure: type[PartnerFailure], *, again: bool) -> None:
    with pytest.raises(failure) as caught:
        approve("bhu", Reply(status, {"retry-after": "7"}, b""))

    assert [again, 7.0] == [caught.value.again, caught.value.retry_after]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "9" * 30}, None),
        ({"retry-after": "soon", "date": "Mon, 02 Mar 2026 10:00:00 GMT"}, None),
        ({"retry-after": "Mon, 02 Mar 2026 10:00:30 GMT"}, None),
        ({"retry-after": "Mon, 02 Mar 2026 10:00:30 GMT", "date": "Mon, 02 Mar 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Mon, 02 Mar 2026 09:00:00 GMT", "date": "Mon, 02 Mar 2026 10:00:00 GMT"}, 0.0),
    ],
)
def test_how_long_to_wait_is_told_in_seconds_or_as_a_date(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert seconds == retry_after(headers)
