"""Limits that were reached are kept beside what else reports count; requests are looked at again for them."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_limits",
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", "lender", name=op.f("pk_report_limits")),
    )
    op.create_index(
        "ix_report_limits_reason_month_request_id", "report_limits", ["reason", "month", "request_id"]
    )
    op.create_table(
        "report_refusals",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "home", "lender", "reason", name=op.f("pk_report_refusals")),
    )
    op.create_index("ix_report_refusals_month", "report_refusals", ["month"])
    # no request is of this version, so that each is counted anew, in place of what stands there
    op.execute("UPDATE report_requests SET version = -1")
    op.execute("DELETE FROM report_marks")


def downgrade() -> None:
    op.drop_table("report_refusals")
    op.drop_table("report_limits")
