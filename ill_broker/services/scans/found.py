"""Everything of a desk's own that a code may name, read as it is at this moment."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ill_broker.services.audit import looked_at
from ill_broker.storage import cards, people, typed_requests
from ill_broker.storage import events as event_rows
from ill_broker.storage import lending as lending_rows
from ill_broker.storage import requests as request_rows
from ill_broker.storage.cards import RecordedCardEvent
from workflows.actors import Actor
from workflows.cards import card as card_steps
from workflows.cards.card import CardReturned, CardStep, LoanCard, card_relations
from workflows.identifiers import fold
from workflows.ids import LibraryCode, PatronId
from workflows.patrons import Patron
from workflows.requests import events
from workflows.requests.lifecycle import Step
from workflows.requests.permissions import relations
from workflows.requests.request import Request
from workflows.requests.typed import TypedRequest
from workflows.scans.meaning import (
    Circumstances,
    Doing,
    Kind,
    Reading,
    read_loan_card,
    read_reader,
    read_request,
    read_typed,
)

#: some scanners send the letters with which a bar code of this kind begins and ends
_CODABAR = re.compile(r"[A-Da-d]([0-9$:/.+-]{4,})[A-Da-d]")
#: which event is which step at the desk
_STEPS: dict[type, Doing] = {
    events.Arrived: Step.ARRIVE,
    events.Called: Step.CALL,
    events.HandedOver: Step.HAND_OVER,
    events.TakenBack: Step.TAKE_BACK,
    events.ShippedBack: Step.SHIP_BACK,
    events.Undone: Step.UNDO,
    card_steps.CardIssued: CardStep.ISSUE,
    card_steps.CardReturned: CardStep.TAKE_BACK,
    card_steps.CardLost: CardStep.REPORT_LOSS,
    card_steps.CardFound: CardStep.RECORD_FOUND,
    card_steps.CardWithdrawn: CardStep.WITHDRAW,
}


#: what a code may name
Thing = Request | LoanCard | Patron | TypedRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What was done to a thing last at a desk, by whom and when."""

    step: Doing
    #: None for whoever is no staff
    by_name: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A thing that the code names, and what it means here."""

    reading: Reading
    thing: Thing

    @property
    def version(self) -> int:
        """Another number once somebody has moved it."""
        return 0 if isinstance(self.thing, Patron) else self.thing.version

    def is_by_lenders_barcode(self, code: str) -> bool:
        """Tell whether the book's own barcode was scanned, and not one that the reader's library gave it."""
        local = self.thing.local_barcode if isinstance(self.thing, Request) else None
        return self.reading.kind is Kind.BOOK and fold(code) != fold(local or "")


def find(conn: Connection, code: str, at: Circumstances) -> list[Found]:
    """Return all that *code* may name for the staff at the desk; what is another library's does not exist."""
    library = LibraryCode(at.actor.library or "")
    found = [
        Found(reading=read_request(request, kind, at), thing=request)
        for kind, request in _requests(conn, code, library, at.actor)
    ]
    enrolment = people.by_card(conn, library, code)
    readers = [enrolment.patron] if enrolment is not None else []
    readers += people.guests(conn, library, code)
    for reader in readers:
        looked_at(reader)
    found += [Found(reading=read_reader(reader, at), thing=reader) for reader in readers]
    typed = typed_requests.by_number(conn, code)
    if typed is not None and typed.library == library and typed.request is None:
        found.append(Found(reading=read_typed(typed, at), thing=typed))
    card = cards.by_barcode(conn, code)
    if card is not None and card_relations(at.actor, card):
        last = cards.last_event(conn, card.id)
        returned = last.event.at if last is not None and isinstance(last.event, CardReturned) else None
        found.append(Found(reading=read_loan_card(card, returned, at), thing=card))
    return found


def spellings(code: str) -> tuple[str, ...]:
    """Return what a scanner may mean: what it sent, and that without the letters around Codabar's digits."""
    inside = _CODABAR.fullmatch(code.strip())
    return (code, inside[1]) if inside else (code,)


def reader_called(conn: Connection, told: str, actor: Actor) -> Patron | None:
    """Return the reader of this id or with this card who is the library's own, or fetches here; else None."""
    library = LibraryCode(actor.library or "")
    known = people.enrolment(conn, PatronId(told)) or people.by_card(conn, library, told)
    if known is not None and known.erased_at is None and known.patron.home == library:
        return known.patron
    guests = people.guests(conn, library, told if known is None else known.patron.card_number)
    named = [one for one in guests if known is None or one.id == known.patron.id]
    return named[0] if len(named) == 1 else None


def before(conn: Connection, thing: Request | LoanCard) -> Before | None:
    """Return what was done last at a desk, None if nothing was."""
    if isinstance(thing, LoanCard):
        last = cards.last_event(conn, thing.id)
        happened: list[event_rows.Recorded | RecordedCardEvent] = [] if last is None else [last]
    else:
        happened = [*event_rows.all_of(conn, thing.id)]
    for recorded in reversed(happened):
        step = _STEPS.get(type(recorded.event))
        if step is not None:
            names = people.staff_names(conn, {recorded.actor.id})
            return Before(step=step, by_name=names.get(recorded.actor.id), at=recorded.event.at)
    return None


def _requests(
    conn: Connection, code: str, library: LibraryCode, actor: Actor
) -> Iterator[tuple[Kind, Request]]:
    numbered = request_rows.by_number(conn, code)
    if numbered is not None and relations(actor, numbered):
        yield Kind.REQUEST, numbered
    books = [*request_rows.by_barcode(conn, library, code), *lending_rows.sent_back(conn, library, code)]
    for request in books:
        if numbered is None or request.id != numbered.id:
            yield Kind.BOOK, request
