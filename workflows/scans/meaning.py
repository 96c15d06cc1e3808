"""What a scanned code may be, and which step follows by the state of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from workflows.actors import Actor
from workflows.cards.card import CardStatus, CardStep, LoanCard, may_take_card_step
from workflows.ids import CardId, PatronId, RequestId, TypedRequestId
from workflows.patrons import Patron
from workflows.requests.lifecycle import Status, Step
from workflows.requests.permissions import may_take
from workflows.requests.request import Request
from workflows.requests.typed import TypedRequest

Doing = Step | CardStep
#: what was lent or came back since is not moved on by the same scan: scanners read twice, two clerks once
AGAIN = timedelta(minutes=2)


class Kind(StrEnum):
    """What a code names."""

    #: by the barcode of the lender, or of the reader's own library
    BOOK = "book"
    #: by the number on the slip
    REQUEST = "request"
    READER = "reader"
    LOAN_CARD = "loan_card"
    #: what a reader typed and the desk still looks for, by its number
    TYPED_REQUEST = "typed_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Follows:
    """What follows a scan in one state."""

    #: by itself
    alone: Doing | None = None
    #: with a reader at the desk, where that makes a difference
    with_reader: Doing | None = None
    #: only if somebody chooses it
    chosen: Doing | None = None


_S, _C = Status, CardStatus
#: nobody sent the book as far as we know, so the number may have been scanned only to look
_UNHEARD = Follows(chosen=Step.ARRIVE)
_EXPECTED = Follows(alone=Step.ARRIVE)
_ON_THE_SHELF = Follows(with_reader=Step.HAND_OVER, chosen=Step.HAND_OVER)

BOOKS: Mapping[Status, Follows] = MappingProxyType(
    {
        _S.SUBMITTED: _UNHEARD,
        _S.CONDITIONAL: _UNHEARD,
        _S.ACCEPTED: _EXPECTED,
        _S.IN_TRANSIT: _EXPECTED,
        _S.ARRIVED: _ON_THE_SHELF,
        _S.NOTIFIED: _ON_THE_SHELF,
        _S.ON_LOAN: Follows(alone=Step.TAKE_BACK),
        _S.RETURNED: Follows(alone=Step.SHIP_BACK),
        _S.RETURNING: Follows(),
        _S.CLOSED: Follows(),
    }
)
#: the same at the library that lends: nothing takes back that a book was sent, so somebody chooses it
LENT: Mapping[Status, Follows] = MappingProxyType(
    {
        **BOOKS,
        _S.ACCEPTED: Follows(chosen=Step.SHIP),
        # a book in hand beats a parcel that nobody spoke of
        _S.RETURNED: Follows(alone=Step.CONFIRM_RECEIPT),
        _S.RETURNING: Follows(alone=Step.CONFIRM_RECEIPT),
    }
)
CARDS: Mapping[CardStatus, Follows] = MappingProxyType(
    {
        _C.IN_STOCK: Follows(with_reader=CardStep.ISSUE),
        _C.ISSUED: Follows(alone=CardStep.TAKE_BACK),
        # its holder had it until now, and pays for that
        _C.LOST: Follows(chosen=CardStep.RECORD_FOUND),
        _C.WITHDRAWN: Follows(),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known at the desk beside the code."""

    actor: Actor
    now: datetime
    #: whose card was scanned before
    reader: PatronId | None = None
    #: the one step for a crate of books
    action: Step | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One thing that a code may name, and what can be done with it."""

    kind: Kind
    id: RequestId | PatronId | CardId | TypedRequestId
    #: the likeliest first
    steps: tuple[Doing, ...] = ()
    #: whether that one is taken, or the thing shown, without anybody choosing
    is_obvious: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody chose of several: a thing, and a step unless it is only to be seen."""

    id: str
    step: Doing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a scan means: one thing and perhaps a step, or several things of which somebody chooses."""

    readings: tuple[Reading, ...]
    step: Doing | None = None

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What somebody may choose, if nothing is to be done by itself; the order is the numbers'."""
        if self.step is not None:
            return ()
        alone = len(self.readings) == 1
        return tuple(
            Choice(id=one.id, step=step)
            for one in self.readings
            for step in (one.steps if alone else one.steps[:1] or (None,))
        )


def meaning(readings: Sequence[Reading], chosen: Choice | None) -> Meaning:
    """Return what is meant of all that a code may name; what was chosen counts as long as it is possible."""
    if chosen is not None:
        named = tuple(one for one in readings if one.id == chosen.id)
        is_possible = any(chosen.step in one.steps for one in named)
        return Meaning(readings=named[:1], step=chosen.step if is_possible else None)
    likely = tuple(one for one in readings if one.is_obvious) or tuple(readings)
    if len(likely) != 1 or not likely[0].is_obvious:
        return Meaning(readings=likely)
    return Meaning(readings=likely, step=next(iter(likely[0].steps), None))


def read_reader(patron: Patron, at: Circumstances) -> Reading:
    """Return what scanning a reader's card means: who is it; never a step of its own."""
    return Reading(kind=Kind.READER, id=patron.id, is_obvious=at.action is None)


def read_typed(typed: TypedRequest, at: Circumstances) -> Reading:
    """Return what the number of a typed request means: that it is looked at, whatever there is to be done."""
    return Reading(kind=Kind.TYPED_REQUEST, id=typed.id, is_obvious=at.action is None)


def read_request(request: Request, kind: Kind, at: Circumstances) -> Reading:
    """Return what a request's number, or the barcode of its book, means in its state."""
    is_lent = at.actor.library == request.lender
    since = {Status.ON_LOAN: request.instants.handover, Status.RETURNED: request.instants.returned}
    return _reading(
        kind,
        request.id,
        (LENT if is_lent else BOOKS)[request.status],
        at,
        is_fresh=_is_fresh(since.get(request.status), at),
        allowed=lambda step: may_take(at.actor, request, Step(step)),
    )


def read_loan_card(card: LoanCard, returned: datetime | None, at: Circumstances) -> Reading:
    """Return what a loan card's barcode means in its state.

    :param returned: when it came back, if nothing has happened to it since
    """
    return _reading(
        Kind.LOAN_CARD,
        card.id,
        CARDS[card.status],
        at,
        is_fresh=_is_fresh(returned if card.loan is None else card.loan.issued, at),
        allowed=lambda step: may_take_card_step(at.actor, card, CardStep(step)),
    )


def _reading(
    kind: Kind,
    named: RequestId | CardId,
    follows: Follows,
    at: Circumstances,
    *,
    is_fresh: bool,
    allowed: Callable[[Doing], bool],
) -> Reading:
    obvious = (follows.with_reader if at.reader else None) or follows.alone
    likely = dict.fromkeys(step for step in (obvious, follows.chosen) if step is not None)
    steps = tuple(step for step in likely if allowed(step))
    if at.action is not None:
        # whoever named the step for the whole crate means it
        return Reading(kind=kind, id=named, steps=steps, is_obvious=at.action in steps)
    return Reading(kind=kind, id=named, steps=steps, is_obvious=obvious in steps and not is_fresh)


def _is_fresh(since: datetime | None, at: Circumstances) -> bool:
    return since is not None and at.now - since < AGAIN
