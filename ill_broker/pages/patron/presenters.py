"""What the templates of works and requests are given: words, days and amounts, never records."""

from __future__ import annotations

from datetime import date
from typing import Any

from ill_broker.pages.frame import local_day, me
from ill_broker.pages.libraries import library_name
from ill_broker.services.discovery.fan_out import MemberState
from ill_broker.services.discovery.paging import Wanted, page
from ill_broker.services.discovery.record import Search
from ill_broker.services.discovery.search import Discovery
from ill_broker.texts.catalogue import say, say_count
from ill_broker.texts.days_and_amounts import said_amount, said_day
from ill_broker.texts.reasons import why
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.citation import Citation
from workflows.discovery.offers import Offer, own_copies
from workflows.discovery.works import Work
from workflows.requests.journey import journey
from workflows.requests.lifecycle import Outcome, Status, Step
from workflows.requests.permissions import actions
from workflows.requests.request import Request

#: the books that a page shows: those that fit best
_FIRST = Wanted()


def shown_found(search: Search) -> dict[str, Any]:
    """Return a search as far as it has come."""
    members = [
        {"name": library_name(one.library), "state": one.state.value, "hits": one.hits}
        for one in search.members
        if one.state is not MemberState.NOT_SEARCHABLE
    ]
    return {
        "search_id": search.id,
        "text": search.query.text or search.query.isbn or search.query.title or "",
        "is_finished": search.is_finished,
        "members": members,
        "answered": sum(one["state"] != MemberState.WAITING for one in members),
        "total": search.works_total,
        "works": [_listed(one) for one in page(search, _FIRST).works],
    }


def _listed(work: Work) -> dict[str, Any]:
    terms = service(Discovery).offers(work, me(), now())
    first = next((one for one in terms if one.is_lendable), None)
    return {
        "id": work.id,
        "cited": shown_citation(work.citation),
        "own": _own(work),
        "lenders": sum(one.is_lendable for one in terms),
        "expected": _day(first.expected) if first else "",
        "why_not": why(terms[0].reason, page_language()) if terms and terms[0].reason and not first else "",
    }


def shown_work(work: Work) -> dict[str, Any]:
    """Return a work with each library's offer, in the order in which they would be asked."""
    terms = service(Discovery).offers(work, me(), now())
    home = me().library
    return {
        "work_id": work.id,
        "cited": shown_citation(work.citation),
        "own": _own(work),
        "offers": [_offer(one) for one in terms if one.is_lendable],
        "others": [_offer(one) for one in terms if not one.is_lendable and one.lender != home],
        "desk": library_name(home),
    }


def shown_citation(cited: Citation) -> dict[str, str]:
    """Return what a book is called, by whom, and where it came out."""
    parts = (cited.edition, cited.publisher, cited.year and str(cited.year))
    return {
        "title": cited.title if not cited.volume else f"{cited.title} {cited.volume}",
        "author": cited.author or "",
        "published": ", ".join(part for part in parts if part),
        "isbn": cited.isbn or "",
    }


def _own(work: Work) -> dict[str, Any] | None:
    """Return the reader's own library's first copy: where to walk to."""
    copies = own_copies(work, me().library)
    if not copies:
        return None
    return {"call_number": copies[0].call_number or "", "is_in": copies[0].available is True}


def _offer(one: Offer) -> dict[str, Any]:
    spoken = page_language()
    return {
        "library": library_name(one.lender),
        "expected": _day(one.expected),
        "days": (one.due - one.expected).days if one.due and one.expected else None,
        "due": _day(one.due),
        "is_sure": one.is_sure,
        "fine": said_amount(one.fine_rate, spoken) if one.fine_rate else "",
        "most": said_amount(one.fine_cap, spoken) if one.fine_cap else "",
        "is_in": one.holding.available,
        "why_not": why(one.reason, spoken) if one.reason else "",
    }


def _day(day: date | None) -> str:
    return said_day(day, page_language()) if day else ""


def shown_request(request: Request) -> dict[str, Any]:
    """Return a request in one line: where it is, the next date, and what its reader can do."""
    possible = actions(me(), request)
    today = local_day(now())
    return {
        "id": request.id,
        "number": request.number,
        "cited": shown_citation(request.citation),
        "status": request.outcome.value if request.outcome else request.status.value,
        "mood": _mood(request, today),
        "where": _where(request),
        "next": _next(request, today),
        "is_closed": request.status is Status.CLOSED,
        "asks_for": request.conditions or "" if request.status is Status.CONDITIONAL else "",
        "can_renew": Step.RENEW in possible,
        "can_cancel": Step.CANCEL in possible,
        "can_answer": Step.ANSWER_CONDITIONS in possible,
        "is_being_cancelled": request.cancellation_requested is not None
        and request.status is not Status.CLOSED,
    }


def _mood(request: Request, today: date) -> str:
    if request.status is Status.ON_LOAN and request.due and request.due < today:
        return "bad"
    if request.status in {Status.CONDITIONAL, Status.NOTIFIED, Status.ARRIVED}:
        return "look"
    return "good" if request.status is Status.ON_LOAN else "quiet"


def _where(request: Request) -> str:
    facts = {"lender": library_name(request.lender), "desk": library_name(request.desk)}
    if request.outcome is not None:
        return say(f"request_where.{request.outcome}", page_language(), facts)
    if request.status is Status.SUBMITTED and request.lender is None:
        return say("request_where.looking", page_language())
    return say(f"request_where.{request.status}", page_language(), facts)


def _next(request: Request, today: date) -> str:
    """Return the next date that the reader has to know."""
    spoken = page_language()
    if request.status in {Status.ARRIVED, Status.NOTIFIED} and request.hold_until:
        return say("request_next.kept", spoken, {"day": _day(request.hold_until)})
    if request.status is not Status.ON_LOAN or request.due is None:
        return ""
    left = (request.due - today).days
    counted = say_count("count.days", spoken, abs(left))
    name = "due" if left > 0 else "due_today" if left == 0 else "overdue"
    return say(f"request_next.{name}", spoken, {"day": _day(request.due), "days": counted})


def status_words() -> dict[str, str]:
    """Return the word of each status and outcome, and of what may be done in a line."""
    spoken = page_language()
    words = {each.value: say(f"request_status.{each}", spoken) for each in (*Status, *Outcome)}
    done = {"answer": say("request_page.answer", spoken), "renew": say("request_page.renew", spoken)}
    return words | done


def shown_steps(request: Request) -> list[dict[str, Any]]:
    """Return the seven steps as a line that fills."""
    return [
        {
            "name": say(f"journey.{one.step}", page_language()),
            "is_reached": one.reached,
            "day": said_day(local_day(one.at), page_language(), short=True) if one.at else "",
        }
        for one in journey(request)
    ]


def shown_days(told: dict[str, Any]) -> dict[str, Any]:
    """Return an explanation as sentences, and whose each day was."""
    spoken = page_language()
    stretches = [
        {
            "owner": each["owner"],
            "words": each["text"][spoken],
            "from_day": said_day(date.fromisoformat(each["from"][:10]), spoken, short=True),
            "days": min(sum(span["days"] for span in each["days"]), _MOST_DAYS),
            "counted": each["counted_days"],
        }
        for each in told["custody"]
    ]
    why_due = [step["text"][spoken] for step in told["steps"]]
    return {"stretches": stretches, "why_due": why_due, "why_fine": told["fine"]["text"][spoken]}


#: squares of one stretch; what is longer says so in words
_MOST_DAYS = 90
