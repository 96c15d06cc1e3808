"""What an amendment changes for very many loans: those that are alike in all that counts are judged once."""

from collections.abc import Hashable
from dataclasses import fields, replace
from datetime import datetime
from operator import attrgetter

from workflows.decisions.amending import Touched, amended
from workflows.ids import LibraryCode
from workflows.loan_clock.amendments import Amendment
from workflows.loan_clock.case import LoanAnswer, Timeline
from workflows.loan_clock.timeline import check_order
from workflows.policies.book import PolicyBook
from workflows.requests import loan_terms
from workflows.requests.request import Request

#: how many kinds of loans are remembered; a sweep needs no more memory for a million loans than for these
REMEMBERED = 4096

#: facts of a request that no date and no fine depends on, or that are looked at by themselves
_BESIDE = frozenset(
    {
        *("id", "number", "patron", "citation", "holdings", "rota", "instants", "alarm", "conditions"),
        *("cancellation_requested", "scanned_barcode", "hold_until", "due", "lender_due", "calls"),
        *("overdue_notices", "compensation", "attention", "undoable", "quota", "version", "local_barcode"),
        *("cases", "came_with", "damage_stamp", "return_desks", "pickup_sites", "pickup"),
    }
)
#: all others, those still to be thought of too
_deciding = attrgetter(*(field.name for field in fields(Request) if field.name not in _BESIDE))


class Sweep:
    """One amendment and one moment, looked at for loan after loan."""

    def __init__(self, amendment: Amendment, *, as_of: datetime) -> None:
        self._amendment = amendment
        self._as_of = as_of
        self._book: PolicyBook | None = None
        self._known: dict[Hashable, tuple[LoanAnswer, LoanAnswer] | None] = {}

    def found(self, request: Request, book: PolicyBook) -> Touched | None:
        """Return what :func:`amended` does, save that the answers leave out what the day of shipping decides.

        :raises InvalidCase: if the lender's policy cannot judge the loan
        """
        if request.lender is None or not self._amendment.concerns(request.lender):
            return None
        if book is not self._book:
            self._book, self._known = book, {}
        kind = _kind(request, request.lender, book, self._as_of)
        if kind is None:
            return _plain(amended(request, self._amendment, book, as_of=self._as_of))
        if kind not in self._known:
            self._remember(kind, amended(request, self._amendment, book, as_of=self._as_of))
        answers = self._known[kind]
        return None if answers is None else Touched(request, *answers)

    def _remember(self, kind: Hashable, found: Touched | None) -> None:
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        plain = _plain(found)
        self._known[kind] = None if plain is None else (plain.before, plain.after)


def _plain(found: Touched | None) -> Touched | None:
    if found is None:
        return None
    before, after = (replace(answer, lender_due_provisional=None) for answer in (found.before, found.after))
    return Touched(found.request, before, after)


def _kind(request: Request, lender: LibraryCode, book: PolicyBook, as_of: datetime) -> Hashable | None:
    """Return all that decides dates and fine of a book that is out and to which nothing has happened yet.

    None for any other loan.

    :raises InvalidCase: ``timeline_order``
    """
    line = loan_terms.timeline(request.instants)
    if not _is_plain(request, line):
        return None
    check_order(line)
    policy = book.at(lender, request.terms)
    started = getattr(line, policy.clock.start)
    if started is None:
        return None
    # an amendment is an event of the loan, or was known from its start
    known = tuple(
        since is None or since < started for since in (*(one.since for one in request.amendments), as_of)
    )
    return policy.calendar.local_day(started), loan_terms.item_at(request, lender), known, _deciding(request)


def _is_plain(request: Request, line: Timeline) -> bool:
    happened = (
        line.returned or line.lost_reported or request.renewals or request.recalled_at or request.transfers
    )
    # pieces that came back by themselves did so at an instant of their own
    return line.handover is not None and not happened and all(piece.is_out for piece in request.pieces)
