"""A book is found at the desk by the barcode that the patron's own library gave it, too."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

#: as identifiers are compared, but for what no barcode has
_KEEP = """UPDATE requests SET local_barcode = lower(replace({told}, ' ', ''))
    WHERE status <> 'closed' AND {told} IS NOT NULL"""
_TOLD = {"sqlite": "json_extract(state, '$.local_barcode')", "postgresql": "(state::json ->> 'local_barcode')"}


def upgrade() -> None:
    op.add_column("requests", sa.Column("local_barcode", sa.Text(), nullable=True))
    op.execute(_KEEP.format(told=_TOLD[op.get_bind().dialect.name]))
    op.create_index(
        "ix_requests_local_barcode",
        "requests",
        ["local_barcode"],
        sqlite_where=sa.text("local_barcode IS NOT NULL"),
        postgresql_where=sa.text("local_barcode IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_requests_local_barcode", "requests")
    op.drop_column("requests", "local_barcode")
