"""The tables by which the service looks after itself."""

from sqlalchemy import BigInteger, Column, Date, Integer, Table, Text

from ill_broker.storage.rows import metadata

#: what is written to see whether anything can be
probes = Table(
    "probes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("payload", Text, nullable=False),
)

#: how often each connector was called on a day, by how long that took
connector_days = Table(
    "connector_days",
    metadata,
    Column("library", Text, primary_key=True),
    Column("connector", Text, primary_key=True),
    #: in UTC
    Column("day", Date, primary_key=True),
    #: the milliseconds in which it was over at the latest; 0 where nobody measured
    Column("within", Integer, primary_key=True, autoincrement=False),
    Column("calls", BigInteger, nullable=False),
    Column("failures", BigInteger, nullable=False),
)
