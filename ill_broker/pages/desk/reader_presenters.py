"""What the templates of a reader at the desk are given: words, days and amounts, never records."""

from __future__ import annotations

from typing import Any

from ill_broker.pages.desk.card_presenters import shown_card
from ill_broker.pages.desk.case_presenters import shown_cases, shown_found_later
from ill_broker.pages.frame import local_day, me
from ill_broker.pages.libraries import library_name
from ill_broker.pages.patron.money import shown_account
from ill_broker.pages.patron.presenters import shown_request, status_words
from ill_broker.services.accounts.account import Accounts
from ill_broker.services.cards.overview import CardOverview
from ill_broker.services.people.enrolment import DeskEnrolment
from ill_broker.services.privileges.borrowing import Borrowing, SeenCategory, SeenEntry
from ill_broker.services.privileges.patron_view import decides_for, knows_by_name
from ill_broker.services.requests.overview import Overview
from ill_broker.texts.days_and_amounts import said_day
from ill_broker.texts.policy_values import translated
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.eligibility.privileges import PermissionGiven, SuspensionImposed
from workflows.patrons import Patron
from workflows.requests.lifecycle import Step
from workflows.requests.permissions import Relation, actions, relations
from workflows.requests.request import Request

#: requests and cards of one reader that are looked at
_MOST = 100
#: the one thing that a reader comes to the desk for, by what may be done; what comes first is it
_COMES_FOR = {Step.HAND_OVER: "handover", Step.RENEW: "renewal", Step.CANCEL: "cancellation"}


def shown_page(reader: Patron, done: str | None) -> dict[str, Any]:
    """Return all that a desk sees of a reader.

    :param done: the request with which something was just done
    """
    seen = service(Overview).page(me(), limit=_MOST, role="desk", patron=reader.id).items
    requests = [each.request for each in seen]
    lines = [_line(each) for each in requests]
    account = shown_account(service(Accounts).show(reader.id, me(), now=now(), limit=1))
    cards = service(CardOverview).page(me(), now=now(), limit=_MOST, role="desk", patron=reader.id)
    owed = [one["lender"] for one in account["balances"] if one["is_owed"] and knows_by_name(me(), reader)]
    waiting = [one["id"] for one in lines if one["step"] == "handover"]
    return {
        "reader": shown_reader(reader),
        # what is most likely wanted: the book that waits, then the money that is owed
        "first": next(iter([*waiting, *owed]), ""),
        "requests": [one for one in lines if not one["is_closed"]],
        "closed": [one for one in lines if one["is_closed"]],
        "done": next((one for one in lines if one["id"] == done), None),
        "status_words": status_words(),
        "cases": shown_cases(requests),
        "paid_as_lost": shown_found_later(requests),
        "can_report": any(Step.OPEN_CASE in actions(me(), each) for each in requests),
        "balances": account["balances"],
        "accruing": account["accruing"],
        "cards": [shown_card(each) for each in cards.items],
        "registered": _registered(reader),
        **_privileges(reader),
    }


def _registered(reader: Patron) -> dict[str, str] | None:
    """Return when the library's own desk or the reader registered, and who of the desk; None elsewhere."""
    if not knows_by_name(me(), reader):
        return None
    known = service(DeskEnrolment).registered(reader.id, me())
    return {"day": said_day(local_day(known.at), page_language()), "by": known.by_name or ""}


def shown_reader(reader: Patron) -> dict[str, Any]:
    """Return who somebody is; of another library's reader a lender learns the card alone."""
    is_ours = knows_by_name(me(), reader)
    verified = said_day(local_day(reader.verified_at), page_language()) if reader.verified_at else ""
    return {
        "id": reader.id,
        "is_ours": is_ours,
        "name": reader.name if is_ours else "",
        "card_number": reader.card_number,
        "library": library_name(reader.home),
        "mobile": reader.mobile if is_ours else "",
        "email": reader.email if is_ours else "",
        "verified": verified,
    }


def _line(request: Request) -> dict[str, Any]:
    possible = actions(me(), request)
    steps = (words for step, words in _COMES_FOR.items() if step in possible)
    is_here = Relation.DESK in relations(me(), request)
    return shown_request(request) | {"step": next(steps, ""), "is_here": is_here}


def _privileges(reader: Patron) -> dict[str, Any]:
    told = shown_entries(reader)
    holding = [one for one in told["entries"] if one["holds"]]
    return {
        "suspensions": [one for one in holding if one["is_suspension"]],
        "permissions": [one for one in holding if not one["is_suspension"]],
        "categories": told["categories"],
    }


def shown_entries(reader: Patron) -> dict[str, Any]:
    """Return every suspension and permission, also what has ended, and the categories that were recorded."""
    borrowing = service(Borrowing)
    suspended = borrowing.suspensions(reader.id, me(), now=now())
    permitted = borrowing.permissions(reader.id, me(), now=now())
    known = borrowing.categories(reader.id, me(), now=now())
    return {
        "entries": [_entry(one) for one in (*suspended, *permitted)],
        "categories": [_category(one) for one in known if one.entry is not None],
    }


def _entry(seen: SeenEntry) -> dict[str, Any]:
    event, spoken = seen.made.event, page_language()
    told = {
        "id": event.id,
        "library": library_name(event.library),
        "holds": seen.holds,
        "can_end": seen.holds and decides_for(me(), event.library),
        "day": said_day(local_day(event.at), spoken),
        "by": seen.made.name or "",
        "ended": said_day(local_day(seen.ended.event.at), spoken) if seen.ended else "",
        "why_ended": seen.ended.event.reason if seen.ended else "",
        "is_suspension": isinstance(event, SuspensionImposed),
        "reason": event.reason,
    }
    if isinstance(event, SuspensionImposed):
        told |= {
            "case": translated(event.case, spoken),
            "since": said_day(event.since, spoken),
            "until": said_day(event.until, spoken) if event.until else "",
            # what a loss brings about by itself has a reason that is no person's
            "reason": event.reason if event.request is None else "",
        }
    if isinstance(event, PermissionGiven):
        told |= {"title": event.title, "authority": event.authority}
    return told


def _category(seen: SeenCategory) -> dict[str, Any]:
    return {"library": library_name(seen.library), "label": seen.label}
