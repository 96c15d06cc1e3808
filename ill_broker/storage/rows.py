"""The tables. Everybody else sees frozen records."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from ill_broker.storage import revocations
from ill_broker.storage.columns import Json, Serial, UTCDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

requests = Table(
    "requests",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("patron", Text, nullable=False),
    Column("home", Text, nullable=False),
    Column("desk", Text, nullable=False),
    Column("lender", Text),
    Column("status", Text, nullable=False),
    Column("outcome", Text),
    #: folded
    Column("item_barcode", Text),
    #: folded
    Column("local_barcode", Text),
    Column("alarm_at", UTCDateTime),
    Column("alarm_what", Text),
    Column("due", Date),
    Column("work_key", Text, nullable=False),
    Column("attention", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    #: the whole request; the columns beside it are there to be found by
    Column("state", Text, nullable=False),
    #: its place in the desk's list that it is in
    Column("list_at", UTCDateTime),
    #: folded as titles are
    Column("title", Text),
    # Ids ascend with birth, and an index is read backwards as fast as forwards: newest first.
    Index("ix_requests_patron_id", "patron", "id"),
    Index("ix_requests_desk_status_id", "desk", "status", "id"),
    Index("ix_requests_lender_status_id", "lender", "status", "id"),
    Index("ix_requests_status_id", "status", "id"),
)
Index(
    "ix_requests_alarm_at",
    requests.c.alarm_at,
    sqlite_where=requests.c.alarm_at.is_not(None),
    postgresql_where=requests.c.alarm_at.is_not(None),
)
Index(
    "ix_requests_item_barcode",
    requests.c.item_barcode,
    sqlite_where=requests.c.item_barcode.is_not(None),
    postgresql_where=requests.c.item_barcode.is_not(None),
)
_LOOK = requests.c.attention.is_(True)
Index(
    "ix_requests_desk_attention",
    *(requests.c.desk, requests.c.created_at, requests.c.id),
    sqlite_where=_LOOK,
    postgresql_where=_LOOK,
)
_LISTED = requests.c.list_at.is_not(None)
Index(
    "ix_requests_desk_list",
    *(requests.c.desk, requests.c.status, requests.c.list_at, requests.c.id),
    sqlite_where=_LISTED,
    postgresql_where=_LISTED,
)
Index(
    "ix_requests_local_barcode",
    requests.c.local_barcode,
    sqlite_where=requests.c.local_barcode.is_not(None),
    postgresql_where=requests.c.local_barcode.is_not(None),
)

events = Table(
    "events",
    metadata,
    Column("request_id", ForeignKey("requests.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    #: when it happened, and when we heard of it
    Column("at", UTCDateTime, nullable=False),
    Column("received_at", UTCDateTime, nullable=False),
    Column("actor_role", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_library", Text),
    Column("body", Text, nullable=False),
    Index("ix_events_received_at_request_id", "received_at", "request_id"),
)

#: what lenders call our requests
lender_ids = Table(
    "lender_ids",
    metadata,
    Column("library", Text, primary_key=True),
    Column("lender_request_id", Text, primary_key=True),
    Column("request_id", ForeignKey("requests.id"), nullable=False),
)

tallies = Table(
    "tallies",
    metadata,
    Column("key", Text, primary_key=True),
    Column("used", BigInteger, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    #: ascends within a request, whose changes are saved one after the other
    Column("position", Serial, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("request_id", Text),
    Column("library", Text),
    Column("body", Json, nullable=False),
    #: from when on a worker may take it; a lease moves it to its end
    Column("due_at", UTCDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("lease_owner", Text),
    Column("attempts", Integer, nullable=False),
    Column("last_failure", Text),
    Column("created_at", UTCDateTime, nullable=False),
    Column("done_at", UTCDateTime),
    Column("result", Json),
    #: the entry that goes first, if it can within an hour
    Column("after", Text),
    #: when a worker took it first; anew when it is tried from the beginning
    Column("first_tried_at", UTCDateTime),
    #: when *due_at* was set
    Column("set_at", UTCDateTime),
    Index("ix_outbox_request_id_position", "request_id", "position"),
)
_OPEN = outbox.c.state.in_(("waiting", "leased"))
Index("ix_outbox_due_at", outbox.c.due_at, outbox.c.position, sqlite_where=_OPEN, postgresql_where=_OPEN)
_DEAD = outbox.c.state == "dead"
Index("ix_outbox_dead", outbox.c.library, outbox.c.position, sqlite_where=_DEAD, postgresql_where=_DEAD)

inbox = Table(
    "inbox",
    metadata,
    Column("library", Text, primary_key=True),
    Column("message_id", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("headers", Json, nullable=False),
    Column("received_at", UTCDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("request_id", Text),
    Column("lender_request_id", Text),
    Column("status", Text),
    Column("occurred_at", UTCDateTime),
    Column("reason", Text),
    Column("applied_at", UTCDateTime),
    #: when somebody was told to look at it
    Column("raised_at", UTCDateTime),
    Index("ix_inbox_request_id", "request_id"),
    Index("ix_inbox_library_lender_request_id", "library", "lender_request_id"),
    Index("ix_inbox_state_received_at", "state", "received_at"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", UTCDateTime, nullable=False, index=True),
)

searches = Table(
    "searches",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("query", Json, nullable=False),
    Column("state", Json, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False, index=True),
    # how often members were asked; who asks them writes the row
    Column("round", BigInteger, nullable=False, server_default="1"),
)

search_parts = Table(
    "search_parts",
    metadata,
    Column("search_id", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("is_remembered", Boolean, nullable=False),
    Column("hits", Json, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False, index=True),
)

search_works = Table(
    "search_works",
    metadata,
    Column("search_id", Text, primary_key=True),
    Column("work_id", Text, primary_key=True),
    Column("work", Json, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False, index=True),
)

libraries = Table(
    "libraries",
    metadata,
    Column("code", Text, primary_key=True),
    Column("profile", Text, nullable=False),
    Column("connectors", Json, nullable=False),
    Column("version", BigInteger, nullable=False),
    #: what its desk says against being asked; null as long as it has said nothing
    Column("lending", Text),
)

secrets = Table(
    "secrets",
    metadata,
    Column("library", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("secret", Text, primary_key=True),
    Column("valid_from", UTCDateTime, nullable=False),
    Column("valid_until", UTCDateTime),
    *revocations.columns(),
)

patrons = Table(
    "patrons",
    metadata,
    Column("id", Text, primary_key=True),
    Column("home", Text, nullable=False),
    #: as it was typed, and what it is found by; None while it clashes with another
    Column("card_number", Text, nullable=False),
    Column("card_folded", Text),
    Column("name", Text, nullable=False),
    Column("mobile", Text, nullable=False),
    Column("email", Text, nullable=False),
    #: of an address that was shown to be theirs; nobody else has it
    Column("email_folded", Text, nullable=False, unique=True),
    #: of one that was not: it is in nobody's way
    Column("email_unproven", Text, index=True),
    Column("category", Text),
    Column("language", Text, nullable=False),
    Column("password_hash", Text),
    Column("verified_at", UTCDateTime),
    Column("erased_at", UTCDateTime),
    Column("created_at", UTCDateTime, nullable=False),
    #: which of the staff, None where the reader did it
    Column("registered_by", Text),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("home", "card_number"),
    Index("ix_patrons_home_card_folded", "home", "card_folded", unique=True),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Text, primary_key=True),
    Column("library", Text),
    Column("role", Text, nullable=False),
    Column("login", Text, nullable=False, unique=True),
    Column("login_folded", Text, index=True, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text),
    Column("disabled_at", UTCDateTime),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("library", Text),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False, index=True),
    Column("revoked_at", UTCDateTime),
)

verifications = Table(
    "verifications",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("patron", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False, index=True),
    Column("used_at", UTCDateTime),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("person", Text, nullable=False, index=True),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_hash", Text, primary_key=True),
    Column("library", Text),
    Column("role", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    *revocations.columns(),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", UTCDateTime, nullable=False),
)

partner_health = Table(
    "partner_health",
    metadata,
    Column("library", Text, primary_key=True),
    Column("connector", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_success", UTCDateTime),
    Column("last_failure", UTCDateTime),
    Column("detail", Text),
)

loan_cards = Table(
    "loan_cards",
    metadata,
    Column("id", Text, primary_key=True),
    Column("barcode", Text, nullable=False, unique=True),
    Column("barcode_folded", Text, index=True, unique=True),
    Column("library", Text, nullable=False),
    Column("desk", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("patron", Text),
    Column("alarm_at", UTCDateTime),
    Column("version", BigInteger, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    #: the whole card; the columns beside it are there to be found by
    Column("state", Text, nullable=False),
    Index("ix_loan_cards_desk_id", "desk", "id"),
    Index("ix_loan_cards_library_id", "library", "id"),
)
Index(
    "ix_loan_cards_patron_id",
    loan_cards.c.patron,
    loan_cards.c.id,
    sqlite_where=loan_cards.c.patron.is_not(None),
    postgresql_where=loan_cards.c.patron.is_not(None),
)
Index(
    "ix_loan_cards_alarm_at",
    loan_cards.c.alarm_at,
    sqlite_where=loan_cards.c.alarm_at.is_not(None),
    postgresql_where=loan_cards.c.alarm_at.is_not(None),
)

loan_card_events = Table(
    "loan_card_events",
    metadata,
    Column("card_id", ForeignKey("loan_cards.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("actor_role", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_library", Text),
    Column("body", Text, nullable=False),
    Index("ix_loan_card_events_at", "at"),
)
