"""Run by Alembic, always with a connection that is in a transaction already."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

import ill_broker.storage.office_rows  # noqa: F401  (its tables belong to the metadata)
from ill_broker.storage.columns import Json, UTCDateTime
from ill_broker.storage.rows import metadata


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our column types as what they are stored as: migrations import nothing of the service."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Json):
        return "sa.Text()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_item=_render,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
