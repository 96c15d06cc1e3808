"""A form that is sent twice: under its key it does what it does once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from http import HTTPStatus

from sqlalchemy import Connection

from ill_broker.storage import idempotency
from ill_broker.storage.failures import StorageFailure
from ill_broker.storage.idempotency import SavedAnswer
from ill_broker.web.answered import answered
from ill_broker.web.context import now
from workflows.errors import WorkflowError

#: saves what is answered, in the transaction of what it answers for
Keep = Callable[[Connection, str], None]


def once(whose: str, key: str, said: str, take: Callable[[Keep], object]) -> str:
    """Return what was answered under a key; what comes again under it moves nothing anew.

    :param said: what the form says, which is the same when the key comes again
    :raises KeyReused: if the key was given to something else
    """
    fingerprint = hashlib.sha256(said.encode()).hexdigest()

    def keep(conn: Connection, body: str) -> None:
        saved = SavedAnswer(
            actor=whose,
            key=key,
            fingerprint=fingerprint,
            status=HTTPStatus.OK,
            body=body,
            created_at=now(),
        )
        idempotency.keep(conn, saved)

    saved = answered(whose, key, fingerprint)
    if saved is None:
        try:
            take(keep)
        except (StorageFailure, WorkflowError):
            # the same may have come twice at once, and what it has done be the very reason
            if answered(whose, key, fingerprint) is None:
                raise
        saved = answered(whose, key, fingerprint)
    return saved.body if saved else ""
