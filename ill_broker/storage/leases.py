"""Who does what only one may do, and which jobs have run."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_

from ill_broker.storage.rows import leases, runs
from ill_broker.storage.statements import inserting

#: clocks of two machines never differ by as much: a clock that seems to was set back
SET_BACK = timedelta(minutes=5)


def take(conn: Connection, name: str, owner: str, *, until: datetime, now: datetime) -> bool:
    """Take or prolong a lease; false while somebody else has it.

    One that ends long after *until* was taken before the clock was set back, and binds nobody.
    """
    statement = inserting(conn, leases).values(name=name, owner=owner, until=until)
    free = or_(leases.c.owner == owner, leases.c.until <= now, leases.c.until > until + SET_BACK)
    taken = statement.on_conflict_do_update(
        index_elements=["name"], set_={"owner": owner, "until": until}, where=free
    )
    return conn.execute(taken).rowcount == 1


def release(conn: Connection, name: str, owner: str) -> None:
    """Give a lease back before its end, if it is *owner*'s."""
    conn.execute(delete(leases).where(leases.c.name == name, leases.c.owner == owner))


def ran(conn: Connection, job: str, slot: str, *, now: datetime) -> bool:
    """Note that a job runs for its slot; false if it has done so before."""
    statement = inserting(conn, runs).on_conflict_do_nothing()
    return conn.execute(statement, {"job": job, "slot": slot, "ran_at": now}).rowcount == 1


def forget_runs(conn: Connection, *, before: datetime) -> int:
    """Delete notes of runs before then, and return how many that were."""
    return conn.execute(delete(runs).where(runs.c.ran_at < before)).rowcount
