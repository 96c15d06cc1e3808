"""Loan cards: each as JSON beside the columns that it is found by, and what has happened to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, insert, or_, select, update

from ill_broker.storage.failures import Stale, Taken
from ill_broker.storage.records import from_json, to_json
from ill_broker.storage.rows import loan_card_events, loan_cards
from ill_broker.storage.statements import inserting
from workflows.actors import Actor, Role
from workflows.cards.card import CardEvent, CardStatus, LoanCard, held_by
from workflows.identifiers import fold
from workflows.ids import CardId, LibraryCode, PatronId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCardEvent:
    """An event of a card in its place, with who brought it about."""

    #: the first one is 1
    seq: int
    actor: Actor
    event: CardEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCount:
    """How many cards of a library a desk keeps, by where they are."""

    desk: LibraryCode
    library: LibraryCode
    status: CardStatus
    cards: int


def add(conn: Connection, card: LoanCard, *, now: datetime) -> None:
    """Add a new card.

    :raises Taken: ``barcode``
    """
    fixed = {
        "id": card.id,
        "barcode": card.barcode,
        "barcode_folded": fold(card.barcode),
        "library": card.library,
        "created_at": now,
    }
    statement = inserting(conn, loan_cards).on_conflict_do_nothing()
    if conn.execute(statement, _changeable(card) | fixed).rowcount == 0:
        raise Taken("barcode")


def save(conn: Connection, card: LoanCard, *, was_version: int) -> None:
    """Store what the card has become.

    :raises Stale: if it is no longer what it was at *was_version*
    """
    meant = (loan_cards.c.id == card.id) & (loan_cards.c.version == was_version)
    if conn.execute(update(loan_cards).where(meant).values(_changeable(card))).rowcount == 0:
        raise Stale(card.id)


def record(conn: Connection, card_id: CardId, recorded: RecordedCardEvent) -> None:
    """Add an event to a card, whose row is there already."""
    values = {
        "card_id": card_id,
        "seq": recorded.seq,
        "type": type(recorded.event).__name__,
        "at": recorded.event.at,
        "actor_role": recorded.actor.role.value,
        "actor_id": recorded.actor.id,
        "actor_library": recorded.actor.library,
        "body": to_json(recorded.event),
    }
    conn.execute(insert(loan_card_events), values)


def last_event(conn: Connection, card_id: CardId) -> RecordedCardEvent | None:
    """Return what happened to a card last."""
    found = select(loan_card_events).where(loan_card_events.c.card_id == card_id)
    row = conn.execute(found.order_by(loan_card_events.c.seq.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    library = None if row.actor_library is None else LibraryCode(row.actor_library)
    return RecordedCardEvent(
        seq=row.seq,
        actor=Actor(Role(row.actor_role), row.actor_id, library),
        event=from_json(CardEvent, row.body),  # type: ignore[arg-type]  # a union is no class to mypy
    )


def load(conn: Connection, card_id: CardId) -> LoanCard | None:
    return next(iter(_many(conn, _STATE.where(loan_cards.c.id == card_id))), None)


def by_barcode(conn: Connection, barcode: str) -> LoanCard | None:
    return next(iter(_many(conn, _STATE.where(loan_cards.c.barcode_folded == fold(barcode)))), None)


def held(conn: Connection, patron: PatronId) -> list[LoanCard]:
    """Return the cards that count against the patron, newest first."""
    return _many(conn, _STATE.where(loan_cards.c.patron == patron).order_by(loan_cards.c.id.desc()))


def page(
    conn: Connection,
    *,
    desk: LibraryCode | None = None,
    library: LibraryCode | None = None,
    statuses: Sequence[CardStatus],
    after: CardId | None,
    limit: int,
) -> list[LoanCard]:
    """Return a page of a desk's or a library's cards, or of all, newest first, from behind *after* on."""
    found = _STATE.where(loan_cards.c.status.in_([status.value for status in statuses]))
    if desk is not None:
        found = found.where(loan_cards.c.desk == desk)
    if library is not None:
        found = found.where(loan_cards.c.library == library)
    if after is not None:
        found = found.where(loan_cards.c.id < after)
    return _many(conn, found.order_by(loan_cards.c.id.desc()).limit(limit))


def stock(conn: Connection, whose: LibraryCode | None) -> list[StockCount]:
    """Count the cards that a library keeps or owns, or all, by desk, library and status."""
    grouped = (loan_cards.c.desk, loan_cards.c.library, loan_cards.c.status)
    counted = select(*grouped, func.count()).group_by(*grouped).order_by(*grouped)
    if whose is not None:
        counted = counted.where(_concerns(whose))
    return [
        StockCount(desk=desk, library=library, status=CardStatus(status), cards=cards)
        for desk, library, status, cards in conn.execute(counted)
    ]


def to_remind(conn: Connection, now: datetime, limit: int) -> list[CardId]:
    """Return the cards whose holders are to be written to, the longest waiting first."""
    due = select(loan_cards.c.id).where(loan_cards.c.alarm_at <= now)
    return [
        CardId(found) for found in conn.execute(due.order_by(loan_cards.c.alarm_at).limit(limit)).scalars()
    ]


def _concerns(library: LibraryCode) -> ColumnElement[bool]:
    return or_(loan_cards.c.desk == library, loan_cards.c.library == library)


def _many(conn: Connection, statement: Select[str]) -> list[LoanCard]:
    return [from_json(LoanCard, state) for state in conn.execute(statement).scalars()]


def _changeable(card: LoanCard) -> dict[str, Any]:
    return {
        "desk": card.desk,
        "status": card.status.value,
        "patron": held_by(card),
        "alarm_at": card.remind_at,
        "version": card.version,
        "state": to_json(card),
    }


_STATE = select(loan_cards.c.state)
