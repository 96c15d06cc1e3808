"""What partners say: stored first, acknowledged, then applied; nothing authentic is lost."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from connectors.failures import Defect, Objection, Unreadable
from connectors.partner_ports import PartnerAction, PartnerRequest, StatusReport
from ill_broker.services.members.membership import INBOUND
from ill_broker.services.refusals import Unknown
from ill_broker.services.requests.door import Requests
from ill_broker.storage import inbox, libraries
from ill_broker.storage import requests as request_rows
from ill_broker.storage.inbox import Message, MessageState
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode, MessageId, RequestId
from workflows.refusals import TooEarly
from workflows.requests.commands import Report
from workflows.requests.permissions import relations
from workflows.requests.request import Request

#: a header of stored messages of a dialogue: the zone in which their sender's days are days
ZONE = "zone"
#: a header of stored messages by which a partner's system speaks of requests that it has made itself
ASKS = "asks"


class Verify(Protocol):
    def __call__(
        self, headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str], now: datetime
    ) -> str:
        """Return the id of a signed message.

        :raises NotAuthentic: if none of *secrets* has signed it about *now*
        """


class PartnerMessage(Protocol):
    """A message as its protocol reads it."""

    @property
    def message_id(self) -> str:
        """The same for the same message sent again, of no other; a flawed one need not have any."""

    @property
    def sender(self) -> str:
        """Who wrote it, by its own word, such as "ISIL:CN-110001"."""

    @property
    def is_flawed(self) -> bool:
        """Tell whether nothing can be done with it but tell its sender so."""

    def report(self, zone: tzinfo) -> StatusReport | None:
        """Return what it reports of a request of ours, with days as in *zone*; None if it is no report.

        :raises Unreadable: if it does not tell when
        """

    def request(self, zone: tzinfo) -> PartnerRequest | None:
        """Return what it asks for one of the sender's own patrons; None if it asks for nothing."""

    def action(self) -> PartnerAction | None:
        """Return what it wants of a request that the sender has made; None if that is nothing we do."""

    def answer(self, *, now: datetime, objection: Objection | None = None) -> bytes:
        """Return what its sender hears at once; with an objection, or a flaw, it was not taken."""


class Dialogue(Protocol):
    """A protocol in which every message is answered in the same breath."""

    def read(self, body: bytes) -> PartnerMessage:
        """Return the message in *body*.

        :raises Unreadable: if it holds none that could be answered
        """

    def text(self, body: bytes) -> str:
        """Return *body* as text that can be stored and read again.

        :raises Unreadable: if it is none
        """


class Hearer(Protocol):
    def apply(self, message: Message, *, now: datetime) -> MessageState:
        """Apply a stored message about a request that its sender has made, and return what became of it."""


class HandledElsewhere(Exception):
    """Another worker has seen to the message meanwhile: nothing of it is saved twice."""


class Inbound:
    """Takes partners' reports and applies them."""

    def __init__(
        self,
        store: Store,
        requests: Requests,
        *,
        verify: Verify,
        read: Callable[[bytes], StatusReport],
        dialogue: Dialogue | None = None,
        hearer: Hearer | None = None,
    ) -> None:
        self._store = store
        self._requests = requests
        self._verify = verify
        self._read = read
        self._dialogue = dialogue
        self._hearer = hearer

    def take(
        self,
        library: LibraryCode,
        headers: Mapping[str, str],
        body: bytes,
        *,
        now: datetime,
        machine_now: datetime,
    ) -> None:
        """Verify and store a report; the same one again is taken as well.

        :param machine_now: what signatures are dated by
        :raises NotAuthentic: if the library has not signed it
        :raises Unreadable: with every fault
        :raises Unknown: if it names a request that is not this library's to speak of
        """
        with self._store.reading() as conn:
            secrets = libraries.secrets_of(conn, library, INBOUND, now=machine_now)
        message_id = MessageId(self._verify(headers, body, secrets=secrets, now=machine_now))
        report = self._read(body)
        message = Message(library=library, message_id=message_id, body=body.decode(), received_at=now)
        self.keep(message, report)

    def keep(self, message: Message, report: StatusReport) -> None:
        """Store a message that was proven to come from its library; the same one again is kept as well.

        :raises Unknown: if it names a request that is not this library's to speak of
        """
        message = replace(
            message,
            request_id=RequestId(report.request_id) if report.request_id else None,
            lender_request_id=report.lender_request_id,
            status=report.status,
            occurred_at=report.occurred_at,
        )
        with self._store.writing() as conn:
            if message.request_id is not None:
                _spoken_of(conn, message.library, message.request_id)
            inbox.put(conn, message)

    def apply(self, message: Message, *, now: datetime) -> MessageState:
        """Apply a stored message and return what became of it."""
        if ASKS in message.headers and self._hearer is not None:
            return self._hearer.apply(message, now=now)
        try:
            report = self._report(message)
        except Unreadable as error:
            return self._set_aside(message, MessageState.REFUSED, now, str(error))
        request_id = message.request_id or self._named_by(message)
        if request_id is None:
            return self._set_aside(message, MessageState.QUARANTINED, now, "unknown lender_request_id")
        command = Report(
            lender=message.library,
            status=report.status,
            # a clock that runs ahead of ours cannot tell of what has not happened yet
            occurred_at=min(report.occurred_at, message.received_at),
            heard_at=message.received_at,
            message=message.message_id,
            lender_request_id=report.lender_request_id,
            item_barcode=report.item_barcode,
            lender_due_date=report.lender_due_date,
            tracking=report.tracking,
            reason=report.reason,
            note=report.note,
            answer=report.answer,
        )

        def applied(conn: Connection, request: Request) -> None:
            if not inbox.mark(conn, message, MessageState.APPLIED, now=now, request_id=request.id):
                raise HandledElsewhere

        try:
            self._requests.handle(request_id, command, partner(message.library), now=now, also=applied)
        except HandledElsewhere:
            return MessageState.APPLIED
        except TooEarly as error:
            return self._set_aside(message, MessageState.QUARANTINED, now, error.detail, request_id)
        except WorkflowError as error:
            return self._set_aside(message, MessageState.REFUSED, now, error.detail, request_id)
        return MessageState.APPLIED

    def _report(self, message: Message) -> StatusReport:
        zone = message.headers.get(ZONE)
        if zone is None or self._dialogue is None:
            return self._read(message.body.encode())
        report = self._dialogue.read(message.body.encode()).report(ZoneInfo(zone))
        if report is None:
            raise Unreadable(Defect("", "no report"))
        return report

    def waiting(self, limit: int, *, asking: bool = False) -> list[Message]:
        """Return stored messages to be applied, the longest waiting first: those that ask, or all others."""
        with self._store.reading() as conn:
            return inbox.waiting(conn, limit, asking=asking)

    def quarantine(self, message: Message, reason: str, *, now: datetime) -> MessageState:
        """Let a message wait that cannot be applied now, where the desk sees it and no other waits for it."""
        return self._set_aside(message, MessageState.QUARANTINED, now, reason)

    def _named_by(self, message: Message) -> RequestId | None:
        with self._store.reading() as conn:
            return request_rows.by_lender_request_id(conn, message.library, message.lender_request_id or "")

    def _set_aside(
        self,
        message: Message,
        state: MessageState,
        now: datetime,
        reason: str,
        request_id: RequestId | None = None,
    ) -> MessageState:
        with self._store.writing() as conn:
            inbox.mark(conn, message, state, now=now, reason=reason, request_id=request_id)
        return state


def partner(library: LibraryCode) -> Actor:
    """Return a member library's system as an actor."""
    return Actor(Role.PARTNER, library, library)


def _spoken_of(conn: Connection, library: LibraryCode, request_id: RequestId) -> None:
    request = request_rows.load(conn, request_id)
    if request is None or not relations(partner(library), request):
        raise Unknown
