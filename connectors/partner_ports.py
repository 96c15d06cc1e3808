"""What partners say to us: reports on what we asked of them, and what they ask for their own patrons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import date, datetime

    from workflows.citation import Citation
    from workflows.requests.commands import ReportedStatus
    from workflows.requests.requester_messages import News


# ---------------------------------------------------------------- what lenders report


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """A lender's claim about a request; it names the request by our id, its own, or both."""

    status: ReportedStatus
    #: When it happened, by the lender's clock.
    occurred_at: datetime
    #: When the lender wrote the message.
    said_at: datetime
    request_id: str | None = None
    lender_request_id: str | None = None
    item_barcode: str | None = None
    lender_due_date: date | None = None
    tracking: str | None = None
    reason: str | None = None
    note: str | None = None
    #: whether it does what it was asked, a renewal or a cancellation; None where this answers neither
    answer: bool | None = None


# ---------------------------------------------------------------- what partners ask


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRequest:
    """What another agency asks for one of its own patrons; it is named by agency and request id."""

    #: such as "ISIL:CN-420001"
    agency: str
    request_id: str
    citation: Citation
    said_at: datetime | None = None
    #: it asks again what it asked before, under this id or the previous one
    is_retry: bool = False
    #: it only asks where its request stays
    is_reminder: bool = False
    previous_request_id: str | None = None
    #: false if nothing but a copy will do
    takes_loan: bool = True
    #: the record that it found in our catalogue
    record_id: str | None = None
    needed_by: date | None = None
    note: str | None = None
    #: the agency's own id of its patron
    patron: str | None = None
    library_name: str | None = None
    deliver_to: str | None = None
    most_costs: str | None = None


class Wants(StrEnum):
    """What a partner's system does, or asks for, about a request that it made."""

    STATUS = "status"
    #: the book has come, and its patron has it
    RECEIVED = "received"
    CANCEL = "cancel"
    RENEW = "renew"
    #: the book is on its way back
    RETURNED = "returned"
    LOST = "lost"
    #: nothing but its note
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerAction:
    """One step of a partner's system; the request is named by the partner's own id."""

    wants: Wants
    request_id: str
    said_at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellRequester:
    """Where a partner's request stands with us."""

    #: names this message for ever
    message_id: str
    #: when what it tells of happened; a message sent again bears the same
    at: datetime
    #: the partner's own id of its request, and ours
    request_id: str
    our_request_id: str | None = None
    news: News


class Requester(Protocol):
    def tell(self, message: TellRequester) -> None:
        """Tell a partner's system where its request stands.

        :raises PartnerFailure: if it did not take the message, or may not have
        """
