"""Which element holds what, in the order of each revision's schema: the table that is read and written by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.iso18626 import messages as m
from connectors.iso18626.messages import ErrorType, Revision
from connectors.iso18626.values import (
    LONGEST_ID,
    NOT_KNOWN,
    Amount,
    Echo,
    Instant,
    OneOf,
    Text,
    Value,
    Whole,
    YesNo,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_OLD, _NEW = Revision.V1_2, Revision.V2021


@dataclass(frozen=True, slots=True)
class Part:
    """One element of a record; two parts of one attribute are its places in the two revisions."""

    element: str
    attribute: str
    value: Value | Layout
    #: the revision that has it; both if None
    only: Revision | None = None
    many: bool = False
    #: the schema of 1.2 takes one where that of 2021 takes several
    single_in_old: bool = False
    #: what is written where nothing is known and the schema insists
    otherwise: str | None = None
    #: false for what is read beside the value proper
    is_written: bool = True

    def is_in(self, revision: Revision) -> bool:
        return self.only in {None, revision} and self.is_written


@dataclass(frozen=True, slots=True)
class Layout:
    """How one record lies in its element."""

    make: Callable[..., Any]
    parts: tuple[Part, ...]
    #: attributes without which the record says nothing that can be acted on
    needs: frozenset[str] = frozenset()


_TEXT, _ID, _INSTANT = Text(), Text(longest=LONGEST_ID, whole=True), Instant()
_WORD = Text(longest=LONGEST_ID)


def _texts(**elements: str) -> tuple[Part, ...]:
    """Return one part of free text for each attribute and its element."""
    return tuple(Part(element, attribute, _TEXT) for attribute, element in elements.items())


AGENCY = Layout(
    m.AgencyId,
    (Part("agencyIdType", "type", _WORD), Part("agencyIdValue", "value", _ID)),
    frozenset({"value"}),
)
COSTS = Layout(
    m.Costs,
    (Part("currencyCode", "currency", _WORD), Part("monetaryValue", "amount", Amount())),
    frozenset({"currency", "amount"}),
)
_LOGIN = (Part("accountId", "account", _WORD), Part("securityCode", "security_code", _WORD))


def _login(**told: str) -> dict[str, str]:
    return told


_STAMP = (
    Part("timestamp", "timestamp", _INSTANT, otherwise=NOT_KNOWN),
    Part("timestamp", "timestamp_text", Echo(), is_written=False),
    Part("requestingAgencyRequestId", "request_id", _ID),
)
_NO_GROUP = Part("multipleItemRequestId", "", _TEXT, only=_OLD, otherwise="")
_THEIRS = Part("supplyingAgencyRequestId", "supplier_request_id", _ID)
_PROOF = Part("requestingAgencyAuthentication", "*", Layout(_login, _LOGIN))
_AGENCIES = (Part("supplyingAgencyId", "supplying", AGENCY), Part("requestingAgencyId", "requesting", AGENCY))
_KEYS = frozenset({"requesting", "request_id"})

REQUEST_HEADER = Layout(m.Header, (*_AGENCIES, _NO_GROUP, *_STAMP, _PROOF), _KEYS)
SUPPLYING_HEADER = Layout(m.Header, (*_AGENCIES, _NO_GROUP, *_STAMP, _THEIRS), _KEYS)
REQUESTING_HEADER = Layout(m.Header, (*_AGENCIES, _NO_GROUP, *_STAMP, _THEIRS, _PROOF), _KEYS)

_ITEM_CODE = Part("bibliographicItemIdentifierCode", "code", _WORD)
_ITEM_VALUE = Part("bibliographicItemIdentifier", "value", _WORD)
_BOTH = frozenset({"code", "value"})
RECORD_ID = Layout(
    m.Identifier,
    (
        Part("bibliographicRecordIdentifierCode", "code", _WORD),
        Part("bibliographicRecordIdentifier", "value", _WORD),
    ),
    _BOTH,
)
BIBLIOGRAPHY = Layout(
    m.Bibliography,
    (
        *_texts(
            record_id="supplierUniqueRecordId",
            title="title",
            author="author",
            subtitle="subtitle",
            series="seriesTitle",
            edition="edition",
            component_title="titleOfComponent",
            component_author="authorOfComponent",
        ),
        Part("volume", "volumes", _TEXT, many=True, single_in_old=True),
        *_texts(issue="issue", pages="pagesRequested"),
        Part(
            "bibliographicItemId",
            "item_ids",
            Layout(m.Identifier, (_ITEM_VALUE, _ITEM_CODE), _BOTH),
            _OLD,
            many=True,
        ),
        Part(
            "bibliographicItemId",
            "item_ids",
            Layout(m.Identifier, (_ITEM_CODE, _ITEM_VALUE), _BOTH),
            _NEW,
            many=True,
        ),
        Part("bibliographicRecordId", "record_ids", RECORD_ID, many=True),
    ),
)
PUBLICATION = Layout(
    m.Publication,
    _texts(publisher="publisher", type="publicationType", date="publicationDate", place="placeOfPublication"),
)
SERVICE = Layout(
    m.Service,
    (
        Part("requestType", "request_type", OneOf(m.RequestType)),
        Part("requestSubType", "sub_types", OneOf(m.RequestSubType), many=True),
        Part("requestingAgencyPreviousRequestId", "previous_request_id", _ID),
        Part("serviceType", "service_type", OneOf(m.ServiceType)),
        Part("serviceLevel", "level", _WORD),
        Part("preferredFormat", "format", _WORD, _OLD),
        Part("itemFormat", "format", _WORD, _NEW),
        Part("needBeforeDate", "needed_by", _INSTANT),
        Part("note", "note", _TEXT),
    ),
)
SUPPLIER = Layout(
    m.SupplierInfo,
    (
        Part("supplierCode", "agency", AGENCY),
        *_texts(call_number="callNumber", holdings="summaryHoldings", availability="availabilityNote"),
    ),
)
PHYSICAL = Layout(
    m.PhysicalAddress,
    _texts(
        line1="line1",
        line2="line2",
        locality="locality",
        postal_code="postalCode",
        region="region",
        country="country",
    ),
)
ELECTRONIC = Layout(
    m.ElectronicAddress,
    (Part("electronicAddressType", "type", _WORD), Part("electronicAddressData", "data", _TEXT)),
    frozenset({"type", "data"}),
)
ADDRESS = Layout(
    m.Address,
    (Part("electronicAddress", "electronic", ELECTRONIC), Part("physicalAddress", "physical", PHYSICAL)),
)
DESTINATION = Layout(
    m.Destination, (Part("sortOrder", "order", Whole()), Part("address", "address", ADDRESS))
)
REQUESTER = Layout(m.RequestingAgencyInfo, _texts(name="name", contact="contactName"))
PATRON = Layout(
    m.PatronInfo,
    _texts(id="patronId", surname="surname", given_name="givenName", type="patronType"),
)
BILLING = Layout(m.Billing, (Part("maximumCosts", "maximum", COSTS),))
REQUEST = Layout(
    m.Request,
    (
        Part("header", "header", REQUEST_HEADER),
        Part("bibliographicInfo", "bibliography", BIBLIOGRAPHY),
        Part("publicationInfo", "publication", PUBLICATION),
        Part("serviceInfo", "service", SERVICE),
        Part("supplierInfo", "suppliers", SUPPLIER, many=True),
        Part("requestedDeliveryInfo", "destinations", DESTINATION, many=True),
        Part("requestingAgencyInfo", "requester", REQUESTER),
        Part("patronInfo", "patron", PATRON),
        Part("billingInfo", "billing", BILLING),
    ),
    frozenset({"header"}),
)

_REASON = OneOf(m.Reason, ErrorType.UNSUPPORTED_REASON)
_ACTION = OneOf(m.Action, ErrorType.UNSUPPORTED_ACTION)
INFO = Layout(
    m.Info,
    (
        Part("reasonForMessage", "reason", _REASON),
        Part("answerYesNo", "answer", YesNo()),
        Part("note", "note", _TEXT),
        Part("reasonUnfilled", "reason_unfilled", _WORD),
        Part("reasonRetry", "reason_retry", _WORD),
    ),
    frozenset({"reason"}),
)
STATUS_INFO = Layout(
    m.StatusInfo,
    (
        Part("status", "status", OneOf(m.Status)),
        Part("expectedDeliveryDate", "expected", _INSTANT),
        Part("dueDate", "due", _INSTANT),
        Part("lastChange", "last_change", _INSTANT, otherwise=NOT_KNOWN),
    ),
    frozenset({"status"}),
)
_OFFER = Part("offeredCosts", "costs", COSTS, many=True, single_in_old=True)
_AFTER, _BEFORE = Part("retryAfter", "after", _INSTANT), Part("retryBefore", "before", _INSTANT)
_CONDITIONS = Part("loanCondition", "conditions", _WORD, many=True, single_in_old=True)
DELIVERY = Layout(
    m.DeliveryInfo,
    (
        Part("dateSent", "sent_at", _INSTANT, otherwise=NOT_KNOWN),
        Part("itemId", "item_ids", _ID, many=True, single_in_old=True),
        Part("sentVia", "via", _WORD, _OLD),
        Part("deliveryMethod", "via", _WORD, _NEW),
        _CONDITIONS,
        Part("deliveredFormat", "format", _WORD, _OLD),
        Part("itemFormat", "format", _WORD, _NEW),
        Part("deliveryCosts", "costs", COSTS, many=True, single_in_old=True),
    ),
)
RETURN_TO = Layout(
    m.ReturnTo,
    (
        Part("returnAgencyId", "agency", AGENCY),
        Part("name", "name", _TEXT),
        Part("physicalAddress", "address", PHYSICAL),
    ),
)
SUPPLYING = Layout(
    m.SupplyingMessage,
    (
        Part("header", "header", SUPPLYING_HEADER),
        Part("messageInfo", "info", INFO),
        # what 2021 has in an element of its own lies in 1.2 at the end of messageInfo
        Part("messageInfo", "retry", Layout(m.Retry, (_OFFER, _AFTER, _BEFORE)), _OLD),
        Part("statusInfo", "status_info", STATUS_INFO),
        Part("retryInfo", "retry", Layout(m.Retry, (_CONDITIONS, _OFFER, _BEFORE, _AFTER)), _NEW),
        Part("deliveryInfo", "delivery", DELIVERY),
        Part(
            "shippingInfo",
            "shipping",
            Layout(
                m.Shipping,
                (Part("courierName", "courier", _WORD), Part("trackingId", "tracking", _WORD, many=True)),
            ),
            _NEW,
        ),
        Part("returnInfo", "return_to", RETURN_TO),
    ),
    frozenset({"header", "info", "status_info"}),
)
REQUESTING = Layout(
    m.RequestingMessage,
    (
        Part("header", "header", REQUESTING_HEADER),
        Part("action", "action", _ACTION),
        Part("note", "note", _TEXT),
    ),
    frozenset({"header", "action"}),
)

CONFIRMATION_HEADER = Layout(
    m.ConfirmationHeader,
    (
        *_AGENCIES,
        Part("timestamp", "timestamp", _INSTANT, otherwise=NOT_KNOWN),
        Part("requestingAgencyRequestId", "request_id", _ID),
        Part("timestampReceived", "received", Echo(), otherwise=NOT_KNOWN),
        Part("messageStatus", "status", OneOf(m.MessageStatus)),
    ),
    frozenset({"status"}),
)
_HEAD = Part("confirmationHeader", "header", CONFIRMATION_HEADER)
_ERRORS = Part(
    "errorData",
    "errors",
    Layout(
        m.Error,
        (Part("errorType", "type", OneOf(m.ErrorType)), Part("errorValue", "value", _TEXT)),
        frozenset({"type"}),
    ),
    many=True,
    single_in_old=True,
)
_HEADED = frozenset({"header"})

#: the element of each kind of message, and what lies in it
KINDS: dict[str, Layout] = {
    "request": REQUEST,
    "supplyingAgencyMessage": SUPPLYING,
    "requestingAgencyMessage": REQUESTING,
    "requestConfirmation": Layout(m.RequestConfirmation, (_HEAD, _ERRORS), _HEADED),
    "supplyingAgencyMessageConfirmation": Layout(
        m.SupplyingConfirmation,
        (_HEAD, Part("reasonForMessage", "reason", _REASON), _ERRORS),
        _HEADED,
    ),
    "requestingAgencyMessageConfirmation": Layout(
        m.RequestingConfirmation,
        (_HEAD, Part("action", "action", _ACTION), _ERRORS),
        _HEADED,
    ),
}
ELEMENT_OF = {layout.make: element for element, layout in KINDS.items()}
