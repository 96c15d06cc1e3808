"""The tables of what staff decide and partners ask: policies, amendments, privileges, their requests."""

from sqlalchemy import BigInteger, Column, Date, Index, Table, Text

from ill_broker.storage.columns import Json, UTCDateTime
from ill_broker.storage.rows import metadata

#: each version of a policy or calendar file since the office took them in hand; only ever added to
policy_versions = Table(
    "policy_versions",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("valid_from", UTCDateTime, nullable=False),
    Column("document", Json, nullable=False),
    #: the file as it was written, where it came as one
    Column("written", Text),
    Column("source", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Index("ix_policy_versions_kind_name_seq", "kind", "name", "seq"),
)

#: the policies, with all they inherit and their calendar, that loans began under
policy_editions = Table(
    "policy_editions",
    metadata,
    Column("policy", Text, primary_key=True),
    Column("edition", Text, primary_key=True),
    Column("document", Json, nullable=False),
    Column("calendar", Json, nullable=False),
    Column("kept_at", UTCDateTime, nullable=False),
)

#: what the office changed of a member library since it was admitted; only ever added to
library_changes = Table(
    "library_changes",
    metadata,
    Column("library", Text, primary_key=True),
    #: the library's version since then
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UTCDateTime, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    #: from a field to what it was and what it is; nothing when the library was admitted
    Column("changed", Json, nullable=False),
)

amendments = Table(
    "amendments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("status", Text, nullable=False),
    #: what it says, without its id and reason: two that say the same are one
    Column("rule", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("touched", BigInteger, nullable=False),
    Column("revoked_at", UTCDateTime),
    Column("revoked_by", Text),
    Column("revoked_because", Text),
    Index("ix_amendments_status_id", "status", "id"),
)
_STANDING = amendments.c.status.in_(("applying", "applied"))
#: of two that say the same one stands
Index(
    "uq_amendments_rule",
    amendments.c.rule,
    unique=True,
    sqlite_where=_STANDING,
    postgresql_where=_STANDING,
)

#: what libraries have recorded of a patron's privileges; only ever added to, until the patron is forgotten
privilege_events = Table(
    "privilege_events",
    metadata,
    Column("patron", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("library", Text, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("actor_role", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_library", Text),
    Column("actor_name", Text),
    Column("body", Text, nullable=False),
)

#: what partners' systems have asked for their own patrons, by the partner's name of it
partner_requests = Table(
    "partner_requests",
    metadata,
    Column("library", Text, primary_key=True),
    Column("their_id", Text, primary_key=True),
    Column("received_at", UTCDateTime, nullable=False),
    #: None before it is looked at, and where no request of ours came of it
    Column("request_id", Text, index=True),
    #: why none came of it
    Column("refused", Text),
)

#: what the office or a library says to readers and desks for some days
announcements = Table(
    "announcements",
    metadata,
    Column("id", Text, primary_key=True),
    #: whose readers and desk are meant; None for all libraries'
    Column("library", Text),
    Column("audience", Text, nullable=False),
    Column("weight", Text, nullable=False),
    Column("zh", Text),
    Column("en", Text),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False, index=True),
    Column("author", Text, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("withdrawn_at", UTCDateTime),
    Column("version", BigInteger, nullable=False),
)
