"""Loan cards and what has happened to each."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "loan_cards",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("barcode", sa.Text(), nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("patron", sa.Text(), nullable=True),
        sa.Column("alarm_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_cards")),
        sa.UniqueConstraint("barcode", name=op.f("uq_loan_cards_barcode")),
    )
    op.create_index("ix_loan_cards_desk_id", "loan_cards", ["desk", "id"], unique=False)
    op.create_index("ix_loan_cards_library_id", "loan_cards", ["library", "id"], unique=False)
    op.create_index(
        "ix_loan_cards_patron_id",
        "loan_cards",
        ["patron", "id"],
        unique=False,
        sqlite_where=sa.text("patron IS NOT NULL"),
        postgresql_where=sa.text("patron IS NOT NULL"),
    )
    op.create_index(
        "ix_loan_cards_alarm_at",
        "loan_cards",
        ["alarm_at"],
        unique=False,
        sqlite_where=sa.text("alarm_at IS NOT NULL"),
        postgresql_where=sa.text("alarm_at IS NOT NULL"),
    )
    op.create_table(
        "loan_card_events",
        sa.Column("card_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("actor_library", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id"], ["loan_cards.id"], name=op.f("fk_loan_card_events_card_id_loan_cards")
        ),
        sa.PrimaryKeyConstraint("card_id", "seq", name=op.f("pk_loan_card_events")),
    )


def downgrade() -> None:
    op.drop_table("loan_card_events")
    op.drop_table("loan_cards")
