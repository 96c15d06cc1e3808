"""Searches over all members while they run, and for as long as somebody may submit a hit of theirs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from ill_broker.storage.records import from_dict, to_dict
from ill_broker.storage.rows import search_parts, search_works, searches
from workflows.citation import Query

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """Records that came together, told by a member or remembered by the union catalogue."""

    hits: Sequence[Plain]
    is_remembered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One search and what has been found so far."""

    id: str
    #: whose it is
    owner: str
    query: Query
    #: plain values; what they mean is the search's own affair
    state: Plain = field(default_factory=dict)
    #: how often members were asked
    round: int = 1
    #: in the order in which they came
    parts: tuple[Part, ...] = ()
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What has come since a search was stored last."""

    search_id: str
    round: int
    expires_at: datetime
    state: Plain
    #: how many parts are stored, and those behind them
    known: int = 0
    parts: Sequence[Part] = ()
    #: by their ids; None while they are as they were
    works: Mapping[str, Plain] | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A work of a search: whose the search is, and when it began."""

    owner: str
    searched_at: datetime
    work: Plain


def add(conn: Connection, search: Search) -> None:
    conn.execute(
        insert(searches),
        {
            "id": search.id,
            "owner": search.owner,
            "query": to_dict(search.query),
            "state": dict(search.state),
            "created_at": search.created_at,
            "expires_at": search.expires_at,
            "round": search.round,
        },
    )
    _add_parts(conn, search.id, search.expires_at, search.parts)


def load(conn: Connection, search_id: str, *, now: datetime) -> Search | None:
    """Return the search, unless it has expired."""
    row = conn.execute(_LOAD, {"of_id": search_id, "now": now}).one_or_none()
    if row is None:
        return None
    return Search(
        id=row.id,
        owner=row.owner,
        query=from_dict(Query, row.query),
        state=row.state,
        round=row.round,
        parts=tuple(Part(*part) for part in conn.execute(_PARTS, {"of_id": search_id})),
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def round_of(conn: Connection, search_id: str) -> int:
    """Return how often members were asked; 0 if there is no such search."""
    return conn.execute(_ROUND, {"of_id": search_id}).scalar() or 0


def save(conn: Connection, progress: Progress) -> None:
    """Store how far a search has come, unless another process has gone on with it."""
    if not _is_updated(conn, progress, progress.round):
        return
    _add_parts(conn, progress.search_id, progress.expires_at, progress.parts, progress.known)
    if progress.works is None:
        return
    conn.execute(delete(search_works).where(search_works.c.search_id == progress.search_id))
    told = [
        {
            "search_id": progress.search_id,
            "work_id": name,
            "work": dict(work),
            "expires_at": progress.expires_at,
        }
        for name, work in progress.works.items()
    ]
    if told:
        conn.execute(insert(search_works), told)


def go_on(conn: Connection, progress: Progress) -> bool:
    """Begin a round, and say whether nobody else has done so."""
    return _is_updated(conn, progress, progress.round - 1)


def chosen(conn: Connection, search_id: str, work_id: str, *, now: datetime) -> Chosen | None:
    """Return one work of a search, None if it is not stored by itself."""
    row = conn.execute(_CHOSEN, {"of_id": search_id, "of_work": work_id, "now": now}).one_or_none()
    return None if row is None else Chosen(row.owner, row.created_at, row.work)


def forget_expired(conn: Connection, *, now: datetime) -> int:
    """Delete what has expired, and return how many searches that were."""
    return conn.execute(delete(searches).where(searches.c.expires_at <= now)).rowcount


def forget_parts(conn: Connection, *, now: datetime) -> int:
    return conn.execute(delete(search_parts).where(search_parts.c.expires_at <= now)).rowcount


def forget_works(conn: Connection, *, now: datetime) -> int:
    return conn.execute(delete(search_works).where(search_works.c.expires_at <= now)).rowcount


def _is_updated(conn: Connection, progress: Progress, former_round: int) -> bool:
    row = (searches.c.id == progress.search_id) & (searches.c.round == former_round)
    values = {"state": dict(progress.state), "round": progress.round}
    return conn.execute(update(searches).where(row).values(**values)).rowcount == 1


def _add_parts(
    conn: Connection, search_id: str, expires_at: datetime, parts: Iterable[Part], known: int = 0
) -> None:
    told = [
        {
            "search_id": search_id,
            "number": number,
            "is_remembered": part.is_remembered,
            "hits": list(part.hits),
            "expires_at": expires_at,
        }
        for number, part in enumerate(parts, start=known)
    ]
    if told:
        conn.execute(insert(search_parts), told)


_LOAD = select(searches).where(searches.c.id == bindparam("of_id"), searches.c.expires_at > bindparam("now"))
_PARTS = (
    select(search_parts.c.hits, search_parts.c.is_remembered)
    .where(search_parts.c.search_id == bindparam("of_id"))
    .order_by(search_parts.c.number)
)
_ROUND = select(searches.c.round).where(searches.c.id == bindparam("of_id"))
_CHOSEN = select(searches.c.owner, searches.c.created_at, search_works.c.work).where(
    searches.c.id == bindparam("of_id"),
    searches.c.expires_at > bindparam("now"),
    search_works.c.search_id == searches.c.id,
    search_works.c.work_id == bindparam("of_work"),
)
