"""That a secret or a key was taken away before its time: by whom, when and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Row, Text

from ill_broker.storage.columns import UTCDateTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """Who took it away, when and why; None where that was not kept."""

    at: datetime
    by: str | None = None
    because: str | None = None

    def columns(self) -> dict[str, Any]:
        """Return what is stored beside what is revoked."""
        return {"revoked_at": self.at, "revoked_by": self.by, "revoked_because": self.because}


#: of what was not revoked
NONE: dict[str, Any] = {"revoked_at": None, "revoked_by": None, "revoked_because": None}


def columns() -> tuple[Column[Any], ...]:
    """Return the columns of a table whose rows can be revoked."""
    return (
        Column("revoked_at", UTCDateTime),
        Column("revoked_by", Text),
        Column("revoked_because", Text),
    )


def read(row: Row[Any]) -> Revocation | None:
    """Return how a row was revoked, None if it was not."""
    if row.revoked_at is None:
        return None
    return Revocation(at=row.revoked_at, by=row.revoked_by, because=row.revoked_because)
