"""What was answered to a request that may come again under the same key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select

from ill_broker.storage.failures import Busy
from ill_broker.storage.rows import idempotency
from ill_broker.storage.statements import adding


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedAnswer:
    """An answer, and what it answered."""

    #: whose key it is
    actor: str
    key: str
    #: tells whether the same was asked
    fingerprint: str
    #: of HTTP
    status: int
    body: str
    created_at: datetime


def find(conn: Connection, actor: str, key: str) -> SavedAnswer | None:
    row = conn.execute(_FIND, {"of_actor": actor, "of_key": key}).one_or_none()
    return None if row is None else _read(row)


def keep(conn: Connection, answer: SavedAnswer) -> None:
    """Keep an answer together with what it speaks of.

    :raises Busy: if the same key was answered at the same time: look again, that answer is there now
    """
    values = {
        "actor": answer.actor,
        "key": answer.key,
        "fingerprint": answer.fingerprint,
        "status": answer.status,
        "body": answer.body,
        "created_at": answer.created_at,
    }
    if conn.execute(adding(conn, idempotency), values).rowcount == 0:
        raise Busy(answer.key)


def latest(conn: Connection, actor: str, *, since: datetime, limit: int) -> list[SavedAnswer]:
    """Return what was answered to *actor* since then, newest first."""
    found = (
        select(idempotency)
        .where(idempotency.c.actor == actor, idempotency.c.created_at >= since)
        .order_by(idempotency.c.created_at.desc(), idempotency.c.key)
        .limit(limit)
    )
    return [_read(row) for row in conn.execute(found)]


def forget(conn: Connection, *, before: datetime) -> int:
    """Delete answers given before then, and return how many that were."""
    return conn.execute(delete(idempotency).where(idempotency.c.created_at < before)).rowcount


def _read(row: Row[Any]) -> SavedAnswer:
    return SavedAnswer(
        actor=row.actor,
        key=row.key,
        fingerprint=row.fingerprint,
        status=row.status,
        body=row.body,
        created_at=row.created_at,
    )


_FIND = select(idempotency).where(
    idempotency.c.actor == bindparam("of_actor"), idempotency.c.key == bindparam("of_key")
)
