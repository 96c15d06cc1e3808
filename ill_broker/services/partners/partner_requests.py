"""What partners' systems ask for their own patrons: taken down at once, then made a request of ours."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from connectors.partner_ports import PartnerAction, PartnerRequest
from ill_broker import mint
from ill_broker.services.partners.inbound import ASKS, ZONE, Dialogue, HandledElsewhere, partner
from ill_broker.services.partners.partner_actions import PartnerActions, done, reasons, reply, unfilled
from ill_broker.services.refusals import Unknown
from ill_broker.services.requests.door import Requests
from ill_broker.storage import inbox, partner_requests, people
from ill_broker.storage import requests as request_rows
from ill_broker.storage.failures import NumberTaken
from ill_broker.storage.inbox import Message, MessageState
from ill_broker.storage.partner_requests import Link
from ill_broker.storage.people import Enrolment
from ill_broker.storage.store import Store
from workflows.citation import Citation, Holding
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode, PatronId, RequestId
from workflows.patrons import Patron
from workflows.refusals import NotEligible, TooEarly
from workflows.requests.commands import AnswerConditions
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Instants, Request
from workflows.requests.requester_messages import Why, standing

_DRAWS = 5
#: outcomes after which the same may be asked for anew
_CAN_BE_RETRIED = frozenset({Outcome.UNFILLED, Outcome.CANCELLED})
#: what stands before the card numbers of those for whom partners' systems speak
_CARD = "iso18626:"
#: what is longer is no reader's number
_LONGEST_NAME = 200

#: finds the copies of a work that the members hold
Holdings = Callable[[Citation, datetime], tuple[Holding, ...]]


class AskedTwice(WorkflowError):
    """The partner's patron has an open request for this work under another id."""

    code = "asked_twice"
    title = "This patron has already asked for this work"


class PartnerRequests:
    """Makes partners' requests ours, and applies what they say of them."""

    def __init__(self, store: Store, requests: Requests, dialogue: Dialogue, find: Holdings) -> None:
        self._store = store
        self._requests = requests
        self._dialogue = dialogue
        self._find = find
        self._actions = PartnerActions(store, requests)

    def apply(self, message: Message, *, now: datetime) -> MessageState:
        """Apply a stored message and return what became of it."""
        heard = self._dialogue.read(message.body.encode())
        action, wanted = heard.action(), heard.request(ZoneInfo(message.headers[ZONE]))
        try:
            if action is not None:
                self._actions.apply(message, action, now=now)
            elif wanted is not None:
                self._hear(message, wanted, now)
        except HandledElsewhere:
            return MessageState.APPLIED
        except TooEarly as error:
            return self._set_aside(message, MessageState.QUARANTINED, error, now)
        except WorkflowError as error:
            return self._set_aside(message, MessageState.REFUSED, error, now)
        return MessageState.APPLIED

    def _set_aside(
        self, message: Message, state: MessageState, error: WorkflowError, now: datetime
    ) -> MessageState:
        with self._store.writing() as conn:
            inbox.mark(conn, message, state, now=now, reason=error.detail)
        return state

    def _hear(self, message: Message, wanted: PartnerRequest, now: datetime) -> None:
        """Make a request of ours of it, or answer it by the one that it has become already."""
        link, request = self._known(message.library, wanted)
        if request is not None and wanted.is_retry and request.status is Status.CONDITIONAL:
            self._accept(message, wanted, request, now)
        elif request is not None and not (wanted.is_retry and request.outcome in _CAN_BE_RETRIED):
            self._answer(message, wanted, request, now)
        elif link.refused is not None and not wanted.is_retry:
            self._refuse(message, wanted, link.refused, now)
        else:
            self._submit(message, wanted, now)

    def _known(self, library: LibraryCode, wanted: PartnerRequest) -> tuple[Link, Request | None]:
        """Return what is known of it, with ours: for a retry, the one it was before while that is open."""
        with self._store.reading() as conn:
            link = partner_requests.find(conn, library, wanted.request_id)
            if link is None:
                raise Unknown
            own = _ours(conn, link)
            if own is not None or not (wanted.is_retry and wanted.previous_request_id):
                return link, own
            before = _ours(conn, partner_requests.find(conn, library, wanted.previous_request_id))
        return link, before if before is not None and before.status is not Status.CLOSED else None

    def _accept(self, message: Message, wanted: PartnerRequest, request: Request, now: datetime) -> None:
        """Take what the lender asks for: whoever asks again after it was told agrees."""

        def also(conn: Connection, request: Request) -> None:
            self._settle(conn, message, wanted, request.id, now)

        who = partner(message.library)
        self._requests.handle(request.id, AnswerConditions(accept=True), who, now=now, also=also)

    def _answer(self, message: Message, wanted: PartnerRequest, request: Request, now: datetime) -> None:
        """Say where the request stands; a new name of it is the one that counts from now on."""
        with self._store.writing() as conn:
            self._settle(conn, message, wanted, request.id, now)
            said = standing(request, Why.REQUEST)
            reply(conn, message, wanted.request_id, said, now=now, ours=request.id)

    def _refuse(self, message: Message, wanted: PartnerRequest, refused: str, now: datetime) -> None:
        with self._store.writing() as conn:
            self._settle(conn, message, wanted, None, now, refused=refused)
            reply(conn, message, wanted.request_id, unfilled(refused, Why.REQUEST, now=now), now=now)

    def _settle(
        self,
        conn: Connection,
        message: Message,
        wanted: PartnerRequest,
        ours: RequestId | None,
        now: datetime,
        *,
        refused: str | None = None,
    ) -> None:
        """Note what came of it, end the message, and let what was said of it too early be tried again."""
        done(conn, message, now=now, request_id=ours, note=wanted.note)
        partner_requests.resolve(conn, message.library, wanted.request_id, request_id=ours, refused=refused)
        unheard = ours or RequestId("")
        inbox.release(conn, unheard, library=message.library, lender_request_id=wanted.request_id)

    # ------------------------------------------------------------ a new one

    def _submit(self, message: Message, wanted: PartnerRequest, now: datetime) -> None:
        if not wanted.takes_loan:
            self._refuse(message, wanted, "copies_only", now)
            return
        patron = self._patron(message.library, wanted, now)
        new = self._new(patron, wanted, now)

        def also(conn: Connection, request: Request) -> None:
            if request.id != new.id:
                raise AskedTwice
            self._settle(conn, message, wanted, request.id, now)

        try:
            self._submitted(new, patron, also, now)
        except NotEligible as refusal:
            self._refuse(message, wanted, reasons(refusal), now)
        except AskedTwice:
            self._refuse(message, wanted, AskedTwice.code, now)

    def _submitted(
        self, new: Request, patron: Patron, also: Callable[[Connection, Request], None], now: datetime
    ) -> None:
        """Submit under the first short number that is free."""
        who = partner(patron.home)
        for _ in range(_DRAWS - 1):
            try:
                self._requests.submit(new, patron, who, now=now, also=also)
            except NumberTaken:
                new = replace(new, number=mint.desk_number())
            else:
                return
        self._requests.submit(new, patron, who, now=now, also=also)

    def _new(self, patron: Patron, wanted: PartnerRequest, now: datetime) -> Request:
        return Request(
            id=RequestId(mint.new_id("req", now)),
            number=mint.desk_number(),
            patron=patron.id,
            home=patron.home,
            desk=patron.home,
            by_partner=True,
            citation=wanted.citation,
            holdings=self._find(wanted.citation, now),
            instants=Instants(submitted=now),
        )

    def _patron(self, library: LibraryCode, wanted: PartnerRequest, now: datetime) -> Patron:
        """Return the one for whom the partner speaks: known by its word alone, without any address.

        One whom the partner does not name is somebody new each time. Nobody who has registered with us
        is taken for one of these, whatever number they gave.
        """
        is_named = wanted.patron is not None and 0 < len(wanted.patron) <= _LONGEST_NAME
        name = (is_named and wanted.patron) or wanted.request_id
        with self._store.writing() as conn:
            known = people.by_card(conn, library, f"{_CARD}{name}")
            if known is not None and not known.patron.email:
                return known.patron
            patron_id = PatronId(mint.new_id("pat", now))
            patron = Patron(
                id=patron_id,
                home=library,
                name=name,
                card_number=f"{_CARD}{name if known is None else patron_id}",
                mobile="",
                email="",
                # the partner vouches for its own patrons
                verified_at=now,
            )
            people.enrol(conn, Enrolment(patron=patron, created_at=now))
        return patron


def keep(conn: Connection, message: Message, said: PartnerRequest | PartnerAction) -> None:
    """Store what a partner's system was proven to have said; the same again is kept as well.

    :raises Unknown: if it names a request that it has not made
    """
    word = said.wants.value if isinstance(said, PartnerAction) else inbox.ASKING
    if isinstance(said, PartnerRequest):
        asked = Link(library=message.library, their_id=said.request_id, received_at=message.received_at)
        partner_requests.put(conn, asked)
    link = partner_requests.find(conn, message.library, said.request_id)
    if link is None:
        raise Unknown
    inbox.put(
        conn,
        replace(
            message,
            headers={**message.headers, ASKS: word},
            request_id=link.request_id,
            lender_request_id=said.request_id,
            status=word,
            occurred_at=said.said_at,
        ),
    )


def _ours(conn: Connection, link: Link | None) -> Request | None:
    return request_rows.load(conn, link.request_id) if link and link.request_id else None
