"""The table of what readers typed because no search had found it."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from ill_broker.storage.columns import UTCDateTime
from ill_broker.storage.rows import metadata

typed_requests = Table(
    "typed_requests",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("patron", Text, nullable=False),
    Column("library", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("until", UTCDateTime, nullable=False),
    Column("ended_at", UTCDateTime, index=True),
    Column("version", BigInteger, nullable=False),
    #: the whole typed request; the columns beside it are there to be found by
    Column("state", Text, nullable=False),
    Index("ix_typed_requests_patron_id", "patron", "id"),
    Index("ix_typed_requests_library_status_id", "library", "status", "id"),
)
_OPEN = typed_requests.c.ended_at.is_(None)
#: those whose time is up first
Index("ix_typed_requests_until", typed_requests.c.until, sqlite_where=_OPEN, postgresql_where=_OPEN)
