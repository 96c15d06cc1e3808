"""Who does what only one may do."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_

from ill_broker.storage.rows import leases
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
