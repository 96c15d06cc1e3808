"""Records of the union catalogue know of which work they are; `migrate` tells those that are there."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_catalogue_records_work", ["work", "library"]),
    ("ix_catalogue_records_unnumbered", ["unnumbered", "work", "library"]),
)
#: A search looks at these columns of thousands of records, and only at these.
_SQLITE = "CREATE INDEX ix_catalogue_records_found ON catalogue_records (id, library, work, unnumbered)"
#: A scan of the whole table looks cheap to the planner where it expects many matches, and is not where it errs.
_POSTGRES = """CREATE FUNCTION catalogue_matches(wanted text[], at timestamptz)
    RETURNS TABLE (id bigint, library text, work bigint, unnumbered bigint)
    LANGUAGE sql STABLE SET enable_seqscan = off AS $$
        SELECT r.id, r.library, r.work, r.unnumbered FROM catalogue_records r
        WHERE r.terms @> wanted AND r.library IN (
            SELECT l.library FROM catalogue_lists l WHERE l.current_until > at) $$"""


def upgrade() -> None:
    op.add_column("catalogue_records", sa.Column("work", sa.BigInteger(), nullable=True))
    op.add_column("catalogue_records", sa.Column("unnumbered", sa.BigInteger(), nullable=True))
    for index, columns in _INDEXES:
        op.create_index(index, "catalogue_records", columns)
    op.execute(_SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP INDEX ix_catalogue_records_found")
    else:
        op.execute("DROP FUNCTION catalogue_matches(text[], timestamptz)")
    for index, _ in _INDEXES:
        op.drop_index(index, "catalogue_records")
    op.drop_column("catalogue_records", "unnumbered")
    op.drop_column("catalogue_records", "work")
