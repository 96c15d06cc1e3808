"""Lateness day by day, with what each day costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from workflows.loan_clock.case import LoanCase
from workflows.loan_clock.transit import Road
from workflows.money import Money
from workflows.timestamps import ONE_DAY

LateReason = Literal["counted", "on_the_road", "desk_closed", "not_completed", "forgiven", "capped"]


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
