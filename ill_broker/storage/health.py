"""How each connector of each partner is doing, for every process to see."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, select

from ill_broker.storage.rows import partner_health
from ill_broker.storage.statements import inserting
from workflows.ids import LibraryCode

#: states of a circuit breaker: calls go through, they do not, the next one decides
CLOSED, OPEN, HALF_OPEN = "closed", "open", "half_open"
_NEVER = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What came of the latest calls to a partner."""

    library: LibraryCode
    connector: str
    #: of the circuit breaker: closed lets calls through, open does not, half_open tries one
    state: str
    #: in a row, up to now
    failures: int
    last_success: datetime | None = None
    last_failure: datetime | None = None
    detail: str | None = None


def succeeded(conn: Connection, library: LibraryCode, connector: str, *, now: datetime) -> None:
    """Note that a call went well, which closes the circuit."""
    values = {"state": CLOSED, "failures": 0, "last_success": now, "detail": None}
    statement = inserting(conn, partner_health).values(library=library, connector=connector, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["library", "connector"], set_=values))


def failed(
    conn: Connection,
    library: LibraryCode,
    connector: str,
    *,
    now: datetime,
    detail: str,
    opens_at: int | None,
) -> None:
    """Note that a call failed; the one that makes *opens_at* failures in a row opens the circuit."""
    limit = _NEVER if opens_at is None else opens_at
    told = {"last_failure": now, "detail": detail}
    first = OPEN if limit <= 1 else CLOSED
    statement = inserting(conn, partner_health).values(
        library=library, connector=connector, state=first, failures=1, **told
    )
    grown = partner_health.c.failures + 1
    state = case((grown >= limit, OPEN), else_=partner_health.c.state)
    changed = {"failures": grown, "state": state, **told}
    conn.execute(statement.on_conflict_do_update(index_elements=["library", "connector"], set_=changed))


def set_state(conn: Connection, library: LibraryCode, connector: str, state: str) -> None:
    """Store what the circuit breaker says, of a connector that has been called before or not."""
    statement = inserting(conn, partner_health).values(
        library=library, connector=connector, state=state, failures=0
    )
    conn.execute(
        statement.on_conflict_do_update(index_elements=["library", "connector"], set_={"state": state})
    )


def all_of(conn: Connection) -> list[Health]:
    """Return how everybody is doing, by library and connector."""
    found = select(partner_health).order_by(partner_health.c.library, partner_health.c.connector)
    return [
        Health(
            library=row.library,
            connector=row.connector,
            state=row.state,
            failures=row.failures,
            last_success=row.last_success,
            last_failure=row.last_failure,
            detail=row.detail,
        )
        for row in conn.execute(found)
    ]
