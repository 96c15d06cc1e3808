"""What has happened to a request. Each event says when it happened and what it rests on."""

from dataclasses import dataclass
from datetime import date, datetime

from workflows import event
from workflows.citation import Citation, Holding
from workflows.home_cards import HomeCard
from workflows.ids import AmendmentId, LibraryCode, MessageId
from workflows.loan_clock.amendments import Amendment
from workflows.requests import damage_events
from workflows.requests.commands import CallResult, ReportedStatus
from workflows.requests.lender_events import LenderNotTold
from workflows.requests.lifecycle import Outcome, Status, Step
from workflows.requests.request import Alarm, AskedRenewal, Category, RotaEntry

Because = event.Because
Happened = event.Happened
LossReported = damage_events.LossReported
LossSettled = damage_events.LossSettled
DamageRecorded = damage_events.DamageRecorded
CaseOpened = damage_events.CaseOpened
CaseSettled = damage_events.CaseSettled
FoundAfterSettlement = damage_events.FoundAfterSettlement


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(Happened):
    citation: Citation
    holdings: tuple[Holding, ...]
    rota: tuple[RotaEntry, ...]
    #: what the home library said of the patron's card; None where no system can be asked
    home_card: HomeCard | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLender(Happened):
    lender: LibraryCode
    category: Category
    message: MessageId
    alarm: Alarm
    #: month of the quota it counts in, "2026-03"; None where the lender has none
    quota_month: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDelivered(Happened):
    lender: LibraryCode
    lender_request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReceived(Happened):
    lender: LibraryCode
    lender_request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionsOffered(Happened):
    lender: LibraryCode
    reason: str
    note: str | None
    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionsAccepted(Happened):
    lender: LibraryCode
    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(Happened):
    lender: LibraryCode
    lender_request_id: str | None
    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class LenderPassed(Happened):
    """This lender will not supply; the next one on the rota has its turn."""

    lender: LibraryCode
    #: why it does not supply after all, or why it is not asked; a code
    reason: str
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationRequested(Happened):
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped(Happened):
    lender: LibraryCode
    category: Category
    quota_month: str | None
    item_barcode: str | None
    lender_due_date: date | None
    tracking: str | None
    lender_request_id: str | None
    #: what the lender may expect before the hand-over is known (C-6)
    lender_due_provisional: date | None
    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived(Happened):
    lender: LibraryCode
    item_barcode: str | None
    condition: str | None
    alarm: Alarm
    pieces: tuple[str, ...] = ()
    #: when the site that the patron chose has it
    pickup_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLocally(Happened):
    """The system of the patron's own library holds the book, under a number of its own."""

    item_barcode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Called(Happened):
    result: CallResult
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified(Happened):
    hold_until: date
    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(Happened):
    due: date
    lender_due: date
    condition: str | None
    agent: str | None
    alarm: Alarm
    #: the card that was shown (R-FJMU-1)
    card: str | None = None
    #: the version of the lender's policy and calendar that the loan keeps
    terms: str | None = None
    #: those standing at the hand-over that move the due date
    amendments: tuple[Amendment, ...] = ()
    #: None: what came with the book
    pieces: tuple[str, ...] | None = None
    damage_stamp: bool = False
    return_desks: tuple[LibraryCode, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DueChanged(Happened):
    """A recall or a transfer moved the due date."""

    #: recall or transfer
    cause: str
    due: date
    lender_due: date
    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed(Happened):
    channel: str
    on_hold: bool
    due: date
    lender_due: date
    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class DueAmended(Happened):
    """An amendment of the office moved the due date."""

    amendment: Amendment
    due: date
    lender_due: date
    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentRevoked(Happened):
    """An amendment was taken back; the due date is what it would be without."""

    amendment: AmendmentId
    due: date
    lender_due: date
    alarm: Alarm
    #: what is laid over the loan without it; None: the others that were
    amendments: tuple[Amendment, ...] | None = None
    #: the loan's renewals, of which those that rest on it keep their date; None: as they were
    renewals: tuple[AskedRenewal, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled(Happened):
    lender: LibraryCode
    #: when we heard of it, from which notice counts; None: when it happened
    heard: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecesChecked(Happened):
    returned: tuple[int, ...]
    lost: tuple[int, ...]
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCorrected(Happened):
    lender: LibraryCode
    item_type: str
    restricted_label: bool
    reason: str
    #: what the lender may expect of such a copy, where it is on its way already (C-6)
    lender_due_provisional: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupChosen(Happened):
    site: str
    by: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn(Happened):
    """A machine took the book; that is no return until a desk has it in hand (R-SZUTL-15)."""

    channel: str
    place: LibraryCode | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferStarted(Happened):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferEnded(Happened):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack(Happened):
    condition: str | None
    staff_override: bool
    alarm: Alarm
    reason: str | None = None
    missing: tuple[int, ...] = ()
    channel: str = "desk"
    place: LibraryCode | None = None
    card: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBackUnused(Happened):
    """The book goes back without having been lent: hold expired, or given up at the desk."""

    outcome: Outcome
    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedBack(Happened):
    tracking: str | None
    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedByLender(Happened):
    lender: LibraryCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Happened):
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Happened):
    """What a report says beside its step, or one that changes nothing any more: the lender's claim."""

    lender: LibraryCode
    status: ReportedStatus
    item_barcode: str | None = None
    lender_due_date: date | None = None
    tracking: str | None = None
    lender_request_id: str | None = None
    note: str | None = None
    #: what the lender may expect, now that its shipping is known (C-6)
    lender_due_provisional: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTo(Happened):
    """Somebody has looked at what called for it; it does so no longer."""

    what: tuple[str, ...]
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueClaimed(Happened):
    lender: LibraryCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded(Happened):
    """A deadline passed or came near; the alarm is set anew."""

    #: the notice that the patron is sent, or what somebody should look at; a code
    what: str
    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionRaised(Happened):
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone(Happened):
    step: Step
    to: Status
    alarm: Alarm
    #: what the lender may expect again, if the hand-over is undone (C-6)
    lender_due_provisional: date | None = None


Event = (
    Submitted
    | AskedLender
    | AskDelivered
    | RequestReceived
    | ConditionsOffered
    | ConditionsAccepted
    | Accepted
    | LenderPassed
    | LenderNotTold
    | CancellationRequested
    | Shipped
    | Arrived
    | HeldLocally
    | Called
    | Notified
    | HandedOver
    | DueChanged
    | Renewed
    | DueAmended
    | AmendmentRevoked
    | Recalled
    | LossReported
    | LossSettled
    | DamageRecorded
    | CaseOpened
    | CaseSettled
    | FoundAfterSettlement
    | PiecesChecked
    | PickupChosen
    | ItemCorrected
    | HandedIn
    | TransferStarted
    | TransferEnded
    | TakenBack
    | SentBackUnused
    | ShippedBack
    | ReceivedByLender
    | Closed
    | Noted
    | OverdueClaimed
    | Reminded
    | AttentionRaised
    | SeenTo
    | Undone
)
