"""The tables of those who are not known yet: registrations that wait for their link to be opened."""

from sqlalchemy import Column, Table, Text

from ill_broker.storage.columns import UTCDateTime
from ill_broker.storage.rows import metadata

#: what somebody said who wants to become a patron; it blocks nobody, and goes when its link is opened
registrations = Table(
    "registrations",
    metadata,
    Column("token_hash", Text, primary_key=True),
    #: of the patron that the link makes
    Column("id", Text, nullable=False),
    Column("home", Text, nullable=False),
    Column("card_number", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("mobile", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("email_folded", Text, nullable=False, index=True),
    Column("language", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False, index=True),
)
