"""What happens when a deadline passes: nothing waits unseen at a silent partner or on a shelf."""

from workflows import alarms, asking, events
from workflows.drafts import Draft
from workflows.effects import Notice
from workflows.lifecycle import Outcome, Status

#: status -> what somebody should look at when its deadline passes
_ATTENTION = {
    Status.IN_TRANSIT: ("lost_parcel", "transit"),
    Status.ARRIVED: ("patron_not_called", "call"),
    Status.RETURNED: ("not_sent_back", "desk_return"),
    Status.RETURNING: ("lost_on_the_way_back", "receipt"),
}


def ring(draft: Draft) -> None:
    """Act on the alarm; one that rings early, or after the request has moved on, does nothing."""
    request = draft.request
    if request.alarm is None or draft.now < request.alarm.at:
        return
    match request.status:
        case Status.SUBMITTED:
            _next(draft, "silent", cancel=True)
        case Status.CONDITIONAL:
            _next(draft, "conditions_unanswered", cancel=True)
        case Status.ACCEPTED:
            _next(draft, "not_shipped", cancel=True)
        case Status.NOTIFIED:
            asking.send_back_unused(draft, Outcome.NOT_COLLECTED)
            draft.notify(Notice.HOLD_EXPIRED)
        case Status.ON_LOAN:
            _remind(draft)
        case status:
            what, alarm = _ATTENTION[status]
            draft.happened(events.AttentionRaised(at=draft.now, what=what))
            draft.happened(events.Reminded(at=draft.now, what=what, alarm=alarms.again(draft, alarm)))


def _next(draft: Draft, reason: str, *, cancel: bool) -> None:
    asking.pass_over(draft, reason, cancel=cancel)
    asking.ask_next(draft)


def _remind(draft: Draft) -> None:
    """Write to the patron before the due date and after it; a lost book is not asked for again."""
    request, today = draft.request, draft.policy().calendar.local_day(draft.now)
    if request.due is None or request.instants.lost_reported is not None:
        alarm = alarms.again(draft, "due")
        draft.happened(events.Reminded(at=draft.now, what="lost", alarm=alarm))
        return
    notice = Notice.OVERDUE if today > request.due else Notice.DUE_SOON
    draft.happened(events.Reminded(at=draft.now, what=notice, alarm=alarms.due(draft, request.due)))
    draft.notify(notice)
