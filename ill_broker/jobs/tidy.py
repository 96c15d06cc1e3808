"""Forgets what nobody asks for any more, and sees to what an earlier release or a moment left undone."""

from datetime import datetime, timedelta

from ill_broker.storage import catalogue_works, inbox, terms
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


def number_works(store: Store) -> int:
    """Tell records that an earlier release stored beside this one of which work they are; return how many."""
    numbered = 0
    while some := store.write(catalogue_works.number_some):
        numbered += some
    return numbered
