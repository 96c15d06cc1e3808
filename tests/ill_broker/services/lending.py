"""A consortium on a store, without a network: patrons, lenders that answer as a test says, a postbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from connectors import ports
from connectors.ports import Acknowledgement, Connectors, Letter
from connectors.webhook.codec import decode_report
from connectors.webhook.signing import verified_id
from ill_broker import mint
from ill_broker.services.delivery.delivery import Delivery
from ill_broker.services.members.directory import Directory
from ill_broker.services.partners.inbound import Inbound, partner
from ill_broker.services.requests.door import Requests
from ill_broker.storage import events, libraries, outbox, people
from ill_broker.storage.outbox import Entry
from ill_broker.storage.people import Enrolment
from ill_broker.storage.store import Store
from tests.factories import BJTU, HOUR, LIBRARIES, PKU, START, SZUTL, a_citation, held, the_book
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode, PatronId, RequestId
from workflows.patrons import Patron
from workflows.requests.commands import Command, Report, ReportedStatus
from workflows.requests.request import Instants, Request

Answer = Callable[[ports.Message], str | None]
LEASE = timedelta(seconds=60)


@dataclass
class Lender:
    """A library's system: keeps what it is told; *answer* may fail, or name the request."""

    library: str
    answer: Answer = lambda message: f"their-{message.request_id}"
    #: whether it says that it has a message
    has: Callable[[str], bool] = lambda _: False
    told: list[ports.Message] = field(default_factory=list)
    asked_about: list[str] = field(default_factory=list)

    def ask(self, message: ports.AskToSupply) -> Acknowledgement:
        return self.tell(message)

    def tell(self, message: ports.Message) -> Acknowledgement:
        self.told.append(message)
        return Acknowledgement(message.message_id, self.answer(message))

    def did_you_get(self, message_id: str) -> bool:
        self.asked_about.append(message_id)
        return self.has(message_id)


class Lenders:
    """A registry in which every library has a system, unless it is *by_hand*."""

    def __init__(self) -> None:
        self.known: dict[str, Lender] = {}
        self.by_hand: dict[str, Connectors] = {}
        self._lock = Lock()

    def connectors(self, library: str) -> Connectors:
        if library in self.by_hand:
            return self.by_hand[library]
        lender = self[library]
        return Connectors(library, supplier=lender, witness=lender)

    def __getitem__(self, library: str) -> Lender:
        with self._lock:
            return self.known.setdefault(library, Lender(library))


@dataclass
class Mails:
    """Takes every letter; *refuse* may fail."""

    letters: list[Letter] = field(default_factory=list)
    refuse: Callable[[Letter], None] = lambda _: None

    def send(self, letter: Letter) -> None:
        self.refuse(letter)
        self.letters.append(letter)


class Lending:
    """Requests on their way through a store, by a clock that moves only when it is told to."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = START
        self.lenders, self.mails = Lenders(), Mails()
        with store.writing() as conn:
            for library in LIBRARIES.values():
                libraries.put(conn, library, {})
        self.directory = Directory(store, the_book())
        self.requests = Requests(store, self.directory)
        self.inbound = Inbound(store, self.requests, verify=verified_id, read=decode_report)
        self.delivery = self.hand("worker-1")

    def hand(self, owner: str) -> Delivery:
        """Return what a worker of this name delivers by."""
        return Delivery(self.store, self.requests, self.directory, self.lenders, self.mails, owner=owner)

    def patron(self, name: str = "anna", **facts: Any) -> Patron:
        """Return a patron who is enrolled and verified."""
        facts = {"home": BJTU, "verified_at": START, **facts}
        patron = Patron(
            id=PatronId(f"pat_{name}"),
            name=name,
            card_number=f"card-{name}",
            mobile="+8613800000000",
            email=f"{name}@example.org",
            **facts,
        )
        with self.store.writing() as conn:
            people.enrol(conn, Enrolment(patron=patron, created_at=START))
        return patron

    def wish(
        self, patron: Patron, isbn: str = "9787020002207", lenders: tuple[LibraryCode, ...] = (SZUTL, PKU)
    ) -> Request:
        """Return a new request, not submitted yet."""
        return Request(
            id=RequestId(mint.new_id("req", self.now)),
            number=mint.desk_number(),
            patron=patron.id,
            home=patron.home,
            desk=patron.home,
            citation=a_citation(isbn=isbn),
            holdings=tuple(held(code) for code in lenders),
            instants=Instants(registered=START, searched=START, submitted=self.now),
        )

    def submit(self, patron: Patron, new: Request | None = None) -> Request:
        return self.requests.submit(new or self.wish(patron), patron, as_patron(patron), now=self.now)

    def asked(self, *lenders: LibraryCode) -> Request:
        """Return a request of a patron of its own whose first lender has been asked."""
        return self.submit(
            patron := self.patron(mint.new_id("x", self.now)),
            self.wish(patron, lenders=lenders or (SZUTL, PKU)),
        )

    def do(self, request: Request, command: Command, actor: Actor | None = None) -> Request:
        """Let the desk, or *actor*, do something an hour later."""
        self.now += HOUR
        return self.requests.handle(request.id, command, actor or DESK, now=self.now)

    def hear(
        self, request: Request, status: ReportedStatus, lender: LibraryCode | None = None, **facts: Any
    ) -> Request:
        """Let a lender say what has just happened."""
        code = lender or request.lender or SZUTL
        self.now += HOUR
        said = Report(lender=code, status=status, occurred_at=self.now, **facts)
        return self.requests.handle(request.id, said, partner(code), now=self.now)

    def deliver(self, delivery: Delivery | None = None) -> list[Entry]:
        """Carry out what is due until nothing is, and return it."""
        delivery, carried = delivery or self.delivery, list[Entry]()
        while entries := delivery.claim(self.now, 10):
            for entry in entries:
                delivery.deliver(entry, now=self.now)
            carried += entries
        return carried

    def load(self, request: Request) -> Request:
        return self.requests.see(request.id, OFFICE).request

    def happened(self, request: Request) -> list[str]:
        """Return the names of the events of a request."""
        with self.store.reading() as conn:
            return [type(recorded.event).__name__ for recorded in events.all_of(conn, request.id)]

    def entries(self, request: Request) -> list[Entry]:
        with self.store.reading() as conn:
            return outbox.of_request(conn, request.id)

    def at(self, moment: datetime) -> None:
        self.now = moment


DESK = Actor(Role.STAFF, "stf_desk", BJTU)
OFFICE = Actor(Role.OFFICE, "stf_office")


def as_patron(patron: Patron) -> Actor:
    return Actor(Role.PATRON, patron.id, patron.home)
