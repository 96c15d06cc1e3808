"""Records of the union catalogue know by which rules their terms were made, so that those of earlier ones are made anew."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_INDEX = "ix_catalogue_records_edition"


def upgrade() -> None:
    # A constant: no row is written.
    op.add_column("catalogue_records", sa.Column("edition", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index(_INDEX, "catalogue_records", ["edition"])


def downgrade() -> None:
    op.drop_index(_INDEX, "catalogue_records")
    op.drop_column("catalogue_records", "edition")
