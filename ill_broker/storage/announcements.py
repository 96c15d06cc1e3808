"""What the office and libraries say to readers and desks for some days."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from ill_broker.storage.failures import Stale
from ill_broker.storage.office_rows import announcements as rows
from workflows.ids import LibraryCode


class Audience(StrEnum):
    """To whom something is said."""

    READERS = "readers"
    DESKS = "desks"
    BOTH = "both"


class Weight(StrEnum):
    """How it is shown."""

    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A text for some days, in one language or both."""

    id: str
    #: whose readers and desk are meant; None for all libraries'
    library: LibraryCode | None
    audience: Audience
    weight: Weight
    zh: str | None
    en: str | None
    #: both inclusive, at the library of whoever reads
    first: date
    last: date
    #: whose it is, by id
    author: str
    created_at: datetime
    withdrawn_at: datetime | None = None
    version: int = 1


def add(conn: Connection, announcement: Announcement) -> None:
    """Add an announcement."""
    conn.execute(insert(rows), asdict(announcement))


def save(conn: Connection, announcement: Announcement) -> None:
    """Store one that was changed, with its version counted up.

    :raises Stale: if somebody else changed it meanwhile
    """
    this = (rows.c.id == announcement.id) & (rows.c.version == announcement.version - 1)
    if conn.execute(update(rows).where(this), asdict(announcement)).rowcount == 0:
        raise Stale(announcement.id)


def load(conn: Connection, announcement_id: str) -> Announcement | None:
    """Return an announcement, None if there is none of this id."""
    found = _many(conn, select(rows).where(rows.c.id == announcement_id))
    return found[0] if found else None


def current(conn: Connection, *, day: date) -> list[Announcement]:
    """Return what is not withdrawn and not over before *day*, the oldest first."""
    found = select(rows).where(rows.c.last >= day, rows.c.withdrawn_at.is_(None))
    return _many(conn, found.order_by(rows.c.id))


def page(
    conn: Connection, *, library: LibraryCode | None, after: str | None, limit: int
) -> list[Announcement]:
    """Return a page of all there are, or of one library's, the newest first, from behind *after* on."""
    found = select(rows).order_by(rows.c.id.desc()).limit(limit)
    if library is not None:
        found = found.where(rows.c.library == library)
    return _many(conn, found if after is None else found.where(rows.c.id < after))


def _many(conn: Connection, found: Select[Any]) -> list[Announcement]:
    return [_read(row) for row in conn.execute(found)]


def _read(row: Row[Any]) -> Announcement:
    told = row._asdict()
    return Announcement(**told | {"audience": Audience(told["audience"]), "weight": Weight(told["weight"])})
