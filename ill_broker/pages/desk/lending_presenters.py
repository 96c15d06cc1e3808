"""What the templates of the lender's desk are given: words and days, and nothing of the reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import url_for

from ill_broker.pages.frame import local_day, me
from ill_broker.pages.libraries import library_name
from ill_broker.services.partners.mail_answers import Reason
from ill_broker.services.requests.lending import Asked
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_day
from ill_broker.texts.labels import Label, described
from ill_broker.web.context import now
from ill_broker.web.language import page_language
from workflows.libraries import LendingLimits
from workflows.requests.lending import Answer, LendingList
from workflows.requests.lifecycle import Status
from workflows.requests.papers import Paper

#: what one click in a list says; everything else wants a look first
_AT_ONCE = (Answer.WILL_SEND, Answer.NOT_SENT, Answer.SENT, Answer.IS_BACK)


def shown_lists(counts: Mapping[LendingList, int], here: LendingList) -> list[dict[str, Any]]:
    """Return the lists to choose from, each with how much there is in it."""
    return [
        {
            "address": url_for("pages.lending.show", list=each.value),
            "words": say(f"lending_page.list.{each}", page_language()),
            "count": counts[each],
            "is_here": each is here,
        }
        for each in LendingList
    ]


def shown_asked(asked: Asked) -> dict[str, Any]:
    """Return a request as a row shows it, with the one answer that is next."""
    request, copy = asked.request, asked.copy
    at_once = next((answer for answer in _AT_ONCE if answer in asked.answers), None)
    return {
        "id": request.id,
        "number": request.number,
        "title": request.citation.title,
        "author": request.citation.author or "",
        "desk": library_name(request.desk),
        "call_number": (copy and copy.call_number) or "",
        "barcode": (copy and copy.barcode) or request.item_barcode or "",
        "since": said_day(local_day(asked.since), page_language(), short=True),
        "waits": max((local_day(now()) - local_day(asked.since)).days, 0),
        "is_cancelling": request.cancellation_requested is not None and Answer.NOT_SENT in asked.answers,
        "answer": at_once.value if at_once and request.status is not Status.IN_TRANSIT else "",
        "answer_words": say(_words(at_once), page_language()) if at_once else "",
    }


def shown_one(asked: Asked) -> dict[str, Any]:
    """Return a request with all that is known of the book, and everything that can be answered."""
    spoken, request = page_language(), asked.request
    facts = described(request.citation, asked.copy, send_to=library_name(request.desk))
    facts.pop(Label.TITLE, None)
    standing = request.status.value if request.lender == me().library else "elsewhere"
    return shown_asked(asked) | {
        "facts": [(say(label.message, spoken), fact) for label, fact in facts.items()],
        "standing": f"partner_page.standing.{standing}",
        "conditions": request.conditions or "",
        "answers": {answer.name: say(_words(answer), spoken) for answer in asked.answers},
        "status": {answer.name: answer.value for answer in asked.answers},
    }


def shown_pause(limits: LendingLimits) -> str:
    """Return what is to be known of a pause, nothing where there is none."""
    until, spoken = limits.paused_until, page_language()
    if not limits.paused or (until is not None and until < local_day(now())):
        return ""
    if until is None:
        return say("lending_page.paused", spoken)
    return say("lending_page.paused_until", spoken, {"day": said_day(until, spoken)})


def reasons() -> list[tuple[str, str]]:
    """Return why a library cannot, to choose from."""
    return [(reason.value, say(reason.message, page_language())) for reason in Reason]


def slips_address(paper: Paper, wanted: Iterable[Asked]) -> str:
    """Return where the slips of all of these are printed in one go, nowhere if there are none."""
    ids = [asked.request.id for asked in wanted]
    return url_for("pages.paper.show_many", kind=paper.value, request=ids) if ids else ""


def _words(answer: Answer) -> str:
    return f"lending_page.answer.{answer.name.lower()}"
