"""Readers may type what no search has found; their desk looks at it."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "typed_requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("patron", sa.Text(), nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_typed_requests")),
        sa.UniqueConstraint("number", name=op.f("uq_typed_requests_number")),
    )
    op.create_index("ix_typed_requests_patron_id", "typed_requests", ["patron", "id"])
    op.create_index("ix_typed_requests_library_status_id", "typed_requests", ["library", "status", "id"])
    op.create_index(op.f("ix_typed_requests_ended_at"), "typed_requests", ["ended_at"])
    op.create_index(
        "ix_typed_requests_until", "typed_requests", ["until"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )


def downgrade() -> None:
    op.drop_table("typed_requests")
