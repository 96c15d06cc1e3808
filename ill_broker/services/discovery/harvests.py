"""Harvesting: each library's list is fetched page by page, and goes on where it stood after any break."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from connectors.failures import Garbled, ListLost, PartnerFailure, Refused
from connectors.ports import Harvester, HarvestPage, Registry
from ill_broker.services.discovery.catalogue import CURRENT, Catalogue, entry
from ill_broker.services.members.connector_health import Call, PartnerHealth, call
from ill_broker.services.members.directory import Directory
from ill_broker.services.refusals import Unknown
from ill_broker.storage import catalogue as rows
from ill_broker.storage.catalogue import Harvest
from ill_broker.storage.store import Store
from workflows.ids import LibraryCode

#: how often a library is asked what has changed
EVERY = timedelta(hours=6)
#: how often it is asked for everything: many do not tell what they have deleted
FULL_EVERY = timedelta(days=28)
#: changes are asked for from before the last list began: a record may be stamped before it is to be seen
OVERLAP = timedelta(hours=1)
#: a list of more pages, or with a smaller part of the records that were announced, did not end well
MOST_PAGES, FEWEST = 100_000, 0.9
#: seconds that one run of the job goes on beginning pages
BUDGET_SECONDS = 30.0
#: as which connector the library's list is known
_OAI = "oai"
_FIRST_WAIT, _LONGEST_WAIT, _MOST_DOUBLINGS = timedelta(minutes=1), timedelta(days=1), 11

_log = structlog.get_logger("ill_broker.harvest")


class Harvests:
    """Keeps the union catalogue as the libraries' own lists have it."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        registry: Registry,
        *,
        health: PartnerHealth | None = None,
        seconds: float = BUDGET_SECONDS,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._directory, self._registry = store, directory, registry
        self._catalogue = Catalogue(store)
        self._health = health
        self._seconds, self._timer = seconds, timer

    def go_on(self, now: datetime) -> int:
        """Fetch pages of all lists that are due, one of each in turn, for some seconds; return how many."""
        until, pages = self._timer() + self._seconds, 0
        waiting = self._due(now)
        while waiting:
            for library in list(waiting):
                if self._timer() >= until:
                    return pages
                harvest = self.step(library, now)
                pages += 1
                if harvest.failures:
                    _log.warning("harvest_failed", library=library, detail=harvest.detail)
                if not _goes_on(harvest, now):
                    waiting.remove(library)
        return pages

    def harvest(
        self, library: LibraryCode, now: datetime, *, told: Callable[[Harvest], None] = lambda _: None
    ) -> Harvest:
        """Fetch the library's list to its end, or to the first failure, due or not.

        :raises Unknown: if the library cannot be harvested
        """
        harvest = self.step(library, now)
        while _goes_on(harvest, now):
            told(harvest)
            harvest = self.step(library, now)
        return harvest

    def step(self, library: LibraryCode, now: datetime) -> Harvest:
        """Fetch and keep one page, or delete what is gone; return how far the list has come.

        :raises Unknown: if the library cannot be harvested
        """
        harvester = self._registry.connectors(library).harvester
        if harvester is None:
            raise Unknown
        with self._store.reading() as conn:
            before = rows.harvest_of(conn, library)
        if before.is_sweeping:
            return self._swept(before, now)
        harvest = before if before.is_running else _begun(before, now)
        try:
            page = _page(harvester, harvest)
        except PartnerFailure as failure:
            self._note(call(library, _OAI, failure), now)
            return self._kept(_failed(harvest, failure, now))
        self._note(call(library, _OAI), now)
        return self._taken(before, harvest, page, now)

    def _note(self, told: Call, now: datetime) -> None:
        if self._health is not None:
            self._health.note([told], now=now)

    def harvestable(self, now: datetime) -> tuple[LibraryCode, ...]:
        """Return the libraries that have a list to be fetched."""
        codes = sorted(self._directory.libraries(now))
        return tuple(code for code in codes if self._registry.connectors(code).harvester)

    def _due(self, now: datetime) -> list[LibraryCode]:
        with self._store.reading() as conn:
            known = rows.harvests(conn)
        harvests = [known.get(code, Harvest(library=code)) for code in self.harvestable(now)]
        return [harvest.library for harvest in harvests if harvest.due_at is None or harvest.due_at <= now]

    def _taken(self, before: Harvest, harvest: Harvest, page: HarvestPage, now: datetime) -> Harvest:
        """Store a page and, in the same transaction, that the list has come so far.

        Where another process has gone on with the list meanwhile, the page is its own affair.
        """
        new = [entry(record.identifier, record.hit) for record in page.records if record.hit is not None]
        gone = {record.identifier for record in page.records if record.is_deleted}
        came = _with_page(harvest, page, now)

        def work(conn: Connection) -> Harvest:
            stored = rows.harvest_of(conn, harvest.library)
            if stored != before:
                return stored
            rows.put(conn, harvest.library, new, at_round=harvest.round)
            rows.remove(conn, harvest.library, gone)
            after = came if came.token else _at_end(came, rows.count(conn, harvest.library), now)
            rows.save(conn, after)
            return after

        return self._store.write(work)

    def _swept(self, harvest: Harvest, now: datetime) -> Harvest:
        self._catalogue.swept(harvest.library, harvest.round)
        return self._kept(_succeeded(replace(harvest, is_sweeping=False), now))

    def _kept(self, harvest: Harvest) -> Harvest:
        self._store.write(lambda conn: rows.save(conn, harvest))
        return harvest


# ---------------------------------------------------------------- what comes after what


def _goes_on(harvest: Harvest, now: datetime) -> bool:
    """Say whether there is more to fetch at once."""
    unfinished = harvest.is_running or harvest.is_sweeping
    return unfinished and (harvest.due_at is None or harvest.due_at <= now)


def _page(harvester: Harvester, harvest: Harvest) -> HarvestPage:
    if harvest.pages >= MOST_PAGES:
        raise ListLost(harvest.library, "a list without an end")
    if harvest.token is None:
        return harvester.begin(since=harvest.since)
    try:
        return harvester.go_on(harvest.token)
    except Refused as error:
        # Some say badArgument or 404 to a token that they no longer know.
        if error.again:
            raise
        raise ListLost(harvest.library, error.detail) from error


def _begun(harvest: Harvest, now: datetime) -> Harvest:
    """Return the harvest with a new list: of changes, or of everything if that is due."""
    is_full = harvest.next_since is None or harvest.last_full is None or harvest.last_full + FULL_EVERY <= now
    since = None if is_full else harvest.next_since
    return _anew(replace(harvest, is_running=True, is_full=is_full, since=since))


def _anew(harvest: Harvest) -> Harvest:
    """Return the harvest with the same list from its beginning: what came before may be missing in it now."""
    return replace(
        harvest, round=harvest.round + 1, token=None, began_at=None, pages=0, seen=0, total=None, due_at=None
    )


def _with_page(harvest: Harvest, page: HarvestPage, now: datetime) -> Harvest:
    return replace(
        harvest,
        token=page.token,
        began_at=harvest.began_at or page.said_at or now,
        pages=harvest.pages + 1,
        seen=harvest.seen + len(page.records),
        total=page.total if page.total is not None else harvest.total,
        failures=0,
        detail=None,
        due_at=None,
    )


def _at_end(harvest: Harvest, known: int, now: datetime) -> Harvest:
    """Return what comes after the last page; only a list that is whole says what is gone.

    :param known: how many records of the library are stored
    """
    if not harvest.is_full:
        return _succeeded(harvest, now)
    if harvest.seen < FEWEST * (harvest.total or 0) or (known and not harvest.seen):
        short = Garbled(harvest.library, f"the list ended after {harvest.seen} of {harvest.total or known}")
        return _failed(replace(harvest, is_running=False), short, now)
    return replace(harvest, is_running=False, is_sweeping=True)


def _succeeded(harvest: Harvest, now: datetime) -> Harvest:
    began = harvest.began_at or now
    return replace(
        harvest,
        is_running=False,
        token=None,
        next_since=began - OVERLAP,
        last_success=now,
        current_until=now + CURRENT,
        last_full=now if harvest.is_full else harvest.last_full,
        failures=0,
        lost=0,
        detail=None,
        due_at=now + EVERY,
    )


def _failed(harvest: Harvest, failure: PartnerFailure, now: datetime) -> Harvest:
    """Return the harvest after a failure: it goes on where it stands, or anew if its place is lost."""
    failed = replace(harvest, failures=harvest.failures + 1, last_failure=now, detail=failure.detail)
    if isinstance(failure, ListLost):
        # The first time nobody is to blame: tokens expire while nobody works.
        wait = _wait(harvest.lost) if harvest.lost else timedelta(0)
        return replace(_anew(failed), lost=harvest.lost + 1, due_at=now + wait)
    asked = min(_LONGEST_WAIT, timedelta(seconds=failure.retry_after or 0))
    return replace(failed, due_at=now + max(_wait(failed.failures), asked))


def _wait(times: int) -> timedelta:
    """Return how long to wait after something went wrong so many times."""
    return min(_LONGEST_WAIT, _FIRST_WAIT * (1 << min(times - 1, _MOST_DOUBLINGS)))
