"""What a library's desk says against being asked stands beside its profile, which is the office's."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("libraries", sa.Column("lending", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("libraries", "lending")
