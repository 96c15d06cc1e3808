"""Amendments of the office: what each says, and how far it has come."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from ill_broker.storage.failures import Busy
from ill_broker.storage.office_rows import amendments
from ill_broker.storage.records import from_json, to_json
from ill_broker.storage.statements import adding
from workflows.ids import AmendmentId
from workflows.loan_clock.amendments import Amendment

_NO_ID = AmendmentId("")


class AmendmentStatus(StrEnum):
    """How far an amendment has come."""

    APPLYING = "applying"
    APPLIED = "applied"
    REVOKING = "revoking"
    REVOKED = "revoked"


#: it is laid over loans that begin now
STANDING = (AmendmentStatus.APPLYING, AmendmentStatus.APPLIED)
#: some loans have not been looked at yet
UNFINISHED = (AmendmentStatus.APPLYING, AmendmentStatus.REVOKING)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAmendment:
    """An amendment with what has become of it."""

    amendment: Amendment
    status: AmendmentStatus
    author: str
    created_at: datetime
    #: how many loans' due dates it moved when it was applied
    touched: int = 0
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_because: str | None = None


def add(conn: Connection, kept: KeptAmendment) -> None:
    """Add an amendment.

    :raises Busy: if somebody else has added one meanwhile that says the same
    """
    if conn.execute(adding(conn, amendments), _columns(kept)).rowcount == 0:
        raise Busy("somebody else amends the same")


def save(conn: Connection, kept: KeptAmendment) -> None:
    """Store what has become of it."""
    conn.execute(update(amendments).where(amendments.c.id == kept.amendment.id), _columns(kept))


def load(conn: Connection, amendment_id: AmendmentId, *, for_update: bool = False) -> KeptAmendment | None:
    """Return an amendment, None if there is none of this id.

    :param for_update: nobody else may change it before this transaction ends
    """
    found = select(amendments).where(amendments.c.id == amendment_id)
    rows = _many(conn, found.with_for_update() if for_update else found)
    return rows[0] if rows else None


def saying(conn: Connection, amendment: Amendment) -> KeptAmendment | None:
    """Return the standing amendment that says the same, whatever its reason."""
    found = select(amendments).where(amendments.c.rule == _rule(amendment), _is(STANDING))
    rows = _many(conn, found.order_by(amendments.c.id).limit(1))
    return rows[0] if rows else None


def of_status(conn: Connection, *statuses: AmendmentStatus) -> list[KeptAmendment]:
    """Return the amendments of these statuses, the oldest first."""
    return _many(conn, select(amendments).where(_is(statuses)).order_by(amendments.c.id))


def page(conn: Connection, *, after: AmendmentId | None, limit: int) -> list[KeptAmendment]:
    """Return a page of all amendments, newest first, from behind *after* on."""
    found = select(amendments).order_by(amendments.c.id.desc()).limit(limit)
    return _many(conn, found if after is None else found.where(amendments.c.id < after))


def _is(statuses: tuple[AmendmentStatus, ...]) -> Any:
    return amendments.c.status.in_([status.value for status in statuses])


def _rule(amendment: Amendment) -> str:
    """Return what it says: neither who said it when, nor why."""
    return to_json(replace(amendment, id=_NO_ID, reason="", since=None))


def _many(conn: Connection, found: Select[Any]) -> list[KeptAmendment]:
    return [_kept(row) for row in conn.execute(found)]


def _kept(row: Row[*tuple[Any, ...]]) -> KeptAmendment:
    said = from_json(Amendment, row.rule)
    return KeptAmendment(
        amendment=replace(said, id=AmendmentId(row.id), reason=row.reason, since=row.created_at),
        status=AmendmentStatus(row.status),
        author=row.author,
        created_at=row.created_at,
        touched=row.touched,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        revoked_because=row.revoked_because,
    )


def _columns(kept: KeptAmendment) -> dict[str, Any]:
    return {
        "id": kept.amendment.id,
        "status": kept.status.value,
        "rule": _rule(kept.amendment),
        "reason": kept.amendment.reason,
        "author": kept.author,
        "created_at": kept.created_at,
        "touched": kept.touched,
        "revoked_at": kept.revoked_at,
        "revoked_by": kept.revoked_by,
        "revoked_because": kept.revoked_because,
    }
