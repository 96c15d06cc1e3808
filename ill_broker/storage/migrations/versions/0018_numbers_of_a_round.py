"""Records of the union catalogue know of which list their numbers are, so that those of another are made anew."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INDEX = "ix_catalogue_records_to_number"
_TO_NUMBER = sa.text("work IS NULL OR numbered_round <> round")


def upgrade() -> None:
    op.add_column("catalogue_records", sa.Column("numbered_round", sa.BigInteger(), nullable=True))
    op.create_index(
        _INDEX, "catalogue_records", ["id"], sqlite_where=_TO_NUMBER, postgresql_where=_TO_NUMBER
    )


def downgrade() -> None:
    op.drop_index(_INDEX, "catalogue_records")
    op.drop_column("catalogue_records", "numbered_round")
