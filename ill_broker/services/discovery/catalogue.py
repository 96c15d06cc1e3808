"""The union catalogue: searched before any member is asked, and filled from files and harvests."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from connectors.marc.catalogue import marc_hit
from connectors.marc.encodings import Encoding
from connectors.marc.iso2709 import NotIso2709, decode
from connectors.xml import speakable
from ill_broker.services.discovery import near_titles
from ill_broker.services.discovery.catalogue_readings import (
    combined,
    excluded,
    is_left_over,
    loose_readings,
    years_of,
)
from ill_broker.services.discovery.catalogue_terms import EDITION, terms_of
from ill_broker.storage import catalogue as rows
from ill_broker.storage import catalogue_editions as editions
from ill_broker.storage import catalogue_works as stored_works
from ill_broker.storage.catalogue import Harvest, NewRecord
from ill_broker.storage.catalogue_works import Narrowing
from ill_broker.storage.store import Store
from workflows.citation import Hit, Query
from workflows.discovery.criteria import fitting as fit_for
from workflows.discovery.union_catalogue import holders
from workflows.discovery.works import Work, how_many
from workflows.ids import LibraryCode

#: more works than this are left out of an answer
MOST_WORKS = 100
#: works that are compared with what was typed where nothing was found, and of one way to look for it
_MOST_COMPARED, _MOST_A_WAY = 200, 60
#: a library that was not harvested for so long is not shown any more
CURRENT = timedelta(days=14)
#: what came from a file is good until the next file
_FOR_EVER = timedelta(days=36_500)
_BATCH = 1_000
#: records that are made anew in one transaction, and in one run of the worker's job
_REMADE_AT_ONCE, _A_RUN = 200, 20_000
_CHUNK = 1024 * 1024
#: ISO 2709 counts the length of a record in five digits
_LONGEST_RECORD = 99_999
_END_OF_RECORD = b"\x1d"


class NothingToLoad(ValueError):
    """No record of the file can be read: it is of another kind, or in another encoding."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file: records stored, those nobody can read, those that are gone."""

    stored: int = 0
    unread: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the union catalogue has of a library."""

    harvest: Harvest
    records: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the union catalogue has of what is looked for."""

    hits: tuple[Hit, ...] = ()
    #: how many works fit, shown or not
    works: int = 0
    #: how many records of each library fit, shown or not
    records: Mapping[LibraryCode, int] = field(default_factory=dict)


class Catalogue:
    """What all members have, as far as they have told."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, query: Query, now: datetime, *, most: int = MOST_WORKS) -> Remembered:
        """Return works that fit, with all that any library has of each.

        First come titles that are the one asked for, then what fits by words, then by sound.
        """
        with self._store.reading() as conn:
            if not rows.current(conn, now=now):
                return Remembered()
            narrowing = Narrowing(years_of(query), excluded(query))
            choices = [terms for some in combined(query) for terms in some]
            choices = choices or [(year,) for year in narrowing.one_of]
            fitting = _fitting(conn, choices, now, most, narrowing)
            if not fitting and not query.any_of:
                choices = list(loose_readings(query))
                fitting = _fitting(conn, choices, now, most, narrowing)
            hits, are_all = stored_works.held(conn, fitting, now=now)
            if is_left_over(query):
                hits = list(fit_for(hits, query))
                return Remembered(tuple(hits), how_many(hits), holders(hits))
            if are_all and len(fitting) < most:
                return Remembered(tuple(hits), how_many(hits), holders(hits))
            tally = stored_works.tally(conn, choices, now=now, narrowing=narrowing)
        return Remembered(tuple(hits), tally.works, tally.records)

    def near(self, query: Query, now: datetime) -> tuple[str, ...]:
        """Return titles that are almost what was typed; for when nothing was found."""
        with self._store.reading() as conn:
            fitting: dict[int, None] = {}
            for terms in near_titles.ways(query):
                fitting |= dict.fromkeys(stored_works.fitting(conn, terms, now=now, most=_MOST_A_WAY))
            hits, _ = stored_works.held(conn, list(fitting)[:_MOST_COMPARED], now=now)
        return near_titles.near(query, hits)

    def beside(self, found: Sequence[Work], now: datetime, *, most: int = MOST_WORKS) -> tuple[Hit, ...]:
        """Return all that any library has of the first of the works that were found elsewhere."""
        with self._store.reading() as conn:
            hits, _ = stored_works.held(conn, _numbers(found[:most]), now=now)
        return tuple(hits)

    def known(self, found: Iterable[Work], now: datetime) -> int:
        """Return of how many of the works there is a record."""
        with self._store.reading() as conn:
            return len(stored_works.known(conn, set(_numbers(found)), now=now))

    def standings(self, now: datetime) -> tuple[Coverage, ...]:
        """Return what there is of each library that was ever harvested or loaded."""
        with self._store.reading() as conn:
            current = rows.current(conn, now=now)
            return tuple(
                Coverage(harvest, rows.count(conn, code), code in current)
                for code, harvest in rows.harvests(conn).items()
            )

    def current(self, now: datetime) -> frozenset[LibraryCode]:
        """Return the libraries whose records are shown."""
        with self._store.reading() as conn:
            return rows.current(conn, now=now)

    def load(self, file: Path, library: LibraryCode, now: datetime, *, encoding: Encoding = "auto") -> Loaded:
        """Take a file of MARC records as all that the library has; what is not in it is deleted at the end.

        :raises NothingToLoad: if no record of it can be read; nothing is deleted then
        """
        harvest = self._store.write(lambda conn: _numbered(conn, library))
        counted = Loaded()
        hits = _hits(file, library, encoding)
        while batch := list(islice(hits, _BATCH)):
            entries = [entry(name, hit) for name, hit in batch if hit is not None]
            counted = Loaded(counted.stored + len(entries), counted.unread + len(batch) - len(entries))
            self._store.write(partial(rows.put, library=library, entries=entries, at_round=harvest.round))
        if not counted.stored:
            raise NothingToLoad(str(file))
        gone = self.swept(library, harvest.round)
        ended = Harvest(
            library=library,
            round=harvest.round,
            seen=counted.stored,
            last_success=now,
            last_full=now,
            current_until=now + _FOR_EVER,
        )
        self._store.write(lambda conn: rows.save(conn, ended))
        self._store.write(rows.refresh_statistics)
        return replace(counted, gone=gone)

    def swept(self, library: LibraryCode, at_round: int) -> int:
        """Delete what was last part of an earlier list, and return how many records that were."""
        gone = 0
        while some := self._store.write(lambda conn: rows.sweep(conn, library, before=at_round)):
            gone += some
        return gone


def _fitting(
    conn: Connection, choices: Iterable[Sequence[str]], now: datetime, most: int, narrowing: Narrowing
) -> list[int]:
    found: dict[int, None] = {}
    for terms in choices:
        if len(found) < most:
            found |= dict.fromkeys(stored_works.fitting(conn, terms, now=now, most=most, narrowing=narrowing))
    return list(islice(found, most))


def _numbers(found: Iterable[Work]) -> list[int]:
    return [stored_works.number(work.citation) for work in found]


def _numbered(conn: Connection, library: LibraryCode) -> Harvest:
    """Return the harvest under the number of a new list, and keep the number even if nothing comes of it."""
    former = rows.harvest_of(conn, library)
    harvest = replace(former, round=former.round + 1, is_running=False, is_sweeping=False, token=None)
    rows.save(conn, harvest)
    return harvest


def entry(identifier: str, hit: Hit) -> NewRecord:
    """Return a record as it is stored: that a copy is in is old by tomorrow and left out."""
    holdings = tuple(replace(holding, available=None) for holding in hit.holdings)
    return NewRecord(
        identifier=speakable(identifier),
        hit=replace(hit, holdings=holdings),
        terms=terms_of(hit.citation, hit.details),
        edition=EDITION,
    )


def remake(store: Store) -> int:
    """Make records anew that were stored by earlier rules, as many as one run may, and return how many.

    What costs time is done while nobody waits for the database.
    """
    remade = 0
    while remade < _A_RUN:
        with store.reading() as conn:
            found = editions.outdated(conn, EDITION, most=_REMADE_AT_ONCE)
        if not found:
            break
        made = [(stored, terms_of(stored.hit.citation, stored.hit.details)) for stored in found]
        store.write(partial(editions.remake, made=made, edition=EDITION))
        remade += len(made)
    return remade


def _hits(file: Path, library: LibraryCode, encoding: Encoding) -> Iterator[tuple[str, Hit | None]]:
    """Return each record of a file under its number; None for one that nobody can read, or has no title."""
    for raw in _records(file):
        try:
            record = decode(raw, encoding=encoding)
        except NotIso2709:
            yield "", None
            continue
        name = record.record_id or sha256(raw).hexdigest()
        yield name, marc_hit(record, library=library)


def _records(file: Path) -> Iterator[bytes]:
    """Return the records of a file of any size, one by one."""
    rest = b""
    with file.open("rb") as opened:
        for chunk in iter(lambda: opened.read(_CHUNK), b""):
            *whole, rest = (rest + chunk).split(_END_OF_RECORD)
            yield from _sound(whole)
            # What is longer than any record is none; it is told as one that cannot be read.
            if len(rest) > _LONGEST_RECORD:
                yield b""
                rest = b""
    yield from _sound([rest])


def _sound(parts: Iterable[bytes]) -> Iterator[bytes]:
    return (part.lstrip() + _END_OF_RECORD for part in parts if part.strip())
