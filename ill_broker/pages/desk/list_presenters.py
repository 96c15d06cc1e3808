"""What the templates of a desk's lists are given: words and days, never records."""

from __future__ import annotations

from typing import Any

from ill_broker.pages.frame import local_day
from ill_broker.pages.libraries import library_name
from ill_broker.pages.patron.presenters import shown_citation
from ill_broker.services.requests.desk_lists import DeskRow
from ill_broker.texts.catalogue import say, say_count
from ill_broker.texts.days_and_amounts import said_day
from ill_broker.web.context import now
from ill_broker.web.language import page_language
from workflows.reasons import Attention
from workflows.requests.desk_lists import What
from workflows.requests.lifecycle import Step
from workflows.requests.request import Request, to_see_to

#: what needs nothing but the press of a button
AT_ONCE = (Step.ARRIVE, Step.HAND_OVER, Step.TAKE_BACK, Step.SHIP_BACK)
#: the mood of a day by what it is, as long as it is not past
_MOODS = {What.LAST_DAY: "look", What.DUE: "quiet"}


def shown_row(row: DeskRow) -> dict[str, Any]:
    """Return a request as a list shows it."""
    request, spoken = row.request, page_language()
    return {
        "id": request.id,
        "number": request.number,
        "cited": shown_citation(request.citation),
        "reader": shown_reader(row),
        "lender": library_name(request.lender),
        "shelf": (request.pickup.site if request.pickup else row.call_number) or "",
        "status": status_word(request),
        "day": said_of_day(row),
        "mood": "bad" if row.days_overdue else _MOODS.get(row.day_is, "quiet"),
        "waiting": _waiting(row),
        "overdue": say_count("desk.list.overdue", spoken, row.days_overdue) if row.days_overdue else "",
        "calls": say_count("desk.list.calls", spoken, request.calls) if request.calls else "",
        "attention": [shown_attention(what) for what in request.attention],
        "said": [{"library": library_name(one.library), "words": one.words} for one in row.said],
        "next": row.next_step.value if row.next_step else "",
        "is_at_once": row.next_step in AT_ONCE or row.next_step is Step.SEE_TO,
        # what was shown is seen to, and nothing that came meanwhile
        "brings": [("what", what.value) for what in to_see_to(request) if row.next_step is Step.SEE_TO],
        "is_called": row.next_step is Step.CALL,
        "can_undo": request.undoable is not None and Step.UNDO in row.actions,
    }


def _waiting(row: DeskRow) -> str:
    """Return for how many days it waits; nothing of what came today."""
    days = (local_day(now()) - local_day(row.waiting_since)).days
    return say_count("desk.list.waiting", page_language(), days) if days > 0 else ""


def shown_reader(row: DeskRow) -> dict[str, str] | None:
    """Return whom to call."""
    if row.reader is None:
        return None
    names = ("id", "name", "mobile", "card_number")
    return {name: getattr(row.reader, name) for name in names}


def status_word(request: Request) -> str:
    """Return in a word where a request is, or how it ended."""
    return say(f"desk.status.{request.outcome or request.status}", page_language())


def said_of_day(row: DeskRow) -> str:
    """Return the day that matters, and what it is."""
    if row.day is None:
        return ""
    return say(f"desk.list.day.{row.day_is}", page_language(), {"day": said_day(row.day, page_language())})


def shown_attention(what: str) -> dict[str, str]:
    """Return what is to be looked at, and what to do about it."""
    attention, spoken = Attention(what), page_language()
    return {"text": say(attention.message, spoken), "next": say(attention.next_message, spoken)}
