"""Keeps what reports are read from in step with the requests, some time after they have changed."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ill_broker.services.members.directory import Directory
from ill_broker.storage import reports
from ill_broker.storage.store import Store
from workflows.ids import LibraryCode, RequestId
from workflows.policies.book import PolicyBook
from workflows.requests.measures import measured

#: where a library without a file of its own is taken to be
_ZONE = ZoneInfo("Asia/Shanghai")
#: seconds in which one run goes on
BUDGET_SECONDS = 20.0
#: events read at once
BATCH = 2000
#: what is saved late, or by a machine whose clock is behind, is seen all the same; far more than this is
#: looked at again in one run, so that each comes further than the last
_AGAIN = timedelta(hours=1)


class ReportCounting:
    """Works out what each request adds to reports, once it has changed."""

    def __init__(
        self, store: Store, directory: Directory, *, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._directory = directory
        self._timer = timer

    def go_on(self, now: datetime, *, seconds: float = BUDGET_SECONDS) -> int:
        """Count what has changed, for some seconds, and return how many requests that were."""
        until, done = self._timer() + seconds, 0
        with self._store.reading() as conn:
            kept = reports.mark(conn)
        since = None if kept is None else kept[0] - _AGAIN
        after: tuple[datetime, RequestId] | None = None
        while self._timer() < until:
            with self._store.writing() as conn:
                found = reports.changed(conn, since, after, BATCH)
                if found:
                    after = found[-1]
                    done += self._count(conn, {request for _, request in found}, now)
                heard = after[0] if after else kept[0] if kept else now
                reports.set_mark(conn, heard, now=now)
            if len(found) < BATCH:
                break
        return done

    def _count(self, conn: Connection, changed: set[RequestId], now: datetime) -> int:
        book = self._directory.in_force(now)
        outdated = reports.outdated(conn, changed)
        reports.put(conn, [(request, measured(request, zone_of(request.home, book))) for request in outdated])
        return len(outdated)


def zone_of(library: LibraryCode | None, book: PolicyBook) -> ZoneInfo:
    """Return the zone in which days of *library* are counted."""
    return book.policy(library).calendar.zone if library in book.ids else _ZONE
