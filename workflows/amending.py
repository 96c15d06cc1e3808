"""Amending a loan that is under way, and taking that back: what it would change, and what follows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from workflows import alarms, events, terms
from workflows.amendments import Amendment
from workflows.commands import Amend, RevokeAmendment
from workflows.drafts import Draft
from workflows.effects import Notice, Tell, TellLender
from workflows.loans import LoanAnswer
from workflows.policy_book import PolicyBook
from workflows.requests import Request

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
        return terms.dates_of(self.after)


def amended(request: Request, amendment: Amendment, book: PolicyBook, *, as_of: datetime) -> Touched | None:
    """Return what an amendment changes for a loan, None if it leaves the due date as it is.

    Grace and extensions only ever lengthen, and a recall beats them, whichever came first (R-BALIS-4).

    :raises InvalidCase: if the lender's policy cannot judge the loan
    """
    if request.lender is None or not amendment.concerns(request.lender):
        return None
    if any(one.id == amendment.id for one in request.amendments):
        return None
    return _changed(request, (*request.amendments, amendment), book, as_of)


def with_standing(
    request: Request, amendments: Iterable[Amendment], book: PolicyBook, *, as_of: datetime
) -> Request:
    """Return a loan that begins now with the standing amendments that move its due date."""
    for amendment in amendments:
        found = amended(request, amendment, book, as_of=as_of)
        if found is not None:
            request = replace(request, amendments=(*request.amendments, amendment))
    return request


def amend(draft: Draft, command: Amend) -> None:
    """Move the due date, if the amendment does; doing it again changes nothing."""
    found = amended(draft.request, command.amendment, draft.known.book, as_of=draft.now)
    if found is None:
        return
    due, lender_due = found.dates
    draft.happened(
        events.DueAmended(
            at=draft.now,
            amendment=command.amendment,
            due=due,
            lender_due=lender_due,
            alarm=alarms.due(draft, due),
            because=draft.because(RULE),
        )
    )
    _tell_everybody(draft)


def revoke(draft: Draft, command: RevokeAmendment) -> None:
    """Take an amendment of this loan back, if it has it; the due date is what it would be without."""
    request = draft.request
    rest = tuple(one for one in request.amendments if one.id != command.amendment)
    if rest == request.amendments:
        return
    after = replace(request, amendments=rest)
    due, lender_due = terms.dates(after, draft.known.book, as_of=draft.now)
    draft.happened(
        events.AmendmentRevoked(
            at=draft.now,
            amendment=command.amendment,
            due=due,
            lender_due=lender_due,
            alarm=alarms.due(draft, due),
            because=draft.because(RULE),
        )
    )
    if due != request.due:
        _tell_everybody(draft)


def _changed(
    request: Request, amendments: tuple[Amendment, ...], book: PolicyBook, as_of: datetime
) -> Touched | None:
    before = terms.loan_answer(request, book, as_of=as_of)
    after = terms.loan_answer(replace(request, amendments=amendments), book, as_of=as_of)
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
