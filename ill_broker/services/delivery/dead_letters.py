"""What could not be delivered and was given up: shown to those it concerns, who have it tried anew."""

from datetime import datetime

from ill_broker.services.audit import record
from ill_broker.services.refusals import Unknown
from ill_broker.storage import outbox
from ill_broker.storage import requests as request_rows
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.outbox import Entry, EntryState
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode


class NotGivenUp(WorkflowError):
    """The delivery was made, or is still tried."""

    code = "not_given_up"
    title = "This delivery does not wait for anybody"


class DeadLetters:
    """Shows a desk what its library was not told, and what was not told of its requests; the office all."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listed(self, actor: Actor, *, after: str | None = None, limit: int = 50) -> list[Entry]:
        """Return what was given up, newest first, from behind *after* on."""
        with self._store.reading() as conn:
            return outbox.dead_letters(conn, concerns=_only(actor), after=after, limit=limit)

    def replay(self, entry_id: str, actor: Actor, *, now: datetime) -> None:
        """Have a delivery tried anew from the beginning, which happens within moments.

        :raises Unknown: if it does not exist for *actor*
        :raises NotGivenUp: if it was made, or is still tried
        """
        with self._store.writing() as conn:
            entry = outbox.find(conn, entry_id)
            library = _only(actor)
            if entry is None:
                raise Unknown
            request = request_rows.load(conn, entry.request_id) if entry.request_id else None
            if library not in {None, entry.library, request and request.desk}:
                raise Unknown
            if entry.state is not EntryState.DEAD or not outbox.replay(conn, entry_id, now=now):
                raise NotGivenUp(state=entry.state)
            delivery = (Subject.DELIVERY, entry_id)
            record(conn, Action.DELIVERY_REPLAYED, delivery, now=now, library=library or entry.library)


def _only(actor: Actor) -> LibraryCode | None:
    """Return the library that *actor* sees deliveries of; None for everybody's."""
    return None if actor.role is Role.OFFICE else LibraryCode(actor.library or "")
