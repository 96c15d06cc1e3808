"""A partner library whose own system asks us by ISO 18626, and hears where its requests stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from connectors.iso18626 import codec
from connectors.iso18626 import messages as m
from connectors.iso18626.client import IsoRequester
from connectors.iso18626.dialogue import IsoDialogue
from connectors.iso18626.messages import Action, Revision
from connectors.iso18626.profile import ISO18626
from connectors.ports import Connectors
from connectors.profile_secrets import Secrets
from connectors.transport import Target
from connectors.webhook.codec import decode_report
from connectors.webhook.signing import verified_id
from ill_broker.services.partners.inbound import Inbound
from ill_broker.services.partners.iso_messages import SECRET, Conversations, Shown
from ill_broker.services.partners.partner_requests import PartnerRequests
from ill_broker.storage import inbox, libraries, partner_requests
from ill_broker.storage import requests as request_rows
from ill_broker.storage.inbox import MessageState
from ill_broker.storage.libraries import Secret
from ill_broker.storage.store import Store
from tests.factories import BJTU, DAY, HOUR, PKU, START, SZUTL, held
from tests.ill_broker.services.lending import Lending
from workflows.citation import Holding
from workflows.ids import LibraryCode, RequestId
from workflows.requests.commands import ReportedStatus
from workflows.requests.request import Request

TOKEN = "what their system shows"
OURS, THEIRS = m.AgencyId("CN-420001"), m.AgencyId("CN-100044")
PROFILE: dict[str, Any] = {
    "url": "http://bjtu.example/iso",
    "our_agency": "ISIL:CN-420001",
    "their_agency": "ISIL:CN-100044",
    "proof": {"header": "Authorization"},
}
SHOWN = Shown(headers={"authorization": f"Bearer {TOKEN}"})

Answer = Callable[[httpx.Request], httpx.Response]


def confirming(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=IsoDialogue().read(request.content).answer(now=START))


class Asking(Lending):
    """A consortium one of whose members asks by its own system."""

    def __init__(self, store: Store, revision: Revision = Revision.V1_2) -> None:
        super().__init__(store)
        self.revision = revision
        self.holdings: tuple[Holding, ...] = (held(SZUTL), held(PKU))
        self.answer: Answer = confirming
        #: what their system was sent, as it came
        self.posted: list[bytes] = []
        told = {**PROFILE, "revision": revision.value}
        target = Target(BJTU, transport=httpx.MockTransport(self._carry))
        profile = ISO18626.read(told, Secrets({}))
        assert profile is not None
        requester = IsoRequester(target, profile)
        self.lenders.by_hand[BJTU] = Connectors(BJTU, requester=requester)
        with store.writing() as conn:
            libraries.set_connectors(conn, BJTU, {"iso18626": told})
            secret = Secret(library=BJTU, kind=SECRET, secret=TOKEN, valid_from=START - HOUR)
            libraries.add_secret(conn, secret)
        dialogue = IsoDialogue()
        hearer = PartnerRequests(store, self.requests, dialogue, lambda _citation, _now: self.holdings)
        self.inbound = Inbound(
            store,
            self.requests,
            verify=verified_id,
            read=decode_report,
            dialogue=dialogue,
            hearer=hearer,
        )
        self.conversations = Conversations(store, self.inbound, dialogue)

    def _carry(self, request: httpx.Request) -> httpx.Response:
        self.posted.append(request.content)
        return self.answer(request)

    # ------------------------------------------------------------ their side

    def say(self, message: m.Business) -> Any:
        """Return what their system hears in the same breath."""
        body = codec.encode(message, self.revision)
        answer = self.conversations.hear(body, SHOWN, now=self.now, machine_now=START)
        return codec.decode(answer).message

    def ask(self, their_id: str = "R-1", **facts: Any) -> Any:
        return self.say(asking(their_id, at=self.now, **facts))

    def act(self, action: Action, their_id: str = "R-1", at: datetime | None = None, **facts: Any) -> Any:
        """Let their system do something, which is applied and answered an hour later."""
        confirmed = self.say(acting(action, their_id, at=at or self.now, **facts))
        self.go_on()
        return confirmed

    def asked(self, *lenders: LibraryCode) -> Request:  # the partner's own way to ask
        """Return the request that came of theirs, whose first lender was asked."""
        if lenders:
            self.holdings = tuple(held(code) for code in lenders)
        self.ask()
        self.go_on()
        return self.ours()

    def lent(self) -> Request:
        """Return a request whose book is with their patron."""
        request = self.asked()
        self.lender_says(ReportedStatus.WILL_SUPPLY)
        self.lender_says(ReportedStatus.LOANED, item_barcode="B1")
        self.now += HOUR
        self.act(Action.RECEIVED)
        return self.load(request)

    def complete(self) -> None:
        """Let a book go all the way."""
        self.lent()
        self.now += 10 * DAY
        self.act(Action.SHIPPED_RETURN)
        self.lender_says(ReportedStatus.LOAN_COMPLETED)

    # ------------------------------------------------------------ our side

    def apply(self) -> list[MessageState]:
        states: list[MessageState] = []
        while found := [*self.inbound.waiting(50, asking=True), *self.inbound.waiting(50)]:
            states += [self.inbound.apply(message, now=self.now) for message in found]
        return states

    def go_on(self) -> None:
        """Apply what has come and deliver what waits, an hour later."""
        self.now += HOUR
        self.apply()
        self.deliver()

    def lender_says(self, status: ReportedStatus, their_id: str = "R-1", **facts: Any) -> None:
        self.hear(self.ours(their_id), status, **facts)
        self.deliver()

    def ours(self, their_id: str = "R-1") -> Request:
        with self.store.reading() as conn:
            link = partner_requests.find(conn, BJTU, their_id)
            request = request_rows.load(conn, link.request_id or RequestId("")) if link else None
        if request is None:
            raise LookupError(their_id)
        return request

    def heard(self) -> list[m.SupplyingMessage]:
        """Return what their system was told, in order."""
        read = [codec.decode(body).message for body in self.posted]
        return [message for message in read if isinstance(message, m.SupplyingMessage)]

    def told(self) -> list[str]:
        """Return reason and status of each message, with the answer if there is one."""
        return [in_short(message) for message in self.heard()]

    def stored(self) -> list[MessageState]:
        with self.store.reading() as conn:
            return [each.state for each in inbox.listed(conn, states=[*MessageState])]


def in_short(message: m.SupplyingMessage) -> str:
    answer = {None: "", True: " Y", False: " N"}[message.info.answer]
    return f"{message.info.reason}{answer}: {message.status_info.status}"


def _header(their_id: str, at: datetime | None) -> m.Header:
    return m.Header(supplying=OURS, requesting=THEIRS, request_id=their_id, timestamp=at)


def asking(their_id: str = "R-1", *, at: datetime | None = START, **facts: Any) -> m.Request:
    """Return a request; *facts* of its service override the usual ones."""
    patron = facts.pop("patron", "reader-7")
    isbn = facts.pop("isbn", "9787020002207")
    return m.Request(
        header=_header(their_id, at),
        bibliography=m.Bibliography(title="红楼梦", item_ids=(m.Identifier("ISBN", isbn),)),
        service=m.Service(**{"request_type": m.RequestType.NEW, **facts}),
        patron=m.PatronInfo(id=patron) if patron else None,
    )


def acting(
    action: Action, their_id: str = "R-1", *, at: datetime | None = START, note: str | None = None
) -> m.RequestingMessage:
    return m.RequestingMessage(header=_header(their_id, at), action=action, note=note)
