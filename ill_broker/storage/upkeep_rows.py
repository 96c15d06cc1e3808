"""The tables by which the service looks after itself."""

from sqlalchemy import Column, Table, Text

from ill_broker.storage.rows import metadata

#: what is written to see whether anything can be
probes = Table(
    "probes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("payload", Text, nullable=False),
)
