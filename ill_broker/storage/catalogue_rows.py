"""The tables of the union catalogue: what libraries have told that they have, and how far they have come."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Column, Dialect, Index, Table, Text, UniqueConstraint
from sqlalchemy.types import TypeDecorator, TypeEngine

from ill_broker.storage.columns import Serial, UTCDateTime
from ill_broker.storage.rows import metadata


class Terms(TypeDecorator[Sequence[str]]):
    """Words without spaces: an array where the index takes one, else one text."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(Text()))

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        return " ".join(value or ()) if dialect.name == "sqlite" else list(value or ())


catalogue_records = Table(
    "catalogue_records",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("library", Text, nullable=False),
    #: what the library calls the record
    Column("identifier", Text, nullable=False),
    #: of which of the library's lists it was last part
    Column("round", BigInteger, nullable=False),
    #: by which it is found; on SQLite a full-text index beside the table is kept up by triggers
    Column("terms", Terms, nullable=False),
    Column("hit", Text, nullable=False),
    #: numbers of the work, and of what the work would be without its ISBN; the same where there is none
    Column("work", BigInteger),
    Column("unnumbered", BigInteger),
    #: of which list the numbers are; not of `round` if a release changed the record that knew no numbers
    Column("numbered_round", BigInteger),
    #: by which rules terms and numbers were made; a release that knows none leaves 0
    Column("edition", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("library", "identifier"),
    Index("ix_catalogue_records_library_round", "library", "round"),
    Index("ix_catalogue_records_edition", "edition"),
    Index("ix_catalogue_records_work", "work", "library"),
    Index("ix_catalogue_records_unnumbered", "unnumbered", "work", "library"),
)
_is_unnumbered = catalogue_records.c.work.is_(None) | (
    catalogue_records.c.numbered_round != catalogue_records.c.round
)
Index(
    "ix_catalogue_records_to_number",
    catalogue_records.c.id,
    sqlite_where=_is_unnumbered,
    postgresql_where=_is_unnumbered,
)
#: only PostgreSQL has it
Index("ix_catalogue_records_terms", catalogue_records.c.terms, postgresql_using="gin")

catalogue_lists = Table(
    "catalogue_lists",
    metadata,
    Column("library", Text, primary_key=True),
    #: until when its records are worth showing; not at all before its first list was whole
    Column("current_until", UTCDateTime),
    Column("state", Text, nullable=False),
)
