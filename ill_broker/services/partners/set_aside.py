"""What partners said and could not be applied: shown to those it concerns, who have it tried again."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from ill_broker.services.audit import record
from ill_broker.services.refusals import Unknown
from ill_broker.storage import inbox
from ill_broker.storage import requests as request_rows
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.inbox import SET_ASIDE, Message, MessageState
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode, MessageId, RequestId


class NotSetAside(WorkflowError):
    """The message was applied, or waits to be."""

    code = "not_set_aside"
    title = "This message does not wait for anybody"


class SetAside:
    """Shows a desk what its library said, and what was said of its requests; the office sees everything."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listed(
        self,
        actor: Actor,
        *,
        states: Collection[MessageState] = SET_ASIDE,
        library: LibraryCode | None = None,
        request_id: RequestId | None = None,
        before: datetime | None = None,
        limit: int = 50,
    ) -> list[Message]:
        """Return what was set aside, received before then; the newest first."""
        with self._store.reading() as conn:
            return inbox.listed(
                conn,
                states=states,
                library=library,
                concerns=_only(actor),
                request_id=request_id,
                before=before,
                limit=limit,
            )

    def replay(self, library: LibraryCode, message_id: MessageId, actor: Actor, *, now: datetime) -> None:
        """Have a message tried again, which happens within moments.

        :raises Unknown: if it does not exist for *actor*
        :raises NotSetAside: if it was applied, or waits to be
        """
        with self._store.writing() as conn:
            message = inbox.find(conn, library, message_id)
            if message is None or not _concerns(conn, message, _only(actor)):
                raise Unknown
            if message.state not in SET_ASIDE:
                raise NotSetAside(state=message.state)
            inbox.mark(conn, message, MessageState.WAITING, now=now, reason=message.reason)
            record(conn, Action.MESSAGE_REPLAYED, (Subject.MESSAGE, message_id), now=now, library=library)


def _concerns(conn: Connection, message: Message, library: LibraryCode | None) -> bool:
    if library in {None, message.library}:
        return True
    request = request_rows.load(conn, message.request_id) if message.request_id else None
    return request is not None and request.desk == library


def _only(actor: Actor) -> LibraryCode | None:
    """Return the library that *actor* sees messages of; None for everybody's."""
    return None if actor.role is Role.OFFICE else LibraryCode(actor.library or "")
