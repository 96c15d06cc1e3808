"""How a loan ended: by return at the desk, by a report of loss, or not yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workflows.loan_clock.case import LoanCase, LoanStatus


@dataclass(frozen=True, slots=True)
class Ending:
    """When lateness stopped growing (None: it has not), and why."""

    at: datetime | None
    status: LoanStatus
    return_: Literal["accepted", "refused_same_day"] | None = None
    found_after_settlement: bool = False
    #: when the patron had the book no more: nothing is renewed, amended or recalled after that
    left: datetime | None = None


def ending_of(case: LoanCase) -> Ending:
    """Return the end of the loan; a book found before the loss was settled is an ordinary return."""
    returned = case.timeline.returned
    if returned is None:
        return _lost(case, Ending(None, LoanStatus.ON_LOAN))
    if _is_found_too_late(case, returned):
        return _lost(case, Ending(None, LoanStatus.ON_LOAN, found_after_settlement=True))
    if is_refused_same_day(case, returned):
        return _lost(case, Ending(None, LoanStatus.ON_LOAN, "refused_same_day"))
    included = case.lender.clock.logistics_included
    until = case.timeline.lender_received if included else returned
    return Ending(until, LoanStatus.RETURNED, "accepted", left=returned)


def is_refused_same_day(case: LoanCase, returned: datetime) -> bool:
    """Tell whether the lender refuses a return on the date of hand-over, and staff did not overrule it."""
    issued = case.timeline.handover or case.started_at
    if case.lender.accepts_same_day_return or case.staff_override or issued is None:
        return False
    local_day = case.lender.calendar.local_day
    return local_day(returned) == local_day(issued)


def _is_found_too_late(case: LoanCase, returned: datetime) -> bool:
    line = case.timeline
    return line.lost_reported is not None and line.settled is not None and returned >= line.settled


def _lost(case: LoanCase, otherwise: Ending) -> Ending:
    line = case.timeline
    if line.lost_reported is None:
        return otherwise
    status = LoanStatus.LOST if line.settled is None else LoanStatus.SETTLED
    at = line.lost_reported
    return Ending(at, status, otherwise.return_, otherwise.found_after_settlement, left=at)
