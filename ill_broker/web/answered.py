"""What was answered under an idempotency key, for programs and for forms."""

from ill_broker.services.refusals import KeyReused
from ill_broker.storage import idempotency
from ill_broker.storage.idempotency import SavedAnswer
from ill_broker.storage.store import Store
from ill_broker.web.context import service


def answered(whose: str, key: str, fingerprint: str) -> SavedAnswer | None:
    """Return the answer that was saved for the key, None if there is none.

    :raises KeyReused: if it was given to something else
    """
    with service(Store).reading() as conn:
        saved = idempotency.find(conn, whose, key)
    if saved is not None and saved.fingerprint != fingerprint:
        raise KeyReused
    return saved
