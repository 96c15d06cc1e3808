"""HTTP that ends when it should: what one call may take bounds every wait for bytes in it."""

from __future__ import annotations

import math
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

_POOL: Any = {"max_connections": 100, "max_keepalive_connections": 20, "keepalive_expiry": 5.0}

#: When the call that this thread makes has to be over.
over_at: ContextVar[float] = ContextVar("over_at", default=math.inf)


class Punctual(httpx.HTTPTransport):
    """Carries calls over the network, and no longer than a call may take.

    The library below bounds each wait for bytes alone: a server that drips its head would never be given up.
    """

    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore.ConnectionPool(tls, network_backend=_PunctualNetwork(), **_POOL)


class _PunctualNetwork(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _time_left(timeout)
        return _PunctualStream(self._inner.connect_tcp(host, port, left, local_address, socket_options))


class _PunctualStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _time_left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _time_left(timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _PunctualStream(self._inner.start_tls(ssl_context, server_hostname, _time_left(timeout)))

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _time_left(timeout: float | None) -> float | None:
    """Return the seconds that a step of the call may take."""
    left = over_at.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the call is over")
    return min(left, math.inf if timeout is None else timeout)
