"""What readers wait for: the whole wish as JSON, and beside it the columns that it is found by."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select, update

from ill_broker.storage.records import from_json, to_json
from ill_broker.storage.wish_rows import wishes
from workflows.discovery.wishes import Wish, WishStatus
from workflows.ids import PatronId, WishId

_STATE = select(wishes.c.state)
_WAITS = wishes.c.status == WishStatus.WAITING.value


def add(conn: Connection, wish: Wish) -> None:
    conn.execute(insert(wishes), {"id": wish.id, "patron": wish.patron, **_columns(wish)})


def load(conn: Connection, wish_id: WishId) -> Wish | None:
    found = _many(conn, _STATE.where(wishes.c.id == wish_id))
    return found[0] if found else None


def waiting(conn: Connection, patron: PatronId) -> list[Wish]:
    """Return what the patron waits for."""
    return _many(conn, _STATE.where(wishes.c.patron == patron, _WAITS))


def page(conn: Connection, patron: PatronId, *, after: WishId | None, limit: int) -> list[Wish]:
    """Return the patron's wishes, newest first, those that have ended among them."""
    mine = _STATE.where(wishes.c.patron == patron).order_by(wishes.c.id.desc()).limit(limit)
    return _many(conn, mine if after is None else mine.where(wishes.c.id < after))


def due(conn: Connection, now: datetime, limit: int) -> list[Wish]:
    """Return wishes to be looked at again, those first that nobody has looked at for longest."""
    waits = _STATE.where(_WAITS, wishes.c.look_at <= now)
    return _many(conn, waits.order_by(wishes.c.looked_at, wishes.c.id).limit(limit))


def save(conn: Connection, wish: Wish) -> bool:
    """Store what has become of a wish; false if it does not wait any more."""
    changed = update(wishes).where(wishes.c.id == wish.id, _WAITS).values(_columns(wish))
    return conn.execute(changed).rowcount == 1


def remove(conn: Connection, wish_id: WishId, patron: PatronId) -> bool:
    """Delete a wish of the patron's; false if there is none."""
    mine = delete(wishes).where(wishes.c.id == wish_id, wishes.c.patron == patron)
    return conn.execute(mine).rowcount == 1


def forget(conn: Connection, patron: PatronId) -> None:
    """Leave nothing of somebody who is forgotten."""
    conn.execute(delete(wishes).where(wishes.c.patron == patron))


def forget_ended(conn: Connection, *, before: datetime) -> int:
    """Delete wishes that came to their end before then, and return how many that were."""
    return conn.execute(delete(wishes).where(wishes.c.ended_at < before)).rowcount


def _many(conn: Connection, statement: Select[str]) -> list[Wish]:
    return [from_json(Wish, state) for state in conn.execute(statement).scalars()]


def _columns(wish: Wish) -> dict[str, Any]:
    """Return the columns that may change."""
    return {
        "status": wish.status.value,
        "look_at": wish.look_at,
        "looked_at": wish.looked_at,
        "ended_at": wish.ended_at,
        "state": to_json(wish),
    }
