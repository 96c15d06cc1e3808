"""A request as the loan clock sees it: the one way from a live request to its dates and fine."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from workflows.citation import Holding
from workflows.ids import LibraryCode
from workflows.loan_clock import clock
from workflows.loan_clock.case import (
    LoanAnswer,
    LoanCase,
    NewDue,
    Recall,
    RenewalAsked,
    Suspended,
    Timeline,
    Transfer,
)
from workflows.losses import cases
from workflows.policies import item_types
from workflows.policies.book import PolicyBook
from workflows.policies.conditions import Item
from workflows.policies.policy import Policy
from workflows.requests.pieces import late_until
from workflows.requests.request import AskedRenewal, Instants, Request, earliest


def item_at(request: Request, lender: LibraryCode) -> Item:
    """Return the lender's copy as its policy looks at it."""
    return item_of(request, request.copy_at(lender))


def item_of(request: Request, copy: Holding | None) -> Item:
    """Return a copy as its library's policy looks at it; the patron may know that it is new, or of a set."""
    item = item_types.item_of(request.citation, copy)
    return replace(item, new_book=item.new_book or request.new_book, part_of_set=request.part_of_set)


def loan_case(request: Request, lender: LibraryCode, book: PolicyBook, *, as_of: datetime) -> LoanCase:
    """Return what the loan clock is asked about *request* if *lender* lends.

    What we saw at the desk bounds what the lender says: a book was shipped, for the clock, before it
    arrived, was not with the lender before it was handed in, and was not called back after that. The loan
    keeps the version of the lender's terms that it began under.
    """
    instants = _as_counted(request)
    policy = book.at(lender, request.terms)
    case = LoanCase(
        lender=policy,
        home=book.policy(request.home),
        pickup=book.policy(request.desk),
        category=category_of(request, lender, policy),
        item=item_at(request, lender),
        timeline=timeline(instants),
        transfers=tuple(_transfers(request, as_of)),
        renewals=tuple(RenewalAsked(one.at, one.on_hold, one.base) for one in request.renewals),
        recall=_recall(request, earliest(instants.returned, instants.lost_reported)),
        accompanying=late_until(request.pieces, book_is_back=is_back(instants), as_of=as_of),
        ready_on=request.ready_on,
        staff_override=request.staff_override,
        as_of=as_of,
    )
    return replace(case, amendments=tuple(_new_dues(request, case)))


def timeline(instants: Instants) -> Timeline:
    """Return the instants as the loan clock looks at them."""
    returned, received = instants.returned, instants.lender_received
    return Timeline(
        submitted=instants.submitted,
        shipped=_shipped(instants),
        arrived=instants.arrived,
        notified=instants.notified,
        handover=instants.handover,
        returned=instants.returned if instants.handover else None,
        lender_received=max(returned, received) if returned and received else None,
        lost_reported=instants.lost_reported,
        settled=instants.settled,
    )


def is_back(instants: Instants) -> bool:
    """Tell whether the patron brought the book back; one that was paid for stays lost (R-SZUTL-19)."""
    returned, settled = instants.returned, instants.settled
    return returned is not None and (settled is None or returned < settled)


def category_of(request: Request, lender: LibraryCode, policy: Policy) -> str:
    """Return the category under which the lender was asked, else that of readers through the brokerage."""
    asked = request.category if request.lender == lender else None
    return policy.default_category if asked not in policy.categories else str(asked)


def loan_answer(
    request: Request, book: PolicyBook, *, as_of: datetime, suspended: tuple[Suspended, ...] = ()
) -> LoanAnswer:
    """Return dates and fine of a request that has a lender.

    :param suspended: what stops a renewal that is asked for now
    """
    case = loan_case(request, _lender(request), book, as_of=as_of)
    return clock.loan_answer(replace(case, suspended=suspended))


def dates(request: Request, book: PolicyBook, *, as_of: datetime) -> tuple[date, date]:
    """Return the patron's due date and the date the lender sees, of a book that was handed over."""
    return dates_of(loan_answer(request, book, as_of=as_of))


def dates_of(answer: LoanAnswer) -> tuple[date, date]:
    """Return the patron's due date and the date the lender sees, of a book that was handed over."""
    if answer.due is None or answer.lender_due is None:
        raise AssertionError("a book that was handed over has a due date")
    return answer.due, answer.lender_due


def provisional_due(
    request: Request, lender: LibraryCode, book: PolicyBook, shipped: datetime
) -> date | None:
    """Return by when the lender may expect the book back, known at shipping (C-6)."""
    sent = replace(request, instants=replace(request.instants, shipped=shipped))
    return clock.lender_due_provisional(loan_case(sent, lender, book, as_of=shipped))


def last_desk_day(request: Request, book: PolicyBook) -> date | None:
    """Return the last day, not after the date due, on which the desk is open; None if there is none."""
    handover, due = request.instants.handover, request.due
    if handover is None or due is None:
        return None
    lent_on = book.calendar(_lender(request)).local_day(handover)
    return book.calendar(request.desk).last_opening_day(not_after=due, not_before=lent_on)


def can_renew(request: Request, book: PolicyBook, *, as_of: datetime) -> bool:
    """Tell whether the lender's rules would renew the loan now; suspensions are not looked at."""
    asked = replace(request, renewals=(*request.renewals, AskedRenewal(at=as_of)))
    renewals = [event for event in loan_answer(asked, book, as_of=as_of).events if event.kind == "renewal"]
    return renewals[-1].accepted


def _as_counted(request: Request) -> Instants:
    """Return the instants that the clock looks at.

    A damaged book that counts as lost is no debt of days any more once that is reported, whenever the desk
    takes it in as evidence (R-BHU-13).
    """
    instants = request.instants
    if instants.returned is None or not cases.is_damage(request.cases, instants.lost_reported):
        return instants
    return replace(instants, returned=instants.lost_reported)


def _recall(request: Request, ended: datetime | None) -> Recall | None:
    """Return the recall; one of which we heard after the end changes nothing, whatever date it bears."""
    at, handover = request.recalled_at, request.instants.handover
    if at is None or handover is None:
        return None
    recall = Recall(at, max(request.recall_heard or at, handover))
    return None if ended is not None and recall.noticed > ended else recall


def _new_dues(request: Request, case: LoanCase) -> Iterable[NewDue]:
    """Yield the amendments that speak of this loan, by the day on which it began."""
    if case.started_at is None:
        return
    issued = case.lender.calendar.local_day(case.started_at)
    for one in request.amendments:
        if one.speaks_of(case.lender.id, issued):
            yield NewDue(one.since, one.new_due)


def _shipped(instants: Instants) -> datetime | None:
    """Return when the book was sent, after the request was made and before the book was here."""
    told = earliest(instants.shipped, instants.arrived)
    return told and max(told, instants.submitted)


def _transfers(request: Request, as_of: datetime) -> Iterable[Transfer]:
    """Yield the stretches on the road that have lasted; one that is under way ends when the book is back."""
    for stretch in request.transfers:
        until = stretch.until or request.instants.returned or as_of
        if stretch.since < until:
            yield Transfer(stretch.since, until)


def _lender(request: Request) -> LibraryCode:
    if request.lender is None:
        raise AssertionError("only a request with a lender has terms")
    return request.lender
