"""What a desk has to look at, and what is overdue there, is counted without reading a loan."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_LENT = sa.text("status = 'on_loan'")


def upgrade() -> None:
    op.create_index(
        "ix_requests_desk_attention",
        "requests",
        ["desk"],
        sqlite_where=sa.text("attention IS 1"),
        postgresql_where=sa.text("attention IS true"),
    )
    op.create_index(
        "ix_requests_desk_due", "requests", ["desk", "due"], sqlite_where=_LENT, postgresql_where=_LENT
    )


def downgrade() -> None:
    op.drop_index("ix_requests_desk_due", "requests")
    op.drop_index("ix_requests_desk_attention", "requests")
