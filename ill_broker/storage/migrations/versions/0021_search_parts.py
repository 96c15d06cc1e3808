"""What a search has found is stored as it comes, and the works that somebody may choose beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("searches", sa.Column("round", sa.BigInteger(), nullable=False, server_default="1"))
    op.create_table(
        "search_parts",
        sa.Column("search_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("is_remembered", sa.Boolean(), nullable=False),
        sa.Column("hits", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("search_id", "number", name=op.f("pk_search_parts")),
    )
    op.create_index(op.f("ix_search_parts_expires_at"), "search_parts", ["expires_at"])
    op.create_table(
        "search_works",
        sa.Column("search_id", sa.Text(), nullable=False),
        sa.Column("work_id", sa.Text(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("search_id", "work_id", name=op.f("pk_search_works")),
    )
    op.create_index(op.f("ix_search_works_expires_at"), "search_works", ["expires_at"])


def downgrade() -> None:
    op.drop_table("search_works")
    op.drop_table("search_parts")
    op.drop_column("searches", "round")
