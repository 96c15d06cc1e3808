"""Run by Alembic, always with a connection that is in a transaction already."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

import ill_broker.storage.account_rows
import ill_broker.storage.audit_rows
import ill_broker.storage.catalogue_rows
import ill_broker.storage.office_rows
import ill_broker.storage.people_rows
import ill_broker.storage.report_rows
import ill_broker.storage.typed_rows
import ill_broker.storage.upkeep_rows
import ill_broker.storage.wish_rows  # noqa: F401  (their tables belong to the metadata)
from ill_broker.storage.columns import Json, UTCDateTime
from ill_broker.storage.rows import metadata

_OF_ONE_ENGINE = frozenset({"ix_catalogue_records_terms", "ix_catalogue_records_found"})


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our column types as what they are stored as: migrations import nothing of the service."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Json):
        return "sa.Text()"
    return False


def _is_compared(_item: Any, name: str | None, kind: str, *_beside: Any) -> bool:
    """Leave out what one engine has alone: full-text tables, and the indexes that searches begin at."""
    if kind == "table":
        return not (name or "").startswith("catalogue_words")
    return connection.dialect.name != "sqlite" or name not in _OF_ONE_ENGINE


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_item=_render,
    include_object=_is_compared,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
