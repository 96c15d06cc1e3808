"""From our words to messages of ISO 18626, and from a supplier's messages to its report."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, replace
from datetime import datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors import forms, ports
from connectors.failures import Defect, Unreadable
from connectors.iso18626 import messages as m
from connectors.iso18626.messages import Action, AgencyId, Reason, Revision, Status
from connectors.partner_ports import StatusReport
from workflows.policies.forms import Kind, record, told
from workflows.requests.commands import ReportedStatus

if TYPE_CHECKING:
    from datetime import date, tzinfo

    from connectors.addresses import Reach
    from workflows.citation import Citation
    from workflows.policies.document import Place


#: the name of a header of HTTP
HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")


def agency(text: str) -> AgencyId:
    """Return the agency that "ISIL:CN-110001" names; without a type before it, it is an ISIL.

    :raises ValueError: if it names none
    """
    kind, _, value = text.rpartition(":")
    if not value.strip():
        raise ValueError(text)
    return AgencyId(value.strip(), kind.strip() or "ISIL")


def _check_agency(place: Place, _: Reach | None) -> None:
    place.text()
    if isinstance(place.value, str) and not place.value.rpartition(":")[2].strip():
        place.refuse("bad_text")


_AGENCY = Kind(check=_check_agency, read=lambda text, _: agency(text))
_REVISION = replace(forms.one_of(*(one.value for one in Revision)), read=lambda value, _: Revision(value))
_ZONE = replace(forms.zone, read=lambda name, _: ZoneInfo(name))


@record
class IsoProfile:
    """One endpoint for all messages, the two agencies, and what proves us to the partner."""

    _: KW_ONLY
    url: str = told(forms.url)
    our_agency: AgencyId = told(_AGENCY, required=True)
    their_agency: AgencyId = told(_AGENCY, required=True)
    revision: Revision = told(_REVISION, default=Revision.V1_2)
    #: where a due date of theirs is a day
    zone: ZoneInfo = told(_ZONE, default=ZoneInfo("Asia/Shanghai"))
    #: the header that carries the token, and the token; None where the network is proof enough
    token_header: str = told(forms.shaped(HEADER), default="authorization")
    token: str | None = told(forms.secret, default=None)
    #: requestingAgencyAuthentication, where the partner wants it
    account: str | None = told(forms.text(), default=None)
    security_code: str | None = told(forms.secret, default=None)


_LONGEST_ID, _LONGEST_NOTE = 200, 2000

#: what each message says as an action; what is missing here is a notification
_ACTIONS: dict[type[ports.Envelope], Action] = {
    ports.CancelAsk: Action.CANCEL,
    ports.RejectConditions: Action.CANCEL,
    ports.TellReceived: Action.RECEIVED,
    ports.TellReturned: Action.SHIPPED_RETURN,
    ports.TellRenew: Action.RENEW,
    ports.TellLost: Action.LOST,
    ports.StatusQuestion: Action.STATUS_REQUEST,
}
_ONLY_2021 = frozenset({Action.LOST, Action.HOLD_RETURN})

#: statuses without a place in a loan of ours, and what they come to
_OTHER_WORDS = {
    # the supplier made a copy and is done: no book will come, so the next lender has its turn
    Status.COPY_COMPLETED: ReportedStatus.UNFILLED,
    # the supplier stops or resumes the way back of a book that is still on loan
    Status.HOLD_RETURN: ReportedStatus.LOANED,
    Status.RELEASE_HOLD_RETURN: ReportedStatus.LOANED,
}
#: messages that tell of the sending itself, so that dateSent is when it happened
_TELLS_OF_SENDING = frozenset({Reason.REQUEST_RESPONSE, Reason.STATUS_CHANGE})
_ANSWERS = {Reason.CANCEL_RESPONSE: "cancellation refused", Reason.RENEW_RESPONSE: "renewal refused"}


# ---------------------------------------------------------------- what we say


def business(message: ports.Message, profile: IsoProfile) -> m.Request | m.RequestingMessage:
    """Return *message* in ISO 18626.

    Its timestamp is that of what it tells, so that a message sent again is the same letter by letter.
    """
    match message:
        case ports.AskToSupply():
            kind = m.RequestType.RETRY if message.is_retry else m.RequestType.NEW
            return _request(message, profile, kind, message.note)
        case ports.AcceptConditions(ask=ports.AskToSupply() as ask):
            note = "; ".join(filter(None, ("conditions accepted", message.condition, message.note)))
            return _request(ask, profile, m.RequestType.RETRY, note)
        case _:
            return _requesting(message, profile)


def _request(ask: ports.AskToSupply, profile: IsoProfile, kind: m.RequestType, note: str | None) -> m.Request:
    held = ask.holding
    return m.Request(
        header=_header(ask, profile),
        bibliography=_bibliography(ask.citation, held.record_id if held else None),
        publication=_publication(ask.citation),
        service=m.Service(
            request_type=kind,
            # a retry keeps the id of what it repeats, so that one request has one id for good
            previous_request_id=ask.request_id if kind is m.RequestType.RETRY else None,
            service_type=m.ServiceType.LOAN,
            needed_by=_end_of(ask.needed_by, profile.zone),
            note=note,
        ),
        suppliers=(m.SupplierInfo(call_number=held.call_number),) if held and held.call_number else (),
        destinations=(_destination(ask.desk),),
        requester=m.RequestingAgencyInfo(name=ask.desk.name or None),
    )


def _header(message: ports.Envelope, profile: IsoProfile) -> m.Header:
    return m.Header(
        supplying=profile.their_agency,
        requesting=profile.our_agency,
        timestamp=message.at,
        request_id=message.request_id,
        supplier_request_id=message.lender_request_id,
        account=profile.account,
        security_code=profile.security_code,
    )


def _bibliography(citation: Citation, record_id: str | None) -> m.Bibliography:
    numbers = (("ISBN", citation.isbn), ("ISSN", citation.issn))
    return m.Bibliography(
        record_id=record_id,
        title=citation.title,
        author=citation.author,
        edition=citation.edition,
        volumes=(citation.volume,) if citation.volume else (),
        item_ids=tuple(m.Identifier(code, number) for code, number in numbers if number),
    )


def _publication(citation: Citation) -> m.Publication:
    year = str(citation.year) if citation.year else None
    return m.Publication(publisher=citation.publisher, type="Book", date=year)


def _destination(desk: ports.Desk) -> m.Destination:
    lines = [line.strip() for line in desk.address.splitlines() if line.strip()] or [desk.name]
    physical = m.PhysicalAddress(line1=lines[0], line2=", ".join(lines[1:]) or None)
    return m.Destination(order=1, address=m.Address(physical=physical))


def _end_of(day: date | None, zone: tzinfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time(23, 59, 59), zone)


def _requesting(message: ports.Telling, profile: IsoProfile) -> m.RequestingMessage:
    action = _ACTIONS.get(type(message), Action.NOTIFICATION)
    is_unknown = action in _ONLY_2021 and profile.revision is Revision.V1_2
    return m.RequestingMessage(
        header=_header(message, profile),
        action=Action.NOTIFICATION if is_unknown else action,
        note=_shown(message),
    )


def _shown(message: ports.Telling) -> str | None:
    """Return in words what the action leaves open."""
    match message:
        case ports.CancelAsk():
            said = message.reason
        case ports.AcceptConditions():
            said = f"conditions accepted: {message.condition or 'all'}"
        case ports.RejectConditions():
            said = f"conditions rejected: {message.condition or 'all'}"
        case ports.TellReturned():
            said = f"tracking: {message.tracking}" if message.tracking else None
        case ports.TellDueDate():
            said = f"will be back by {message.lender_due}" if message.lender_due else None
        case ports.TellRenew():
            said = f"until {message.until}" if message.until else None
        case ports.TellLost():
            said = f"lost: {message.item_barcode or 'the item'}"
        case ports.TellDamaged():
            said = f"damaged: {message.item_barcode or 'the item'}"
        case _:
            said = None
    return "; ".join(filter(None, (said, message.note))) or None


# ---------------------------------------------------------------- what suppliers say


def report(message: m.SupplyingMessage, *, zone: tzinfo) -> StatusReport:
    """Return what a supplier claims; terms and refusals that have no place of their own are in its note.

    :param zone: where a due date is a day
    :raises Unreadable: if it does not tell when
    """
    info, delivery = message.info, message.delivery or m.DeliveryInfo()
    last_change = message.status_info.last_change or message.header.timestamp
    if last_change is None:
        raise Unreadable(Defect("statusInfo/lastChange", "neither it nor a timestamp says when"))
    tracking = ", ".join(message.shipping.tracking) if message.shipping else ""
    due = message.status_info.due
    return StatusReport(
        status=_status(message),
        occurred_at=_sent_at(message) or last_change,
        said_at=message.header.timestamp or last_change,
        request_id=message.header.request_id,
        lender_request_id=message.header.supplier_request_id,
        item_barcode=next(iter(delivery.item_ids), None),
        lender_due_date=None if due is None else _day(due, zone),
        tracking=tracking[:_LONGEST_ID] or None,
        reason=_reason(message),
        note=_note(message, zone),
        answer=info.answer if info.reason in _ANSWERS else None,
    )


def _status(message: m.SupplyingMessage) -> ReportedStatus:
    info, status = message.info, message.status_info.status
    if info.reason is Reason.CANCEL_RESPONSE and info.answer:
        return ReportedStatus.CANCELLED
    return _OTHER_WORDS.get(status) or ReportedStatus(status.value)


def _sent_at(message: m.SupplyingMessage) -> datetime | None:
    """Return when the book was sent, where the message is about that."""
    is_loaned = message.status_info.status is Status.LOANED
    if not is_loaned or message.info.reason not in _TELLS_OF_SENDING or message.delivery is None:
        return None
    return message.delivery.sent_at


def _reason(message: m.SupplyingMessage) -> str | None:
    info, status = message.info, message.status_info.status
    if status is Status.RETRY_POSSIBLE:
        return info.reason_retry or _kind_of_terms(message.retry or m.Retry())
    if status in _OTHER_WORDS:
        return status.value
    return info.reason_unfilled if status is Status.UNFILLED else None


def _kind_of_terms(retry: m.Retry) -> str | None:
    """Return the reason for a retry that its terms imply."""
    if retry.conditions:
        return "LoanCondition"
    return "CostExceedsMaxCost" if retry.costs else None


def _note(message: m.SupplyingMessage, zone: tzinfo) -> str | None:
    info, retry = message.info, message.retry or m.Retry()
    conditions = retry.conditions or (message.delivery.conditions if message.delivery else ())
    parts = [
        _ANSWERS.get(info.reason) if info.answer is False else None,
        info.note,
        *conditions,
        *(f"{cost.amount:f} {cost.currency}" for cost in retry.costs),
        retry.after and f"not before {_day(retry.after, zone)}",
        retry.before and f"not after {_day(retry.before, zone)}",
        message.status_info.expected and f"expected {_day(message.status_info.expected, zone)}",
    ]
    return "; ".join(part for part in parts if part)[:_LONGEST_NOTE] or None


def _day(instant: datetime, zone: tzinfo) -> date:
    """Return the day on which *instant* falls; at the ends of the calendar, that of its own offset."""
    try:
        return instant.astimezone(zone).date()
    except (OverflowError, ValueError):
        return instant.date()
