"""Who at the desk registered a reader is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("patrons", sa.Column("registered_by", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("patrons", "registered_by")
