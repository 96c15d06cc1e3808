"""What happened to loan cards in some months is found by when it happened."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_loan_card_events_at", "loan_card_events", ["at"])


def downgrade() -> None:
    op.drop_index("ix_loan_card_events_at", "loan_card_events")
