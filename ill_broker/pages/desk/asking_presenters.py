"""What the templates of asking for a reader are given: works, who would lend them, and when."""

from __future__ import annotations

from typing import Any

from ill_broker.pages.frame import me
from ill_broker.pages.libraries import library_name
from ill_broker.pages.patron.presenters import shown_citation
from ill_broker.services.discovery.fan_out import MemberState
from ill_broker.services.discovery.paging import Wanted, page
from ill_broker.services.discovery.record import Search
from ill_broker.services.discovery.search import Discovery
from ill_broker.texts.days_and_amounts import said_amount, said_day
from ill_broker.texts.reasons import why
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.discovery.offers import Offer, own_copies
from workflows.discovery.works import Work

#: the books that a page shows: those that fit best
_FIRST = Wanted()


def shown_search(search: Search) -> dict[str, Any]:
    """Return a search as far as it has come."""
    asked = [one for one in search.members if one.state is not MemberState.NOT_SEARCHABLE]
    return {
        "id": search.id,
        "text": search.query.text or search.query.isbn or "",
        "is_finished": search.is_finished,
        "asked": len(asked),
        "answered": sum(one.state is not MemberState.WAITING for one in asked),
        "total": search.works_total,
        "works": [_line(one) for one in page(search, _FIRST).works],
    }


def _line(work: Work) -> dict[str, Any]:
    offers = _offers(work)
    return {
        "id": work.id,
        "cited": shown_citation(work.citation),
        "own": _own(work),
        "lenders": sum(one.is_lendable for one in offers),
        "why_not": _why_not(offers),
    }


def shown_work(work: Work) -> dict[str, Any]:
    """Return a work with who would lend it in the order in which they would be asked, and who would not."""
    offers = _offers(work)
    return {
        "work_id": work.id,
        "cited": shown_citation(work.citation),
        "own": _own(work),
        "desk": library_name(me().library),
        "offers": [_offer(one) for one in offers if one.is_lendable],
        "others": [
            (library_name(one.lender), why(one.reason, page_language()))
            for one in offers
            if not one.is_lendable and one.reason and one.lender != me().library
        ],
    }


def _offers(work: Work) -> tuple[Offer, ...]:
    return service(Discovery).offers(work, me(), now())


def _offer(one: Offer) -> dict[str, Any]:
    spoken = page_language()
    return {
        "library": library_name(one.lender),
        "expected": said_day(one.expected, spoken) if one.expected else "",
        "due": said_day(one.due, spoken) if one.due else "",
        "fine": said_amount(one.fine_rate, spoken) if one.fine_rate else "",
    }


def _own(work: Work) -> str | None:
    """Return the shelf of a copy of the desk's own library that is in; None if there is none."""
    shelves = [one.call_number or "" for one in own_copies(work, me().library) if one.available is True]
    return shelves[0] if shelves else None


def _why_not(offers: tuple[Offer, ...]) -> str:
    first = next((one.reason for one in offers if one.reason), None)
    return why(first, page_language()) if first and not any(one.is_lendable for one in offers) else ""
