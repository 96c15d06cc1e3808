"""Loan cards: taken into stock, handed out, taken back. Gather, decide, save; no rule lives here."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.services.cards import notices
from ill_broker.services.members.directory import Directory, UnknownLibrary
from ill_broker.services.people.home_cards import HomeCards
from ill_broker.services.refusals import Unknown, UnknownHome
from ill_broker.services.requests import posting
from ill_broker.services.transaction import decided, insist
from ill_broker.storage import cards, outbox, people, tallies
from ill_broker.storage.cards import RecordedCardEvent
from ill_broker.storage.failures import Taken
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.cards.card import (
    CardCommand,
    IssueCard,
    LoanCard,
    card_relations,
    held_by,
    held_key,
    may_stock,
    may_take_card_step,
)
from workflows.cards.decide import (
    CardDecision,
    CardKnown,
    card_bookings,
    card_consortium,
    decide_card,
    stock,
)
from workflows.cards.terms import card_terms
from workflows.errors import WorkflowError
from workflows.home_cards import HomeCard
from workflows.ids import CardId, LibraryCode
from workflows.patrons import Patron
from workflows.refusals import NotAllowed

#: what else belongs into the transaction that saves a card
Also = Callable[[Connection, LoanCard], None]


class BarcodeTaken(WorkflowError):
    """Another card has this barcode."""

    code = "barcode_taken"
    title = "There is a card with this barcode already"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCard:
    """A card as it comes into the stock of a desk."""

    barcode: str
    library: LibraryCode
    desk: LibraryCode


class LoanCards:
    """Moves loan cards."""

    def __init__(self, store: Store, directory: Directory, home_cards: HomeCards | None = None) -> None:
        self._store = store
        self._directory = directory
        self._home_cards = home_cards

    def stock_in(self, new: NewCard, actor: Actor, *, now: datetime, also: Also | None = None) -> LoanCard:
        """Take a new card into the stock of a desk and return it.

        :raises NotAllowed: if *actor* belongs neither to its library nor to the desk
        :raises UnknownHome: if one of the two is no member
        :raises BarcodeTaken: if there is a card with this barcode
        :raises CardRefused: ``own_library``
        """
        if not may_stock(actor, library=new.library, desk=new.desk):
            raise NotAllowed("only the card's library and the desk that keeps it take it into stock")
        for pointer, code in (("/library", new.library), ("/desk", new.desk)):
            self._member(code, pointer, now)
        card = LoanCard(
            id=CardId(mint.new_id("card", now)),
            barcode=new.barcode,
            library=new.library,
            desk=new.desk,
            consortium=card_consortium(self._directory.book).id,
        )

        def work(conn: Connection) -> LoanCard:
            decision = stock(card, self._known(card, now))
            try:
                cards.add(conn, decision.card, now=now)
            except Taken as taken:
                raise BarcodeTaken(barcode=new.barcode) from taken
            _record(conn, decision, actor, now)
            if also is not None:
                also(conn, decision.card)
            return decision.card

        return decided(self._store, work)

    def issue(
        self, barcode: str, card_number: str, actor: Actor, *, now: datetime, also: Also | None = None
    ) -> LoanCard:
        """Hand a card out to the reader of its desk who shows this home card, and return it.

        :raises Unknown: if there is no such card for *actor*
        :raises CardRefused: with every reason
        """
        home_card = self._home_card(barcode, card_number, actor, now)

        def work(conn: Connection) -> LoanCard:
            card, patron = _shown(conn, barcode, card_number, actor)
            after = self._applied(conn, card, IssueCard(), actor, now=now, patron=patron, home_card=home_card)
            if also is not None:
                also(conn, after)
            return after

        self._directory.libraries(now)
        return decided(self._store, work)

    def handle(
        self,
        card_id: CardId,
        command: CardCommand,
        actor: Actor,
        *,
        now: datetime,
        also: Also | None = None,
        expected: Callable[[int], None] = lambda _: None,
    ) -> LoanCard:
        """Apply a command to a card and return what it has become.

        :param expected: raises if the version at hand is not the one that is meant

        :raises Unknown: if it does not exist for *actor*
        :raises WorkflowError: if it is refused; nothing is changed then
        """

        def work(conn: Connection) -> LoanCard:
            card = _visible(cards.load(conn, card_id), actor)
            insist(card.version, expected)
            after = self._applied(conn, card, command, actor, now=now)
            if also is not None:
                also(conn, after)
            return after

        self._directory.libraries(now)
        return decided(self._store, work)

    def _applied(
        self,
        conn: Connection,
        card: LoanCard,
        command: CardCommand,
        actor: Actor,
        *,
        now: datetime,
        patron: Patron | None = None,
        home_card: HomeCard | None = None,
    ) -> LoanCard:
        if not may_take_card_step(actor, card, command.step):
            raise NotAllowed(f"{actor.role} may not take the step {command.step}", step=command.step)
        known = self._known(card, now, patron, _held(conn, patron))
        known = replace(known, home_card=home_card)
        decision = decide_card(card, command, known)
        if not decision.events:
            return card
        _change_tally(conn, card, decision.card, card_terms(known.policy).max_per_reader)
        cards.save(conn, decision.card, was_version=card.version)
        by_sms = self._directory.library(card.desk, now).by_sms
        _record(conn, decision, actor, now, by_sms=by_sms)
        posting.book(conn, card_bookings(decision.events, known.policy), actor, now=now)
        return decision.card

    def _home_card(self, barcode: str, card_number: str, actor: Actor, now: datetime) -> HomeCard | None:
        """Return what the desk's own system says of the home card shown; None if it cannot be asked."""
        if self._home_cards is None:
            return None
        with self._store.reading() as conn:
            _, patron = _shown(conn, barcode, card_number, actor)
        return None if patron is None else self._home_cards.state(patron, now=now)

    def _known(self, card: LoanCard, now: datetime, patron: Patron | None = None, held: int = 0) -> CardKnown:
        return CardKnown(
            now=now,
            policy=self._directory.in_force(now).policy(card.consortium),
            watches=self._directory.library(card.desk, now).watches,
            patron=patron,
            cards_held=held,
        )

    def _member(self, code: LibraryCode, pointer: str, now: datetime) -> None:
        try:
            self._directory.library(code, now)
        except UnknownLibrary as unknown:
            refusal = UnknownHome(library=code)
            refusal.pointer = pointer
            raise refusal from unknown


def _visible(card: LoanCard | None, actor: Actor) -> LoanCard:
    if card is None or not card_relations(actor, card):
        raise Unknown
    return card


def _shown(conn: Connection, barcode: str, card_number: str, actor: Actor) -> tuple[LoanCard, Patron | None]:
    """Return a card, and the reader of its desk who shows this home card."""
    card = _visible(cards.by_barcode(conn, barcode), actor)
    known = people.by_card(conn, card.desk, card_number)
    return card, None if known is None else known.patron


def _held(conn: Connection, patron: Patron | None) -> int:
    """Return how many cards the patron has, by the tally that holds the limit."""
    if patron is None:
        return 0
    key = held_key(patron.id)
    return tallies.read(conn, [key])[key]


def _change_tally(conn: Connection, before: LoanCard, after: LoanCard, ceiling: int) -> None:
    had, has = held_by(before), held_by(after)
    if had == has:
        return
    if had is not None:
        tallies.give_back(conn, held_key(had))
    if has is not None:
        tallies.take(conn, {held_key(has): ceiling})


def _record(
    conn: Connection, decision: CardDecision, actor: Actor, now: datetime, *, by_sms: bool = False
) -> None:
    card, holder = decision.card, held_by(decision.card)
    for event in decision.events:
        cards.record(conn, card.id, RecordedCardEvent(seq=card.version, actor=actor, event=event))
    if holder is not None:
        for notice in decision.notices:
            outbox.add(conn, notices.orders(card, holder, notice, now, by_sms=by_sms))
