"""A page of the requests behind a figure is read off an index, however many others there are."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_LATE = sa.text("late_days > 0")


def upgrade() -> None:
    for column in ("home", "lender", "outcome"):
        name = f"ix_report_requests_{column}_month_request_id"
        op.create_index(name, "report_requests", [column, "month", "request_id"])
    op.create_index(
        "ix_report_requests_late",
        "report_requests",
        ["month", "request_id"],
        sqlite_where=_LATE,
        postgresql_where=_LATE,
    )


def downgrade() -> None:
    op.drop_index("ix_report_requests_late", "report_requests")
    for column in ("home", "lender", "outcome"):
        op.drop_index(f"ix_report_requests_{column}_month_request_id", "report_requests")
