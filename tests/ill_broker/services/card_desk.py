"""A consortium whose desks lend cards, without a network: its clock moves only when it is told to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.ports import Connectors, Letter
from ill_broker.jobs.deadlines import remind_holders
from ill_broker.services.cards.loan_cards import LoanCards, NewCard
from ill_broker.services.cards.overview import CardOverview
from ill_broker.services.delivery.delivery import Delivery
from ill_broker.services.members.directory import Directory
from ill_broker.services.requests.door import Requests
from ill_broker.storage import libraries, people
from ill_broker.storage.people import Enrolment
from ill_broker.storage.store import Store
from tests.factories import BJTU, DAY, LIBRARIES, PKU, START, SZUTL, the_book
from tests.support.stored import events_of
from workflows.actors import Actor, Role
from workflows.cards.card import CardCommand, LoanCard, ReportCardLost
from workflows.ids import LibraryCode, PatronId
from workflows.patrons import Patron

DESK = Actor(Role.STAFF, "stf_desk", BJTU)
OWNER = Actor(Role.STAFF, "stf_owner", PKU)
OFFICE = Actor(Role.OFFICE, "stf_office")


class NoConnectors:
    """A registry that nobody should ask."""

    def connectors(self, library: str) -> Connectors:
        raise AssertionError(library)


class Mails:
    """Takes every letter."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)


class CardDesk:
    """Loan cards on a store."""

    def __init__(self, store: Store) -> None:
        self.store, self.now, self.mails = store, START, Mails()
        with store.writing() as conn:
            for library in LIBRARIES.values():
                libraries.put(conn, library, {})
        self.directory = Directory(store, the_book())
        self.cards = LoanCards(store, self.directory)
        self.overview = CardOverview(store, self.directory)
        requests = Requests(store, self.directory)
        self.delivery = Delivery(store, requests, self.directory, NoConnectors(), self.mails, owner="worker")

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

    def stocked(self, barcode: str = "C1", actor: Actor = DESK, library: LibraryCode = PKU) -> LoanCard:
        return self.cards.stock_in(NewCard(barcode=barcode, library=library, desk=BJTU), actor, now=self.now)

    def issue(self, patron: Patron, barcode: str = "C1", actor: Actor = DESK) -> LoanCard:
        return self.cards.issue(barcode, patron.card_number, actor, now=self.now)

    def issued(self, patron: Patron, barcode: str = "C1") -> LoanCard:
        """Return a card that was stocked and handed out."""
        self.stocked(barcode)
        return self.issue(patron, barcode)

    def do(self, card: LoanCard, command: CardCommand, actor: Actor = DESK) -> LoanCard:
        return self.cards.handle(card.id, command, actor, now=self.now)

    def after(self, days: int) -> CardDesk:
        self.now += timedelta(days=days)
        return self

    def happened(self, card: LoanCard) -> list[str]:
        """Return the names of the events of a card."""
        with self.store.reading() as conn:
            return [type(recorded.event).__name__ for recorded in events_of(conn, card.id)]

    def remind(self) -> int:
        return remind_holders(self.store, self.cards, self.now)

    def deliver(self) -> list[str]:
        """Carry out what is due, and return the subjects of the letters that were sent by it."""
        before = len(self.mails.letters)
        for entry in self.delivery.claim(self.now, 10):
            self.delivery.deliver(entry, now=self.now)
        return [letter.subject for letter in self.mails.letters[before:]]


def as_patron(patron: Patron) -> Actor:
    return Actor(Role.PATRON, patron.id, patron.home)


def a_card_lost(store: Store, now: datetime) -> LoanCard:
    """Return a card of szutl's that bjtu has issued and whose loss was reported."""
    desk = CardDesk(store)
    desk.now = now
    desk.stocked("C1", library=SZUTL)
    return desk.do(desk.issue(desk.patron("zoe")), ReportCardLost())


__all__ = ["DAY", "DESK", "OFFICE", "OWNER", "CardDesk", "Mails", "a_card_lost", "as_patron"]
