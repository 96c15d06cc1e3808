"""What a clerk reads of a book or a reader on one line."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from ill_broker.services.members.directory import Directory
from ill_broker.storage import cards, journal, people
from ill_broker.storage import requests as request_rows
from workflows.accounts.account import Book
from workflows.actors import Actor
from workflows.cards.card import LoanCard
from workflows.ids import LibraryCode
from workflows.money import Money
from workflows.patrons import Patron
from workflows.requests import loan_terms
from workflows.requests.lifecycle import Status, Step
from workflows.requests.permissions import Relation, actions, relations
from workflows.requests.request import Request

#: more books than any policy lends to one patron
_ALL = 200
_SEES_PATRON = {Relation.DESK, Relation.OFFICE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A request as a clerk needs it."""

    request: Request
    #: None where whoever looks may not see who it is
    reader: Patron | None
    call_number: str | None
    #: the last day on the hold shelf, or the day on which the book is due
    last_day: date | None
    #: the fine so far; None where there is none, or the lender states no rate
    fee: Money | None
    actions: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What a reader owes to one lender."""

    lender: LibraryCode
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderLine:
    """A reader at the desk: what waits, what they have, what they owe."""

    reader: Patron
    waiting: tuple[Line, ...]
    on_loan: tuple[Line, ...]
    loan_cards: tuple[LoanCard, ...]
    owed: tuple[Owed, ...]


class Lines:
    """Writes lines, in the transaction at hand."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def of(
        self, conn: Connection, requests: Iterable[Request], actor: Actor, *, now: datetime
    ) -> tuple[Line, ...]:
        """Return a line for each request."""
        shown = list(requests)
        patrons = people.patrons_of(conn, {one.patron for one in shown}) if shown else {}
        return tuple(self._line(conn, one, patrons.get(one.patron), actor, now) for one in shown)

    def of_reader(self, conn: Connection, reader: Patron, actor: Actor, *, now: datetime) -> ReaderLine:
        """Return what there is to know of a reader whose card was scanned; of a guest only the books here."""
        here = (Status.ARRIVED, Status.NOTIFIED, Status.ON_LOAN)
        mine = request_rows.of_patron(conn, reader.id, statuses=here, limit=_ALL)
        lines = self.of(conn, (one for one in mine if relations(actor, one)), actor, now=now)
        is_own = reader.home == actor.library
        accounts = journal.standings(conn, reader.id) if is_own else ()
        balances = ((one.lender, one.of(Book.PATRON)) for one in accounts)
        return ReaderLine(
            reader=reader,
            waiting=tuple(line for line in lines if line.request.status is not Status.ON_LOAN),
            on_loan=tuple(line for line in lines if line.request.status is Status.ON_LOAN),
            loan_cards=tuple(cards.held(conn, reader.id)) if is_own else (),
            owed=tuple(Owed(lender=lender, amount=owed) for lender, owed in balances if owed.minor > 0),
        )

    def _line(
        self, conn: Connection, request: Request, patron: Patron | None, actor: Actor, now: datetime
    ) -> Line:
        copy = request.copy_at(request.lender) if request.lender else None
        on_shelf = request.status in {Status.ARRIVED, Status.NOTIFIED}
        return Line(
            request=request,
            reader=patron if relations(actor, request) & _SEES_PATRON else None,
            call_number=copy.call_number if copy else None,
            last_day=request.hold_until if on_shelf else request.due,
            fee=self._fee(conn, request, now),
            actions=actions(actor, request),
        )

    def _fee(self, conn: Connection, request: Request, now: datetime) -> Money | None:
        if request.lender is None or request.instants.handover is None:
            return None
        book = self._directory.book_for(conn, request)
        fine = loan_terms.loan_answer(request, book, as_of=now).fine.amount
        return fine if fine is not None and fine.minor > 0 else None
