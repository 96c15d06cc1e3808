"""Typed requests: what a reader wants and no search has found, until the desk has made a request of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from workflows.calendars import LibraryCalendar
from workflows.citation import Citation
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode, PatronId, RequestId, StaffId, TypedRequestId
from workflows.refusals import WrongState
from workflows.requests.request import Request

#: how long a desk has until it ends by itself
TERM = timedelta(days=28)
#: so many of one reader's wait at the same time
MOST = 20


class TypedStatus(StrEnum):
    """How far a typed request has come."""

    #: the desk of the reader's library looks at it
    WAITING = "waiting"
    #: the desk has asked the reader something
    ASKED = "asked"
    #: a request has come of it
    MATCHED = "matched"
    DECLINED = "declined"
    #: the reader has given it up
    CANCELLED = "cancelled"
    #: its time was up
    EXPIRED = "expired"


#: in these somebody still looks at it
OPEN = (TypedStatus.WAITING, TypedStatus.ASKED)


class Declined(StrEnum):
    """Why a desk can do nothing for a typed request."""

    NOT_FOUND = "not_found"
    NOT_LENT = "not_lent"
    HELD_HERE = "held_here"
    UNCLEAR = "unclear"
    #: as the desk says itself
    OTHER = "other"

    @property
    def message(self) -> str:
        """The name of the sentence that says it to people."""
        return f"typed_declined.{self.value}"


class TypedNotice(StrEnum):
    """What a reader is told of a typed request."""

    QUESTION = "question"
    MATCHED = "matched"
    DECLINED = "declined"
    EXPIRED = "expired"


#: the notice that is true as long as it stands so
NOTICE_IN = {
    TypedStatus.ASKED: TypedNotice.QUESTION,
    TypedStatus.MATCHED: TypedNotice.MATCHED,
    TypedStatus.DECLINED: TypedNotice.DECLINED,
    TypedStatus.EXPIRED: TypedNotice.EXPIRED,
}


class NeededInThePast(WorkflowError):
    """The day by which it is needed is over."""

    code = "needed_in_the_past"
    title = "The day by which it is needed is over"
    pointer = "/needed_by"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedRequest:
    """What a reader wants, as it was typed and as the desk has corrected it."""

    id: TypedRequestId
    #: by which reader and desk speak of it; the request that comes of it keeps it
    number: str
    patron: PatronId
    #: the patron's own, whose desk looks at it
    library: LibraryCode
    typed: Citation
    citation: Citation
    created_at: datetime
    #: when it ends by itself
    until: datetime
    note: str | None = None
    needed_by: date | None = None
    pickup_site: str | None = None
    status: TypedStatus = TypedStatus.WAITING
    #: what the desk asks, and what the reader says to that
    question: str | None = None
    answer: str | None = None
    reason: Declined | None = None
    #: what the desk says beside the reason
    remark: str | None = None
    #: who of the desk has asked, corrected, matched or declined it last
    by: StaffId | None = None
    #: what has come of it
    request: RequestId | None = None
    ended_at: datetime | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


def ends(now: datetime, calendar: LibraryCalendar, needed_by: date | None) -> datetime:
    """Return when what is typed *now* ends by itself: nobody looks for what comes too late.

    :raises NeededInThePast: if it comes too late already
    """
    if needed_by is None:
        return now + TERM
    if needed_by < calendar.local_day(now):
        raise NeededInThePast(needed_by=needed_by)
    return min(now + TERM, calendar.end_of(needed_by))


def corrected(typed: TypedRequest, citation: Citation) -> TypedRequest:
    """Return it with what the desk has found out that is meant."""
    return _changed(typed, citation=citation)


def asked(typed: TypedRequest, question: str) -> TypedRequest:
    """Return it as it waits for its reader's answer."""
    return _changed(typed, status=TypedStatus.ASKED, question=question, answer=None)


def answered(typed: TypedRequest, answer: str) -> TypedRequest:
    """Return it as the desk looks at it again.

    :raises WrongState: if nothing is asked
    """
    if typed.status is not TypedStatus.ASKED:
        raise WrongState(status=typed.status)
    return _changed(typed, status=TypedStatus.WAITING, answer=answer)


def matched(typed: TypedRequest, request: Request, *, now: datetime) -> TypedRequest:
    """Return it as its request goes on in its stead."""
    found = {"citation": request.citation, "request": request.id}
    return _changed(typed, status=TypedStatus.MATCHED, ended_at=now, **found)


def declined(typed: TypedRequest, reason: Declined, remark: str | None, *, now: datetime) -> TypedRequest:
    """Return it as the desk ends it."""
    return _changed(typed, status=TypedStatus.DECLINED, reason=reason, remark=remark, ended_at=now)


def cancelled(typed: TypedRequest, *, now: datetime) -> TypedRequest:
    """Return it as its reader ends it."""
    return _changed(typed, status=TypedStatus.CANCELLED, ended_at=now)


def expired(typed: TypedRequest, *, now: datetime) -> TypedRequest:
    """Return it as it ends by itself."""
    return _changed(typed, status=TypedStatus.EXPIRED, ended_at=now)


def _changed(typed: TypedRequest, **facts: Any) -> TypedRequest:
    if not typed.is_open:
        raise WrongState(status=typed.status)
    return replace(typed, version=typed.version + 1, **facts)
