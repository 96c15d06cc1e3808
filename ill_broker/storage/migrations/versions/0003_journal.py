"""Patrons' accounts and their postings."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("patron", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("patron", "lender", "currency", name=op.f("pk_accounts")),
    )
    op.create_table(
        "postings",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("patron", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("debit", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("reverses", sa.Text(), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("actor_library", sa.Text(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_postings_sides")),
        sa.CheckConstraint("minor >= 0", name=op.f("ck_postings_amount")),
        sa.ForeignKeyConstraint(
            ["patron", "lender", "currency"],
            ["accounts.patron", "accounts.lender", "accounts.currency"],
            name=op.f("fk_postings_patron_lender_currency_accounts"),
        ),
        sa.ForeignKeyConstraint(["reverses"], ["postings.id"], name=op.f("fk_postings_reverses_postings")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_postings")),
        sa.UniqueConstraint("id", name=op.f("uq_postings_id")),
        sa.UniqueConstraint(
            "patron", "lender", "currency", "seq", name=op.f("uq_postings_patron_lender_currency_seq")
        ),
        sa.UniqueConstraint("reverses", name=op.f("uq_postings_reverses")),
    )
    op.create_index("ix_postings_patron_position", "postings", ["patron", "position"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_postings_patron_position", table_name="postings")
    op.drop_table("postings")
    op.drop_table("accounts")
