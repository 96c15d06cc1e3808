"""What the office's first page is given: what waits for a decision, or for another try."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ill_broker.pages.frame import local_day
from ill_broker.pages.libraries import library_name
from ill_broker.pages.office.told import moment
from ill_broker.storage.inbox import Message
from ill_broker.storage.journal import OpenProposal
from ill_broker.storage.outbox import Entry
from ill_broker.texts.days_and_amounts import said_amount, said_day
from ill_broker.web.language import page_language

#: of what somebody else's system said
_WORDS = 300


def shown_proposals(proposals: Iterable[OpenProposal]) -> list[dict[str, Any]]:
    """Return what readers' desks ask lenders to let off."""
    spoken = page_language()
    return [
        {
            "id": each.posted.entry.id,
            "lender": library_name(each.posted.lender),
            "amount": said_amount(asked, spoken) if (asked := each.posted.entry.posting.proposed) else "",
            "reason": each.posted.entry.posting.reason or "",
            "day": said_day(local_day(each.posted.entry.posted_at), spoken),
        }
        for each in proposals
    ]


def shown_letters(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return what could not be delivered."""
    return [
        {
            "id": each.id,
            "to": library_name(each.library) if each.library else "",
            "number": each.number or "",
            "failure": (each.last_failure or "")[:_WORDS],
            "attempts": each.attempts,
            "at": moment(each.created_at),
        }
        for each in entries
    ]


def shown_messages(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Return what partners said and could not be applied."""
    return [
        {
            "id": each.message_id,
            "code": each.library,
            "library": library_name(each.library),
            "status": each.status or "",
            "number": each.number or "",
            "reason": (each.reason or "")[:_WORDS],
            "at": moment(each.received_at),
        }
        for each in messages
    ]
