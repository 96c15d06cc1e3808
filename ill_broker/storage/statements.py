"""What the two engines say alike, but SQLAlchemy keeps in two places."""

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def inserting(conn: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an insert that can settle conflicts, and whose rowcount tells whether there was one."""
    statement = sqlite.insert(table) if conn.dialect.name == "sqlite" else postgresql.insert(table)
    return statement.execution_options(preserve_rowcount=True)
