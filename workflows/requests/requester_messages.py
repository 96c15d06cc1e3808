"""What the system of a patron's own library is told of a request that it made for that patron."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum

from workflows.reasons import Attention
from workflows.requests.commands import ReportedStatus
from workflows.requests.lifecycle import Outcome, Status, Step
from workflows.requests.request import Instants, Request, Turn

#: what stands in ``attention`` once a lender has said no to a cancellation
_REFUSED = Attention.CANCELLATION_REFUSED
_CONDITION, _NOT_AVAILABLE = "LoanCondition", "NotAvailableForILL"
#: statuses of the way back, of which its own system knows more than we do
_QUIET = frozenset({Status.RETURNED, Status.RETURNING})

_BEFORE_SENDING = {
    Status.SUBMITTED: ReportedStatus.EXPECT_TO_SUPPLY,
    Status.CONDITIONAL: ReportedStatus.RETRY_POSSIBLE,
    Status.ACCEPTED: ReportedStatus.WILL_SUPPLY,
}
_AT_THE_END = {
    Outcome.COMPLETED: ReportedStatus.LOAN_COMPLETED,
    Outcome.UNFILLED: ReportedStatus.UNFILLED,
    Outcome.CANCELLED: ReportedStatus.CANCELLED,
    Outcome.NOT_COLLECTED: ReportedStatus.LOAN_COMPLETED,
    Outcome.LOST: ReportedStatus.COMPLETED_WITHOUT_RETURN,
}


class Why(StrEnum):
    """Why we write, in the words of ISO 18626."""

    REQUEST = "RequestResponse"
    STATUS = "StatusRequestResponse"
    RENEWAL = "RenewResponse"
    CANCELLATION = "CancelResponse"
    CHANGE = "StatusChange"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Where a request stands with us, and what is answered thereby."""

    why: Why
    status: ReportedStatus
    #: when it came to stand there
    changed: datetime
    #: of a cancellation or a renewal that was asked for
    answer: bool | None = None
    #: the patron's due date; before the hand-over, when the lender expects the book
    due: date | None = None
    sent: datetime | None = None
    barcode: str | None = None
    tracking: str | None = None
    #: of Unfilled and of RetryPossible, in the words of ISO 18626
    reason: str | None = None
    note: str | None = None


def standing(
    request: Request,
    why: Why,
    *,
    changed: datetime | None = None,
    answer: bool | None = None,
    note: str | None = None,
) -> News:
    """Return where *request* stands now.

    :param changed: since when; None: since the last instant of its life that is known
    """
    status = status_of(request)
    has_copy = request.instants.shipped is not None or request.instants.arrived is not None
    is_out = has_copy and request.status is not Status.CLOSED
    return News(
        why=why,
        status=status,
        changed=changed or last_instant(request),
        answer=answer,
        due=_due(request) if is_out else None,
        sent=(request.instants.shipped or request.instants.arrived) if is_out else None,
        barcode=request.item_barcode if is_out else None,
        tracking=request.claim.tracking if is_out else None,
        reason=_reason(status),
        note=note or _note(request, status),
    )


def news(
    before: Request | None, after: Request, *, changed: datetime, asked: Step | None, cancels: bool
) -> News | None:
    """Return what its system is told after a decision; None if that is nothing new to it.

    :param asked: what the system itself has asked for by this; None where somebody else moved the request
    :param cancels: it has asked for the cancellation that the request may be waiting for
    """
    if before is None:
        return standing(after, Why.REQUEST, changed=changed)
    if asked is Step.RENEW:
        return standing(after, Why.RENEWAL, changed=changed, answer=True)
    waits = cancels and before.cancellation_requested is not None and _REFUSED not in before.attention
    if waits and _REFUSED in after.attention:
        return standing(after, Why.CANCELLATION, changed=changed, answer=False)
    if _told(before) == _told(after) or after.status in _QUIET:
        return None
    if waits or asked is Step.CANCEL:
        answer = _decided(after)
        if answer is not None:
            return standing(after, Why.CANCELLATION, changed=changed, answer=answer)
    why = Why.REQUEST if asked is Step.ANSWER_CONDITIONS else Why.CHANGE
    return standing(after, why, changed=changed)


def last_instant(request: Request) -> datetime:
    """Return when something of weight has happened last, from the submission on."""
    known: list[datetime | None] = [getattr(request.instants, each.name) for each in fields(Instants)]
    return max(at for at in known if at is not None)


def status_of(request: Request) -> ReportedStatus:
    """Return the status in the words of ISO 18626."""
    if request.status is Status.CLOSED:
        return _closed_as(request)
    if request.status in _BEFORE_SENDING:
        return _BEFORE_SENDING[request.status]
    if request.status is Status.ON_LOAN and request.overdue_notices:
        return ReportedStatus.OVERDUE
    if request.recalled_at is not None and request.status not in _QUIET:
        return ReportedStatus.RECALLED
    return ReportedStatus.LOANED


def _closed_as(request: Request) -> ReportedStatus:
    """Return how it ended; a book that came and went back unread is a loan that is over."""
    came = request.instants.arrived is not None
    if request.outcome is Outcome.CANCELLED and came:
        return ReportedStatus.LOAN_COMPLETED
    return _AT_THE_END[request.outcome or Outcome.UNFILLED]


def _told(request: Request) -> tuple[object, ...]:
    """Return what its system knows when it was told last: what makes no difference here is no news."""
    status = status_of(request)
    if request.status is Status.CONDITIONAL:
        return status, request.conditions
    is_sent = request.status is not Status.CLOSED and request.status not in _BEFORE_SENDING
    return (status, _due(request), request.lender) if is_sent else (status,)


def _due(request: Request) -> date | None:
    return request.due or request.lender_due


def _decided(request: Request) -> bool | None:
    """Return how a cancellation was answered: by its end, or by a book that is on its way all the same."""
    if request.status is Status.CLOSED:
        return request.outcome is Outcome.CANCELLED
    return False if request.status not in _BEFORE_SENDING else None


def _reason(status: ReportedStatus) -> str | None:
    if status is ReportedStatus.RETRY_POSSIBLE:
        return _CONDITION
    return _NOT_AVAILABLE if status is ReportedStatus.UNFILLED else None


def _note(request: Request, status: ReportedStatus) -> str | None:
    if status is ReportedStatus.RETRY_POSSIBLE:
        return request.conditions
    if status is not ReportedStatus.UNFILLED:
        return None
    passed = [entry.reason for entry in request.rota if entry.turn is Turn.PASSED]
    return ", ".join(dict.fromkeys(passed)) or None
