"""How often something may be tried: by whom, and from where."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from flask import request
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
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


class Throttle:
    """Counts attempts; in this process alone, or in Redis for all of them."""

    def __init__(self, url: str = "memory://") -> None:
        self._limiter = MovingWindowRateLimiter(storage_from_string(url))

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


def _epoch() -> float:
    """Return the time by which the counters run, which is not that of a scripted clock."""
    return time.clock_gettime(time.CLOCK_REALTIME)
