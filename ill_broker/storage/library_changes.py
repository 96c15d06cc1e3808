"""What the office changed of member libraries: who, when, why, and what it was before."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from ill_broker.storage.office_rows import library_changes
from workflows.ids import LibraryCode

#: as many are shown, the newest first
SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody changed of a library at once."""

    library: LibraryCode
    #: the library's version since then
    version: int
    at: datetime
    author: str
    reason: str
    #: from a field to what it was and what it is; nothing when the library was admitted
    changed: Mapping[str, Any]


def add(conn: Connection, change: Change) -> None:
    conn.execute(insert(library_changes), asdict(change))


def of(conn: Connection, library: LibraryCode) -> list[Change]:
    """Return what was changed of a library last, the newest first."""
    found = select(library_changes).where(library_changes.c.library == library)
    newest = found.order_by(library_changes.c.version.desc()).limit(SHOWN)
    return [Change(**row._mapping) for row in conn.execute(newest)]  # noqa: SLF001 - public by SQLAlchemy's word
