"""Everything that can be asked of a request, each as one frozen record that names its step."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from workflows.ids import AmendmentId, LibraryCode, MessageId
from workflows.loan_clock.amendments import Amendment
from workflows.losses.cases import CaseKind
from workflows.losses.settlement import Settling
from workflows.reasons import Attention
from workflows.requests.lifecycle import Step
from workflows.requests.message_commands import OfMessages


class ReportedStatus(StrEnum):
    """The closed list of ISO 18626 statuses that a lender may report."""

    REQUEST_RECEIVED = "RequestReceived"
    EXPECT_TO_SUPPLY = "ExpectToSupply"
    WILL_SUPPLY = "WillSupply"
    LOANED = "Loaned"
    OVERDUE = "Overdue"
    RECALLED = "Recalled"
    RETRY_POSSIBLE = "RetryPossible"
    UNFILLED = "Unfilled"
    LOAN_COMPLETED = "LoanCompleted"
    COMPLETED_WITHOUT_RETURN = "CompletedWithoutReturn"
    CANCELLED = "Cancelled"


#: reasons of RetryPossible that a patron can accept; any other means "not now"
CONDITIONS = frozenset({"LoanCondition", "CostExceedsMaxCost"})

_STEPS = {
    ReportedStatus.REQUEST_RECEIVED: Step.NOTE_RECEIPT,
    ReportedStatus.EXPECT_TO_SUPPLY: Step.NOTE_RECEIPT,
    ReportedStatus.WILL_SUPPLY: Step.ACCEPT,
    ReportedStatus.LOANED: Step.SHIP,
    ReportedStatus.OVERDUE: Step.CLAIM_OVERDUE,
    ReportedStatus.RECALLED: Step.RECALL,
    ReportedStatus.UNFILLED: Step.DECLINE,
    ReportedStatus.LOAN_COMPLETED: Step.CONFIRM_RECEIPT,
    ReportedStatus.COMPLETED_WITHOUT_RETURN: Step.COMPLETE_WITHOUT_RETURN,
    ReportedStatus.CANCELLED: Step.CONFIRM_CANCELLATION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Take down what a lender says of the request; its words stay its claim."""

    lender: LibraryCode
    status: ReportedStatus
    #: when it happened, by the lender's word
    occurred_at: datetime
    #: when its message came, before which nobody could be told; None: now
    heard_at: datetime | None = None
    #: the message it came in; None when a person at the lender's entered it
    message: MessageId | None = None
    lender_request_id: str | None = None
    item_barcode: str | None = None
    lender_due_date: date | None = None
    tracking: str | None = None
    reason: str | None = None
    note: str | None = None
    #: whether it does what it was asked to, where this answers a cancellation or a renewal
    answer: bool | None = None

    @property
    def step(self) -> Step:
        """The step that this status takes; RetryPossible depends on its reason."""
        if self.status is ReportedStatus.RETRY_POSSIBLE:
            return Step.OFFER_CONDITIONS if self.reason in CONDITIONS else Step.DECLINE
        return _STEPS[self.status]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Give the request up."""

    step: ClassVar[Step] = Step.CANCEL
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerConditions:
    """Take or leave what the lender asks for."""

    step: ClassVar[Step] = Step.ANSWER_CONDITIONS
    accept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew:
    """Keep the book longer, as the lender's policy allows."""

    step: ClassVar[Step] = Step.RENEW
    #: telephone, internet, self_help_machine or information_desk (R-JN-7)
    channel: str = "internet"
    #: another reader waits for the book
    on_hold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrive:
    """The book is at the desk: a scan beats a shipping message that never came."""

    step: ClassVar[Step] = Step.ARRIVE
    barcode: str | None = None
    condition: str | None = None
    #: what came with the book, such as "cd" (R-FJMU-6)
    pieces: tuple[str, ...] = ()


class CallResult(StrEnum):
    """How the desk's call to the patron ended."""

    REACHED = "reached"
    #: the patron confirmed by message
    MESSAGE_ACCEPTED = "message_accepted"
    #: the patron stood at the desk before anybody called, as the letter of the arrival allows
    CAME_IN_PERSON = "came_in_person"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCall:
    """Take down a call to the patron; only a successful one notifies (R-BJTU-10)."""

    step: ClassVar[Step] = Step.CALL
    result: CallResult
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Give the book to the patron; this starts the patron's clock (C-2)."""

    step: ClassVar[Step] = Step.HAND_OVER
    condition: str | None = None
    #: whoever fetches it for the patron by a letter of authority (R-BHU-5)
    agent: str | None = None
    #: the number of the card that was shown; it must be the patron's (R-BHU-10, R-FJMU-18)
    card: str | None = None
    #: what is handed over with the book; None: what came with it
    pieces: tuple[str, ...] | None = None
    #: damage was found and stamped (R-JN-15)
    damage_stamp: bool = False


#: a machine of the library's, whose returns count once a desk has the book in hand
SELF_MACHINE = "self_machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """Take the book back from the patron; this ends the patron's clock (C-3)."""

    step: ClassVar[Step] = Step.TAKE_BACK
    condition: str | None = None
    #: staff accept a return that the policy refuses, and say why (R-BHU-14)
    staff_override: bool = False
    reason: str | None = None
    #: the numbers of the pieces that did not come with the book (R-FJMU-6)
    missing: tuple[int, ...] = ()
    #: desk, book_drop or self_machine (R-SZUTL-15)
    channel: str = "desk"
    #: the library at whose desk it is handed in
    place: LibraryCode | None = None
    #: the number of the card that was shown; whoever brings a book back may be anybody (R-FJMU-1)
    card: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipBack:
    """Send the book on its way to the lender."""

    step: ClassVar[Step] = Step.SHIP_BACK
    tracking: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLoss:
    """Say that the book cannot be found."""

    step: ClassVar[Step] = Step.REPORT_LOSS
    note: str | None = None
    #: on site, by telephone and the like (R-SZUTL-19)
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportParcelLost:
    """Say that a parcel will not come any more; that is nobody's loan (C-3)."""

    step: ClassVar[Step] = Step.REPORT_PARCEL_LOST
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleLoss:
    """Say that a lost book was paid for or replaced."""

    step: ClassVar[Step] = Step.SETTLE_LOSS
    note: str | None = None
    #: what is to be paid for; None: that was settled elsewhere
    settling: Settling | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDamage:
    """Record the state of the book where it is now."""

    step: ClassVar[Step] = Step.REPORT_DAMAGE
    note: str
    #: what the patron is to pay for it, if staff settle it at once
    settling: Settling | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Take the book back into transport during the loan, or end that (C-1)."""

    step: ClassVar[Step] = Step.TRANSFER
    #: true when it leaves the patron, false when it is back
    starts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPieces:
    """Take back pieces that come without their book, or note that they cannot be found."""

    step: ClassVar[Step] = Step.CHECK_PIECES
    returned: tuple[int, ...] = ()
    lost: tuple[int, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectItem:
    """Say what kind of thing the lender's copy is, whatever its catalogue says (R-BHU-12)."""

    step: ClassVar[Step] = Step.CORRECT_ITEM
    item_type: str
    restricted_label: bool = False
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosePickup:
    """Say where the book is to be fetched (R-SZUTL-11, R-SZUTL-12)."""

    step: ClassVar[Step] = Step.CHOOSE_PICKUP
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """Report a loss, a damage or a theft, to be settled later."""

    step: ClassVar[Step] = Step.OPEN_CASE
    kind: CaseKind
    #: the number of the piece it is about; None: the book
    piece: int | None = None
    channel: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleCase:
    """Say what an open case costs, within what the lender's rules leave to staff."""

    step: ClassVar[Step] = Step.SETTLE_CASE
    number: int
    #: its case is that of the open case
    settling: Settling
    note: str | None = None
    #: instead of what the rules compute; not without a reason (R-SZUTL-36)
    override_amount: str | None = None
    override_reason: str | None = None
    #: the words of a criticism that staff resolved on (R-FJMU-17)
    criticism: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFound:
    """Say that a book that was paid for as lost has turned up (R-SZUTL-19)."""

    step: ClassVar[Step] = Step.FIND
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """Take back the desk's last step."""

    step: ClassVar[Step] = Step.UNDO


@dataclass(frozen=True, slots=True, kw_only=True)
class SeeTo:
    """Say that what called for somebody was looked at, and how it ended."""

    step: ClassVar[Step] = Step.SEE_TO
    what: tuple[Attention, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amend:
    """Let an amendment move the due date of a loan under way (R-BALIS-2)."""

    step: ClassVar[Step] = Step.AMEND
    amendment: Amendment


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeAmendment:
    """Take an amendment of the due date back."""

    step: ClassVar[Step] = Step.REVOKE_AMENDMENT
    amendment: AmendmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """The alarm of the request went off."""

    step: ClassVar[Step] = Step.RING


#: what people ask for; the desk may ask for all of it, and what others may stands in the permissions
DeskOrPatron = (
    Cancel
    | AnswerConditions
    | Renew
    | Arrive
    | RecordCall
    | HandOver
    | TakeBack
    | ShipBack
    | ReportLoss
    | ReportParcelLost
    | SettleLoss
    | ReportDamage
    | Transfer
    | CheckPieces
    | ChoosePickup
    | CorrectItem
    | OpenCase
    | SettleCase
    | RecordFound
    | Undo
    | SeeTo
)
Office = Amend | RevokeAmendment
Command = DeskOrPatron | Office | Report | OfMessages | Ring
