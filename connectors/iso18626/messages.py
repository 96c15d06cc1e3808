"""What is said in ISO 18626, independent of the revision it is written in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal


class Revision(StrEnum):
    """What the version attribute says of each of the two incompatible revisions."""

    V1_2 = "1.2"
    V2021 = "2021-2"


# ---------------------------------------------------------------- closed lists


class Status(StrEnum):
    REQUEST_RECEIVED = "RequestReceived"
    EXPECT_TO_SUPPLY = "ExpectToSupply"
    WILL_SUPPLY = "WillSupply"
    LOANED = "Loaned"
    OVERDUE = "Overdue"
    RECALLED = "Recalled"
    RETRY_POSSIBLE = "RetryPossible"
    UNFILLED = "Unfilled"
    #: of 2021 alone, as the next
    HOLD_RETURN = "HoldReturn"
    RELEASE_HOLD_RETURN = "ReleaseHoldReturn"
    COPY_COMPLETED = "CopyCompleted"
    LOAN_COMPLETED = "LoanCompleted"
    COMPLETED_WITHOUT_RETURN = "CompletedWithoutReturn"
    CANCELLED = "Cancelled"


class Action(StrEnum):
    STATUS_REQUEST = "StatusRequest"
    RECEIVED = "Received"
    CANCEL = "Cancel"
    RENEW = "Renew"
    #: of 2021 alone
    HOLD_RETURN = "HoldReturn"
    SHIPPED_RETURN = "ShippedReturn"
    SHIPPED_FORWARD = "ShippedForward"
    NOTIFICATION = "Notification"
    #: of 2021 alone
    LOST = "Lost"


class Reason(StrEnum):
    """Why a supplier writes."""

    REQUEST_RESPONSE = "RequestResponse"
    STATUS_REQUEST_RESPONSE = "StatusRequestResponse"
    RENEW_RESPONSE = "RenewResponse"
    CANCEL_RESPONSE = "CancelResponse"
    STATUS_CHANGE = "StatusChange"
    NOTIFICATION = "Notification"


class RequestType(StrEnum):
    NEW = "New"
    RETRY = "Retry"
    REMINDER = "Reminder"


class RequestSubType(StrEnum):
    BOOKING = "BookingRequest"
    MULTIPLE_ITEMS = "MultipleItemRequest"
    PATRON = "PatronRequest"
    TRANSFER = "TransferRequest"
    SUPPLIERS_CHOICE = "SupplyingLibrarysChoice"


class ServiceType(StrEnum):
    COPY = "Copy"
    LOAN = "Loan"
    COPY_OR_LOAN = "CopyOrLoan"


class MessageStatus(StrEnum):
    OK = "OK"
    ERROR = "ERROR"


class ErrorType(StrEnum):
    UNSUPPORTED_ACTION = "UnsupportedActionType"
    UNSUPPORTED_REASON = "UnsupportedReasonForMessageType"
    UNRECOGNISED_ELEMENT = "UnrecognisedDataElement"
    UNRECOGNISED_VALUE = "UnrecognisedDataValue"
    BADLY_FORMED = "BadlyFormedMessage"


# ---------------------------------------------------------------- parts


@dataclass(frozen=True, slots=True)
class AgencyId:
    value: str
    type: str = "ISIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    requesting: AgencyId
    request_id: str
    supplying: AgencyId | None = None
    timestamp: datetime | None = None
    #: the timestamp letter by letter, to be echoed
    timestamp_text: str | None = field(default=None, compare=False)
    supplier_request_id: str | None = None
    account: str | None = None
    security_code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number of a work (ISBN, ISSN) or of a record (OCLC, NCID)."""

    code: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bibliography:
    record_id: str | None = None
    title: str | None = None
    author: str | None = None
    subtitle: str | None = None
    series: str | None = None
    edition: str | None = None
    component_title: str | None = None
    component_author: str | None = None
    volumes: tuple[str, ...] = ()
    issue: str | None = None
    pages: str | None = None
    item_ids: tuple[Identifier, ...] = ()
    record_ids: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    publisher: str | None = None
    type: str | None = None
    date: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    service_type: ServiceType = ServiceType.LOAN
    request_type: RequestType | None = None
    sub_types: tuple[RequestSubType, ...] = ()
    previous_request_id: str | None = None
    level: str | None = None
    format: str | None = None
    needed_by: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierInfo:
    """What the requester knows of a supplier's holding."""

    agency: AgencyId | None = None
    call_number: str | None = None
    holdings: str | None = None
    availability: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhysicalAddress:
    line1: str | None = None
    line2: str | None = None
    locality: str | None = None
    postal_code: str | None = None
    region: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class ElectronicAddress:
    type: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Either of the two."""

    electronic: ElectronicAddress | None = None
    physical: PhysicalAddress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where the requester wants it; the lowest order first."""

    order: int | None = None
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestingAgencyInfo:
    name: str | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronInfo:
    id: str | None = None
    surname: str | None = None
    given_name: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Costs:
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    maximum: Costs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """Why a supplier writes, and what it answers."""

    reason: Reason
    answer: bool | None = None
    note: str | None = None
    reason_unfilled: str | None = None
    reason_retry: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusInfo:
    """Where the request stands with the supplier."""

    status: Status
    expected: datetime | None = None
    due: datetime | None = None
    last_change: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """On which terms, and when, the supplier may be asked again; conditions are of 2021 alone."""

    conditions: tuple[str, ...] = ()
    costs: tuple[Costs, ...] = ()
    after: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryInfo:
    sent_at: datetime | None = None
    item_ids: tuple[str, ...] = ()
    via: str | None = None
    conditions: tuple[str, ...] = ()
    format: str | None = None
    costs: tuple[Costs, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """Of 2021 alone."""

    courier: str | None = None
    tracking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnTo:
    agency: AgencyId | None = None
    name: str | None = None
    address: PhysicalAddress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationHeader:
    status: MessageStatus = MessageStatus.OK
    supplying: AgencyId | None = None
    requesting: AgencyId | None = None
    timestamp: datetime | None = None
    request_id: str | None = None
    #: the timestamp of the message confirmed, letter by letter
    received: str | None = None


@dataclass(frozen=True, slots=True)
class Error:
    type: ErrorType
    value: str | None = None


# ---------------------------------------------------------------- messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    header: Header
    bibliography: Bibliography = Bibliography()
    publication: Publication | None = None
    service: Service | None = None
    suppliers: tuple[SupplierInfo, ...] = ()
    destinations: tuple[Destination, ...] = ()
    requester: RequestingAgencyInfo | None = None
    patron: PatronInfo | None = None
    billing: Billing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyingMessage:
    header: Header
    info: Info
    status_info: StatusInfo
    retry: Retry | None = None
    delivery: DeliveryInfo | None = None
    shipping: Shipping | None = None
    return_to: ReturnTo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestingMessage:
    header: Header
    action: Action
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestConfirmation:
    header: ConfirmationHeader
    errors: tuple[Error, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyingConfirmation:
    header: ConfirmationHeader
    reason: Reason | None = None
    errors: tuple[Error, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestingConfirmation:
    header: ConfirmationHeader
    action: Action | None = None
    errors: tuple[Error, ...] = ()


Business = Request | SupplyingMessage | RequestingMessage
Confirmation = RequestConfirmation | SupplyingConfirmation | RequestingConfirmation
Message = Business | Confirmation


@dataclass(frozen=True, slots=True)
class Received:
    """A message and the revision it was written in."""

    message: Message
    revision: Revision
