"""How much one caller may send, and where a request comes from."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from flask import request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests


@dataclass(frozen=True, slots=True)
class Limit:
    """What is counted, and how much of it is allowed, such as "10 per minute"."""

    what: str
    rate: RateLimitItem

    @classmethod
    def of(cls, what: str, rate: str) -> Limit:
        return cls(what, parse(rate))


#: a desk looks up one card after the other; nobody tries numbers
CARD_LOOKUPS = Limit.of("cards", "60 per minute")


class Throttle:
    """Counts what floods this process; services/people/attempts.py what must not be tried often."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, limit: Limit, whose: str) -> None:
        """Count an attempt.

        :raises TooManyRequests: with the seconds to wait, if there were enough
        """
        if not self._limiter.hit(limit.rate, limit.what, whose):
            until = self._limiter.get_window_stats(limit.rate, limit.what, whose).reset_time
            raise TooManyRequests(retry_after=max(1, math.ceil(until - _epoch())))


def address() -> str:
    """Return where the request comes from."""
    return request.remote_addr or "nowhere"


def network() -> str:
    """Return the network that the request comes from; a host has half of IPv6's bits for itself."""
    told = address()
    try:
        known = ip_address(told)
    except ValueError:  # some proxies add a port
        return told
    if known.version == 4:  # noqa: PLR2004 - of IP
        return told
    # whoever listens on both hears of IPv4 in the words of IPv6, all of it as one network
    return str(known.ipv4_mapped or ip_network((known, 64), strict=False))


def _epoch() -> float:
    """Return the time by which the counters run, which is not that of a scripted clock."""
    return time.clock_gettime(time.CLOCK_REALTIME)
