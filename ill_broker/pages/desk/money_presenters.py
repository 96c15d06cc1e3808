"""What the templates of money at the desk are given: sums, days and persons in words, never records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ill_broker.pages.frame import local_day, me, zone
from ill_broker.pages.libraries import library_name
from ill_broker.pages.patron.money import noted, shown_posting
from ill_broker.services.accounts import rights
from ill_broker.services.accounts.account import Receipt, Shown
from ill_broker.services.requests.overview import Overview
from ill_broker.storage.journal import Posted
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_amount, said_day
from ill_broker.web.context import service
from ill_broker.web.language import page_language
from workflows.accounts.account import CHARGES, Kind
from workflows.errors import WorkflowError
from workflows.patrons import Patron

#: how a desk is paid
METHODS = ("cash", "bank_card", "mobile", "transfer")
#: what the texts of readers say to themselves
_SAID_TO_READERS = {Kind.DISPUTE, Kind.WAIVER_PROPOSAL}
#: requests whose titles are told beside what they cost
_MOST = 100


def shown_lines(seen: Shown) -> list[dict[str, Any]]:
    """Return charges and payments as lines, each with what the desk may do about it."""
    told = service(Overview).page(me(), limit=_MOST, role="desk", patron=seen.patron.id)
    titles = {each.request.id: each.request.citation.title for each in told.items}
    notes = noted(seen.postings)
    return [shown_posting(each, titles, notes) | _of_desk(each, seen.patron, notes) for each in seen.postings]


def _of_desk(posted: Posted, reader: Patron, notes: dict[Any, Kind]) -> dict[str, Any]:
    kind, entry = posted.entry.posting.kind, posted.entry
    stands = kind is not Kind.REVERSAL and notes.get(entry.id) is not Kind.REVERSAL
    words = {"what": say(f"desk_money.{kind}", page_language())} if kind in _SAID_TO_READERS else {}
    return words | {
        "by": entry.name or "",
        "is_ours": posted.lender == me().library,
        "can_waive": kind in CHARGES and stands,
        "can_reverse": stands and _may(lambda: rights.may_reverse(me(), reader, posted)),
        "has_receipt": kind is Kind.PAYMENT,
        "proposed": said_amount(entry.posting.proposed, page_language()) if entry.posting.proposed else "",
    }


def _may(rule: Callable[[], None]) -> bool:
    """Tell whether a rule refuses nothing."""
    try:
        rule()
    except WorkflowError:
        return False
    return True


def shown_receipt(made: Receipt) -> dict[str, Any]:
    """Return what a receipt says."""
    entry, spoken = made.posted.entry, page_language()
    posting = entry.posting
    return {
        "number": entry.id,
        "desk": library_name(entry.actor.library) or say("desk_money.office", spoken),
        "lender": library_name(made.posted.lender),
        "amount": said_amount(posting.amount, spoken),
        "method": said_method(posting.method or ""),
        "text": posting.text or "",
        "day": said_day(local_day(entry.posted_at), spoken),
        "hour": entry.posted_at.astimezone(zone()).strftime("%H:%M"),
        "clerk": entry.name or "",
        "left": said_amount(entry.balance, spoken),
        "is_reversed": made.reversed_by is not None,
    }


def said_method(method: str) -> str:
    """Return how something was paid."""
    return say(f"desk_money.{method}", page_language()) if method in METHODS else method
