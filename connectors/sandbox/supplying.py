"""A sandbox library's reports as supplying agency messages of ISO 18626, in the revision it was asked in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from connectors.failures import Garbled, Refused, Unreadable
from connectors.iso18626 import codec
from connectors.iso18626 import messages as m
from workflows.requests.commands import ReportedStatus

if TYPE_CHECKING:
    from connectors.partner_ports import StatusReport

_REASONS = {
    "request.ask": m.Reason.REQUEST_RESPONSE,
    "request.conditions_accepted": m.Reason.REQUEST_RESPONSE,
    "request.cancel": m.Reason.CANCEL_RESPONSE,
    "request.renew": m.Reason.RENEW_RESPONSE,
    "request.status_question": m.Reason.STATUS_REQUEST_RESPONSE,
}
#: What a cancellation or renewal comes to if the answer is yes.
_YES = {
    m.Reason.CANCEL_RESPONSE: ReportedStatus.CANCELLED,
    m.Reason.RENEW_RESPONSE: ReportedStatus.LOANED,
}


@dataclass(frozen=True, slots=True)
class Thread:
    """What all messages about one request bear: the names of both sides, and the revision."""

    requesting: m.AgencyId
    supplying: m.AgencyId
    revision: m.Revision


def message(report: StatusReport, thread: Thread, *, answers: str | None) -> bytes:
    """Return *report* on the wire; the same report is always the same letter by letter."""
    reason = _REASONS.get(answers or "", m.Reason.STATUS_CHANGE)
    is_retry = report.status is ReportedStatus.RETRY_POSSIBLE
    is_unfilled = report.status is ReportedStatus.UNFILLED
    has_terms = report.reason == "LoanCondition" and bool(report.note)
    info = m.Info(
        reason=reason,
        answer=report.status is _YES[reason] if reason in _YES else None,
        # only the newer revision has a place of its own for conditions
        note=None if has_terms and thread.revision is m.Revision.V2021 else report.note,
        reason_unfilled=report.reason if is_unfilled else None,
        reason_retry=report.reason if is_retry else None,
    )
    said = m.SupplyingMessage(
        header=_header(report, thread),
        info=info,
        status_info=m.StatusInfo(
            status=m.Status(report.status.value), due=_due(report), last_change=report.occurred_at
        ),
        retry=m.Retry(conditions=(report.note or "",)) if is_retry and has_terms else None,
        delivery=_delivery(report),
        shipping=m.Shipping(tracking=(report.tracking,)) if report.tracking else None,
    )
    return codec.encode(said, thread.revision)


def check_confirmation(library: str, body: bytes) -> None:
    """Make sure that *body* confirms a message.

    :raises Garbled: if it confirms nothing
    :raises Refused: if the broker did not take the message
    """
    try:
        confirmed = codec.decode(body).message
    except Unreadable as error:
        raise Garbled(library, str(error)) from error
    if not isinstance(confirmed, m.SupplyingConfirmation):
        raise Garbled(library, f"confirmed by {type(confirmed).__name__}")
    if confirmed.header.status is m.MessageStatus.ERROR:
        raise Refused(library, "; ".join(f"{error.type}: {error.value}" for error in confirmed.errors))


def _header(report: StatusReport, thread: Thread) -> m.Header:
    return m.Header(
        supplying=thread.supplying,
        requesting=thread.requesting,
        timestamp=report.said_at,
        request_id=report.request_id or "",
        supplier_request_id=report.lender_request_id,
    )


def _due(report: StatusReport) -> datetime | None:
    day = report.lender_due_date
    return None if day is None else datetime.combine(day, time(12), UTC)


def _delivery(report: StatusReport) -> m.DeliveryInfo | None:
    if report.status is not ReportedStatus.LOANED:
        return None
    items = (report.item_barcode,) if report.item_barcode else ()
    return m.DeliveryInfo(sent_at=report.occurred_at, item_ids=items, via="Mail")
