"""The union catalogue: what the members told of all they have, to be found without asking them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, select, text

from ill_broker.storage.catalogue_rows import catalogue_lists, catalogue_records
from ill_broker.storage.catalogue_works import numbers
from ill_broker.storage.records import from_json, to_json
from ill_broker.storage.statements import inserting
from workflows.citation import Hit
from workflows.ids import LibraryCode

#: records deleted at once: each costs the full-text index a step
_SWEPT_AT_ONCE = 5_000
#: what is told anew of a record that is there
_CHANGED = ("round", "terms", "hit", "work", "unnumbered", "numbered_round", "edition")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecord:
    """A record on its way into the catalogue."""

    identifier: str
    hit: Hit
    terms: tuple[str, ...]
    #: by which rules the terms were made
    edition: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """How far one library's list has come, and what came of the last ones."""

    library: LibraryCode
    #: how many lists were begun; a record keeps the number of the last one that it was part of
    round: int = 0
    is_running: bool = False
    #: whether the list is of everything, so that what is not in it is gone
    is_full: bool = True
    #: from when on changes were asked for
    since: datetime | None = None
    token: str | None = None
    #: when the list was begun, by the library's clock
    began_at: datetime | None = None
    pages: int = 0
    seen: int = 0
    #: how many records the library says its list has
    total: int | None = None
    #: the list is at its end, and what was not in it is being deleted
    is_sweeping: bool = False
    #: from when on the next list asks for changes; None asks for everything
    next_since: datetime | None = None
    last_success: datetime | None = None
    last_full: datetime | None = None
    #: until when its records are worth showing; not at all before its first list was whole
    current_until: datetime | None = None
    #: in a row
    failures: int = 0
    #: how often the running list had to be begun anew, because the library had forgotten it
    lost: int = 0
    last_failure: datetime | None = None
    detail: str | None = None
    #: not before then is the library asked again
    due_at: datetime | None = None


# ---------------------------------------------------------------- records


def put(conn: Connection, library: LibraryCode, entries: Iterable[NewRecord], *, at_round: int) -> None:
    """Store records of a library, new or changed."""
    rows = {
        entry.identifier: {
            "library": library,
            "identifier": entry.identifier,
            "round": at_round,
            "terms": entry.terms,
            "hit": to_json(entry.hit),
            **numbers(entry.hit.citation),
            "numbered_round": at_round,
            "edition": entry.edition,
        }
        for entry in entries
    }
    if not rows:
        return
    statement = inserting(conn, catalogue_records)
    told = statement.excluded
    changed = {name: told[name] for name in _CHANGED}
    conn.execute(
        statement.on_conflict_do_update(index_elements=["library", "identifier"], set_=changed),
        [rows[identifier] for identifier in sorted(rows)],
    )


def remove(conn: Connection, library: LibraryCode, identifiers: Collection[str]) -> None:
    """Delete records that the library has no longer."""
    if identifiers:
        named = catalogue_records.c.identifier.in_(sorted(identifiers))
        conn.execute(delete(catalogue_records).where(catalogue_records.c.library == library, named))


def sweep(conn: Connection, library: LibraryCode, *, before: int) -> int:
    """Delete some of what was last part of a list before that round; return how many, 0 at the end."""
    old = and_(catalogue_records.c.library == library, catalogue_records.c.round < before)
    ids = select(catalogue_records.c.id).where(old).limit(_SWEPT_AT_ONCE)
    return conn.execute(delete(catalogue_records).where(catalogue_records.c.id.in_(ids))).rowcount


def count(conn: Connection, library: LibraryCode) -> int:
    """Return how many records of the library there are."""
    mine = select(func.count()).select_from(catalogue_records).where(catalogue_records.c.library == library)
    return int(conn.execute(mine).scalar_one())


def refresh_statistics(conn: Connection) -> None:
    """Have the database look at the catalogue anew, after much has changed."""
    conn.execute(text("ANALYZE catalogue_records"))


# ---------------------------------------------------------------- lists


def harvest_of(conn: Connection, library: LibraryCode) -> Harvest:
    """Return how far the library's list has come; not at all if none was ever begun."""
    found = select(catalogue_lists.c.state).where(catalogue_lists.c.library == library)
    state = conn.execute(found).scalar_one_or_none()
    return Harvest(library=library) if state is None else from_json(Harvest, state)


def harvests(conn: Connection) -> dict[LibraryCode, Harvest]:
    """Return how far every library's list has come."""
    found = select(catalogue_lists.c.state).order_by(catalogue_lists.c.library)
    states = (from_json(Harvest, state) for state in conn.execute(found).scalars())
    return {state.library: state for state in states}


def save(conn: Connection, harvest: Harvest) -> None:
    """Store how far a library's list has come."""
    values = {"state": to_json(harvest), "current_until": harvest.current_until}
    statement = inserting(conn, catalogue_lists).values(library=harvest.library, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["library"], set_=values))


def current(conn: Connection, *, now: datetime) -> frozenset[LibraryCode]:
    """Return the libraries whose records are worth showing."""
    found = select(catalogue_lists.c.library).where(catalogue_lists.c.current_until > now)
    return frozenset(LibraryCode(code) for code in conn.execute(found).scalars())
