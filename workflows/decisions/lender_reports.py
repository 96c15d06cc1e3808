"""What a lender says: applied in whatever order it is heard, to the same end.

A report from a lender whose turn is over, or of something long past, changes nothing and is kept as a
claim. One that runs ahead of what we know waits (:class:`TooEarly`). A book on its way beats everything
said about it: a lender that ships becomes the lender, whoever is asked meanwhile; of two that ship, the
one that shipped first.
"""

from datetime import datetime

from workflows.decisions import circulation, damages, deadlines, returns, rota
from workflows.decisions.draft import Draft
from workflows.ids import LibraryCode
from workflows.reasons import Attention, PassedOver
from workflows.refusals import TooEarly
from workflows.requests import events
from workflows.requests.commands import Report
from workflows.requests.effects import Tell
from workflows.requests.lifecycle import Outcome, Status, Step, may
from workflows.requests.message_commands import RecordSetAside
from workflows.requests.request import Request, Turn

#: somebody should look at what a partner said that could not be applied
UNAPPLIED = Attention.PARTNER_MESSAGE

_ORDER = {status: place for place, status in enumerate(Status)}
_BEFORE_SHIPPING = frozenset({Status.SUBMITTED, Status.CONDITIONAL, Status.ACCEPTED})

#: what a lender says only of a book that it has sent
_OF_A_SENT_BOOK = frozenset(
    {Step.RECALL, Step.CLAIM_OVERDUE, Step.CONFIRM_RECEIPT, Step.COMPLETE_WITHOUT_RETURN}
)

_APPLY = {
    Step.NOTE_RECEIPT: rota.received,
    Step.ACCEPT: rota.accepted,
    Step.OFFER_CONDITIONS: rota.conditions_offered,
    Step.DECLINE: rota.declined,
    Step.CONFIRM_CANCELLATION: rota.declined,
    Step.RECALL: circulation.recall,
    Step.CLAIM_OVERDUE: circulation.overdue_claimed,
    Step.CONFIRM_RECEIPT: returns.received_by_lender,
    Step.COMPLETE_WITHOUT_RETURN: damages.given_up,
}


def hear(draft: Draft, report: Report) -> None:
    """Apply what a lender on the rota says.

    :raises TooEarly: if what comes before it has not been heard of
    """
    request = draft.request
    if report.step is Step.SHIP and _ships(request, report):
        _shipped(draft, report)
    elif _runs_ahead(request, report):
        raise TooEarly(
            f"{report.status} while the request is {request.status}", status=request.status, step=report.step
        )
    elif _changes_something(request, report):
        _APPLY[report.step](draft, report)
        if report.item_barcode or report.lender_due_date or report.tracking:
            _keep(draft, report)
    else:
        _note(draft, report)


def set_aside(draft: Draft, command: RecordSetAside) -> None:
    """Have somebody look at what could not be applied; once, however much there is of it."""
    request = draft.request
    concerned = request.home == command.library or request.entry(command.library) is not None
    if concerned and UNAPPLIED not in request.attention:
        because = events.Because(message=command.message)
        draft.happened(events.AttentionRaised(at=draft.now, what=UNAPPLIED, because=because))


def _ships(request: Request, report: Report) -> bool:
    """Tell whether this report makes its lender the one whose book is on its way."""
    if not _may_ship(request, report.lender):
        return False
    if request.status is not Status.IN_TRANSIT:
        return True
    theirs = (request.instants.shipped or report.occurred_at, request.lender or "")
    return report.lender != request.lender and (report.occurred_at, report.lender) < theirs


def _may_ship(request: Request, lender: LibraryCode) -> bool:
    """Tell whether a book of this lender could still become the one that the patron gets."""
    entry = request.entry(lender)
    if entry is None or entry.asked_at is None:
        return False
    if request.status is Status.CLOSED:
        was_sent = request.instants.shipped or request.instants.arrived
        return not was_sent and request.outcome in {Outcome.UNFILLED, Outcome.CANCELLED}
    return request.status in _BEFORE_SHIPPING or request.status is Status.IN_TRANSIT


def _runs_ahead(request: Request, report: Report) -> bool:
    """Tell whether something must be heard first that may still come."""
    is_followed = request.status is Status.IN_TRANSIT and report.lender == request.lender
    if report.step in _OF_A_SENT_BOOK and _may_ship(request, report.lender) and not is_followed:
        return True
    is_known = may(request.status, report.step) or _is_past(request.status, report.step)
    return report.lender == request.lender and report.step is not Step.SHIP and not is_known


def _changes_something(request: Request, report: Report) -> bool:
    if report.lender != request.lender or report.step is Step.SHIP:
        return False
    if request.status is Status.CLOSED:
        return report.step is Step.CONFIRM_RECEIPT and returns.was_lost_on_the_way_back(request)
    return may(request.status, report.step)


def _is_past(status: Status, step: Step) -> bool:
    """Tell whether *step* belongs to a status that lies behind."""
    return all(
        _ORDER[then] < _ORDER[status] for then in Status if then is not Status.CLOSED and may(then, step)
    )


def _shipped(draft: Draft, report: Report) -> None:
    request = draft.request
    if request.lender is not None and request.lender != report.lender:
        rota.pass_over(draft, PassedOver.SUPERSEDED, cancel=True)
    if _was_passed(request, report.lender):
        draft.happened(events.AttentionRaised(at=draft.now, what=Attention.SHIPPED_ALL_THE_SAME))
    first, asked_at = _first_shipped(request, report), _asked_at(request, report)
    draft.happened(
        events.Shipped(
            at=report.occurred_at,
            lender=report.lender,
            category=rota.category_at(draft, report.lender),
            quota_month=rota.quota_month(draft, report.lender, asked_at),
            item_barcode=report.item_barcode,
            lender_due_date=report.lender_due_date,
            tracking=report.tracking,
            lender_request_id=report.lender_request_id,
            lender_due_provisional=circulation.provisional_due(draft, report.lender, first),
            alarm=deadlines.transit(draft, report.lender, first),
            because=events.Because(rule="C-6", message=report.message),
        )
    )
    if request.status is Status.CLOSED:
        draft.happened(events.AttentionRaised(at=draft.now, what=Attention.SHIPPED_AFTER_CLOSING))
    if request.status is Status.IN_TRANSIT:
        draft.happened(events.AttentionRaised(at=draft.now, what=Attention.SECOND_COPY_ON_ITS_WAY))


def _was_passed(request: Request, lender: LibraryCode) -> bool:
    """Tell whether a lender has sent its book although its turn was over, so that two may come."""
    entry = request.entry(lender)
    return entry is not None and entry.turn is Turn.PASSED and request.status in _BEFORE_SHIPPING


def _first_shipped(request: Request, report: Report) -> datetime:
    """Return the first instant at which the lender says it shipped, this report among them."""
    entry = request.entry(report.lender)
    return min(report.occurred_at, (entry and entry.claim.shipped) or report.occurred_at)


def _asked_at(request: Request, report: Report) -> datetime:
    """Return when the lender was asked: that is the month its quota counts in (R-NLC-4)."""
    entry = request.entry(report.lender)
    return (entry and entry.asked_at) or report.occurred_at


def _note(draft: Draft, report: Report) -> None:
    """Keep what changes nothing any more; a lender that still means to supply is told to stop."""
    _keep(draft, report)
    request = draft.request
    entry = request.entry(report.lender)
    passed = entry is not None and entry.turn is Turn.PASSED
    refuses = report.answer is False
    if refuses and report.lender == request.lender and request.cancellation_requested:
        draft.happened(events.AttentionRaised(at=draft.now, what=Attention.CANCELLATION_REFUSED))
    # one that has said no to a cancellation is not told again: the two systems would never stop
    if passed and not refuses and report.step in {Step.ACCEPT, Step.OFFER_CONDITIONS}:
        rota.tell(draft, report.lender, Tell.CANCEL)
    if report.lender != request.lender and report.step is Step.SHIP:
        draft.happened(events.AttentionRaised(at=draft.now, what=Attention.SECOND_COPY_ON_ITS_WAY))


def _keep(draft: Draft, report: Report) -> None:
    """Take down what the lender says as its claim."""
    request = draft.request
    due = None
    if report.lender == request.lender and report.step is Step.SHIP:
        due = circulation.provisional_due(draft, report.lender, _first_shipped(request, report))
    draft.happened(
        events.Noted(
            at=report.occurred_at,
            lender=report.lender,
            status=report.status,
            item_barcode=report.item_barcode,
            lender_due_date=report.lender_due_date,
            tracking=report.tracking,
            lender_request_id=report.lender_request_id,
            note=report.note or report.reason,
            lender_due_provisional=due,
            because=events.Because(message=report.message),
        )
    )
