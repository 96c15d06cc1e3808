"""What a line of the desk's log says: words, days and amounts in one language, never records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from ill_broker.pages.frame import me
from ill_broker.pages.libraries import library_name
from ill_broker.pages.refused import said
from ill_broker.services.cards.overview import SeenCard
from ill_broker.services.scans.lines import Line, ReaderLine
from ill_broker.services.scans.scans import Answer, Offer
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_amount, said_day
from workflows.patrons import Patron
from workflows.requests.lifecycle import Status
from workflows.requests.papers import papers
from workflows.scans.meaning import Kind

#: a name and what stands behind it
Fact = tuple[str, str]
#: what lines are put together from: steps, choices and facts
DONE = (
    *("arrival", "notification", "handover", "return", "shipment", "undo"),
    *("issue", "loss", "found", "withdrawal"),
    *("lender_ships", "lender_has_the_book"),
)
CHOICES = (
    *("arrival", "handover", "return", "shipment", "issue", "found", "show"),
    *("lender_ships", "lender_has_the_book"),
)
FACTS = (
    *("reader", "kept", "due", "fee", "number", "shelf", "lender", "conditions", "status", "by"),
    *("card", "waiting", "on_loan", "owed", "library"),
)
#: what is said as people wrote it, in whatever language
_OWN = {"reader", "shelf", "conditions", "card", "waiting", "on_loan", "by"}
_ON_THE_SHELF = {Status.ARRIVED, Status.NOTIFIED}


def said_line(answer: Answer, code: str, at: datetime, spoken: str) -> dict[str, Any]:
    """Return what came of a scan as a line of the log: plain values that can be kept.

    :param at: when it was, by the clock of the desk
    """
    request = answer.line.request if answer.line else None
    return {
        "word": answer.outcome.value,
        "at": f"{at:%H:%M}",
        "code": code,
        "title": _title(answer),
        "what": _what(answer, at.tzinfo, spoken),
        "why": said(answer.refusal, spoken) if answer.refusal else [],
        "facts": [
            {"name": say(f"desk.fact.{name}", spoken), "words": words, "is_own": name in _OWN}
            for name, words in _facts(answer, spoken)
        ],
        "choices": [_choice(offer, spoken) for offer in answer.offers],
        "reader": _standing(answer),
        "id": request.id if request else "",
        "card": answer.loan_card.card.id if answer.loan_card else "",
        "typed": answer.typed.typed.id if answer.typed else "",
        "papers": _papers(answer, spoken),
        "undo": request.version if request and answer.undo else None,
    }


def _title(answer: Answer) -> str:
    if answer.line is not None:
        return answer.line.request.citation.title
    if answer.reader is not None:
        return answer.reader.reader.name
    if answer.typed is not None:
        return answer.typed.typed.citation.title
    return answer.loan_card.card.barcode if answer.loan_card else ""


def _what(answer: Answer, zone: tzinfo | None, spoken: str) -> str:
    """Return in a sentence what was done, by whom before, or what is to be done."""
    if answer.refusal is not None:
        return ""
    if answer.done is not None:
        return say(f"desk.done.{answer.done}", spoken)
    if answer.before is not None:
        moment = answer.before.at.astimezone(zone)
        when = f"{said_day(moment.date(), spoken, short=True)} {moment:%H:%M}"
        done = say(f"desk.done.{answer.before.step}", spoken)
        return say("desk.scan.before", spoken, {"done": done, "when": when})
    if answer.offers:
        return say("desk.scan.choose", spoken)
    if answer.typed is not None:
        return say(f"desk.typed.status.{answer.typed.typed.status}", spoken)
    if answer.kind is Kind.READER:
        return say("desk.scan.reader", spoken)
    return say("desk.scan.nothing", spoken)


def _choice(offer: Offer, spoken: str) -> dict[str, str]:
    """Return one thing to choose: what is sent, and its words."""
    chosen = offer.choice
    words = say(f"desk.choice.{chosen.step or 'show'}", spoken)
    return {"value": f"{chosen.id}:{chosen.step or ''}", "words": words, "title": offer.title}


def _papers(answer: Answer, spoken: str) -> list[dict[str, str]]:
    """Return what goes with a book that a scan has moved, the likeliest first."""
    if answer.line is None or answer.done is None:
        return []
    kinds = papers(me(), answer.line.request)
    return [{"kind": kind.value, "words": say(f"paper.{kind.value}", spoken)} for kind in kinds]


def _standing(answer: Answer) -> dict[str, str] | None:
    """Return to whom the next books go, if it was a reader's card."""
    return {"id": answer.reader.reader.id, "name": answer.reader.reader.name} if answer.reader else None


def _facts(answer: Answer, spoken: str) -> Iterator[Fact]:
    if answer.line is not None:
        yield from _of_book(answer.line, spoken)
        if answer.done is None:
            status = answer.line.request.outcome or answer.line.request.status
            yield "status", say(f"request_status.{status}", spoken)
    if answer.reader is not None:
        yield from _of_reader(answer.reader, spoken)
    if answer.typed is not None:
        if answer.typed.reader is not None:
            yield "reader", _named(answer.typed.reader)
        yield "number", answer.typed.typed.number
    if answer.loan_card is not None:
        yield from _of_card(answer.loan_card, spoken)
    if answer.before is not None and answer.before.by_name and answer.refusal is None:
        yield "by", answer.before.by_name


def _of_book(line: Line, spoken: str) -> Iterator[Fact]:
    request = line.request
    if line.reader is not None:
        yield "reader", _named(line.reader)
    if line.last_day is not None and request.status in _ON_THE_SHELF:
        yield "kept", said_day(line.last_day, spoken)
    if line.last_day is not None and request.status is Status.ON_LOAN:
        yield "due", said_day(line.last_day, spoken)
    if line.fee is not None:
        yield "fee", said_amount(line.fee, spoken)
    yield "number", request.number
    if line.call_number:
        yield "shelf", line.call_number
    if request.lender is not None:
        yield "lender", library_name(request.lender, spoken)
    if request.conditions:
        yield "conditions", request.conditions


def _of_reader(found: ReaderLine, spoken: str) -> Iterator[Fact]:
    yield "card", found.reader.card_number
    yield "waiting", _titles(found.waiting) or say("desk.scan.none", spoken)
    if found.on_loan:
        yield "on_loan", _titles(found.on_loan)
    for owed in found.owed:
        yield "owed", f"{library_name(owed.lender, spoken)} {said_amount(owed.amount, spoken)}"


def _of_card(seen: SeenCard, spoken: str) -> Iterator[Fact]:
    yield "library", library_name(seen.card.library, spoken)
    if seen.patron is not None:
        yield "reader", _named(seen.patron)
    if seen.card.loan is not None:
        yield "due", said_day(seen.card.loan.due, spoken)
    if seen.fine is not None and seen.fine.amount is not None and seen.fine.amount.minor > 0:
        yield "fee", said_amount(seen.fine.amount, spoken)


def _named(reader: Patron) -> str:
    return f"{reader.name} · {reader.card_number}"


def _titles(lines: tuple[Line, ...]) -> str:
    return " · ".join(f"{one.request.citation.title} ({one.request.number})" for one in lines)
