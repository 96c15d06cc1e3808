"""Searches over all members while they run, and for as long as somebody may submit a hit of theirs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from ill_broker.storage.records import from_dict, to_dict
from ill_broker.storage.rows import searches
from workflows.citation import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One search and what has been found so far."""

    id: str
    #: whose it is
    owner: str
    query: Query
    #: plain values; what they mean is the search's own affair
    state: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime
    expires_at: datetime


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
        },
    )


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
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def save(conn: Connection, search_id: str, state: Mapping[str, Any]) -> None:
    """Store how far the search has come."""
    conn.execute(update(searches).where(searches.c.id == search_id).values(state=dict(state)))


def forget_expired(conn: Connection, *, now: datetime) -> int:
    """Delete what has expired, and return how many searches that were."""
    return conn.execute(delete(searches).where(searches.c.expires_at <= now)).rowcount


_LOAD = select(searches).where(searches.c.id == bindparam("of_id"), searches.c.expires_at > bindparam("now"))
