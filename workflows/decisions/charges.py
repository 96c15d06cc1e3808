"""What the events of a request mean for the patron's account at the lender."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from workflows.accounts.account import Account, Kind, Posting, charged, reverse
from workflows.accounts.charging import Assessed, fined
from workflows.errors import InvalidCase
from workflows.ids import LibraryCode, PatronId, PostingId, RequestId
from workflows.loan_clock import clock
from workflows.money import Money
from workflows.policies.book import PolicyBook
from workflows.requests import events, loan_terms
from workflows.requests.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Owing:
    """Who owes whom, in what, and by which terms."""

    patron: PatronId
    lender: LibraryCode
    currency: str
    #: policy and version
    policy: str
    #: None for what has no request, such as a loan card
    request: RequestId | None = None


@dataclass(frozen=True, slots=True)
class FineIs:
    """The fine of a loan is this now; None: there is none any more."""

    owing: Owing
    fine: Assessed | None
    at: datetime


@dataclass(frozen=True, slots=True)
class FineGrows:
    """A loan that has ended costs more: a piece of the book came later than the book (R-FJMU-6)."""

    owing: Owing
    #: what comes to what was posted
    more: Assessed
    at: datetime


@dataclass(frozen=True, slots=True)
class Owed:
    """The patron owes an amount beside the fines of loans."""

    owing: Owing
    kind: Kind
    amount: Money
    at: datetime
    #: why staff set another amount than the rules
    reason: str | None = None


Booking = FineIs | FineGrows | Owed


def bookings(
    before: Request, after: Request, happened: Iterable[events.Event], book: PolicyBook, *, now: datetime
) -> tuple[Booking, ...]:
    """Return what is to be posted because of what *happened* to a request, the fine first."""
    if after.lender is None or after.instants.handover is None:
        return ()
    owed = owing(after, after.lender, book)
    return (*_fine(before, after, owed, book, now), *_compensations(happened, owed))


def assessed(request: Request, book: PolicyBook, *, now: datetime) -> Assessed | None:
    """Return the fine of a loan that has ended; None while it lasts, if it is none, or has no stated rate.

    A piece that is still out is not in it: it is late by itself until it comes.

    :raises InvalidCase: if the lender's policy cannot judge the loan
    """
    instants = request.instants
    if request.lender is None or instants.handover is None:
        return None
    if instants.returned is None and instants.lost_reported is None:
        return None
    back = tuple(one for one in request.pieces if not one.is_out)
    counted = replace(request, pieces=back) if loan_terms.is_back(instants) else request
    case = loan_terms.loan_case(counted, request.lender, book, as_of=now)
    answer = clock.loan_answer(case)
    if answer.ended_at is None or not answer.fine.amount:
        return None
    return Assessed(
        policy=request.lender,
        raw=answer.fine.amount,
        item_capped=answer.fine.capped,
        cap_per_card=case.lender.fine.cap_per_card,
        at=answer.ended_at,
    )


def postings(account: Account, booking: Booking) -> tuple[Posting, ...]:
    """Return the postings that a booking needs on the account as it is.

    A fine that changes is taken back and charged anew: a correction is a new posting.
    """
    owing = booking.owing
    about = {"request": owing.request, "policy": owing.policy}
    if isinstance(booking, Owed):
        return (charged(booking.kind, booking.amount, at=booking.at, reason=booking.reason, **about),)
    if isinstance(booking, FineGrows):
        return (fined(account, booking.more, at=booking.at, **about),)
    back: tuple[Posting, ...] = ()
    for posted in standing_fines(account, owing.request):
        back += reverse(account, posted, at=booking.at, reason="assessed anew")
    if booking.fine is None:
        return back
    return (*back, fined(account.plus(*back), booking.fine, at=booking.at, **about))


def _fine(
    before: Request, after: Request, owing: Owing, book: PolicyBook, now: datetime
) -> tuple[FineIs | FineGrows, ...]:
    """Return the fine if it is not what it was; a loan that cannot be judged keeps what was posted."""
    try:
        was, fine = assessed(before, book, now=now), assessed(after, book, now=now)
    except InvalidCase:
        return ()
    if (was and was.raw) == (fine and fine.raw):
        return ()
    if was and fine and was.raw < fine.raw and was.at == fine.at:
        return (FineGrows(owing, replace(fine, raw=fine.raw - was.raw), now),)
    return (FineIs(owing, fine, now if fine is None else fine.at or now),)


def _compensations(happened: Iterable[events.Event], owing: Owing) -> Iterator[Owed]:
    for event in happened:
        if not isinstance(event, events.LossSettled | events.DamageRecorded | events.CaseSettled):
            continue
        if event.settling is None or event.compensation is None or not event.compensation.amount:
            continue
        kind = Kind.PROCESSING_FEE if event.settling.by_replacement else Kind.COMPENSATION
        reason = event.override_reason if isinstance(event, events.CaseSettled) else None
        yield Owed(owing, kind, event.compensation.amount, event.at, reason)


def owing(request: Request, lender: LibraryCode, book: PolicyBook) -> Owing:
    """Return who owes whom for a loan, by the terms that it began under."""
    policy = book.at(lender, request.terms if book.knows(lender, request.terms or "") else None)
    return Owing(
        patron=request.patron,
        lender=lender,
        currency=policy.currency,
        policy=f"{policy.id}@{policy.version}",
        request=request.id,
    )


def standing_fines(account: Account, request: RequestId | None) -> tuple[PostingId, ...]:
    """Return the fines of a loan that nothing has taken back."""
    standing = account.standing().items()
    return tuple(key for key, one in standing if one.kind is Kind.FINE and one.request == request)
