"""What the loan clock is asked and what it answers."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from workflows.money import Money
from workflows.policies.conditions import PLAIN_BOOK, Item
from workflows.policies.policy import Policy
from workflows.reasons import RenewalRefusal


class LoanStatus(StrEnum):
    """Where the rules of a loan see the book."""

    IN_TRANSIT = "in_transit"
    ARRIVED = "arrived"
    ON_HOLD_SHELF = "on_hold_shelf"
    HOLD_EXPIRED = "hold_expired"
    ON_LOAN = "on_loan"
    RETURNED = "returned"
    LOST = "lost"
    SETTLED = "settled"

    @property
    def message(self) -> str:
        """The name of the sentence that says it to people."""
        return f"explanation.status.{self.value}"


StepName = Literal[
    "period",
    "borrower_period",
    "before_holiday",
    "holiday_grace",
    "term_grace",
    "bulk_extension",
    "next_open_day",
]
#: why a renewal is refused, or a recall changes nothing
RecallRefusal = Literal["recall_not_allowed"]
EventRefusal = RenewalRefusal | RecallRefusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The instants of a loan, each at or after the one before; a report of loss stands beside them."""

    submitted: datetime | None = None
    shipped: datetime | None = None
    arrived: datetime | None = None
    notified: datetime | None = None
    handover: datetime | None = None
    returned: datetime | None = None
    lender_received: datetime | None = None
    lost_reported: datetime | None = None
    settled: datetime | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """A stretch in which the book was taken back into transport."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class RenewalAsked:
    at: datetime
    #: another reader waits for the book
    on_hold: bool = False
    #: accepted, and counted from this day: an amendment that it rests on was taken back since
    base: date | None = None


@dataclass(frozen=True, slots=True)
class Recall:
    """The lender wants the book back: since when by its own word, and from when the patron could be told."""

    at: datetime
    heard: datetime

    @property
    def noticed(self) -> datetime:
        """The instant from which notice counts: nobody loses days that had gone by (R-BALIS-4)."""
        return max(self.at, self.heard)


@dataclass(frozen=True, slots=True)
class NewDue:
    """An amendment that speaks of this loan: from *at* on it is due on *due* at the earliest."""

    #: None: before the loan began
    at: datetime | None
    due: date
    #: the instant as it was written
    written: str | None = None


@dataclass(frozen=True, slots=True)
class Suspended:
    """A reader's suspension at one library; *until* is the first free day, None while it lasts."""

    policy: str
    start: date
    until: date | None = None

    def stops(self, lender: str, day: date) -> bool:
        """Tell whether it keeps the reader from this lender on *day*; another library's never does (G-11)."""
        return self.policy == lender and self.start <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanCase:
    """Everything the loan clock may look at.

    *home* is the reader's library, *pickup* where they fetch the book if that is elsewhere.
    """

    lender: Policy
    home: Policy | None = None
    pickup: Policy | None = None
    category: str
    item: Item = PLAIN_BOOK
    timeline: Timeline
    transfers: tuple[Transfer, ...] = ()
    renewals: tuple[RenewalAsked, ...] = ()
    amendments: tuple[NewDue, ...] = ()
    recall: Recall | None = None
    suspended: tuple[Suspended, ...] = ()
    #: one for each accompanying piece: when it came back, None if with the book
    accompanying: tuple[datetime | None, ...] = ()
    #: the day on which the pick-up site that the patron chose has the book
    ready_on: date | None = None
    staff_override: bool = False
    as_of: datetime | None = None

    @property
    def was_lent(self) -> bool:
        """Tell whether the patron has, or had, the book."""
        line = self.timeline
        return not (line.handover is None and line.returned is None and line.lender_received is None)

    @property
    def started_at(self) -> datetime | None:
        """The instant at which the lender's clock starts, None if it has not, or is not known."""
        started: datetime | None = getattr(self.timeline, self.lender.clock.start)
        return started

    @property
    def amended_before(self) -> tuple[NewDue, ...]:
        """The amendments that were made before the clock started, which belong to the first due date."""
        started = self.started_at
        return tuple(
            one for one in self.amendments if one.at is None or (started is not None and one.at < started)
        )

    @property
    def desk(self) -> Policy:
        """The library whose desk hands the book out and takes it back; the reader's own if not said."""
        return self.pickup or self.home or self.lender


@dataclass(frozen=True, slots=True)
class DueStep:
    """One move on the way to the first due date; *rule* names the policy's rule where it has a name."""

    step: StepName
    due: date
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class LoanEvent:
    """A renewal, amendment or recall with its outcome: the due date after it, or the reasons of a refusal."""

    kind: Literal["renewal", "amendment", "recall"]
    at: datetime
    due: date | None = None
    reasons: tuple[EventRefusal, ...] = ()
    steps: tuple[DueStep, ...] = ()
    #: the day that a renewal was counted from
    base: date | None = None
    #: the instant of an amendment as it was written
    written: str | None = None

    @property
    def reason(self) -> EventRefusal | None:
        """The first reason, None if it was not refused."""
        return next(iter(self.reasons), None)

    @property
    def accepted(self) -> bool:
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Fine:
    """What is owed for lateness; *amount* is None where the lender states no rate."""

    currency: str
    amount: Money | None
    capped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanAnswer:
    """The loan as the lender's rules see it, in its dates; ``due`` is the last day not late."""

    status: LoanStatus
    fine: Fine
    overdue_days: int = 0
    clock_start: date | None = None
    steps: tuple[DueStep, ...] = ()
    first_due: date | None = None
    events: tuple[LoanEvent, ...] = ()
    due: date | None = None
    lender_due: date | None = None
    lender_due_provisional: date | None = None
    last_desk_day: date | None = None
    hold_until: date | None = None
    return_: Literal["accepted", "refused_same_day"] | None = None
    desk_closed_at_return: bool | None = None
    found_after_settlement: bool = False
    #: when the fine stopped growing: the return, the report of loss, or nothing yet
    ended_at: datetime | None = None
