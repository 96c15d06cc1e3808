"""What the two engines say alike, but SQLAlchemy keeps in two places."""

from functools import cache

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def inserting(conn: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an insert that can settle conflicts, and whose rowcount tells whether there was one."""
    return _inserting(conn.dialect.name, table)


def adding(conn: Connection, table: Table, *unique: str) -> postgresql.Insert | sqlite.Insert:
    """Return an insert that leaves alone what is there already, by the columns *unique* or by any key."""
    return _adding(conn.dialect.name, table, unique)


def _inserting(engine: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    statement = sqlite.insert(table) if engine == "sqlite" else postgresql.insert(table)
    return statement.execution_options(preserve_rowcount=True)


@cache
def _adding(engine: str, table: Table, unique: tuple[str, ...]) -> postgresql.Insert | sqlite.Insert:
    return _inserting(engine, table).on_conflict_do_nothing(index_elements=list(unique) or None)
