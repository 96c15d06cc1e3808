"""The table of what readers wait for."""

from sqlalchemy import Column, Index, Table, Text

from ill_broker.storage.columns import UTCDateTime
from ill_broker.storage.rows import metadata

wishes = Table(
    "wishes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("patron", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("look_at", UTCDateTime, nullable=False),
    Column("looked_at", UTCDateTime, nullable=False),
    Column("ended_at", UTCDateTime, index=True),
    #: the whole wish; the columns beside it are there to be found by
    Column("state", Text, nullable=False),
    Index("ix_wishes_patron_id", "patron", "id"),
)
_WAITS = wishes.c.status == "waiting"
#: those that waited longest go first
Index("ix_wishes_looked_at", wishes.c.looked_at, sqlite_where=_WAITS, postgresql_where=_WAITS)
