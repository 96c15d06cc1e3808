"""How often something was tried, and when it may be tried again: counted once for all processes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, select, update

from ill_broker.storage.people_rows import attempts
from ill_broker.storage.statements import inserting


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What is known of attempts; the zero of it where there were none."""

    not_before: datetime | None = None
    is_known: bool = False


def find(conn: Connection, key: str, *, now: datetime) -> Tried:
    row = conn.execute(select(attempts).where(attempts.c.key == key)).one_or_none()
    if row is None:
        return Tried()
    is_known = row.known_until is not None and row.known_until > now
    return Tried(not_before=min(row.not_before, row.forget_at), is_known=is_known)


def count(
    conn: Connection,
    key: str,
    *,
    within: timedelta,
    pause: Callable[[int], timedelta],
    now: datetime,
) -> datetime | None:
    """Count an attempt, and return None; or, if it comes too early, when it may be made.

    :param within: from the first one on, after which all are forgotten
    :param pause: how long it is until the next, after so many
    """
    is_over = attempts.c.forget_at <= now
    first = {"key": key, "tried": 1, "not_before": now, "forget_at": now + within}
    counted = (
        inserting(conn, attempts)
        .values(first)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "tried": case((is_over, 1), else_=attempts.c.tried + 1),
                "forget_at": case((is_over, now + within), else_=attempts.c.forget_at),
            },
            where=(attempts.c.not_before <= now) | is_over,
        )
        .returning(attempts.c.tried)
    )
    tried = conn.execute(counted).scalar_one_or_none()
    if tried is None:
        return find(conn, key, now=now).not_before
    conn.execute(update(attempts).where(attempts.c.key == key).values(not_before=now + pause(tried)))
    return None


def take_back(conn: Connection, key: str) -> None:
    """Let the last attempt not count: it was a right one."""
    mine = update(attempts).where(attempts.c.key == key, attempts.c.tried > 0)
    conn.execute(mine.values(tried=attempts.c.tried - 1))


def know(conn: Connection, key: str, *, until: datetime, now: datetime) -> None:
    """Forget what was wrong before, and remember that somebody was right."""
    values = {"tried": 0, "not_before": now, "known_until": until, "forget_at": until}
    conn.execute(update(attempts).where(attempts.c.key == key).values(values))


def forget(conn: Connection, *, now: datetime) -> int:
    return conn.execute(delete(attempts).where(attempts.c.forget_at <= now)).rowcount
