"""What a sandbox library does, as scripts: who reads one knows all that will happen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from workflows.requests.commands import ReportedStatus

RECEIVED = ReportedStatus.REQUEST_RECEIVED
WILL_SUPPLY = ReportedStatus.WILL_SUPPLY
LOANED = ReportedStatus.LOANED
UNFILLED = ReportedStatus.UNFILLED
RETRY = ReportedStatus.RETRY_POSSIBLE
COMPLETED = ReportedStatus.LOAN_COMPLETED
CANCELLED = ReportedStatus.CANCELLED
RECALLED = ReportedStatus.RECALLED
LOST = ReportedStatus.COMPLETED_WITHOUT_RETURN

_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Planned:
    """One report, *delay* seconds after what it answers; *ago* dates it back."""

    delay: float
    status: ReportedStatus
    reason: str | None = None
    note: str | None = None
    ago: float = 0.0


class Door(Enum):
    """What somebody finds who calls, in whatever protocol."""

    OPEN = auto()
    #: an error of the library's own: 500, or what the protocol has for it
    BROKEN = auto()
    #: the connection is closed without a word
    SLAMMED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    on_ask: tuple[Planned, ...] = (Planned(0.0, RECEIVED), Planned(0.5, WILL_SUPPLY), Planned(1.0, LOANED))
    on_conditions_accepted: tuple[Planned, ...] = (Planned(0.2, WILL_SUPPLY), Planned(0.6, LOANED))
    on_conditions_rejected: tuple[Planned, ...] = (Planned(0.2, CANCELLED),)
    on_cancel: tuple[Planned, ...] = (Planned(0.2, CANCELLED),)
    on_renew: tuple[Planned, ...] = (Planned(0.2, LOANED, note="renewed"),)
    on_returned: tuple[Planned, ...] = (Planned(1.0, COMPLETED),)
    on_lost: tuple[Planned, ...] = (Planned(0.5, LOST),)
    #: How often each report is sent.
    copies: int = 1
    #: Answers with what nobody can read, and signs reports wrongly.
    garbles: bool = False
    #: Seconds before a search, or a question about a patron or a copy, is answered.
    answer_delay: float = 0.0
    door: Door = Door.OPEN


_LENDS = (Planned(0.0, RECEIVED), Planned(0.5, WILL_SUPPLY), Planned(1.0, LOANED))

#: By the name that a configuration, or whoever pulls the strings, gives.
SCENARIOS = {
    "accepts": Scenario(),
    #: Accepts, but waits to be told by `POST /sandbox/requests/{id}/status` to ship and to take back.
    "manual": Scenario(
        on_ask=(Planned(0.0, RECEIVED),), on_conditions_accepted=(), on_returned=(), on_lost=()
    ),
    "conditional": Scenario(
        on_ask=(
            Planned(0.0, RECEIVED),
            Planned(0.5, RETRY, reason="LoanCondition", note="LibraryUseOnly"),
        )
    ),
    "declines": Scenario(
        on_ask=(Planned(0.0, RECEIVED), Planned(0.5, UNFILLED, reason="NotAvailableForILL"))
    ),
    "on-loan": Scenario(on_ask=(Planned(0.0, RECEIVED), Planned(0.5, RETRY, reason="OnLoan"))),
    "withdraws": Scenario(on_ask=(Planned(0.0, RECEIVED), Planned(0.5, WILL_SUPPLY), Planned(1.0, UNFILLED))),
    "silent": Scenario(
        on_ask=(), on_conditions_accepted=(), on_conditions_rejected=(), on_cancel=(), on_renew=(),
        on_returned=(), on_lost=(),
    ),
    "slow": Scenario(
        on_ask=(Planned(5.0, RECEIVED), Planned(15.0, WILL_SUPPLY), Planned(30.0, LOANED)), answer_delay=1.5
    ),
    "hangs": Scenario(answer_delay=60.0),
    "garbled": Scenario(garbles=True),
    "doubled": Scenario(copies=2),
    "out_of_order": Scenario(
        on_ask=(
            Planned(0.2, LOANED), Planned(0.6, WILL_SUPPLY, ago=_HOUR), Planned(1.0, RECEIVED, ago=2 * _HOUR)
        )
    ),
    #: The parcel never comes: the lender writes its book off.
    "lost": Scenario(on_ask=(*_LENDS, Planned(2.0, LOST, note="lost on the way"))),
    #: Wants its book back before its day.
    "recall": Scenario(on_ask=(*_LENDS, Planned(2.0, RECALLED))),
    "500": Scenario(door=Door.BROKEN),
    "closed_connection": Scenario(door=Door.SLAMMED),
}  # fmt: skip
