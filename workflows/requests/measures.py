"""What reports count of a request: how long each stage took, who was asked, how late the book came back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from workflows.ids import LibraryCode
from workflows.reasons import LIMITS, Refusal
from workflows.requests.request import Instants, Request, RotaEntry, Turn

_HOUR = timedelta(hours=1)


class Stage(StrEnum):
    """A stretch of a request's way, by the names of the deadlines that watch over it."""

    #: until a lender says that it supplies, all that were asked before it included
    ANSWER = "answer"
    SHIPPING = "shipping"
    TRANSIT = "transit"
    CALL = "call"
    HOLD = "hold"
    LOAN = "loan"
    DESK_RETURN = "desk_return"
    RECEIPT = "receipt"
    #: from asking to the book's arrival: what a reader waits
    SUPPLY = "supply"


class AskResult(StrEnum):
    """What came of asking a lender."""

    SUPPLIED = "supplied"
    PASSED = "passed"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A lender that was asked, and what came of it."""

    lender: LibraryCode
    result: AskResult
    #: why it did not supply; a code of those lists, or of its policy
    reason: str | None
    #: until it said so; None where that is not known
    hours: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What one request adds to reports."""

    #: in which it was submitted
    month: str
    hours: Mapping[Stage, int]
    asks: tuple[Ask, ...]
    #: days after the due date on which the book was handed in; None as long as it was not lent and handed in
    late_days: int | None
    #: lenders that were not asked because a limit was reached, each with which
    limits: tuple[tuple[LibraryCode, Refusal], ...]


_ENDS: Mapping[Stage, tuple[str, str]] = MappingProxyType(
    {
        Stage.ANSWER: ("submitted", "accepted"),
        Stage.SHIPPING: ("accepted", "shipped"),
        Stage.TRANSIT: ("shipped", "arrived"),
        Stage.CALL: ("arrived", "notified"),
        Stage.HOLD: ("notified", "handover"),
        Stage.LOAN: ("handover", "returned"),
        Stage.DESK_RETURN: ("returned", "shipped_back"),
        Stage.RECEIPT: ("shipped_back", "lender_received"),
        Stage.SUPPLY: ("submitted", "arrived"),
    }
)


def measured(request: Request, zone: ZoneInfo) -> Measures:
    """Return what *request* adds to reports, with days as its home library counts them."""
    return Measures(
        month=month_of(request.instants.submitted, zone),
        hours=dict(_hours(request.instants)),
        asks=tuple(_ask(entry) for entry in request.rota if entry.asked_at is not None),
        late_days=_late_days(request, zone),
        limits=tuple(
            (entry.lender, Refusal(entry.reason))
            for entry in request.rota
            if entry.turn is Turn.PASSED and entry.asked_at is None and entry.reason in LIMITS
        ),
    )


def refused_by(
    reasons: Iterable[str], lenders: Mapping[LibraryCode, str]
) -> Iterator[tuple[LibraryCode | None, Refusal]]:
    """Yield the limits for which a request was refused, each with whose it is; None for the reader's library.

    :param lenders: why each of those that were looked at would not be asked
    """
    if Refusal.BORROWER_LIMIT in reasons:
        yield None, Refusal.BORROWER_LIMIT
    for lender, reason in lenders.items():
        # which is said again for each lender
        if reason in LIMITS and reason != Refusal.BORROWER_LIMIT:
            yield lender, Refusal(reason)


def month_of(moment: datetime, zone: ZoneInfo) -> str:
    """Return the month of *moment*: "2026-03"."""
    return f"{moment.astimezone(zone):%Y-%m}"


def _hours(instants: Instants) -> Iterator[tuple[Stage, int]]:
    for stage, (first, last) in _ENDS.items():
        since, until = getattr(instants, first), getattr(instants, last)
        if since is not None and until is not None:
            yield stage, _between(since, until)


def _between(since: datetime, until: datetime) -> int:
    """Return whole hours; none where reports came in another order than things happened."""
    return max(0, (until - since) // _HOUR)


def _ask(entry: RotaEntry) -> Ask:
    match entry.turn:
        case Turn.SUPPLIES:
            result, said = AskResult.SUPPLIED, entry.claim.accepted or entry.claim.shipped
        case Turn.PASSED:
            result, said = AskResult.PASSED, entry.passed_at
        case _:
            result, said = AskResult.OPEN, None
    return Ask(
        lender=entry.lender,
        result=result,
        reason=entry.reason if result is AskResult.PASSED else None,
        hours=None if said is None or entry.asked_at is None else _between(entry.asked_at, said),
    )


def _late_days(request: Request, zone: ZoneInfo) -> int | None:
    returned = request.instants.returned
    if request.due is None or returned is None or request.instants.handover is None:
        return None
    day: date = returned.astimezone(zone).date()
    return max(0, (day - request.due).days)


def quantile(counted: Mapping[int, int], share: float) -> int | None:
    """Return the least value that so large a share of all does not exceed; None of nothing.

    :param counted: how often each value occurs
    """
    left = share * sum(counted.values())
    for value in sorted(counted):
        left -= counted[value]
        if left <= 0:
            return value
    return None
