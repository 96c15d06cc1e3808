"""What must be done outside once a decision is saved; each is carried out from the outbox."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflows.ids import LibraryCode, MessageId


class Tell(StrEnum):
    """What we say to a lender, in the words of ISO 18626's actions."""

    #: the request itself
    ASK = "ask"
    CANCEL = "cancel"
    ACCEPT_CONDITIONS = "accept_conditions"
    REJECT_CONDITIONS = "reject_conditions"
    RECEIVED = "received"
    #: the due date the lender may expect (C-6)
    DUE_DATE = "due_date"
    SHIPPED_RETURN = "shipped_return"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class TellLender:
    """Send one message to a lender."""

    lender: LibraryCode
    what: Tell
    message: MessageId
    #: the message by which another lender hears that its turn is over; it goes first, for an hour
    after: MessageId | None = None
    lender_due: date | None = None
    tracking: str | None = None
    note: str | None = None


class Locally(StrEnum):
    """What the system of the patron's own library is told about a borrowed book."""

    #: put it on the hold shelf
    HOLD = "hold"
    CHECK_OUT = "check_out"
    CHECK_IN = "check_in"
    #: it has gone back to its owner
    FORGET = "forget"


@dataclass(frozen=True, slots=True, kw_only=True)
class TellLocalSystem:
    """Keep the system of the patron's own library in step with the desk."""

    library: LibraryCode
    what: Locally
    message: MessageId
    #: of the book, as the desk knows it; the system may have given it another one
    barcode: str
    due: date | None = None


class Notice(StrEnum):
    """What patrons are written about."""

    ARRIVED = "arrived"
    CONDITIONS = "conditions"
    UNFILLED = "unfilled"
    HOLD_ENDING = "hold_ending"
    HOLD_EXPIRED = "hold_expired"
    HANDED_OVER = "handed_over"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    DUE_CHANGED = "due_changed"
    RECALLED = "recalled"
    #: a fine stands in the patron's account
    ACCOUNT = "account"


class Channel(StrEnum):
    """How a notice reaches the patron."""

    EMAIL = "email"
    SMS = "sms"
    #: the desk's call list
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendNotice:
    """Tell the patron, on each channel once; looked at again when it is sent."""

    notice: Notice
    #: names the notice, so that no event is told twice
    message: MessageId
    channels: tuple[Channel, ...] = (Channel.EMAIL,)


Effect = TellLender | TellLocalSystem | SendNotice
