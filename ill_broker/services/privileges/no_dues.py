"""Whether a library, or any library, has nothing open with a patron any more (R-BHU-4, R-BHU-8)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ill_broker.services.members.directory import Directory
from ill_broker.services.privileges.patron_view import knows_by_name, sees, visible_patron
from ill_broker.services.refusals import Unknown
from ill_broker.storage import cards, journal, people, typed_requests
from ill_broker.storage import requests as request_rows
from ill_broker.storage.store import Store
from workflows.accounts.account import Book
from workflows.actors import Actor
from workflows.ids import CardId, LibraryCode, PatronId, RequestId, StaffId, TypedRequestId
from workflows.losses.cases import CaseKind
from workflows.money import Money
from workflows.policies.book import PolicyBook
from workflows.requests import loan_terms
from workflows.requests.lifecycle import COUNTED, Status
from workflows.requests.request import Request

#: what can be open
DUES = ("loan", "loss", "damage", "fine", "loan_card", "request", "typed_request")
#: requests that are read at once
_PAGE = 200
_LENT = (Status.ON_LOAN, Status.RETURNED, Status.RETURNING, Status.CLOSED)
#: where the book may still come to its reader
_COMING = COUNTED - {Status.ON_LOAN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing that is open: a loan, a loss, a fine or another charge, a loan card, a request."""

    #: one of DUES
    kind: str
    #: with whom; None: no library is asked yet
    library: LibraryCode | None
    request: RequestId | None = None
    number: str | None = None
    title: str | None = None
    card: CardId | None = None
    typed_request: TypedRequestId | None = None
    #: what is owed; of a loan, its fine so far
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMatters:
    """Everything that is open with a library; nothing means that it may be said so."""

    #: None: with any
    library: LibraryCode | None
    as_of: datetime
    #: who says so, where somebody of a desk or of the office asked
    by: str | None
    open: tuple[Due, ...]

    @property
    def clear(self) -> bool:
        return not self.open


class NoDues:
    """Answers whether a patron owes a library, or any library, anything."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def answer(
        self, patron_id: PatronId, library: LibraryCode | None, actor: Actor, *, now: datetime
    ) -> OpenMatters:
        """Return what is open between a patron and a library.

        Without a library it is what is open with any, requests that may still become loans included, to whom
        the patron is known by name; a lender is always told of itself.

        :raises Unknown: if the patron or the library does not exist for *actor*
        """
        libraries = self._directory.libraries(now)
        with self._store.reading() as conn:
            patron = visible_patron(conn, patron_id, actor)
            whose = library or (None if knows_by_name(actor, patron) else actor.library)
            if whose is not None and (whose not in libraries or not sees(actor, patron, whose)):
                raise Unknown
            dues = tuple(self._open(conn, patron_id, whose, now))
            member = people.staff_member(conn, StaffId(actor.id))
        return OpenMatters(library=whose, as_of=now, by=member.name if member else None, open=dues)

    def _open(
        self, conn: Connection, patron: PatronId, whose: LibraryCode | None, now: datetime
    ) -> Iterator[Due]:
        lent = (one for one in _requests(conn, patron, _LENT) if whose in {None, one.lender})
        here = [one for one in lent if _is_open(one)]
        book = self._directory.book_for(conn, *here)
        yield from (_loan(request, book, now) for request in here)
        yield from _owed(conn, patron, whose)
        for card in cards.held(conn, patron):
            if whose in {None, card.library}:
                yield Due(kind="loan_card", library=card.library, card=card.id)
        if whose is None:
            yield from _asked(conn, patron)


def _requests(conn: Connection, patron: PatronId, statuses: Iterable[Status]) -> Iterator[Request]:
    """Yield all requests of the patron that are where *statuses* say."""
    after = None
    while page := request_rows.of_patron(conn, patron, statuses=statuses, after=after, limit=_PAGE):
        yield from page
        after = page[-1].id


def _is_open(request: Request) -> bool:
    """Tell whether the book, a piece of it, or a case about it is still the patron's matter."""
    if request.instants.handover is None:
        return False
    is_out = request.status is Status.ON_LOAN or any(piece.is_out for piece in request.pieces)
    return (is_out and request.instants.settled is None) or any(case.is_open for case in request.cases)


def _kind(request: Request) -> str:
    if request.is_missing or any(case.is_open and case.kind is CaseKind.LOSS for case in request.cases):
        return "loss"
    is_damaged = request.status is not Status.ON_LOAN and any(case.is_open for case in request.cases)
    return "damage" if is_damaged else "loan"


def _loan(request: Request, book: PolicyBook, now: datetime) -> Due:
    answer = loan_terms.loan_answer(request, book, as_of=now)
    return Due(
        kind=_kind(request),
        library=request.lender,
        request=request.id,
        number=request.number,
        title=request.citation.title,
        amount=answer.fine.amount if answer.overdue_days else None,
    )


def _owed(conn: Connection, patron: PatronId, whose: LibraryCode | None) -> Iterator[Due]:
    for standing in journal.standings(conn, patron):
        balance = standing.of(Book.PATRON)
        if whose in {None, standing.lender} and balance.minor > 0:
            yield Due(kind="fine", library=standing.lender, amount=balance)


def _asked(conn: Connection, patron: PatronId) -> Iterator[Due]:
    """Yield what the patron has asked for and may still get."""
    for one in _requests(conn, patron, _COMING):
        title = one.citation.title
        yield Due(kind="request", library=one.lender, request=one.id, number=one.number, title=title)
    for typed in typed_requests.open_of(conn, patron):
        yield Due(kind="typed_request", library=None, typed_request=typed.id, title=typed.citation.title)
