"""The tables of those who are not known yet: registrations that wait, and what strangers try."""

from sqlalchemy import Column, Integer, Table, Text

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

#: what must not be tried too often, by a hash of who tries what
attempts = Table(
    "attempts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("tried", Integer, nullable=False),
    #: the next one is refused before
    Column("not_before", UTCDateTime, nullable=False),
    #: who has logged in there is not held up by what others try from the same network
    Column("known_until", UTCDateTime),
    Column("forget_at", UTCDateTime, nullable=False, index=True),
)
