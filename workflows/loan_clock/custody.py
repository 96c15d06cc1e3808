"""Who had the book from when to when, and which of those days the patron's clock counted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from workflows.loan_clock.case import LoanCase
from workflows.loan_clock.clock import loan_road
from workflows.loan_clock.endings import Ending
from workflows.loan_clock.transit import Road
from workflows.timestamps import ONE_DAY

Owner = Literal["lender", "carrier", "desk", "patron"]
Place = Literal["shelf", "outbound", "desk", "hold_shelf", "use", "transfer", "return"]
Reason = Literal["counted", "before_the_clock", "on_the_road", "after_the_end"]

#: who has the book after an event, and where it is
AFTER: dict[str, tuple[Owner, Place]] = {
    "submitted": ("lender", "shelf"),
    "shipped": ("carrier", "outbound"),
    "arrived": ("desk", "desk"),
    "notified": ("desk", "hold_shelf"),
    "handover": ("patron", "use"),
    "returned": ("carrier", "return"),
    "lender_received": ("lender", "shelf"),
}


@dataclass(frozen=True, slots=True)
class DaySpan:
    """Days in a row that were treated alike, both ends included, and why."""

    first: date
    last: date
    reason: Reason

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in one hand; its days are the midnights after *start* up to and with *end*."""

    owner: Owner
    place: Place
    start: datetime
    #: None while it lasts
    end: datetime | None
    spans: tuple[DaySpan, ...]

    @property
    def counted(self) -> int:
        return sum(span.days for span in self.spans if span.reason == "counted")


def custody(case: LoanCase, ending: Ending) -> tuple[Stretch, ...]:
    """Return the hands the book went through, in order; days end at ``as_of`` where a time still lasts."""
    days_out = loan_road(case)
    found = []
    for owner, place, start, end in _with_transfers(case, _hands(case, ending)):
        until = end or case.as_of or start
        spans = tuple(_spans(case, ending, days_out, start, until))
        found.append(Stretch(owner, place, start, end, spans))
    return tuple(found)


_Hand = tuple[Owner, Place, datetime, datetime | None]


def _hands(case: LoanCase, ending: Ending) -> Iterator[_Hand]:
    known = [(name, at) for name in AFTER if (at := getattr(case.timeline, name)) is not None]
    if ending.return_ == "refused_same_day":
        known = [entry for entry in known if entry[0] not in ("returned", "lender_received")]
    ends: list[datetime | None] = [*[at for _, at in known[1:]], None]
    for (name, start), end in zip(known, ends, strict=True):
        yield (*AFTER[name], start, end)


def _with_transfers(case: LoanCase, hands: Iterable[_Hand]) -> Iterator[_Hand]:
    """Cut the transfers out of the times in which they lie."""
    transfers = _merged(case)
    for owner, place, start, end in hands:
        here = start
        for begin, finish in transfers:
            left, right = max(begin, start), finish if end is None else min(finish, end)
            if left < right:
                if here < left:
                    yield owner, place, here, left
                yield "carrier", "transfer", left, right
                here = right
        if end is None or here < end or start == end:
            yield owner, place, here, end


def _merged(case: LoanCase) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    for begin, finish in sorted((transfer.start, transfer.end) for transfer in case.transfers):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(finish, merged[-1][1]))
        else:
            merged.append((begin, finish))
    return merged


def _spans(
    case: LoanCase, ending: Ending, days_out: Road, start: datetime, until: datetime
) -> Iterator[DaySpan]:
    local_day = case.lender.calendar.local_day
    begun = None if case.started_at is None else local_day(case.started_at)
    ended = None if ending.at is None else local_day(ending.at)
    first: date | None = None
    reason: Reason = "counted"
    day, last = local_day(start) + ONE_DAY, local_day(until)
    while day <= last:
        this = _reason(day, begun, ended, days_out)
        if first is not None and this != reason:
            yield DaySpan(first, day - ONE_DAY, reason)
            first = None
        first, reason = first or day, this
        day += ONE_DAY
    if first is not None:
        yield DaySpan(first, last, reason)


def _reason(day: date, begun: date | None, ended: date | None, days_out: Road) -> Reason:
    if begun is None or day <= begun:
        return "before_the_clock"
    if ended is not None and day > ended:
        return "after_the_end"
    return "on_the_road" if day in days_out else "counted"
