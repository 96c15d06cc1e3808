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

from connectors.failures import Garbled, Refused, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    #: Looks at the address before it is called; raises a PartnerFailure where we must not go.
    AddressCheck = Callable[[str], None]

MEGABYTE = 1024 * 1024

_TOO_MANY = 429
_PASSING = frozenset({408, 425, _TOO_MANY})
_WAIT_HEADER = "retry-after"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much: seconds to connect, seconds in all, bytes of an answer."""

    connect: float = 5.0
    total: float = 20.0
    size: int = 5 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes


def anywhere(_url: str) -> None:
    """Allow every address."""


def approve(library: str, reply: Reply) -> Reply:
    """Return *reply* if it is a yes.

    :raises Unreachable: on 5xx
    :raises Refused: on everything else that is not 2xx; *again* on 408, 425 and 429
    """
    detail = f"HTTP {reply.status}"
    if httpx.codes.is_success(reply.status):
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
    check: AddressCheck = anywhere
    #: What carries the calls instead of the network.
    transport: httpx.BaseTransport | None = None
    _http: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        http = httpx.Client(transport=self.transport, **_settings(self.limits))
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
        self.check(url)
        until = time.monotonic() + self.limits.total
        intake = _Intake(self.library, self.limits)
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

    def close(self) -> None:
        self._http.close()


@dataclass(frozen=True, slots=True)
class AsyncTarget:
    """One member library's HTTP service, called beside many others.

    Each target has a client of its own: in a pool shared by all, calls wait for each other.
    """

    library: str
    limits: Limits = Limits()
    check: AddressCheck = anywhere
    transport: httpx.AsyncBaseTransport | None = None
    _http: httpx.AsyncClient = field(init=False, repr=False)

    def __post_init__(self) -> None:
        http = httpx.AsyncClient(transport=self.transport, **_settings(self.limits))
        object.__setattr__(self, "_http", http)

    async def get(self, url: str, *, params: Mapping[str, str], deadline: float) -> Reply:
        """Return the whole answer, whatever its status, within *deadline* seconds.

        :raises Unreachable: if it does not come in time
        :raises Garbled: if it is not HTTP, or too large
        """
        self.check(url)
        try:
            async with asyncio.timeout(deadline):
                return await self._get(url, params)
        except TimeoutError as error:
            raise Unreachable(self.library, "no answer in time") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            _explain(self.library, error)

    async def _get(self, url: str, params: Mapping[str, str]) -> Reply:
        intake = _Intake(self.library, self.limits)
        async with self._http.stream("GET", url, params=params) as answer:
            intake.begin(answer)
            async for chunk in answer.aiter_bytes():
                intake.take(chunk)
            return intake.reply(answer)

    async def close(self) -> None:
        await self._http.aclose()


class _Intake:
    """Takes in an answer piece by piece and stops when it grows too large."""

    def __init__(self, library: str, limits: Limits) -> None:
        self._library = library
        self._limit = limits.size
        self._size = 0
        self._chunks: list[bytes] = []

    def begin(self, answer: httpx.Response) -> None:
        # We ask for no compression: a small packed answer could unpack to any size.
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise Garbled(self._library, "compressed answer")
        self._measure(_length(answer))

    def take(self, chunk: bytes) -> None:
        self._size += len(chunk)
        self._measure(self._size)
        self._chunks.append(chunk)

    def reply(self, answer: httpx.Response) -> Reply:
        return Reply(answer.status_code, dict(answer.headers), b"".join(self._chunks))

    def _measure(self, size: int) -> None:
        if size > self._limit:
            raise Garbled(self._library, f"answer larger than {self._limit} bytes")


def _length(answer: httpx.Response) -> int:
    text = answer.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(2**63)) else 0


def _explain(library: str, error: Exception) -> NoReturn:
    """Raise *error* in our words."""
    name = type(error).__name__
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
        "headers": {"accept-encoding": "identity", "user-agent": "ill-broker"},
    }
