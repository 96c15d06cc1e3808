"""What the desk's pages about typed requests are given: words, days and addresses, never records."""

from __future__ import annotations

from typing import Any

from ill_broker.pages.frame import me
from ill_broker.pages.libraries import choices, library_name
from ill_broker.pages.patron import typed_presenters
from ill_broker.pages.patron.presenters import shown_citation
from ill_broker.services.discovery.fan_out import MemberState
from ill_broker.services.discovery.paging import Page
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.requests.typed import SeenTyped
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_day
from ill_broker.texts.reasons import why
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.discovery.offers import Offer, own_copies
from workflows.discovery.works import Work
from workflows.requests.typed import Declined, TypedStatus

#: the lists that a desk may look at
LISTED = tuple(
    each.value for each in (TypedStatus.WAITING, TypedStatus.ASKED, TypedStatus.MATCHED, TypedStatus.DECLINED)
)


def shown_typed(seen: SeenTyped) -> dict[str, Any]:
    """Return what the desk sees of one: the same as its reader, and whose it is."""
    reader = seen.patron and {
        "id": seen.patron.id,
        "name": seen.patron.name,
        "mobile": seen.patron.mobile,
        "card": seen.patron.card_number,
    }
    words = say(f"desk.typed.status.{seen.typed.status}", page_language())
    told = {"reader": reader, "request": seen.typed.request, "words": words, "by": seen.by_name or ""}
    return typed_presenters.shown_typed(seen) | told


def reasons() -> list[tuple[str, str]]:
    """Return why nothing can be done, to choose from."""
    return [(each.value, say(each.message, page_language())) for each in Declined]


def lenders(seen: SeenTyped) -> list[tuple[str, str]]:
    """Return the libraries that may be asked by hand."""
    return [(code, name) for code, name in choices() if code != seen.typed.library]


def shown_found(found: Page) -> dict[str, Any]:
    """Return a page of a search of the desk's as far as it has come."""
    search = found.search
    asked = [one for one in search.members if one.state is not MemberState.NOT_SEARCHABLE]
    works = [_work(work) for work in found.works]
    first = next((work["id"] for work in works if work["offers"]), "")
    return {
        "search_id": search.id,
        "is_finished": search.is_finished,
        "members": len(asked),
        "answered": sum(one.state is not MemberState.WAITING for one in asked),
        "total": search.works_total,
        "works": works,
        "first": first,
        "next": str(found.next) if found.next else "",
    }


def _work(work: Work) -> dict[str, Any]:
    terms = service(Discovery).offers(work, me(), now())
    own = own_copies(work, me().library)
    return {
        "id": work.id,
        "cited": shown_citation(work.citation),
        "own": (own[0].call_number or "") if own else None,
        "offers": [_offer(one) for one in terms if one.is_lendable],
        "others": [_offer(one) for one in terms if not one.is_lendable and one.lender != me().library],
    }


def _offer(one: Offer) -> dict[str, Any]:
    spoken = page_language()
    return {
        "lender": one.lender,
        "name": library_name(one.lender),
        "expected": said_day(one.expected, spoken) if one.expected else "",
        "is_in": one.holding.available,
        "call_number": one.holding.call_number or "",
        "why_not": why(one.reason, spoken) if one.reason else "",
    }
