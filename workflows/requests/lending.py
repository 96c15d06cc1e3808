"""A request as the library sees it that is asked: in which list it stands, and what may be answered now."""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from workflows.ids import LibraryCode
from workflows.requests.commands import ReportedStatus
from workflows.requests.lifecycle import Status, Step, may
from workflows.requests.request import Request


class LendingList(StrEnum):
    """A list of a lender's desk."""

    #: we are asked, and have not said
    TO_ANSWER = "to_answer"
    #: we have promised it: it is to be taken from the shelf and sent
    TO_SEND = "to_send"
    #: the reader is to say whether our conditions suit
    AWAITING_READER = "awaiting_reader"
    #: on its way, at the desk or with the reader
    OUT = "out"
    #: handed in there, or on its way back to us
    TO_RECEIVE = "to_receive"


_S = Status
LISTS: Mapping[LendingList, tuple[Status, ...]] = MappingProxyType(
    {
        LendingList.TO_ANSWER: (_S.SUBMITTED,),
        LendingList.TO_SEND: (_S.ACCEPTED,),
        LendingList.AWAITING_READER: (_S.CONDITIONAL,),
        LendingList.OUT: (_S.IN_TRANSIT, _S.ARRIVED, _S.NOTIFIED, _S.ON_LOAN),
        LendingList.TO_RECEIVE: (_S.RETURNED, _S.RETURNING),
    }
)


def list_of(request: Request) -> LendingList | None:
    """Return the list in which the request stands with its lender, None once it is closed."""
    return next((name for name, statuses in LISTS.items() if request.status in statuses), None)


class Answer(StrEnum):
    """What a lender says by a button, in the words of ISO 18626."""

    WILL_SEND = ReportedStatus.WILL_SUPPLY
    SENT = ReportedStatus.LOANED
    ON_CONDITION = ReportedStatus.RETRY_POSSIBLE
    CANNOT = ReportedStatus.UNFILLED
    NOT_SENT = ReportedStatus.CANCELLED
    WANTS_BACK = ReportedStatus.RECALLED
    IS_BACK = ReportedStatus.LOAN_COMPLETED


_STEPS = {
    Answer.WILL_SEND: Step.ACCEPT,
    Answer.SENT: Step.SHIP,
    Answer.ON_CONDITION: Step.OFFER_CONDITIONS,
    Answer.CANNOT: Step.DECLINE,
    Answer.NOT_SENT: Step.CONFIRM_CANCELLATION,
    Answer.WANTS_BACK: Step.RECALL,
    Answer.IS_BACK: Step.CONFIRM_RECEIPT,
}


def answers(request: Request, lender: LibraryCode) -> tuple[Answer, ...]:
    """Return what the lender may say now, the likeliest first; nothing once its part is over."""
    if request.lender != lender or request.status is Status.CLOSED:
        return ()
    return tuple(answer for answer in Answer if _fits(request, answer))


def _fits(request: Request, answer: Answer) -> bool:
    if not may(request.status, _STEPS[answer]):
        return False
    is_cancelling = request.cancellation_requested is not None
    match answer:
        case Answer.WILL_SEND | Answer.CANNOT | Answer.ON_CONDITION:
            return not is_cancelling
        case Answer.NOT_SENT:
            return is_cancelling
        case Answer.SENT:
            return request.status is not Status.IN_TRANSIT
        case Answer.WANTS_BACK:
            return request.recalled_at is None
        case _:
            return True


#: unknown or not, class, numbers behind it, the rest
ShelfOrder = tuple[bool, str, tuple[int, ...], str]


def shelf_order(call_number: str | None) -> ShelfOrder:
    """Return what call numbers are sorted by as books stand: I242.4/9 before I242.4/36, unknown ones last.

    Classes are decimals (I24 before I242.4 before I25); what stands behind the first stroke is counted.
    """
    told = (call_number or "").strip().upper()
    shelf, _, book = told.partition("/")
    return not told, shelf, tuple(int(number) for number in re.findall(r"\d+", book)), book
