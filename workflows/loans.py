"""What the loan clock is asked and what it answers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from workflows.money import Money
from workflows.policies import PLAIN_BOOK, Item, Policy

LoanStatus = Literal[
    "in_transit", "arrived", "on_hold_shelf", "hold_expired", "on_loan", "returned", "lost", "settled"
]
StepName = Literal[
    "period",
    "borrower_period",
    "before_holiday",
    "holiday_grace",
    "term_grace",
    "bulk_extension",
    "next_open_day",
]


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


@dataclass(frozen=True, slots=True)
class Suspended:
    """A reader's suspension at one library; *until* is the first free day, None while it lasts."""

    policy: str
    start: date
    until: date | None = None


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
    recalled_at: datetime | None = None
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
    def desk(self) -> Policy:
        """The library whose desk hands the book out and takes it back; the reader's own if not said."""
        return self.pickup or self.home or self.lender


@dataclass(frozen=True, slots=True)
class Step:
    """One move on the way to the first due date; *rule* names the policy's rule where it has a name."""

    step: StepName
    due: date
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class LoanEvent:
    """A renewal or recall with its outcome: the new due date, or the reason of a refusal."""

    kind: Literal["renewal", "recall"]
    at: datetime
    due: date | None = None
    reason: str | None = None
    steps: tuple[Step, ...] = ()

    @property
    def accepted(self) -> bool:
        return self.reason is None


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
    steps: tuple[Step, ...] = ()
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
