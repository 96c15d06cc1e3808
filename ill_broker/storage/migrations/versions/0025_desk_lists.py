"""The lists of a desk are read in the order in which they are worked off, and by title."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_LENT = sa.text("status = 'on_loan'")
_LISTED = sa.text("list_at IS NOT NULL")
_FILL = """UPDATE requests SET title = lower({title}), list_at = CASE status
    WHEN 'in_transit' THEN coalesce({shipped}, created_at)
    WHEN 'arrived' THEN coalesce({arrived}, created_at)
    WHEN 'notified' THEN coalesce({hold_until}, {never})
    WHEN 'on_loan' THEN coalesce({due}, {never})
    WHEN 'returned' THEN coalesce({returned}, {arrived}, created_at) END
    WHERE status <> 'closed' OR attention"""


def _told(engine: str) -> dict[str, str]:
    """Return how the engine reads what the rows say of themselves."""
    if engine == "sqlite":
        instant = "strftime('%Y-%m-%d %H:%M:%f', json_extract(state, '$.{}')) || '000'"
        day, title, never = instant, "json_extract(state, '$.citation.title')", "'9999-12-31 00:00:00.000000'"
    else:
        instant = "(state::json #>> '{{{}}}')::timestamptz"
        day = "((state::json #>> '{{{}}}')::timestamp AT TIME ZONE 'UTC')"
        title, never = "state::json #>> '{citation,title}'", "'9999-12-31 00:00:00+00'::timestamptz"
    dot = "." if engine == "sqlite" else ","
    at = {name: instant.format(f"instants{dot}{name}") for name in ("shipped", "arrived", "returned")}
    return at | {name: day.format(name) for name in ("hold_until", "due")} | {"title": title, "never": never}


def _index_attention(columns: list[str]) -> None:
    op.create_index(
        "ix_requests_desk_attention",
        "requests",
        columns,
        sqlite_where=sa.text("attention IS 1"),
        postgresql_where=sa.text("attention IS true"),
    )


def upgrade() -> None:
    op.add_column("requests", sa.Column("list_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("requests", sa.Column("title", sa.Text(), nullable=True))
    op.execute(_FILL.format(**_told(op.get_bind().dialect.name)))
    op.drop_index("ix_requests_desk_due", "requests")
    op.drop_index("ix_requests_desk_attention", "requests")
    _index_attention(["desk", "created_at", "id"])
    op.create_index(
        "ix_requests_desk_list",
        "requests",
        ["desk", "status", "list_at", "id"],
        sqlite_where=_LISTED,
        postgresql_where=_LISTED,
    )


def downgrade() -> None:
    op.drop_index("ix_requests_desk_list", "requests")
    op.drop_index("ix_requests_desk_attention", "requests")
    _index_attention(["desk"])
    op.create_index(
        "ix_requests_desk_due", "requests", ["desk", "due"], sqlite_where=_LENT, postgresql_where=_LENT
    )
    op.drop_column("requests", "title")
    op.drop_column("requests", "list_at")
