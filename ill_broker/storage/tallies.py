"""How much of each limit is used up. The database holds the limits, whatever happens at the same time."""

from collections.abc import Collection, Mapping
from functools import cache

from sqlalchemy import Connection, Select, Text, TextClause, bindparam, delete, func, or_, select, text

from ill_broker.storage.failures import LimitHit
from ill_broker.storage.rows import tallies
from workflows.requests.limits import Limit

#: more than is ever counted
_NO_CEILING = 2**62
_GIVE_BACK = text("UPDATE tallies SET used = used - 1 WHERE key = :key AND used > 0")


def take(conn: Connection, ceilings: Mapping[str, int | None]) -> None:
    """Take one of each key, of as many as its ceiling allows; None allows any number.

    They are taken in the order of their keys, so that no two transactions wait for each other.

    :raises LimitHit: if there is none left of one; the transaction must not be saved then
    """
    told: dict[str, str | int] = {}
    for place, (key, ceiling) in enumerate(sorted(ceilings.items())):
        if ceiling is not None and ceiling <= 0:
            raise LimitHit(key)
        told |= {f"key{place}": key, f"ceiling{place}": _NO_CEILING if ceiling is None else ceiling}
    taken = set(conn.execute(_take(len(ceilings)), told).scalars()) if ceilings else set()
    if len(taken) < len(ceilings):
        raise LimitHit(min(ceilings.keys() - taken))


def give_back(conn: Connection, key: str) -> None:
    """Give one back. There are never less than none."""
    conn.execute(_GIVE_BACK, {"key": key})


def forget(conn: Connection, *, months_before: str) -> int:
    """Delete what nobody takes any of, and quotas and days of months before then; return how many that were.

    :param months_before: such as "2026-03"
    """
    month = func.substr(tallies.c.key, func.length(tallies.c.key) - 6)
    of_day = func.substr(tallies.c.key, func.length(tallies.c.key) - 9)
    is_past = tallies.c.key.startswith(f"{Limit.QUOTA}:", autoescape=True) & (month < months_before)
    is_over = tallies.c.key.startswith(f"{Limit.DAY}:", autoescape=True) & (of_day < months_before)
    return conn.execute(delete(tallies).where(or_(tallies.c.used == 0, is_past, is_over))).rowcount


def read(conn: Connection, keys: Collection[str]) -> dict[str, int]:
    """Return how much is used of each key; what nobody took is 0."""
    used = dict.fromkeys(keys, 0)
    if used:
        told = {f"key{place}": key for place, key in enumerate(used)}
        used |= {row.key: row.used for row in conn.execute(_read(len(used)), told)}
    return used


@cache
def _read(number: int) -> Select[str, int]:
    keys = [bindparam(f"key{place}", type_=Text) for place in range(number)]
    return select(tallies.c.key, tallies.c.used).where(or_(*(tallies.c.key == key for key in keys)))


@cache
def _take(number: int) -> TextClause:
    """Return the statement that takes so many in one round trip."""
    rows = ", ".join(f"(:key{place}, 1)" for place in range(number))
    ceilings = " ".join(f"WHEN :key{place} THEN CAST(:ceiling{place} AS BIGINT)" for place in range(number))
    return text(
        f"INSERT INTO tallies (key, used) VALUES {rows}"  # noqa: S608 - places of parameters, nothing that was said
        " ON CONFLICT (key) DO UPDATE SET used = tallies.used + 1"
        f" WHERE tallies.used < CASE excluded.key {ceilings} END RETURNING key"
    )
