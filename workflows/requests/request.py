"""The request: where it is, who has the book, and all that its rules need to know."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import NewType, TypeVar

from workflows.citation import Citation, Holding, best_copy
from workflows.ids import AmendmentId, LibraryCode, MessageId, PatronId, RequestId
from workflows.loan_clock.amendments import Amendment
from workflows.losses.cases import Cases
from workflows.losses.compensation import Compensation
from workflows.reasons import Attention
from workflows.requests.lifecycle import COUNTED, Outcome, Status, Step
from workflows.requests.pieces import Pieces

#: a reader category of the lender's policy
Category = NewType("Category", str)


_Value = TypeVar("_Value", str, date)


@dataclass(frozen=True, slots=True, kw_only=True)
class LenderClaim:
    """What a lender says; it never overwrites what we know.

    Each value stands with the instant that the lender gave for it, so that its newest word counts in
    whatever order the words are heard.
    """

    item_barcode: str | None = None
    item_barcode_at: datetime | None = None
    due_date: date | None = None
    due_date_at: datetime | None = None
    tracking: str | None = None
    tracking_at: datetime | None = None
    #: since when it is to supply
    accepted: datetime | None = None
    shipped: datetime | None = None
    overdue_since: datetime | None = None
    #: since when it has the book back
    received: datetime | None = None

    def joined(self, other: "LenderClaim") -> "LenderClaim":
        """Return both together: of each value the newest, of each instant the first."""
        barcode, barcode_at = _newest(
            (self.item_barcode, self.item_barcode_at), (other.item_barcode, other.item_barcode_at)
        )
        due, due_at = _newest((self.due_date, self.due_date_at), (other.due_date, other.due_date_at))
        tracking, tracking_at = _newest(
            (self.tracking, self.tracking_at), (other.tracking, other.tracking_at)
        )
        return LenderClaim(
            item_barcode=barcode,
            item_barcode_at=barcode_at,
            due_date=due,
            due_date_at=due_at,
            tracking=tracking,
            tracking_at=tracking_at,
            accepted=earliest(self.accepted, other.accepted),
            shipped=earliest(self.shipped, other.shipped),
            overdue_since=earliest(self.overdue_since, other.overdue_since),
            received=earliest(self.received, other.received),
        )


def earliest(*instants: datetime | None) -> datetime | None:
    """Return the first of the instants that are known, None if none is."""
    return min((at for at in instants if at is not None), default=None)


def without(request: "Request", amendment: AmendmentId) -> tuple[Amendment, ...]:
    """Return what is laid over the loan but for one amendment."""
    return tuple(one for one in request.amendments if one.id != amendment)


def to_see_to(request: "Request") -> tuple[Attention, ...]:
    """Return what calls for somebody and is over once they have looked at it."""
    return tuple(what for what in map(Attention, request.attention) if not what.is_held)


def with_attention(request: "Request", what: str) -> tuple[str, ...]:
    """Return what somebody should look at, with one thing more."""
    return request.attention if what in request.attention else (*request.attention, what)


def _newest(*said: tuple[_Value | None, datetime | None]) -> tuple[_Value | None, datetime | None]:
    """Return the value said last; of two said at once the greater, so that hearing order does not count."""
    known = [(at, value) for value, at in said if value is not None and at is not None]
    if not known:
        return None, None
    at, value = max(known)
    return value, at


def known_until(request: "Request") -> datetime:
    """Return the last instant that the request knows of: nobody does anything before it."""
    instants = request.instants
    known: list[datetime | None] = [
        *(getattr(instants, each.name) for each in fields(Instants)),
        *(at for entry in request.rota for at in (entry.asked_at, entry.passed_at)),
        *(renewal.at for renewal in request.renewals),
        *(at for stretch in request.transfers for at in (stretch.since, stretch.until)),
        *(request.recalled_at, request.cancellation_requested),
    ]
    return max(at for at in known if at is not None)


class Turn(StrEnum):
    """How far a lender's turn on the rota has come."""

    WAITING = "waiting"
    ASKED = "asked"
    PASSED = "passed"
    SUPPLIES = "supplies"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaEntry:
    """One lender in the order they are asked, or one that is not asked, and why."""

    lender: LibraryCode
    turn: Turn = Turn.WAITING
    #: why it stands here, is not asked or was passed over; a code of those lists, or of its policy
    reason: str
    #: the copy by whose kind it was judged whether this library lends it, as corrected since
    copy: Holding | None = None
    #: why somebody corrected what kind of thing the copy is
    correction: str | None = None
    asked_at: datetime | None = None
    #: the message that asked it
    message: MessageId | None = None
    passed_at: datetime | None = None
    #: since when we know that it could not be told so; its book may still come
    not_told: datetime | None = None
    #: a lender that may still send its book, because it could not be told that its turn is over
    beside: LibraryCode | None = None
    #: the lender's own id of the request
    lender_request_id: str | None = None
    claim: LenderClaim = field(default_factory=LenderClaim)


class Deadline(StrEnum):
    """By when something must have happened to a request that is not closed."""

    #: the lender says whether it supplies
    ANSWER = "answer"
    #: the lender's conditions are answered
    CONDITIONS = "conditions"
    #: the lender that accepted has shipped
    SHIPPING = "shipping"
    #: the parcel is at the desk
    TRANSIT = "transit"
    #: the desk has told the patron
    CALL = "call"
    #: the patron is reminded that the hold ends
    HOLD_ENDING = "hold_ending"
    #: the patron has fetched the book
    HOLD = "hold"
    #: the patron is written to about the due date
    DUE = "due"
    #: the desk has sent the book back
    DESK_RETURN = "desk_return"
    #: the lender has the book back
    RECEIPT = "receipt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """When to look at the request again, and for what."""

    at: datetime
    what: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A stretch of time; ``until`` is None while it lasts."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instants:
    """The instants of a loan, named as the policies name them."""

    #: before there was a request: the patron's address was verified, the hit was found
    registered: datetime | None = None
    searched: datetime | None = None
    submitted: datetime
    accepted: datetime | None = None
    shipped: datetime | None = None
    arrived: datetime | None = None
    notified: datetime | None = None
    handover: datetime | None = None
    returned: datetime | None = None
    #: the desk sent it on its way back
    shipped_back: datetime | None = None
    lender_received: datetime | None = None
    lost_reported: datetime | None = None
    settled: datetime | None = None
    closed: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRenewal:
    """A renewal that was asked for; the loan clock says whether it counts."""

    at: datetime
    on_hold: bool = False
    #: the day it was counted from, where the amendment that it rests on was taken back since
    base: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """Where the patron wants to fetch the book, since when, and the day on which it is there."""

    site: str
    applied: datetime
    #: None as long as the book is not at the desk
    by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One book that one patron asks for."""

    id: RequestId
    #: short, for the desk
    number: str
    patron: PatronId
    home: LibraryCode
    desk: LibraryCode
    citation: Citation
    holdings: tuple[Holding, ...]
    #: the home library's own system asked for its patron, and lends the book to the patron by itself
    by_partner: bool = False
    new_book: bool = False
    part_of_set: bool = False
    status: Status = Status.SUBMITTED
    outcome: Outcome | None = None
    rota: tuple[RotaEntry, ...] = ()
    #: who is asked, supplies or has supplied
    lender: LibraryCode | None = None
    #: the patron's category in the lender's policy
    category: Category | None = None
    instants: Instants
    alarm: Alarm | None = None
    conditions: str | None = None
    cancellation_requested: datetime | None = None
    #: as the desk scanned it
    scanned_barcode: str | None = None
    #: what the system of the patron's own library calls the book, where it gave it another number
    local_barcode: str | None = None
    hold_until: date | None = None
    due: date | None = None
    lender_due: date | None = None
    #: the version of the lender's policy and calendar that the loan began under, and keeps
    terms: str | None = None
    #: what the office laid over those terms, in order
    amendments: tuple[Amendment, ...] = ()
    renewals: tuple[AskedRenewal, ...] = ()
    #: when the lender called the book back, by its own word
    recalled_at: datetime | None = None
    #: when we heard of it first, which is when the patron could be told; None: at once
    recall_heard: datetime | None = None
    transfers: tuple[Interval, ...] = ()
    calls: int = 0
    #: overdue notices since the due date last changed
    overdue_notices: int = 0
    #: staff took the book back although the lender's policy refuses it
    staff_override: bool = False
    #: what the lender asked for a loss or damage that was settled last
    compensation: Compensation | None = None
    #: what came with the book, and where each piece is
    pieces: Pieces = ()
    #: what came with the book to the desk, whatever of it was handed over
    came_with: Pieces = ()
    #: losses, damages and thefts, open and settled
    cases: Cases = ()
    #: damage was stamped at hand-over, so that nobody pays for it (R-JN-15)
    damage_stamp: bool = False
    #: where the patron may hand the book in beside the desk (R-SZUTL-15)
    return_desks: tuple[LibraryCode, ...] = ()
    #: the desk's sites to choose from, and the one that was chosen
    pickup_sites: tuple[str, ...] = ()
    pickup: Pickup | None = None
    #: what somebody should look at; codes, each once, in order of appearance
    attention: tuple[str, ...] = ()
    #: the desk's last step, as long as nothing has come after it
    undoable: Step | None = None
    #: "nlc:2026-03": the lender's monthly quota that this request takes one of
    quota: str | None = None
    #: the number of events so far
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it counts against the patron's limits (G-8)."""
        return self.status in COUNTED

    @property
    def is_missing(self) -> bool:
        """Whether the patron has lost the book, and it is neither back nor paid for."""
        instants = self.instants
        is_settled = instants.settled is not None or instants.returned is not None
        is_lost = self.status is Status.ON_LOAN or self.outcome is Outcome.LOST
        return instants.lost_reported is not None and is_lost and not is_settled

    @property
    def claim(self) -> LenderClaim:
        """What the present lender says of this request."""
        entry = self.entry(self.lender) if self.lender else None
        return entry.claim if entry else LenderClaim()

    @property
    def item_barcode(self) -> str | None:
        """The book's barcode: what the desk has read, else what the lender says."""
        return self.scanned_barcode or self.claim.item_barcode

    @property
    def ready_on(self) -> date | None:
        """The day on which the pick-up site has the book; None if no other site than the desk was chosen."""
        return self.pickup.by if self.pickup else None

    def copy_at(self, lender: LibraryCode) -> Holding | None:
        """Return the lender's copy that was chosen, else the one likeliest to be in, if any."""
        entry = self.entry(lender)
        chosen = entry.copy if entry else None
        return chosen or best_copy(self.holdings, lender)

    def entry(self, lender: LibraryCode) -> RotaEntry | None:
        """Return the lender's place on the rota, if it has one."""
        return next((entry for entry in self.rota if entry.lender == lender), None)
