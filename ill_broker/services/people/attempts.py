"""How often something may be tried: wrong passwords ever more slowly, letters so many in an hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from sqlalchemy import Connection

from ill_broker.services.refusals import TooOften
from ill_broker.storage import attempts
from ill_broker.storage.store import Store
from workflows.identifiers import fold

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)
#: wrong passwords of an account from a network before each next try waits twice as long, up to a minute
_FREE, _DOUBLINGS = 5, 6
#: how long somebody who has logged in is known at their network
_KNOWN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Limit:
    """What is counted, and how much of it is allowed within which time."""

    what: str
    allowed: int
    within: timedelta

    def pause(self, tried: int) -> timedelta:
        """Return how long it is until the next one."""
        return self.within if tried >= self.allowed else timedelta()


_WRONG_FROM_NETWORK = Limit("wrong passwords", 120, _MINUTE)
#: letters that strangers order, from one network and to one address
_FROM_NETWORK = Limit("registrations", 60, timedelta(hours=1))
_TO_ADDRESS = Limit("letters", 5, timedelta(hours=1))


class Attempts:
    """Counts attempts, and refuses those that come too early."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def count(self, limit: Limit, whose: str, *, now: datetime) -> None:
        """Count an attempt.

        :raises TooOften: if there were enough
        """
        with self._store.writing() as conn:
            until = _count(conn, limit, whose, now)
        _refuse_until(until, now)

    def count_letter(self, email: str, network: str, *, now: datetime) -> None:
        """Count a letter that a stranger orders, from where and to whom.

        :raises TooOften: if there were enough
        """
        self.count(_FROM_NETWORK, network, now=now)
        self.count(_TO_ADDRESS, fold(email), now=now)

    def begin(self, account: str, network: str, *, now: datetime) -> None:
        """Count a try of an account's password as a wrong one, until :meth:`succeed` says otherwise.

        A pair of account and network slows down by itself, so that nobody elsewhere is held up. Who tries
        many accounts holds their network up, except for those who have logged in there before.

        :raises TooOften: if it comes too early
        """
        pair, everybody = _key("pair", account, network), _key(_WRONG_FROM_NETWORK.what, network)
        with self._store.reading() as conn:
            mine, others = (attempts.find(conn, key, now=now) for key in (pair, everybody))
        _refuse_until(mine.not_before, now)
        if not mine.is_known:
            _refuse_until(others.not_before, now)
        with self._store.writing() as conn:
            until = attempts.count(conn, pair, within=_DAY, pause=_slower, now=now)
            if until is None:
                _count(conn, _WRONG_FROM_NETWORK, network, now)
        _refuse_until(until, now)

    def succeed(self, account: str, network: str, *, now: datetime) -> None:
        """Say that the password was right: nothing has been tried here but by its owner."""
        with self._store.writing() as conn:
            attempts.know(conn, _key("pair", account, network), until=now + _KNOWN, now=now)
            attempts.take_back(conn, _key(_WRONG_FROM_NETWORK.what, network))


def _count(conn: Connection, limit: Limit, whose: str, now: datetime) -> datetime | None:
    key = _key(limit.what, whose)
    return attempts.count(conn, key, within=limit.within, pause=limit.pause, now=now)


def _slower(tried: int) -> timedelta:
    return timedelta(seconds=min(2 ** min(tried - _FREE, _DOUBLINGS), 60)) if tried >= _FREE else timedelta()


def _key(*parts: str) -> str:
    """Return what is stored of who tried what: it says neither."""
    return sha256("\0".join(parts).encode()).hexdigest()


def _refuse_until(until: datetime | None, now: datetime) -> None:
    if until is not None and until > now:
        raise TooOften(retry_after=ceil((until - now).total_seconds()))
