"""Forgets what nobody asks for any more, so that the busy tables stay short."""

from datetime import datetime, timedelta

from ill_broker.storage import attempts, idempotency, inbox, outbox, registrations, searches, sessions
from ill_broker.storage.store import Store

_DELIVERIES = timedelta(days=30)
#: as long as somebody may ask what a patron was told
_NOTICES = timedelta(days=730)
_KEYS = timedelta(days=2)
_QUARANTINE = timedelta(days=30)


def tidy(store: Store, now: datetime) -> int:
    """Delete what has expired and return how many rows that were."""
    with store.writing() as conn:
        return (
            outbox.forget_done(conn, before=now - _DELIVERIES, notices_before=now - _NOTICES)
            + idempotency.forget(conn, before=now - _KEYS)
            + searches.forget_expired(conn, now=now)
            + sessions.forget_expired(conn, before=now)
            + registrations.forget_expired(conn, before=now)
            + attempts.forget(conn, now=now)
        )


def try_again(store: Store, now: datetime) -> int:
    """Let quarantined messages be tried again: what they waited for may have come meanwhile."""
    with store.writing() as conn:
        return inbox.release_since(conn, now - _QUARANTINE)
