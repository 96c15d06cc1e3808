"""What each request adds to reports is kept beside it; which requests changed is found by when we heard of it."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_STAGES = ("answer", "shipping", "transit", "call", "hold", "loan", "desk_return", "receipt", "supply")


def upgrade() -> None:
    op.create_table(
        "report_requests",
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        *(sa.Column(f"{stage}_hours", sa.Integer(), nullable=True) for stage in _STAGES),
        sa.Column("late_days", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_report_requests")),
    )
    op.create_index("ix_report_requests_month_request_id", "report_requests", ["month", "request_id"])
    op.create_table(
        "report_asks",
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("request_id", "lender", name=op.f("pk_report_asks")),
    )
    op.create_index("ix_report_asks_month", "report_asks", ["month"])
    op.create_table(
        "report_marks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_report_marks")),
    )
    op.create_index("ix_events_received_at_request_id", "events", ["received_at", "request_id"])


def downgrade() -> None:
    op.drop_index("ix_events_received_at_request_id", "events")
    for table in ("report_marks", "report_asks", "report_requests"):
        op.drop_table(table)
