"""What happens when a deadline passes: nothing waits unseen at a silent partner or on a shelf."""

from workflows.decisions import damages, deadlines, rota
from workflows.decisions.draft import Draft
from workflows.loan_clock import holds
from workflows.reasons import Attention, PassedOver
from workflows.requests import events
from workflows.requests.effects import Notice
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Alarm, Deadline

#: status -> what somebody should look at when its deadline passes
_ATTENTION = {
    Status.IN_TRANSIT: (Attention.LOST_PARCEL, Deadline.TRANSIT),
    Status.ARRIVED: (Attention.PATRON_NOT_CALLED, Deadline.CALL),
    Status.RETURNED: (Attention.NOT_SENT_BACK, Deadline.DESK_RETURN),
    Status.RETURNING: (Attention.LOST_ON_THE_WAY_BACK, Deadline.RECEIPT),
}


def ring(draft: Draft) -> None:
    """Act on the alarm; one that rings early, or after the request has moved on, does nothing."""
    request = draft.request
    if request.alarm is None or draft.now < request.alarm.at:
        return
    match request.status:
        case Status.SUBMITTED:
            _next(draft, PassedOver.SILENT, cancel=True)
        case Status.CONDITIONAL:
            _next(draft, PassedOver.CONDITIONS_UNANSWERED, cancel=True)
        case Status.ACCEPTED:
            _next(draft, PassedOver.NOT_SHIPPED, cancel=True)
        case Status.NOTIFIED:
            _watch_hold(draft, request.alarm)
        case Status.ON_LOAN:
            _remind(draft)
        case status:
            what, alarm = _ATTENTION[status]
            if damages.is_waiting_for_pieces(request):
                what = Attention.PIECES_OUT
            draft.happened(events.AttentionRaised(at=draft.now, what=what))
            draft.happened(events.Reminded(at=draft.now, what=what, alarm=deadlines.again(draft, alarm)))


def _next(draft: Draft, reason: PassedOver, *, cancel: bool) -> None:
    rota.ask_next(draft, after=rota.pass_over(draft, reason, cancel=cancel))


def _watch_hold(draft: Draft, alarm: Alarm) -> None:
    """Remind the patron of the last day of the hold; send the book back when that is over."""
    until = draft.request.hold_until
    if (
        alarm.what == Deadline.HOLD_ENDING
        and until
        and not holds.is_expired(draft.policy(), until, draft.now)
    ):
        over = deadlines.hold_over(draft, until)
        draft.happened(events.Reminded(at=draft.now, what=Notice.HOLD_ENDING, alarm=over))
        draft.notify(Notice.HOLD_ENDING)
        return
    rota.send_back_unused(draft, Outcome.NOT_COLLECTED)
    draft.notify(Notice.HOLD_EXPIRED)


def _remind(draft: Draft) -> None:
    """Write to the patron before the due date and, some times, after it; a lost book is not asked for."""
    request, today = draft.request, draft.policy().calendar.local_day(draft.now)
    if request.due is None or request.instants.lost_reported is not None:
        alarm = deadlines.again(draft, Deadline.DUE)
        draft.happened(events.Reminded(at=draft.now, what=Attention.LOST, alarm=alarm))
        return
    notice = Notice.OVERDUE if today > request.due else Notice.DUE_SOON
    most = draft.library(request.home).watches.overdue_notices
    if notice is Notice.OVERDUE and request.overdue_notices >= most:
        alarm = deadlines.again(draft, Deadline.DUE)
        draft.happened(events.AttentionRaised(at=draft.now, what=Attention.LONG_OVERDUE))
        draft.happened(events.Reminded(at=draft.now, what=Attention.LONG_OVERDUE, alarm=alarm))
        return
    draft.happened(events.Reminded(at=draft.now, what=notice, alarm=deadlines.due(draft, request.due)))
    draft.notify(notice)
