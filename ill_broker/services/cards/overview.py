"""What people see of loan cards: where one is, who has it, what it admits to, what it costs so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from ill_broker.services.members.directory import Directory
from ill_broker.services.refusals import Unknown
from ill_broker.storage import cards, people
from ill_broker.storage.cards import StockCount
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.cards.card import CardRelation, CardStatus, LoanCard, card_relations
from workflows.cards.decide import CardFine, book_due, fine_so_far
from workflows.cards.terms import card_terms
from workflows.ids import CardId, LibraryCode, PatronId
from workflows.patrons import Patron

#: more cards than one desk has out
_OUT = 2000
_SEES_PATRON = {CardRelation.DESK, CardRelation.OFFICE}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCard:
    """A card with what there is to know about it."""

    card: LoanCard
    #: what its bearer may do at its library (R-BULC-4)
    rights: tuple[str, ...]
    #: what its holder owes, if it came back now
    fine: CardFine | None
    #: when a book that its holder borrowed now would be due, by the rule of its library (R-BULC-8)
    book_due: date | None
    #: who has it, where whoever looks may see who that is
    patron: Patron | None = None


@dataclass(frozen=True, slots=True)
class CardPage:
    """Cards, newest first, and where the next page begins."""

    items: tuple[SeenCard, ...]
    next: CardId | None


class CardOverview:
    """Shows loan cards to whom they concern."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def one(self, card_id: CardId, actor: Actor, *, now: datetime) -> SeenCard:
        """Return a card.

        :raises Unknown: if it does not exist for *actor*
        """
        with self._store.reading() as conn:
            card = cards.load(conn, card_id)
            if card is None or not card_relations(actor, card):
                raise Unknown
            return self._seen(conn, [card], actor, now)[0]

    def shown(
        self, card: LoanCard, actor: Actor, *, now: datetime, conn: Connection | None = None
    ) -> SeenCard:
        """Return what there is to know about a card at hand, in the transaction at hand if there is one."""
        if conn is not None:
            return self._seen(conn, [card], actor, now)[0]
        with self._store.reading() as reading:
            return self._seen(reading, [card], actor, now)[0]

    def page(
        self,
        actor: Actor,
        *,
        now: datetime,
        limit: int,
        role: str,
        status: str | None = None,
        after: str | None = None,
        barcode: str | None = None,
        patron: str | None = None,
        due_by: date | None = None,
    ) -> CardPage:
        """Return a page of the cards that concern *actor*: all, a reader's, or what was scanned."""
        statuses = [CardStatus(status)] if status else list(CardStatus)
        start = CardId(after) if after else None
        with self._store.reading() as conn:
            if due_by is not None:
                expiring = _expiring(conn, actor, role, due_by, limit)
                return CardPage(self._seen(conn, expiring, actor, now), None)
            if barcode is not None:
                found = [card for card in _scanned(conn, barcode, actor) if card.status in statuses]
            else:
                whose = PatronId(patron) if patron else None
                found = _listed(conn, actor, role, whose, statuses=statuses, after=start, limit=limit + 1)
            more = found[limit - 1].id if len(found) > limit else None
            return CardPage(self._seen(conn, found[:limit], actor, now), more)

    def stock(self, actor: Actor) -> list[StockCount]:
        """Count the cards that the actor's library keeps or owns; all of them for the office."""
        with self._store.reading() as conn:
            return cards.stock(conn, actor.library if actor.role is Role.STAFF else None)

    def _seen(
        self, conn: Connection, found: Sequence[LoanCard], actor: Actor, now: datetime
    ) -> tuple[SeenCard, ...]:
        holders = {
            card.loan.patron for card in found if card.loan and card_relations(actor, card) & _SEES_PATRON
        }
        patrons = people.patrons_of(conn, holders) if holders else {}
        return tuple(
            self._told(card, patrons.get(card.loan.patron) if card.loan else None, now) for card in found
        )

    def _told(self, card: LoanCard, patron: Patron | None, now: datetime) -> SeenCard:
        book = self._directory.in_force(now)
        policy = book.policy(card.consortium)
        return SeenCard(
            card=card,
            rights=card_terms(policy).rights,
            fine=fine_so_far(card, policy, now),
            book_due=book_due(book.policy(card.library), now) if card.loan else None,
            patron=patron,
        )


def _scanned(conn: Connection, barcode: str, actor: Actor) -> list[LoanCard]:
    card = cards.by_barcode(conn, barcode)
    return [card] if card is not None and card_relations(actor, card) else []


def _expiring(conn: Connection, actor: Actor, role: str, due_by: date, limit: int) -> list[LoanCard]:
    """Return the cards that are out and due on this day or before, the longest due first."""
    issued = _listed(conn, actor, role, None, statuses=(CardStatus.ISSUED,), after=None, limit=_OUT)
    due = [(card.loan.due, card) for card in issued if card.loan and card.loan.due <= due_by]
    return [card for _, card in sorted(due, key=lambda one: one[0])][:limit]


def _listed(
    conn: Connection,
    actor: Actor,
    role: str,
    whose: PatronId | None,
    *,
    statuses: Sequence[CardStatus],
    after: CardId | None,
    limit: int,
) -> list[LoanCard]:
    if actor.role is Role.PATRON:
        whose = PatronId(actor.id)
    if whose is not None:
        mine = [card for card in cards.held(conn, whose) if card_relations(actor, card)]
        return [card for card in mine if card.status in statuses and (after is None or card.id < after)]
    if actor.role is Role.OFFICE:
        return cards.page(conn, statuses=statuses, after=after, limit=limit)
    library = LibraryCode(actor.library or "")
    if role == "desk":
        return cards.page(conn, desk=library, statuses=statuses, after=after, limit=limit)
    return cards.page(conn, library=library, statuses=statuses, after=after, limit=limit)
