"""What waits at a desk, list by list: in which order, since when or until when, and what is to be done."""

from collections.abc import Container, Mapping
from datetime import UTC, date, datetime, time
from enum import StrEnum
from types import MappingProxyType

from workflows.reasons import Attention
from workflows.requests.lifecycle import Status, Step
from workflows.requests.request import Request


class DeskList(StrEnum):
    """One list of a desk."""

    #: on its way here, the longest first
    TO_ARRIVE = "to_arrive"
    #: here, and its reader does not know; the longest waiting first
    TO_CALL = "to_call"
    #: by its last day on the hold shelf
    ON_SHELF = "on_shelf"
    #: handed in or not fetched, the longest waiting first
    TO_SHIP_BACK = "to_ship_back"
    #: with readers past its date due, the longest overdue first
    OVERDUE = "overdue"
    #: whatever its status, the oldest request first
    TO_LOOK_AT = "to_look_at"


#: the status that a list is of; what is to be looked at may be anywhere
STATUSES: Mapping[DeskList, Status] = MappingProxyType(
    {
        DeskList.TO_ARRIVE: Status.IN_TRANSIT,
        DeskList.TO_CALL: Status.ARRIVED,
        DeskList.ON_SHELF: Status.NOTIFIED,
        DeskList.TO_SHIP_BACK: Status.RETURNED,
        DeskList.OVERDUE: Status.ON_LOAN,
    }
)


class What(StrEnum):
    """What the day is that matters of a request."""

    ASKED = "asked"
    SENT = "sent"
    ARRIVED = "arrived"
    LAST_DAY = "last_day"
    DUE = "due"
    HANDED_IN = "handed_in"


#: what a desk does next, by where the request is
_NEXT: Mapping[Status, Step] = MappingProxyType(
    {
        Status.CONDITIONAL: Step.ANSWER_CONDITIONS,
        Status.ACCEPTED: Step.ARRIVE,
        Status.IN_TRANSIT: Step.ARRIVE,
        Status.ARRIVED: Step.CALL,
        Status.NOTIFIED: Step.HAND_OVER,
        Status.ON_LOAN: Step.TAKE_BACK,
        Status.RETURNED: Step.SHIP_BACK,
    }
)
#: and before that, by what is to be looked at
_FIRST: Mapping[str, Step] = MappingProxyType(
    {
        Attention.LOST_PARCEL: Step.REPORT_PARCEL_LOST,
        Attention.LOST_ON_THE_WAY_BACK: Step.REPORT_PARCEL_LOST,
        Attention.CASE_OPEN: Step.SETTLE_CASE,
        Attention.LOST: Step.SETTLE_LOSS,
        Attention.LONG_OVERDUE: Step.CALL,
        Attention.PIECES_OUT: Step.CHECK_PIECES,
    }
)
#: after every day that is known
_NO_DAY = date.max


def what_matters(request: Request) -> tuple[What, date | datetime]:
    """Return the day that matters now, and what it is; an instant where it is one."""
    instants = request.instants
    match request.status:
        case Status.IN_TRANSIT:
            return What.SENT, instants.shipped or instants.submitted
        case Status.ARRIVED:
            return What.ARRIVED, instants.arrived or instants.submitted
        case Status.NOTIFIED:
            return What.LAST_DAY, request.hold_until or _NO_DAY
        case Status.ON_LOAN:
            return What.DUE, request.due or _NO_DAY
        case Status.RETURNED if instants.returned:
            return What.HANDED_IN, instants.returned
        case Status.RETURNED:
            # what nobody fetched was never with a reader
            return What.ARRIVED, instants.arrived or instants.submitted
        case _:
            return What.ASKED, instants.submitted


def place(request: Request) -> datetime | None:
    """Return by what the request stands in its list; a day counts from midnight UTC.  None: in no list."""
    if request.status not in STATUSES.values():
        return None
    at = what_matters(request)[1]
    return at if isinstance(at, datetime) else midnight(at)


def midnight(day: date) -> datetime:
    """Return the instant that stands for a day among others."""
    return datetime.combine(day, time.min, UTC)


def next_step(request: Request, possible: Container[Step], wanted: DeskList | None = None) -> Step | None:
    """Return the one thing to do next of what is *possible*; of a book that is overdue, the call."""
    first = [_FIRST[what] for what in request.attention if what in _FIRST]
    called = [Step.CALL] if wanted is DeskList.OVERDUE else []
    usual = [_NEXT[request.status]] if request.status in _NEXT else []
    seen = [Step.SEE_TO] if wanted is DeskList.TO_LOOK_AT else []
    return next((step for step in (*called, *first, *seen, *usual) if step in possible), None)
