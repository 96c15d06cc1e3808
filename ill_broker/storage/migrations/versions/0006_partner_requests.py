"""What partners' systems have asked for their own patrons."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner_requests",
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("their_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("library", "their_id", name=op.f("pk_partner_requests")),
    )
    op.create_index(op.f("ix_partner_requests_request_id"), "partner_requests", ["request_id"])


def downgrade() -> None:
    op.drop_table("partner_requests")
