"""What a message of the home library's own system moves in the request that it made for its patron.

The system lends the book to its patron by itself. It tells us of the desk's three steps at once: what it
has received has arrived, is told to the patron and handed over at that instant, so that the patron's
clock runs from then on; what it has sent back was returned and is on its way at that instant.
"""

from workflows.refusals import TooEarly
from workflows.requests.commands import (
    Arrive,
    CallResult,
    Cancel,
    DeskOrPatron,
    HandOver,
    RecordCall,
    ReportLoss,
    ReportParcelLost,
    ShipBack,
    TakeBack,
)
from workflows.requests.lifecycle import Status
from workflows.requests.request import Request

_S = Status
_BEFORE_SENDING = frozenset({_S.SUBMITTED, _S.CONDITIONAL, _S.ACCEPTED})
_AT_DESK = frozenset({_S.ARRIVED, _S.NOTIFIED})
_ON_THE_ROAD = frozenset({_S.IN_TRANSIT, _S.RETURNING})

Steps = tuple[DeskOrPatron, ...]


def received(request: Request) -> Steps:
    """Return what follows when its system has the book; nothing if that is known."""
    calls, hands_over = RecordCall(result=CallResult.REACHED), HandOver()
    match request.status:
        case _S.ARRIVED:
            return calls, hands_over
        case _S.NOTIFIED:
            return (hands_over,)
        case status if status in _BEFORE_SENDING or status is _S.IN_TRANSIT:
            return Arrive(), calls, hands_over
        case _:
            return ()


def sent_back(request: Request, note: str | None = None) -> Steps:
    """Return what follows when its system has sent the book back; nothing if that is known.

    :raises TooEarly: if it has not told that it received one
    """
    match request.status:
        case _S.ON_LOAN:
            return TakeBack(), ShipBack()
        case _S.RETURNED:
            return (ShipBack(),)
        case status if status in _AT_DESK:
            return Cancel(reason=note), ShipBack()
        case _S.RETURNING | _S.CLOSED:
            return ()
        case status:
            raise TooEarly(f"sent back while the request is {status}", status=status)


def lost(request: Request, note: str | None = None) -> Steps:
    """Return what follows when its system calls the book lost; nothing if that is known."""
    if request.status in _ON_THE_ROAD:
        return (ReportParcelLost(note=note),)
    is_known = request.instants.lost_reported is not None or request.status is _S.CLOSED
    return () if is_known else (*received(request), ReportLoss(note=note))


def cancelled(request: Request, note: str | None = None) -> Steps:
    """Return what follows when its system gives the request up; nothing once a book was sent, or twice."""
    gives_up = request.status in _BEFORE_SENDING and request.cancellation_requested is None
    return (Cancel(reason=note),) if gives_up else ()
