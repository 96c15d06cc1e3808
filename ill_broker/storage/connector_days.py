"""How often each connector was called on a day: counted up, never a row a call."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Connection, delete, select

from ill_broker.storage.statements import inserting
from ill_broker.storage.upkeep_rows import connector_days as rows
from workflows.ids import LibraryCode

_KEY = ("library", "connector", "day", "within")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Counted:
    """Calls of one day that took about as long as one another."""

    library: LibraryCode
    connector: str
    day: date
    #: the milliseconds in which they were over at the latest; 0 where nobody measured
    within: int
    calls: int
    failures: int


def add(conn: Connection, counted: Iterable[Counted]) -> None:
    """Count these calls beside those that are there, in one order: no two processes wait for each other."""
    told = [asdict(each) for each in sorted(counted)]
    if told:
        statement = inserting(conn, rows)
        grown = {name: rows.c[name] + statement.excluded[name] for name in ("calls", "failures")}
        conn.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=grown), told)


def of(conn: Connection, library: LibraryCode, *, since: date) -> list[Counted]:
    """Return what was counted of a library's connectors from a day on, by connector, day and wait."""
    found = select(rows).where(rows.c.library == library, rows.c.day >= since)
    ordered = found.order_by(rows.c.connector, rows.c.day, rows.c.within)
    return [Counted(**row._asdict()) for row in conn.execute(ordered)]


def forget(conn: Connection, *, before: date) -> int:
    """Delete what was counted before a day, and return how many rows that were."""
    return conn.execute(delete(rows).where(rows.c.day < before)).rowcount
