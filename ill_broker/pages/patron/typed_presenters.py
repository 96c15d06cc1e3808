"""What templates are given of what readers typed: words and days, never records."""

from __future__ import annotations

from typing import Any

from ill_broker.pages.citing import cited_facts
from ill_broker.pages.frame import local_day, me
from ill_broker.pages.libraries import library_name
from ill_broker.pages.patron.presenters import shown_citation
from ill_broker.pages.refused import sentences
from ill_broker.services.requests.typed import SeenTyped, TypedRequests
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_day
from ill_broker.web.context import service
from ill_broker.web.language import page_language
from workflows.requests.typed import TypedStatus

_MOODS = {
    TypedStatus.ASKED: "look",
    TypedStatus.MATCHED: "good",
    TypedStatus.DECLINED: "bad",
    TypedStatus.EXPIRED: "look",
}
#: of the reader's own, so many stand in a list
_MOST = 100


def shown_typed(seen: SeenTyped) -> dict[str, Any]:
    """Return what a page tells of one."""
    typed, spoken = seen.typed, page_language()
    is_corrected = typed.citation != typed.typed
    return {
        "id": typed.id,
        "number": typed.number,
        "status": typed.status.value,
        "words": say(f"typed.status.{typed.status}", spoken),
        "mood": _MOODS.get(typed.status, "quiet"),
        "is_open": typed.is_open,
        "library": library_name(typed.library),
        "cited": shown_citation(typed.typed),
        "facts": cited_facts(typed.typed),
        "corrected": cited_facts(typed.citation) if is_corrected else [],
        "note": typed.note or "",
        "needed_by": said_day(typed.needed_by, spoken) if typed.needed_by else "",
        "site": typed.pickup_site or "",
        "since": said_day(local_day(typed.created_at), spoken),
        "until": said_day(local_day(typed.until), spoken),
        "question": typed.question or "",
        "answer": typed.answer or "",
        "reason": say(typed.reason.message, spoken) if typed.reason else "",
        "remark": typed.remark or "",
        "hindrances": sentences(seen.hindrances, spoken),
        "next": say(f"typed.next.{typed.status}", spoken, {"day": said_day(local_day(typed.until), spoken)}),
    }


def listed_typed() -> dict[str, Any]:
    """Return what the reader typed: what is looked at, and what has come to nothing."""
    every = [shown_typed(seen) for seen in service(TypedRequests).page(me(), limit=_MOST).items]
    over = {TypedStatus.DECLINED, TypedStatus.CANCELLED, TypedStatus.EXPIRED}
    return {
        "typed": [one for one in every if one["is_open"]],
        "typed_closed": [one for one in every if one["status"] in over],
    }
