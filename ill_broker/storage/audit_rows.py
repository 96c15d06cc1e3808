"""The table of who did what: entries are added and never changed, which the database holds as well."""

from sqlalchemy import Column, Index, Table, Text

from ill_broker.storage.columns import Json, UTCDateTime
from ill_broker.storage.rows import metadata

audit_entries = Table(
    "audit_entries",
    metadata,
    #: sorts as the entries were made
    Column("id", Text, primary_key=True),
    Column("at", UTCDateTime, nullable=False),
    #: a role, or that it was a stranger
    Column("actor_kind", Text, nullable=False),
    Column("actor_id", Text),
    Column("actor_library", Text),
    Column("action", Text, nullable=False),
    Column("subject_kind", Text),
    Column("subject_id", Text),
    #: whose affair it is
    Column("library", Text),
    #: nothing of a person but ids
    Column("facts", Json, nullable=False),
    #: of the HTTP request, by which log lines are found
    Column("request_id", Text),
    Index("ix_audit_entries_actor_id_id", "actor_id", "id"),
    Index("ix_audit_entries_actor_library_id", "actor_library", "id"),
    Index("ix_audit_entries_action_id", "action", "id"),
    Index("ix_audit_entries_subject_id_id", "subject_id", "id"),
    Index("ix_audit_entries_library_id", "library", "id"),
    # of both, or a library that has done little of what is done often would have all of it looked through
    Index("ix_audit_entries_actor_library_action_id", "actor_library", "action", "id"),
    Index("ix_audit_entries_library_action_id", "library", "action", "id"),
)
