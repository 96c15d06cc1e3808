"""How much of each limit is used up. The database holds the limits, whatever happens at the same time."""

from collections.abc import Collection

from sqlalchemy import Connection, select, text

from ill_broker.storage.failures import LimitHit
from ill_broker.storage.rows import tallies

_TAKE = text(
    "INSERT INTO tallies (key, used) VALUES (:key, 1) ON CONFLICT (key) DO UPDATE SET used = tallies.used + 1"
)
_TAKE_BELOW = text(f"{_TAKE.text} WHERE tallies.used < :ceiling")
_GIVE_BACK = text("UPDATE tallies SET used = used - 1 WHERE key = :key AND used > 0")


def take(conn: Connection, key: str, ceiling: int | None) -> None:
    """Take one of what *ceiling* allows; None allows any number.

    Whoever takes several takes them in the order of their keys, so that no two wait for each other.

    :raises LimitHit: if there is none left
    """
    if ceiling is None:
        conn.execute(_TAKE, {"key": key})
    elif ceiling <= 0 or conn.execute(_TAKE_BELOW, {"key": key, "ceiling": ceiling}).rowcount == 0:
        raise LimitHit(key)


def give_back(conn: Connection, key: str) -> None:
    """Give one back. There are never less than none."""
    conn.execute(_GIVE_BACK, {"key": key})


def read(conn: Connection, keys: Collection[str]) -> dict[str, int]:
    """Return how much is used of each key; what nobody took is 0."""
    found = select(tallies.c.key, tallies.c.used).where(tallies.c.key.in_(tuple(keys)))
    return dict.fromkeys(keys, 0) | {row.key: row.used for row in conn.execute(found)}
