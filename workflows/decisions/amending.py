"""Amending a loan that is under way, and taking that back: what it would change, and what follows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from workflows.decisions import deadlines
from workflows.decisions.draft import Draft
from workflows.ids import AmendmentId
from workflows.loan_clock.amendments import Amendment
from workflows.loan_clock.case import LoanAnswer
from workflows.policies.book import PolicyBook
from workflows.requests import events, loan_terms
from workflows.requests.commands import Amend, RevokeAmendment
from workflows.requests.effects import Notice, Tell, TellLender
from workflows.requests.request import AskedRenewal, Request, without

#: what amendments rest on: a notice to all readers
RULE = "R-BALIS-2"


@dataclass(frozen=True, slots=True)
class Touched:
    """A loan as it is and as it would be."""

    request: Request
    before: LoanAnswer
    after: LoanAnswer

    @property
    def dates(self) -> tuple[date, date]:
        """The new due date, and the one that the lender sees."""
        return loan_terms.dates_of(self.after)

    @property
    def move(self) -> tuple[date, date]:
        """The due date as it is, and as it would be."""
        return loan_terms.dates_of(self.before)[0], self.dates[0]


def amended(request: Request, amendment: Amendment, book: PolicyBook, *, as_of: datetime) -> Touched | None:
    """Return what an amendment changes for a loan under way, None if it leaves the due date as it is.

    It never shortens, and a recall beats it, whichever came first (R-BALIS-4). It is an event of the loan:
    what was renewed before it keeps its date.

    :raises InvalidCase: if the lender's policy cannot judge the loan
    """
    return _laid(request, _from_now(request, amendment, as_of), book, as_of)


def with_standing(
    request: Request, amendments: Iterable[Amendment], book: PolicyBook, *, as_of: datetime
) -> Request:
    """Return a loan with the standing amendments that move its due date, each since it was made."""
    for amendment in amendments:
        if _laid(request, amendment, book, as_of) is not None:
            request = replace(request, amendments=(*request.amendments, amendment))
    return request


def amend(draft: Draft, command: Amend) -> None:
    """Move the due date, if the amendment does; doing it again changes nothing."""
    amendment = _from_now(draft.request, command.amendment, draft.now)
    found = _laid(draft.request, amendment, draft.known.book, draft.now)
    if found is None:
        return
    due, lender_due = found.dates
    draft.happened(
        events.DueAmended(
            at=draft.now,
            amendment=amendment,
            due=due,
            lender_due=lender_due,
            alarm=deadlines.due(draft, due),
            because=draft.because(RULE),
        )
    )
    _tell_everybody(draft)


def revoke(draft: Draft, command: RevokeAmendment) -> None:
    """Take an amendment of this loan back, if it has it: it was never made.

    Renewals that were accepted under it keep their date. Another that stands may count now.
    """
    request, book = draft.request, draft.known.book
    rest = without(request, command.amendment)
    if rest == request.amendments:
        return
    renewals = _keeping(request, command.amendment, book, draft.now)
    after = replace(request, amendments=rest, renewals=renewals)
    others = (one for one in draft.known.amendments if one.id != command.amendment)
    after = with_standing(after, others, book, as_of=draft.now)
    due, lender_due = loan_terms.dates(after, book, as_of=draft.now)
    draft.happened(
        events.AmendmentRevoked(
            at=draft.now,
            amendment=command.amendment,
            due=due,
            lender_due=lender_due,
            alarm=deadlines.due(draft, due),
            amendments=after.amendments,
            renewals=renewals,
            because=draft.because(RULE),
        )
    )
    if due != request.due:
        _tell_everybody(draft)


def _keeping(
    request: Request, amendment: AmendmentId, book: PolicyBook, now: datetime
) -> tuple[AskedRenewal, ...]:
    """Return the renewals; the first that was accepted under the amendment is counted from its day as ever.

    Those after it follow from it.
    """
    since = next(one.since for one in request.amendments if one.id == amendment)
    before = [one for one in request.renewals if since is not None and one.at <= since]
    if len(before) == len(request.renewals):
        return request.renewals
    first, *later = request.renewals[len(before) :]
    counted = {event.at: event.base for event in loan_terms.loan_answer(request, book, as_of=now).events}
    return (*before, replace(first, base=first.base or counted[first.at]), *later)


def _from_now(request: Request, amendment: Amendment, now: datetime) -> Amendment:
    """Return an amendment as a loan under way takes it: after all that has happened to the loan."""
    happened = [renewal.at for renewal in request.renewals]
    return replace(amendment, since=max(now, *happened, request.recall_heard or now))


def _laid(request: Request, amendment: Amendment, book: PolicyBook, as_of: datetime) -> Touched | None:
    if request.lender is None or not amendment.concerns(request.lender):
        return None
    if any(one.id == amendment.id for one in request.amendments):
        return None
    laid = replace(request, amendments=(*request.amendments, amendment))
    before, after = (loan_terms.loan_answer(one, book, as_of=as_of) for one in (request, laid))
    return None if before.due == after.due else Touched(request, before, after)


def _tell_everybody(draft: Draft) -> None:
    request = draft.request
    lender = request.lender or request.home
    draft.then(
        TellLender(
            lender=lender,
            what=Tell.DUE_DATE,
            message=draft.message(f"{Tell.DUE_DATE}-{lender}"),
            lender_due=request.lender_due,
        )
    )
    draft.notify(Notice.DUE_CHANGED)
