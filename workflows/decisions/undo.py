"""Taking back the desk's last step: a compensating event, never an edit."""

from datetime import date

from workflows.decisions import deadlines, local_systems
from workflows.decisions.draft import Draft
from workflows.refusals import NothingToUndo
from workflows.requests import events, loan_terms
from workflows.requests.lifecycle import Status, Step
from workflows.requests.request import Alarm, Request


def undo(draft: Draft) -> None:
    """Go back to where the request was before the desk's last step.

    :raises NothingToUndo: if something has come after it
    """
    step = draft.request.undoable
    if step is None:
        raise NothingToUndo
    to, barcode = _status_before(draft.request, step), draft.request.item_barcode
    draft.happened(
        events.Undone(
            at=draft.now,
            step=step,
            to=to,
            alarm=_alarm(draft, to),
            lender_due_provisional=_expected_before(draft) if step is Step.HAND_OVER else None,
        )
    )
    local_systems.undo(draft, step, barcode=barcode)


def _expected_before(draft: Draft) -> date | None:
    """Return what the lender could expect before the hand-over, if it said that it shipped (C-6)."""
    request, shipped = draft.request, draft.request.instants.shipped
    if request.lender is None or shipped is None:
        return None
    return loan_terms.provisional_due(request, request.lender, draft.known.book, shipped)


def _status_before(request: Request, step: Step) -> Status:
    match step:
        case Step.ARRIVE if request.instants.shipped:
            return Status.IN_TRANSIT
        case Step.ARRIVE if request.instants.accepted:
            return Status.ACCEPTED
        case Step.ARRIVE:
            return Status.CONDITIONAL if request.conditions else Status.SUBMITTED
        case Step.CALL:
            return Status.ARRIVED
        case Step.HAND_OVER:
            return Status.NOTIFIED
        case Step.TAKE_BACK:
            return Status.ON_LOAN
        case _:
            return Status.RETURNED


def _alarm(draft: Draft, to: Status) -> Alarm:
    """Return the alarm of the status gone back to, set anew from now."""
    request = draft.request
    lender = request.lender or request.home
    match to:
        case Status.SUBMITTED:
            return deadlines.answer(draft, lender)
        case Status.CONDITIONAL:
            return deadlines.conditions(draft)
        case Status.ACCEPTED:
            return deadlines.shipping(draft, lender)
        case Status.IN_TRANSIT:
            return deadlines.transit(draft, lender, request.instants.shipped or draft.now)
        case Status.NOTIFIED if request.hold_until:
            return deadlines.hold(draft, request.hold_until)
        case Status.ON_LOAN if request.due:
            return deadlines.due(draft, request.due)
        case Status.RETURNED:
            return deadlines.desk_return(draft)
        case _:
            return deadlines.call(draft)
