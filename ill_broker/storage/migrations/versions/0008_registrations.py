"""Registrations stand apart from patrons until their link is opened; an unproven address blocks nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

#: what nobody has confirmed: registered with a password, not by a library's sign-on
_ARE_PENDING = "verified_at IS NULL AND erased_at IS NULL AND password_hash IS NOT NULL"
_SAID = "id, home, card_number, name, mobile, email, email_folded, language, password_hash"


def upgrade() -> None:
    op.create_table(
        "registrations",
        sa.Column("token_hash", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _SAID.split(", ")[:-1]),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_registrations")),
    )
    op.create_index(op.f("ix_registrations_email_folded"), "registrations", ["email_folded"])
    op.create_index(op.f("ix_registrations_expires_at"), "registrations", ["expires_at"])
    op.add_column("patrons", sa.Column("email_unproven", sa.Text(), nullable=True))
    op.create_index(op.f("ix_patrons_email_unproven"), "patrons", ["email_unproven"])
    _move_pending()
    op.execute(
        "UPDATE patrons SET email_unproven = email_folded, email_folded = 'none:' || id"
        " WHERE verified_at IS NULL AND erased_at IS NULL"
    )


def _move_pending() -> None:
    op.execute(
        f"INSERT INTO registrations (token_hash, expires_at, {_SAID}) SELECT v.token_hash, v.expires_at, {_SAID}"
        " FROM patrons JOIN verifications v ON v.patron = patrons.id"
        f" WHERE {_ARE_PENDING} AND v.kind = 'email' AND v.used_at IS NULL"
    )
    for table, column in (("verifications", "patron"), ("sessions", "subject")):
        op.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM patrons WHERE {_ARE_PENDING})")
    op.execute(f"DELETE FROM patrons WHERE {_ARE_PENDING}")


def downgrade() -> None:
    op.execute(
        "UPDATE patrons SET email_folded = email_unproven WHERE id IN"
        " (SELECT min(id) FROM patrons WHERE email_unproven IS NOT NULL GROUP BY email_unproven)"
        " AND NOT EXISTS (SELECT 1 FROM patrons q WHERE q.email_folded = patrons.email_unproven)"
    )
    op.drop_index(op.f("ix_patrons_email_unproven"), "patrons")
    op.drop_column("patrons", "email_unproven")
    op.drop_table("registrations")
