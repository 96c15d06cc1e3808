"""From our words to a supplier's messages, and from a requester's messages to what it wants."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from connectors.iso18626 import messages as m
from connectors.iso18626.messages import Action, Reason, Revision, Status
from connectors.partner_ports import PartnerAction, Wants
from workflows.requests.commands import ReportedStatus

if TYPE_CHECKING:
    from datetime import date, tzinfo

    from connectors.iso18626.mapping import IsoProfile
    from connectors.partner_ports import TellRequester
    from workflows.requests.requester_messages import News

_LONGEST_NOTE = 2000
#: actions that are taken; a book lent on elsewhere, or held where it is, is nothing we could follow
_WANTS = {
    Action.STATUS_REQUEST: Wants.STATUS,
    Action.RECEIVED: Wants.RECEIVED,
    Action.CANCEL: Wants.CANCEL,
    Action.RENEW: Wants.RENEW,
    Action.SHIPPED_RETURN: Wants.RETURNED,
    Action.LOST: Wants.LOST,
    Action.NOTIFICATION: Wants.NOTE,
}


def action(message: m.RequestingMessage) -> PartnerAction | None:
    """Return what a requester wants of us; None if nothing here does that."""
    wants = _WANTS.get(message.action)
    if wants is None:
        return None
    header = message.header
    return PartnerAction(
        wants=wants, request_id=header.request_id, said_at=header.timestamp, note=message.note
    )


def supplying(message: TellRequester, profile: IsoProfile) -> m.SupplyingMessage:
    """Return *message* in ISO 18626; here we are the supplier, and the partner asks."""
    news = message.news
    return m.SupplyingMessage(
        header=m.Header(
            supplying=profile.our_agency,
            requesting=profile.their_agency,
            timestamp=message.at,
            request_id=message.request_id,
            supplier_request_id=message.our_request_id,
        ),
        info=_info(news, profile.revision),
        status_info=m.StatusInfo(
            status=Status(news.status.value), due=_end_of(news.due, profile.zone), last_change=news.changed
        ),
        retry=m.Retry(conditions=(news.reason,)) if _has_terms(news, profile) and news.reason else None,
        delivery=_delivery(news),
        shipping=m.Shipping(tracking=(news.tracking,)) if news.tracking else None,
    )


def _info(news: News, revision: Revision) -> m.Info:
    is_retry = news.status is ReportedStatus.RETRY_POSSIBLE
    # 1.2 has no place for a parcel's number but the note
    tracking = f"tracking: {news.tracking}" if news.tracking and revision is Revision.V1_2 else None
    note = "; ".join(filter(None, (news.note, tracking)))[:_LONGEST_NOTE]
    return m.Info(
        reason=Reason(news.why.value),
        answer=news.answer,
        note=note or None,
        reason_unfilled=news.reason if news.status is ReportedStatus.UNFILLED else None,
        reason_retry=news.reason if is_retry else None,
    )


def _has_terms(news: News, profile: IsoProfile) -> bool:
    return news.status is ReportedStatus.RETRY_POSSIBLE and profile.revision is Revision.V2021


def _delivery(news: News) -> m.DeliveryInfo | None:
    if news.sent is None:
        return None
    return m.DeliveryInfo(sent_at=news.sent, item_ids=(news.barcode,) if news.barcode else ())


def _end_of(day: date | None, zone: tzinfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time(23, 59, 59), zone)
