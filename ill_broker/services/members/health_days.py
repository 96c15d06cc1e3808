"""How members' connectors did day by day: counted in each process, written once a minute, kept a month."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from threading import Lock
from typing import NamedTuple

import structlog

from ill_broker.storage import connector_days as rows
from ill_broker.storage.connector_days import Counted
from ill_broker.storage.failures import StorageFailure
from ill_broker.storage.store import Store
from workflows.ids import LibraryCode

#: how many days are shown, today among them
SHOWN = 30
#: seconds between two writings
_EVERY = 60.0
#: milliseconds by which waits are told apart; what is longer counts among the last
_WITHIN = (100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000)
_log = structlog.get_logger("ill_broker.health")


class _Key(NamedTuple):
    library: LibraryCode
    connector: str
    day: date
    within: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorDay:
    """How a connector did on a day, in UTC."""

    connector: str
    day: date
    calls: int
    failures: int
    #: in which half of the calls that were measured were over; None where none was
    median_milliseconds: int | None


class HealthDays:
    """Counts calls, and tells what was counted.

    A process that ends loses what it has counted since it last wrote, and one that calls nobody any more
    writes its last minute when it calls again.
    """

    def __init__(self, store: Store, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._timer = timer
        self._calls: Counter[_Key] = Counter()
        self._failures: Counter[_Key] = Counter()
        self._written_at = timer()
        self._lock = Lock()

    def count(
        self, library: str, connector: str, *, failed: bool, milliseconds: int | None, now: datetime
    ) -> None:
        """Count a call; nothing is written before :meth:`write_in_time`."""
        within = 0 if milliseconds is None else next((w for w in _WITHIN if milliseconds <= w), _WITHIN[-1])
        key = _Key(LibraryCode(library), connector, now.astimezone(UTC).date(), within)
        with self._lock:
            self._calls[key] += 1
            self._failures[key] += failed

    def write_in_time(self) -> None:
        """Write what was counted, if that was not done for a while."""
        if self._timer() - self._written_at >= _EVERY:
            self.write()

    def write(self) -> None:
        """Write what was counted; what cannot be written now is kept for the next time."""
        with self._lock:
            calls, failures = self._calls, self._failures
            self._calls, self._failures, self._written_at = Counter(), Counter(), self._timer()
        if not calls:
            return
        counted = [Counted(**key._asdict(), calls=calls[key], failures=failures[key]) for key in calls]
        try:
            self._store.write(lambda conn: rows.add(conn, counted))
        except StorageFailure as error:
            _log.warning("calls not counted yet", reason=str(error))
            with self._lock:
                self._calls += calls
                self._failures += failures

    def of(self, library: LibraryCode, now: datetime) -> list[ConnectorDay]:
        """Return the days of the last month on which a library's connectors were called, by connector."""
        self.write()
        since = now.astimezone(UTC).date() - timedelta(days=SHOWN - 1)
        with self._store.reading() as conn:
            counted = rows.of(conn, library, since=since)
        days = groupby(counted, key=lambda one: (one.connector, one.day))
        return [_day(connector, day, list(found)) for (connector, day), found in days]


def _day(connector: str, day: date, counted: Iterable[Counted]) -> ConnectorDay:
    counted = list(counted)
    return ConnectorDay(
        connector=connector,
        day=day,
        calls=sum(one.calls for one in counted),
        failures=sum(one.failures for one in counted),
        median_milliseconds=_median([one for one in counted if one.within]),
    )


def _median(measured: Iterable[Counted]) -> int | None:
    """Return the wait in which half of the calls were over; they are given from the shortest on."""
    measured = list(measured)
    half, so_far = sum(one.calls for one in measured) / 2, 0
    for one in measured:
        so_far += one.calls
        if so_far >= half:
            return one.within
    return None
