"""The union catalogue: records, the words they are found by, and how far each library's list has come."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

#: Full text over the column of terms, whose words are ours already: marks and letters beyond ASCII stay.
_SQLITE = (
    """CREATE VIRTUAL TABLE catalogue_words USING fts5(
        terms, content='catalogue_records', content_rowid='id', detail='none', columnsize=0,
        tokenize="ascii tokenchars '_=@.'")""",
    """CREATE TRIGGER catalogue_records_in AFTER INSERT ON catalogue_records BEGIN
        INSERT INTO catalogue_words (rowid, terms) VALUES (new.id, new.terms); END""",
    """CREATE TRIGGER catalogue_records_out AFTER DELETE ON catalogue_records BEGIN
        INSERT INTO catalogue_words (catalogue_words, rowid, terms) VALUES ('delete', old.id, old.terms); END""",
    """CREATE TRIGGER catalogue_records_changed AFTER UPDATE OF terms ON catalogue_records
        WHEN old.terms IS NOT new.terms BEGIN
        INSERT INTO catalogue_words (catalogue_words, rowid, terms) VALUES ('delete', old.id, old.terms);
        INSERT INTO catalogue_words (rowid, terms) VALUES (new.id, new.terms); END""",
)
#: With fastupdate every search would read through what was added last.
#: A scan of the whole table looks cheap to the planner where it expects many matches, and is not where it errs.
_POSTGRES = (
    "CREATE INDEX ix_catalogue_records_terms ON catalogue_records USING gin (terms) WITH (fastupdate = off)",
    """CREATE FUNCTION catalogue_find(wanted text[], at timestamptz, most integer)
        RETURNS TABLE (id bigint, hit text) LANGUAGE sql STABLE SET enable_seqscan = off AS $$
            SELECT r.id, r.hit FROM catalogue_records r
            WHERE r.terms @> wanted AND r.library IN (
                SELECT l.library FROM catalogue_lists l WHERE l.current_until > at)
            LIMIT most $$""",
)


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "catalogue_records",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("terms", sa.Text() if on_sqlite else sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("hit", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_records")),
        sa.UniqueConstraint("library", "identifier", name=op.f("uq_catalogue_records_library_identifier")),
    )
    op.create_index("ix_catalogue_records_library_round", "catalogue_records", ["library", "round"], unique=False)
    op.create_table(
        "catalogue_lists",
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("current_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("library", name=op.f("pk_catalogue_lists")),
    )
    for statement in _SQLITE if on_sqlite else _POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE catalogue_words")
    else:
        op.execute("DROP FUNCTION catalogue_find(text[], timestamptz, integer)")
    op.drop_table("catalogue_lists")
    op.drop_table("catalogue_records")
