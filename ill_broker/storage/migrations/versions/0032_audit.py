"""Who did what is kept, and nobody changes or deletes it: the database refuses to."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_INDEXED = (
    *(["actor_id"], ["actor_library"], ["action"], ["subject_id"], ["library"]),
    *(["actor_library", "action"], ["library", "action"]),
)
_SQLITE = """
CREATE TRIGGER audit_entries_keep_{what} BEFORE {what} ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit_entries is only added to'); END
"""
_FUNCTION = """
CREATE FUNCTION audit_entries_keep() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit_entries is only added to'; END $$
"""
_POSTGRES = """
CREATE TRIGGER audit_entries_keep BEFORE UPDATE OR DELETE ON audit_entries
FOR EACH ROW EXECUTE FUNCTION audit_entries_keep()
"""


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=True),
        sa.Column("actor_library", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Text(), nullable=True),
        sa.Column("library", sa.Text(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    for columns in _INDEXED:
        op.create_index(f"ix_audit_entries_{'_'.join(columns)}_id", "audit_entries", [*columns, "id"])
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(_SQLITE.format(what=what))
    else:
        op.execute(_FUNCTION)
        op.execute(_POSTGRES)


def downgrade() -> None:
    op.drop_table("audit_entries")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_entries_keep()")
