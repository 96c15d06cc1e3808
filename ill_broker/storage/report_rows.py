"""The tables that reports are read from: what each request adds, worked out after it has changed."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from ill_broker.storage.columns import UTCDateTime
from ill_broker.storage.rows import metadata
from workflows.requests.measures import Stage

report_requests = Table(
    "report_requests",
    metadata,
    Column("request_id", Text, primary_key=True),
    #: of the request, when this was worked out
    Column("version", BigInteger, nullable=False),
    #: "2026-03", in which it was submitted
    Column("month", Text, nullable=False),
    Column("home", Text, nullable=False),
    #: who supplies or was asked last
    Column("lender", Text),
    Column("status", Text, nullable=False),
    Column("outcome", Text),
    *(Column(f"{stage.value}_hours", Integer) for stage in Stage),
    Column("late_days", Integer),
    # Newest first, as a page of them is read: all, or those of one figure.
    Index("ix_report_requests_month_request_id", "month", "request_id"),
    Index("ix_report_requests_home_month_request_id", "home", "month", "request_id"),
    Index("ix_report_requests_lender_month_request_id", "lender", "month", "request_id"),
    Index("ix_report_requests_outcome_month_request_id", "outcome", "month", "request_id"),
)
_LATE = report_requests.c.late_days > 0
Index(
    "ix_report_requests_late",
    *(report_requests.c.month, report_requests.c.request_id),
    sqlite_where=_LATE,
    postgresql_where=_LATE,
)

report_asks = Table(
    "report_asks",
    metadata,
    Column("request_id", Text, primary_key=True),
    Column("lender", Text, primary_key=True),
    Column("month", Text, nullable=False),
    Column("home", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("reason", Text),
    Column("hours", Integer),
    Index("ix_report_asks_month", "month"),
)

#: lenders that were not asked because a limit was reached
report_limits = Table(
    "report_limits",
    metadata,
    Column("request_id", Text, primary_key=True),
    Column("lender", Text, primary_key=True),
    Column("month", Text, nullable=False),
    Column("home", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_report_limits_reason_month_request_id", "reason", "month", "request_id"),
)

#: how often a limit stood against requests that were refused, of which there is nothing else
report_refusals = Table(
    "report_refusals",
    metadata,
    #: at the reader's library
    Column("day", Text, primary_key=True),
    Column("home", Text, primary_key=True),
    #: whose limit it is; "" for the reader's library
    Column("lender", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("month", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
    Index("ix_report_refusals_month", "month"),
)

#: up to which event requests have been worked through
report_marks = Table(
    "report_marks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("received_at", UTCDateTime, nullable=False),
    Column("counted_at", UTCDateTime, nullable=False),
)
