"""What was answered to a request that may come again under the same key."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

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
    if row is None:
        return None
    return SavedAnswer(
        actor=row.actor,
        key=row.key,
        fingerprint=row.fingerprint,
        status=row.status,
        body=row.body,
        created_at=row.created_at,
    )


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


def forget(conn: Connection, *, before: datetime) -> int:
    """Delete answers given before then, and return how many that were."""
    return conn.execute(delete(idempotency).where(idempotency.c.created_at < before)).rowcount


_FIND = select(idempotency).where(
    idempotency.c.actor == bindparam("of_actor"), idempotency.c.key == bindparam("of_key")
)
