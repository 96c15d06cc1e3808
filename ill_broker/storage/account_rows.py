"""The tables of what patrons owe: accounts, and what was posted to them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from ill_broker.storage.columns import Serial, UTCDateTime
from ill_broker.storage.rows import metadata

#: one patron's account at one lender in one currency; whoever posts holds its row
accounts = Table(
    "accounts",
    metadata,
    Column("patron", Text, primary_key=True),
    Column("lender", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    #: what the patron owes, in hundredths: the sum of the postings
    Column("balance", BigInteger, nullable=False),
)
_OWED = accounts.c.balance != literal_column("0")
Index(
    "ix_accounts_lender_patron",
    accounts.c.lender,
    accounts.c.patron,
    sqlite_where=_OWED,
    postgresql_where=_OWED,
)

#: only ever added to
postings = Table(
    "postings",
    metadata,
    #: ascends within an account, which is posted to by one transaction after the other
    Column("position", Serial, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("patron", Text, nullable=False),
    Column("lender", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    #: the amount moves from *credit* to *debit*, so that all postings add up to zero
    Column("debit", Text, nullable=False),
    Column("credit", Text, nullable=False),
    Column("minor", BigInteger, nullable=False),
    #: what the patron owed after it
    Column("balance", BigInteger, nullable=False),
    Column("reverses", ForeignKey("postings.id"), unique=True),
    Column("posted_at", UTCDateTime, nullable=False),
    Column("actor_role", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_library", Text),
    Column("actor_name", Text),
    Column("body", Text, nullable=False),
    ForeignKeyConstraint(
        ["patron", "lender", "currency"], ["accounts.patron", "accounts.lender", "accounts.currency"]
    ),
    UniqueConstraint("patron", "lender", "currency", "seq"),
    CheckConstraint("minor >= 0", name="amount"),
    CheckConstraint("debit <> credit", name="sides"),
    Index("ix_postings_patron_position", "patron", "position"),
)
#: what the home desks ask lenders to let off
PROPOSAL = postings.c.kind == literal_column("'waiver_proposal'")
Index(
    "ix_postings_proposal",
    postings.c.lender,
    postings.c.position,
    sqlite_where=PROPOSAL,
    postgresql_where=PROPOSAL,
)
#: what goes into a till, and out of it again
TILL = postings.c.kind.in_([literal_column("'payment'"), literal_column("'reversal'")])
Index(
    "ix_postings_till",
    postings.c.actor_library,
    postings.c.posted_at,
    sqlite_where=TILL,
    postgresql_where=TILL,
)
