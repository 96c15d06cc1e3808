"""What the events of a request mean for the patron's account at the lender."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from workflows import events, terms
from workflows.accounts import Account, Kind, Posting, charged, reverse
from workflows.errors import InvalidCase
from workflows.ids import LibraryCode, PatronId, RequestId
from workflows.ledger import Assessed, charge
from workflows.money import Money
from workflows.policy_book import PolicyBook
from workflows.requests import Request

#: the events that may end a loan, take its end back, or tell another time of it
_ENDINGS = (
    events.TakenBack,
    events.LossReported,
    events.LossSettled,
    events.Undone,
    events.ReceivedByLender,
    events.Noted,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What is to be posted, whatever else the account holds by then."""

    patron: PatronId
    lender: LibraryCode
    currency: str
    #: policy and version
    policy: str
    request: RequestId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FineIs(Booking):
    """The fine of a loan is this now; None: there is none any more."""

    fine: Assessed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed(Booking):
    """The patron owes an amount beside the fine."""

    kind: Kind
    amount: Money


def bookings(
    before: Request, after: Request, happened: Iterable[events.Event], book: PolicyBook, *, now: datetime
) -> tuple[FineIs | Owed, ...]:
    """Return what is to be posted because of what *happened* to a request, the fine first."""
    endings = [event for event in happened if isinstance(event, _ENDINGS)]
    if not endings or after.lender is None or after.instants.handover is None:
        return ()
    return (*_fine(before, after, book, now), *_compensation(after, endings, book))


def assessed(request: Request, book: PolicyBook, *, now: datetime) -> Assessed | None:
    """Return the fine of a loan that has ended; None while it lasts, if it is none, or has no stated rate.

    :raises InvalidCase: if the lender's policy cannot judge the loan
    """
    instants = request.instants
    if request.lender is None or instants.handover is None:
        return None
    if instants.returned is None and instants.lost_reported is None:
        return None
    answer = terms.loan_answer(request, book, as_of=now)
    if answer.ended_at is None or not answer.fine.amount:
        return None
    return Assessed(
        policy=request.lender,
        raw=answer.fine.amount,
        item_capped=answer.fine.capped,
        cap_per_card=book.policy(request.lender).fine.cap_per_card,
        at=answer.ended_at,
    )


def postings(account: Account, booking: FineIs | Owed) -> tuple[Posting, ...]:
    """Return the postings that a booking needs on the account as it is.

    A fine that changes is taken back and charged anew: a correction is a new posting.
    """
    if isinstance(booking, Owed):
        return (
            charged(
                booking.kind, booking.amount, at=booking.at, request=booking.request, policy=booking.policy
            ),
        )
    before = _standing_fine(account, booking.request)
    if before is not None and booking.fine is not None and before[1].raw == booking.fine.raw:
        return ()
    back = () if before is None else reverse(account, before[0], at=booking.at, reason="assessed anew")
    if booking.fine is None:
        return back
    return (*back, _charge(account.plus(*back), booking, booking.fine))


def _fine(before: Request, after: Request, book: PolicyBook, now: datetime) -> Iterator[FineIs]:
    """Yield the fine if it is not what it was; a loan that cannot be judged keeps what was posted."""
    try:
        was, fine = (assessed(request, book, now=now) for request in (before, after))
    except InvalidCase:
        return
    if was != fine:
        yield FineIs(fine=fine, **_of(after, book), at=now if fine is None else fine.at or now)


def _compensation(
    after: Request, endings: Iterable[events.Event], book: PolicyBook
) -> Iterator[Owed]:
    for event in endings:
        if isinstance(event, events.LossSettled) and event.compensation is not None:
            asked = event.compensation
            if asked.amount:
                kind = Kind.PROCESSING_FEE if asked.is_processing_fee else Kind.COMPENSATION
                yield Owed(kind=kind, amount=asked.amount, **_of(after, book), at=event.at)


def _of(request: Request, book: PolicyBook) -> dict[str, str]:
    policy = book.policy(request.lender)
    return {
        "patron": request.patron,
        "lender": policy.id,
        "currency": policy.currency,
        "policy": f"{policy.id}@{policy.version}",
        "request": request.id,
    }


def _standing_fine(account: Account, request: RequestId):
    return next(
        (
            (key, one)
            for key, one in account.standing().items()
            if one.kind is Kind.FINE and one.request == request
        ),
        None,
    )


def _charge(account: Account, booking: Booking, fine: Assessed) -> Posting:
    found = charge(fine, account.unpaid_fines())
    return charged(
        Kind.FINE,
        found.charged,
        at=booking.at,
        request=booking.request,
        policy=booking.policy,
        raw=found.raw,
        cap=found.cap,
    )
