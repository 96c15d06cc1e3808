"""What the templates of requests are given: words, days and amounts, never records."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from ill_broker.pages.frame import local_day, me
from ill_broker.pages.libraries import library_name
from ill_broker.services.requests.overview import Overview
from ill_broker.texts.catalogue import say, say_count
from ill_broker.texts.days_and_amounts import said_amount, said_day, said_days
from ill_broker.texts.policy_values import translated
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.citation import Citation
from workflows.money import Money
from workflows.requests.journey import journey
from workflows.requests.lifecycle import Outcome, Status, Step
from workflows.requests.permissions import actions
from workflows.requests.request import Deadline, Request

#: what is to be done by the end of a day is not to be done on the next
_A_SECOND = timedelta(seconds=1)


def shown_citation(cited: Citation) -> dict[str, str]:
    """Return what a book is called, by whom, and where it came out."""
    parts = (cited.edition, cited.publisher, cited.year and str(cited.year))
    return {
        "title": cited.title if not cited.volume else f"{cited.title} {cited.volume}",
        "author": cited.author or "",
        "published": ", ".join(part for part in parts if part),
        "isbn": cited.isbn or "",
    }


def _day(day: date | None) -> str:
    return said_day(day, page_language(), weekday=True) if day else ""


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
        "can_lose": Step.REPORT_LOSS in possible and request.instants.lost_reported is None,
        "can_choose_pickup": Step.CHOOSE_PICKUP in possible,
        "can_name_agent": request.is_open and request.instants.handover is None,
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
    match request.status:
        case Status.ARRIVED | Status.NOTIFIED if request.hold_until:
            return _said("kept", day=_day(request.hold_until))
        case Status.IN_TRANSIT:
            coming = service(Overview).expected(request, now=now())
            days = said_days(coming.first, coming.last, page_language()) if coming else ""
            return _said("expected", days=days) if coming else _said("late_on_the_road")
        case Status.SUBMITTED | Status.CONDITIONAL | Status.ACCEPTED if request.alarm:
            by = {Deadline.ANSWER: "answer", Deadline.CONDITIONS: "conditions", Deadline.SHIPPING: "shipping"}
            name = by.get(request.alarm.what)
            return _said(name, day=_day(local_day(request.alarm.at - _A_SECOND))) if name else ""
        case Status.ON_LOAN if request.due:
            return _due(request.due, today)
    return ""


def _due(due: date, today: date) -> str:
    left = (due - today).days
    counted = say_count("count.days", page_language(), abs(left))
    name = "due" if left > 0 else "due_today" if left == 0 else "overdue"
    return _said(name, day=_day(due), days=counted)


def _said(name: str, **facts: str) -> str:
    return say(f"request_next.{name}", page_language(), facts)


def status_words() -> dict[str, str]:
    """Return the word of each status and outcome, and of what may be done in a line."""
    spoken = page_language()
    words = {each.value: say(f"request_status.{each}", spoken) for each in (*Status, *Outcome)}
    done = {"answer": say("request_page.answer", spoken), "renew": say("request_page.renew", spoken)}
    return words | done


def site_words(site: str) -> str:
    """Return what a pick-up site is called."""
    return translated(site, page_language()).replace("_", " ")


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
    fine = told["answer"]["fine"]
    so_far = Money.parse(fine["amount"], fine["currency"]) if fine and fine["amount"] else None
    return {
        "stretches": stretches,
        "why_due": why_due,
        "why_fine": told["fine"]["text"][spoken],
        "fine": said_amount(so_far, spoken) if so_far else "",
    }


#: squares of one stretch; what is longer says so in words
_MOST_DAYS = 90
