"""Forgets what nobody asks for any more, and sees to what came too early."""

from datetime import datetime, timedelta

from ill_broker.storage import inbox, terms
from ill_broker.storage.store import Store

#: for how long what came too early is tried again by itself
_QUARANTINE = timedelta(days=30)


def tidy(store: Store, now: datetime) -> int:
    """Delete what has expired and return how many rows that were."""
    with store.writing() as conn:
        return terms.tidy(conn, now)


def try_again(store: Store, now: datetime) -> int:
    """Let quarantined messages be tried again: what they waited for may have come meanwhile."""
    with store.writing() as conn:
        return inbox.release_since(conn, now - _QUARANTINE)
