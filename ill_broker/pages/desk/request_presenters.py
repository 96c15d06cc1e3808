"""What the template of a request at the desk is given: its facts, its forms, what has happened, in words."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import url_for
from marshmallow import fields, missing

from ill_broker import mint
from ill_broker.pages.desk.case_presenters import said_kind
from ill_broker.pages.desk.step_forms import FORMS, GUIDED
from ill_broker.pages.forms import Filled
from ill_broker.pages.frame import zone
from ill_broker.pages.libraries import library_name
from ill_broker.services.requests.desk_lists import DeskRow
from ill_broker.services.requests.door import Seen
from ill_broker.services.requests.overview import Overview
from ill_broker.storage.events import Recorded
from ill_broker.texts.catalogue import knows, say
from ill_broker.texts.days_and_amounts import said_day
from ill_broker.texts.policy_values import translated
from ill_broker.web.context import service
from ill_broker.web.fields import Flag, OneOf, Text, Whole
from ill_broker.web.language import page_language
from workflows.requests.lifecycle import Step
from workflows.requests.request import Request, to_see_to

#: fields that choose among what the request itself has
_OF_PIECES = {"missing", "returned", "lost", "piece"}
#: two buttons instead of a box that is ticked
EITHER = ("accept", "starts")
#: what an event says for itself, in order
_WORDS = ("note", "reason", "condition", "agent", "tracking", "criticism", "detail")


def shown_request(request: Request) -> dict[str, Any]:
    """Return what there is to know of a request, name by name; what is not known is left out."""
    days = {"hold_until": request.hold_until, "due": request.due, "lender_due": request.lender_due}
    claim = request.claim
    words = {
        "barcode": request.item_barcode,
        "local_barcode": request.local_barcode,
        "tracking": claim.tracking,
        "conditions": request.conditions,
        "home": library_name(request.home) if request.home != request.desk else None,
        "pieces": ", ".join(_piece(one.number, request) for one in request.pieces) or None,
        "renewals": str(len(request.renewals)) if request.renewals else None,
    }
    told = {name: _day(day) for name, day in days.items() if day} | {
        name: word for name, word in words.items() if word
    }
    return {
        "facts": [(say(f"desk.fact_of.{name}", page_language()), word) for name, word in told.items()],
        "is_being_cancelled": request.cancellation_requested is not None and request.outcome is None,
    }


#: the facts of a request that have a name
FACTS = (
    *("hold_until", "due", "lender_due", "barcode", "local_barcode", "tracking", "conditions", "home"),
    *("pieces", "renewals"),
)


def shown_forms(row: DeskRow, filled: Filled | None, at: Step | None) -> list[dict[str, Any]]:
    """Return a form for each step that may be taken now, the next one first."""
    possible = [step for step in FORMS if step in row.actions]
    possible.sort(key=lambda step: step is not row.next_step)
    return [
        {
            "step": step.value,
            "key": mint.token(),
            "path": step.value.replace("_", "-"),
            "is_next": step is row.next_step,
            "is_open": step is at,
            "form": filled if step is at and filled else Filled(),
            "fields": [_field(step, name, each, row.request) for name, each in FORMS[step].fields.items()],
        }
        for step in possible
    ]


def shown_guided(row: DeskRow) -> dict[str, Any]:
    """Return where cases are reported and settled, as far as that is possible now."""
    request = row.request
    found = {
        Step.SETTLE_CASE: [
            {
                "words": say("desk.case.settle_of", page_language(), {"kind": said_kind(case.kind)}),
                "address": url_for("pages.cases.show", request_id=request.id, number=case.number),
            }
            for case in request.cases
            if case.is_open
        ],
        Step.OPEN_CASE: [
            {
                "words": say("desk.step.case", page_language()),
                "address": url_for("pages.cases.ask", request_id=request.id),
            }
        ],
    }
    return {step.value: found[step] for step in GUIDED if step in row.actions}


def _field(step: Step, name: str, field: Any, request: Request) -> dict[str, Any]:
    """Return how a field is asked for, by what it takes."""
    spoken = page_language()
    kind, options = _of_request(name, request) or _by_type(name, field)
    return {
        "name": name,
        "id": f"{step}-{name}",
        "kind": kind,
        "label": say(f"desk.field.{name}", spoken),
        "options": options,
        "required": field.required,
    }


def _of_request(name: str, request: Request) -> tuple[str, list[tuple[str, str]]] | None:
    """Return what there is to choose from in the request itself, None if a field is no such choice."""
    if name in _OF_PIECES:
        kind = "choice" if name == "piece" else "several"
        return kind, shown_pieces(request)
    if name == "what":
        spoken = page_language()
        return "several", [(what.value, say(what.message, spoken)) for what in to_see_to(request)]
    if name == "site":
        return "choice", [(site, site) for site in request.pickup_sites]
    return None


def _by_type(name: str, field: Any) -> tuple[str, list[tuple[str, str]]]:
    match field:
        case Flag() if name in EITHER:
            return "either", []
        case Flag() if field.load_default is missing:
            return "choice", _words("true", "false")
        case Flag():
            return "check", []
        case OneOf():
            return "choice", _words(*field.words)
        case fields.List(inner=OneOf() as each):
            return "several", _words(*each.words)
        case Text(lines=True):
            return "area", []
        case _:
            return ("number" if isinstance(field, Whole) else "text"), []


def _words(*options: str) -> list[tuple[str, str]]:
    return [(word, option_word(word)) for word in options]


def option_word(word: str) -> str:
    """Return what may be chosen in words: those of the forms, else those of the policies."""
    named = f"desk.option.{word}"
    return say(named, page_language()) if knows(named) else translated(word, page_language())


def shown_pieces(request: Request) -> list[tuple[str, str]]:
    """Return the pieces of a book to choose from."""
    return [(str(one.number), _piece(one.number, request)) for one in request.pieces]


def _piece(number: int, request: Request) -> str:
    piece = next(one for one in request.pieces if one.number == number)
    return f"{number} {option_word(piece.kind)}"


def shown_happened(seen: Seen) -> list[dict[str, Any]]:
    """Return all that has happened, newest first, each in a sentence with when, by whom and what was said."""
    names = service(Overview).names_of(seen.events)
    return [_happened(one, names) for one in reversed(seen.events)]


def _happened(one: Recorded, names: dict[str, str]) -> dict[str, Any]:
    event, spoken = one.event, page_language()
    at = event.at.astimezone(zone())
    lender, due = getattr(event, "lender", None), getattr(event, "due", None)
    said = [str(getattr(event, word)) for word in _WORDS if getattr(event, word, None)]
    what = getattr(event, "what", ())
    told = [f"attention.{each}" for each in ((what,) if isinstance(what, str) else what)]
    return {
        "words": say(f"desk.event.{type(event).__name__}", spoken),
        "day": said_day(at.date(), spoken),
        "time": f"{at:%H:%M}",
        "by": names.get(one.actor.id) or say(f"desk.by.{one.actor.role}", spoken),
        "lender": library_name(lender) if lender else "",
        "due": _day(due) if isinstance(due, date) else "",
        "what": "".join(say(each, spoken) for each in told if knows(each)),
        "result": option_word(event.result) if hasattr(event, "result") else "",
        "said": said,
    }


def _day(day: date) -> str:
    return said_day(day, page_language())
