"""Whether a library has nothing open with a patron any more (R-BHU-4, R-BHU-8)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ill_broker.services.members.directory import Directory
from ill_broker.services.privileges.patron_view import sees, visible_patron
from ill_broker.services.refusals import Unknown
from ill_broker.storage import cards, journal
from ill_broker.storage import requests as request_rows
from ill_broker.storage.store import Store
from workflows.accounts.account import Book
from workflows.actors import Actor
from workflows.ids import CardId, LibraryCode, PatronId, RequestId
from workflows.losses.cases import CaseKind
from workflows.money import Money
from workflows.policies.book import PolicyBook
from workflows.requests import loan_terms
from workflows.requests.lifecycle import Status
from workflows.requests.request import Request

#: requests that are read at once
_PAGE = 200
_LENT = (Status.ON_LOAN, Status.RETURNED, Status.RETURNING, Status.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing that is open: a loan, a loss, a fine or another charge, a loan card."""

    #: loan, loss, damage, fine, loan_card
    kind: str
    request: RequestId | None = None
    number: str | None = None
    title: str | None = None
    card: CardId | None = None
    #: what is owed; of a loan, its fine so far
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMatters:
    """Everything that is open with a library; nothing means that it may say so."""

    library: LibraryCode
    as_of: datetime
    open: tuple[Due, ...]

    @property
    def clear(self) -> bool:
        return not self.open


class NoDues:
    """Answers whether a patron owes a library anything."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def answer(
        self, patron_id: PatronId, library: LibraryCode, actor: Actor, *, now: datetime
    ) -> OpenMatters:
        """Return what is open between a patron and a library.

        :raises Unknown: if the patron or the library does not exist for *actor*
        """
        libraries = self._directory.libraries(now)
        with self._store.reading() as conn:
            patron = visible_patron(conn, patron_id, actor)
            if library not in libraries or not sees(actor, patron, library):
                raise Unknown
            here = [one for one in _requests(conn, patron_id) if one.lender == library and _is_open(one)]
            book = self._directory.book_for(conn, *here)
            dues = (
                *(_loan(request, book, now) for request in here),
                *_owed(conn, patron_id, library),
                *(
                    Due(kind="loan_card", card=card.id)
                    for card in cards.held(conn, patron_id)
                    if card.library == library
                ),
            )
        return OpenMatters(library=library, as_of=now, open=dues)


def _requests(conn: Connection, patron: PatronId) -> Iterator[Request]:
    """Yield all requests of the patron that came as far as a loan."""
    after = None
    while page := request_rows.of_patron(conn, patron, statuses=_LENT, after=after, limit=_PAGE):
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
        request=request.id,
        number=request.number,
        title=request.citation.title,
        amount=answer.fine.amount if answer.overdue_days else None,
    )


def _owed(conn: Connection, patron: PatronId, library: LibraryCode) -> Iterator[Due]:
    for standing in journal.standings(conn, patron):
        balance = standing.of(Book.PATRON)
        if standing.lender == library and balance.minor > 0:
            yield Due(kind="fine", amount=balance)
