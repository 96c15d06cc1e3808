"""What a desk was paid on a day is found without reading what others posted."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_TILL = sa.text("kind IN ('payment', 'reversal')")


def upgrade() -> None:
    op.create_index(
        "ix_postings_till",
        "postings",
        ["actor_library", "posted_at"],
        sqlite_where=_TILL,
        postgresql_where=_TILL,
    )


def downgrade() -> None:
    op.drop_index("ix_postings_till", "postings")
