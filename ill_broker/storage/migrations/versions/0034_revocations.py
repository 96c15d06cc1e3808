"""A webhook secret can be revoked alone; of secrets and keys it is kept who did so, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("secrets", sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
    for table in ("secrets", "api_keys"):
        op.add_column(table, sa.Column("revoked_by", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("revoked_because", sa.Text(), nullable=True))


def downgrade() -> None:
    for table in ("secrets", "api_keys"):
        op.drop_column(table, "revoked_because")
        op.drop_column(table, "revoked_by")
    op.drop_column("secrets", "revoked_at")
