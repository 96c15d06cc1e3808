"""Lateness: how many days are late, day by day, and what they cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from workflows.calendars import LibraryCalendar
from workflows.loan_clock.case import Fine, LoanCase
from workflows.loan_clock.transit import Road
from workflows.money import Money
from workflows.policies.sections import FineTerms
from workflows.timestamps import ONE_DAY

LateReason = Literal["counted", "on_the_road", "desk_closed", "not_completed", "forgiven", "capped"]


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


@dataclass(frozen=True, slots=True)
class LateDay:
    """One day after the due date; *amount* is None where the lender states no rate."""

    day: date
    reason: LateReason
    amount: Money | None


def late_days(case: LoanCase, due: date, until: date | None, days_out: Road) -> tuple[LateDay, ...]:
    """Return every day after *due* up to *until*; the amounts add up to the fine of the piece."""
    if until is None:
        return ()
    reasons = dict(_reasons(case, due, until, days_out))
    charged = [day for day, reason in reasons.items() if reason == "counted"]
    terms = case.lender.fine
    if terms.full_days and charged:
        reasons[charged.pop()] = "not_completed"
    for day in charged[: terms.grace_days]:
        reasons[day] = "forgiven"
    return tuple(_priced(case, reasons))


def _reasons(case: LoanCase, due: date, until: date, days_out: Road) -> Iterator[tuple[date, LateReason]]:
    day = due
    while day < until:
        day += ONE_DAY
        if day in days_out:
            yield day, "on_the_road"
        elif case.lender.fine.count_closed_days or case.desk.calendar.is_opening_day(day):
            yield day, "counted"
        else:
            yield day, "desk_closed"


def _priced(case: LoanCase, reasons: dict[date, LateReason]) -> Iterator[LateDay]:
    rate, cap = case.lender.fine.rate, case.lender.fine.cap_per_item
    total = nothing = case.lender.zero
    for day, reason in reasons.items():
        if rate is None or reason != "counted":
            yield LateDay(day, reason, None if rate is None else nothing)
            continue
        amount = rate if cap is None else min(rate, cap - total)
        total += amount
        yield LateDay(day, "counted" if amount == rate else "capped", amount)
