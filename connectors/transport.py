"""HTTP to one member library: bounded in time and size, without redirects, failing in our words."""

from __future__ import annotations

import asyncio
import email.utils
import ssl
import time
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

import httpx

from connectors.addresses import ANYWHERE
from connectors.failures import Garbled, Refused, Unreachable
from connectors.punctual import Punctual, over_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.addresses import Reach

MEGABYTE = 1024 * 1024
#: Records of one search, where a library says nothing of it.
RECORDS = 50

_TOO_MANY = 429
_PASSING = frozenset({408, 425, _TOO_MANY})
_WAIT_HEADER = "retry-after"
_PORTS = {"http": 80, "https": 443}
#: Nothing was sent yet: another address may be tried.
_NOBODY_THERE = (httpx.ConnectError, httpx.ConnectTimeout)
#: How the library below tells that a server hung up, as one may on a connection that was kept for a while.
_CUT_SHORT = ("Server disconnected", "peer closed connection")
#: Each piece takes fifty microseconds, however small it is; after some of them others have their turn.
_MOST_PIECES, _TURN = 20_000, 50
_HEADERS = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "ill-broker"}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much: seconds to connect, seconds in all, bytes of an answer, records of a search."""

    connect: float = 5.0
    total: float = 20.0
    size: int = 5 * MEGABYTE
    records: int = RECORDS


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes


def is_yes(reply: Reply) -> bool:
    return httpx.codes.is_success(reply.status)


def approve(library: str, reply: Reply) -> Reply:
    """Return *reply* if it is a yes.

    :raises Unreachable: on 5xx
    :raises Refused: on everything else that is not 2xx; *again* on 408, 425 and 429
    """
    detail = f"HTTP {reply.status}"
    if is_yes(reply):
        return reply
    if httpx.codes.is_server_error(reply.status):
        raise Unreachable(library, detail, retry_after=retry_after(reply.headers))
    raise Refused(library, detail, again=reply.status in _PASSING, retry_after=retry_after(reply.headers))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a server asks us to wait; a date counts from the server's own Date."""
    text = headers.get(_WAIT_HEADER, "").strip()
    if text.isascii() and text.isdigit() and len(text) < len("1000000000"):
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text)
        said = email.utils.parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (until - said).total_seconds())
    except (ValueError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class Target:
    """One member library's HTTP service, called by ordinary code."""

    library: str
    limits: Limits = Limits()
    #: Where it may be called.
    reach: Reach = ANYWHERE
    #: What carries the calls instead of the network.
    transport: httpx.BaseTransport | None = None
    _http: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        inner = self.transport or Punctual(_tls())
        http = httpx.Client(transport=_Checked(self.library, self.reach, inner), **_settings(self.limits))
        object.__setattr__(self, "_http", http)

    def get(self, url: str, *, params: Mapping[str, str] | None = None) -> Reply:
        return self.call("GET", url, params=params)

    def post(self, url: str, *, content: bytes, headers: Mapping[str, str]) -> Reply:
        return self.call("POST", url, content=content, headers=headers)

    def call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Return the whole answer, whatever its status.

        :raises Unreachable: if it does not come in time
        :raises Garbled: if it is not HTTP, or too large
        """
        until = time.monotonic() + self.limits.total
        intake = _Intake(self.library, self.limits)
        over = over_at.set(until)
        try:
            with self._http.stream(method, url, params=params, content=content, headers=headers) as answer:
                intake.begin(answer)
                for chunk in answer.iter_bytes():
                    intake.take(chunk)
                    if time.monotonic() > until:
                        raise Unreachable(self.library, "too slow")
                return intake.reply(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            _explain(self.library, error)
        finally:
            over_at.reset(over)

    def close(self) -> None:
        self._http.close()


@dataclass(frozen=True, slots=True)
class AsyncTarget:
    """One member library's HTTP service, called beside many others.

    Each target has a client of its own: in a pool shared by all, calls wait for each other.
    """

    library: str
    limits: Limits = Limits()
    #: Where it may be called.
    reach: Reach = ANYWHERE
    transport: httpx.AsyncBaseTransport | None = None
    #: Without a client above it: cookies and redirects are not wanted, and cost a tenth of a search.
    _http: _AsyncChecked = field(init=False, repr=False)

    def __post_init__(self) -> None:
        inner = self.transport or httpx.AsyncHTTPTransport(verify=_tls(), trust_env=False)
        object.__setattr__(self, "_http", _AsyncChecked(self.library, self.reach, inner))

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str],
        deadline: float,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        return await self.call("GET", url, params=params, headers=headers, deadline=deadline)

    async def call(
        self,
        method: str,
        url: str,
        *,
        deadline: float,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Return the whole answer, whatever its status, within *deadline* seconds.

        :raises Unreachable: if it does not come in time
        :raises Garbled: if it is not HTTP, or too large
        """
        try:
            async with asyncio.timeout(deadline):
                told = {**_HEADERS, **(headers or {})}
                waits = httpx.Timeout(self.limits.total, connect=self.limits.connect).as_dict()
                return await self._answer(
                    httpx.Request(
                        method,
                        url,
                        params=params,
                        content=content,
                        headers=told,
                        extensions={"timeout": waits},
                    )
                )
        except TimeoutError as error:
            raise Unreachable(self.library, "no answer in time") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            _explain(self.library, error)

    async def _answer(self, request: httpx.Request) -> Reply:
        intake = _Intake(self.library, self.limits)
        answer = await self._http.handle_async_request(request)
        try:
            intake.begin(answer)
            async for chunk in answer.aiter_bytes():
                await intake.take_beside(chunk)
            return intake.reply(answer)
        finally:
            await answer.aclose()

    async def close(self) -> None:
        await self._http.aclose()


class _Checked(httpx.BaseTransport):
    """Carries calls to addresses that were looked at, and to no other that the name has a moment later."""

    def __init__(self, library: str, reach: Reach, inner: httpx.BaseTransport) -> None:
        self._library, self._reach, self._inner = library, reach, inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host, port = _whereto(self._library, request)
        *others, last = self._reach.addresses(self._library, host, port)
        for address in others:
            try:
                return self._inner.handle_request(_at(address, request))
            except _NOBODY_THERE:
                continue
        return self._inner.handle_request(_at(last, request))

    def close(self) -> None:
        self._inner.close()


class _AsyncChecked(httpx.AsyncBaseTransport):
    """The same beside others."""

    def __init__(self, library: str, reach: Reach, inner: httpx.AsyncBaseTransport) -> None:
        self._library, self._reach, self._inner = library, reach, inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host, port = _whereto(self._library, request)
        *others, last = await self._reach.addresses_beside(self._library, host, port)
        for address in others:
            try:
                return await self._inner.handle_async_request(_at(address, request))
            except _NOBODY_THERE:
                continue
        return await self._inner.handle_async_request(_at(last, request))

    async def aclose(self) -> None:
        await self._inner.aclose()


def _whereto(library: str, request: httpx.Request) -> tuple[str, int]:
    if request.url.userinfo:
        raise Refused(library, "not an address: userinfo")
    return request.url.host, request.url.port or _PORTS.get(request.url.scheme, 0)


def _at(address: str, request: httpx.Request) -> httpx.Request:
    """Return *request* to that address; its Host header and the name in the certificate stay."""
    if address == request.url.host:
        return request
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )


class _Intake:
    """Takes in an answer piece by piece and stops when it grows too large."""

    def __init__(self, library: str, limits: Limits) -> None:
        self._library = library
        self._limit = limits.size
        # One run of bytes: a server may send them one at a time, each an object of its own.
        self._taken = bytearray()
        self._pieces = 0

    def begin(self, answer: httpx.Response) -> None:
        # We ask for no compression: a small packed answer could unpack to any size.
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise Garbled(self._library, "compressed answer")
        self._measure(_length(answer))

    def take(self, chunk: bytes) -> None:
        self._measure(len(self._taken) + len(chunk))
        self._taken += chunk
        self._pieces += 1
        if self._pieces > _MOST_PIECES:
            raise Garbled(self._library, f"answer in more than {_MOST_PIECES} pieces")

    async def take_beside(self, chunk: bytes) -> None:
        """Take *chunk*, and let others have a turn: what has come already is handed out without waiting."""
        self.take(chunk)
        if not self._pieces % _TURN:
            await asyncio.sleep(0)

    def reply(self, answer: httpx.Response) -> Reply:
        return Reply(answer.status_code, dict(answer.headers), bytes(self._taken))

    def _measure(self, size: int) -> None:
        if size > self._limit:
            raise Garbled(self._library, f"answer larger than {self._limit} bytes")


def _length(answer: httpx.Response) -> int:
    text = answer.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(2**63)) else 0


def _explain(library: str, error: Exception) -> NoReturn:
    """Raise *error* in our words."""
    name = type(error).__name__
    if isinstance(error, httpx.RemoteProtocolError) and str(error).startswith(_CUT_SHORT):
        raise Unreachable(library, "hung up before the end of its answer") from error
    if isinstance(error, httpx.RemoteProtocolError | httpx.DecodingError):
        raise Garbled(library, name) from error
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL | httpx.LocalProtocolError):
        raise Refused(library, f"not an address: {name}") from error
    raise Unreachable(library, name) from error


@cache
def _tls() -> ssl.SSLContext:
    """Return the one TLS context; building it is what makes a client slow to build."""
    return ssl.create_default_context()


def _settings(limits: Limits) -> dict[str, Any]:
    return {
        "timeout": httpx.Timeout(limits.total, connect=limits.connect),
        "follow_redirects": False,
        "trust_env": False,
        "verify": _tls(),
        "headers": _HEADERS,
    }
