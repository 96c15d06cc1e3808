"""Lateness: how many days are late and what they cost."""

from dataclasses import dataclass
from datetime import date

from workflows.calendars import LibraryCalendar
from workflows.loan_clock.case import Fine, LoanCase
from workflows.loan_clock.transit import Road
from workflows.money import Money
from workflows.policies.sections import FineTerms


@dataclass(frozen=True, slots=True)
class Late:
    """The lateness of one piece and its price."""

    days: int
    amount: Money | None
    capped: bool


def overdue_days(
    terms: FineTerms, due: date | None, until: date | None, *, road: Road, desk: LibraryCalendar
) -> int:
    """Return the days to be paid for: after *due* up to *until*, off the road, less what is forgiven."""
    if due is None or until is None or until <= due:
        return 0
    cut = road.within(after=due, until=until)
    if terms.count_closed_days:
        days = (until - due).days - sum((last - first).days + 1 for first, last in cut)
    else:
        days = desk.opening_days(after=due, until=until)
        days -= sum(desk.opening_days_from(first, last) for first, last in cut)
    return max(0, days - terms.full_days - terms.grace_days)


def late(terms: FineTerms, days: int) -> Late:
    """Return the price of *days*, at most the cap of an item."""
    if terms.rate is None:
        return Late(days, None, capped=False)
    amount = terms.rate * days
    if terms.cap_per_item is not None and amount > terms.cap_per_item:
        return Late(days, terms.cap_per_item, capped=True)
    return Late(days, amount, capped=False)


def fine(case: LoanCase, pieces: list[Late]) -> Fine:
    """Return the fine of the book and its accompanying pieces together."""
    lender = case.lender
    total: Money | None = lender.zero
    for piece in pieces:
        total = None if total is None or piece.amount is None else total + piece.amount
    return Fine(lender.currency, total, capped=any(piece.capped for piece in pieces))


def no_fine(case: LoanCase) -> Fine:
    """Return the fine of a loan that is not late: nothing, or not stated where no rate is."""
    return Fine(case.lender.currency, None if case.lender.fine.rate is None else case.lender.zero)
