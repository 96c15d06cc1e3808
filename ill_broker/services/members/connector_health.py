"""How members' connectors are doing: noted by whoever calls them, looked at before they are called again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

import structlog
from prometheus_client import Gauge
from sqlalchemy import Connection

from connectors.failures import PartnerFailure, Unreachable
from ill_broker.services.members.health_days import HealthDays
from ill_broker.storage import health as rows
from ill_broker.storage.failures import StorageFailure
from ill_broker.storage.health import Health
from ill_broker.storage.store import Store
from workflows.ids import LibraryCode

#: failures in a row after which a connector is not called for a while
FAILURES = 3
REST = timedelta(seconds=30)
#: how long another process may take to notice
_FRESH = timedelta(seconds=5)
#: a call that goes well after another that did is worth a note so often
_NEWS = timedelta(minutes=1)
_MOST_WORDS = 300

IN_A_ROW = Gauge(
    "ill_partner_failures",
    "Calls to a member's connector that failed in a row.",
    ("library", "connector"),
    multiprocess_mode="mostrecent",
)
_log = structlog.get_logger("ill_broker.health")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What came of one call to a connector."""

    library: str
    connector: str
    #: None if it went well
    failure: str | None = None
    #: whether there was an answer, if only one of no use; None: nobody waited long enough to know
    lives: bool | None = True
    #: None where nobody measured
    milliseconds: int | None = None


def call(
    library: str, connector: str, failure: PartnerFailure | None = None, *, milliseconds: int | None = None
) -> Call:
    """Return a call that went well, or failed so."""
    told = None if failure is None else failure.detail
    return Call(
        library=library,
        connector=connector,
        failure=told,
        lives=not isinstance(failure, Unreachable),
        milliseconds=milliseconds,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorHealth:
    """How a connector is doing, and until when it is left alone."""

    health: Health
    #: closed: it is called; open: it is not; half_open: the next call decides
    state: str
    rests_until: datetime | None = None


class PartnerHealth:
    """Keeps what every process knows of members' connectors; each looks at it every few seconds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        #: how they did day by day
        self.days = HealthDays(store)
        self._known: dict[tuple[str, str], Health] = {}
        self._read_at: datetime | None = None
        self._lock = Lock()

    def rests_until(self, library: str, connector: str, now: datetime) -> datetime | None:
        """Return until when a connector is not to be called; None if it may be."""
        return self.resting({library: connector}, now).get(library)

    def resting(self, connectors: Mapping[str, str], now: datetime) -> dict[str, datetime]:
        """Return those libraries whose connector is not to be called, and until when.

        :param connectors: from a library to the connector that would be called
        """
        self._refresh(now)
        rests = {each: _rests_until(self._known.get((each, connectors[each])), now) for each in connectors}
        return {library: until for library, until in rests.items() if until is not None}

    def of(self, library: LibraryCode | None, now: datetime) -> list[ConnectorHealth]:
        """Return how the connectors of a library, or of everybody, are doing."""
        with self._store.reading() as conn:
            found = rows.all_of(conn)
        return [_standing(each, now) for each in found if library in {None, each.library}]

    def note(self, calls: Iterable[Call], *, now: datetime) -> None:
        """Note what came of calls; what everybody knows already is counted, and not written at once."""
        calls = list(calls)
        self._count(calls, now)
        self._refresh(now)
        news = [each for each in calls if self._is_news(each, now)]
        if not news:
            return

        def written(conn: Connection) -> None:
            for each in news:
                _write(conn, each, now)

        try:
            self._store.write(written)
        except StorageFailure as error:
            _log.warning("health not noted", reason=str(error))
        self._refresh(now, at_once=True)

    def _count(self, calls: Iterable[Call], now: datetime) -> None:
        for each in calls:
            failed, took = each.failure is not None, each.milliseconds
            self.days.count(each.library, each.connector, failed=failed, milliseconds=took, now=now)
        self.days.write_in_time()

    def _is_news(self, told: Call, now: datetime) -> bool:
        known = self._known.get((told.library, told.connector))
        if told.failure is not None or known is None or known.failures or known.state != rows.CLOSED:
            return True
        return known.last_success is None or abs(now - known.last_success) >= _NEWS

    def _refresh(self, now: datetime, *, at_once: bool = False) -> None:
        with self._lock:
            if not at_once and self._read_at is not None and abs(now - self._read_at) < _FRESH:
                return
            try:
                with self._store.reading() as conn:
                    found = rows.all_of(conn)
            except StorageFailure as error:
                _log.warning("health not read", reason=str(error))
                return
            self._known = {(each.library, each.connector): each for each in found}
            self._read_at = now
        for each in found:
            IN_A_ROW.labels(each.library, each.connector).set(each.failures)


def _write(conn: Connection, told: Call, now: datetime) -> None:
    library = LibraryCode(told.library)
    if told.failure is None:
        rows.succeeded(conn, library, told.connector, now=now)
        return
    detail = told.failure[:_MOST_WORDS]
    opens_at = FAILURES if told.lives is False else None
    rows.failed(conn, library, told.connector, now=now, detail=detail, opens_at=opens_at)
    if told.lives:
        rows.set_state(conn, library, told.connector, rows.CLOSED)


def _rests_until(known: Health | None, now: datetime) -> datetime | None:
    if known is None or known.state != rows.OPEN or known.last_failure is None:
        return None
    until = known.last_failure + REST
    # a clock that was set back must not make anybody rest for long
    return until if now < until and until - now <= REST else None


def _standing(health: Health, now: datetime) -> ConnectorHealth:
    until = _rests_until(health, now)
    state = rows.HALF_OPEN if health.state == rows.OPEN and until is None else health.state
    return ConnectorHealth(health=health, state=state, rests_until=until)
