"""Card numbers, log-ins and loan cards' barcodes are compared folded; `migrate` folds what is there."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("patrons", sa.Column("card_folded", sa.Text(), nullable=True))
    op.create_index("ix_patrons_home_card_folded", "patrons", ["home", "card_folded"], unique=True)
    op.add_column("staff", sa.Column("login_folded", sa.Text(), nullable=True))
    op.create_index("ix_staff_login_folded", "staff", ["login_folded"], unique=True)
    op.add_column("loan_cards", sa.Column("barcode_folded", sa.Text(), nullable=True))
    op.create_index("ix_loan_cards_barcode_folded", "loan_cards", ["barcode_folded"], unique=True)


def downgrade() -> None:
    for table, column, index in (
        ("loan_cards", "barcode_folded", "ix_loan_cards_barcode_folded"),
        ("staff", "login_folded", "ix_staff_login_folded"),
        ("patrons", "card_folded", "ix_patrons_home_card_folded"),
    ):
        op.drop_index(index, table)
        op.drop_column(table, column)
