"""Lenders find what is owed to them, and what they are asked to let off."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    owed, proposal = sa.text("balance != 0"), sa.text("kind = 'waiver_proposal'")
    op.create_index(
        "ix_accounts_lender_patron",
        "accounts",
        ["lender", "patron"],
        sqlite_where=owed,
        postgresql_where=owed,
    )
    op.create_index(
        "ix_postings_proposal",
        "postings",
        ["lender", "position"],
        sqlite_where=proposal,
        postgresql_where=proposal,
    )


def downgrade() -> None:
    op.drop_index("ix_postings_proposal", table_name="postings")
    op.drop_index("ix_accounts_lender_patron", table_name="accounts")
