"""What stands on papers: plain values, and never more of a reader than may lie open."""

from __future__ import annotations

from typing import Any

from flask import url_for

from ill_broker.pages.desk.codes import code_128, qr_code
from ill_broker.pages.frame import local_day
from ill_broker.pages.libraries import library_name
from ill_broker.services.members.directory import Directory
from ill_broker.services.members.particulars import Particulars
from ill_broker.services.requests.overview import SeenRequest
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_day
from ill_broker.texts.labels import Label, described, said_place
from ill_broker.texts.short_names import short_card, short_name
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.actors import Actor
from workflows.ids import LibraryCode
from workflows.requests.papers import Paper, papers
from workflows.requests.request import Request


def paper_links(request: Request, actor: Actor) -> list[dict[str, str]]:
    """Return the papers that can be printed for a request now: what each is called, and where it is."""
    return [
        {
            "address": url_for("pages.paper.show", request_id=request.id, kind=paper.value),
            "words": say(_called(paper), page_language()),
        }
        for paper in papers(actor, request)
    ]


def shown_slip(paper: Paper, seen: SeenRequest) -> dict[str, Any]:
    """Return one paper as its template shows it."""
    request, spoken = seen.request, page_language()
    common = {
        "kind": paper.value,
        "heading": say(_called(paper), spoken),
        "number": request.number,
        "bars": code_128(request.number),
        "title": request.citation.title,
        "day": said_day(local_day(now()), spoken),
    }
    match paper:
        case Paper.PULL_SLIP:
            return common | _pull_slip(request, spoken)
        case Paper.SHIPPING_LABEL:
            return common | _label(request, request.lender, request.desk, spoken)
        case Paper.RETURN_LABEL:
            return common | _label(request, request.desk, request.lender, spoken)
        case Paper.HOLD_SLIP:
            return common | _hold_slip(seen, spoken)
        case Paper.BAND:
            return common | _band(request, spoken)


def _called(paper: Paper) -> str:
    return f"paper.{paper.value}"


def _pull_slip(request: Request, spoken: str) -> dict[str, Any]:
    held = request.copy_at(request.lender) if request.lender else None
    facts = described(request.citation, held, send_to=_place(request.desk, spoken))
    large = facts.pop(Label.CALL_NUMBER, "")
    facts.pop(Label.TITLE, None)
    return {"large": large, "facts": [(say(label.message, spoken), fact) for label, fact in facts.items()]}


def _label(
    request: Request, sender: LibraryCode | None, receiver: LibraryCode | None, spoken: str
) -> dict[str, Any]:
    return {
        "to": _addressed(receiver),
        "sender": _place(sender, spoken),
        "qr": qr_code(request.number),
        "barcode": request.item_barcode or "",
    }


def _hold_slip(seen: SeenRequest, spoken: str) -> dict[str, Any]:
    reader, until = seen.patron, seen.request.hold_until
    return {
        "large": short_name(reader.name) if reader else "",
        "card": short_card(reader.card_number) if reader else "",
        "until": said_day(until, spoken, short=True) if until else "",
    }


def _band(request: Request, spoken: str) -> dict[str, Any]:
    return {
        "due": said_day(request.due, spoken) if request.due else "",
        "lender": library_name(request.lender),
        "desk": _place(request.desk, spoken),
        "phone": ", ".join(_said_of(request.desk).get("phone") or ()),
    }


def _place(code: LibraryCode | None, spoken: str) -> str:
    """Return a library with its desk, in one language."""
    if code is None:
        return ""
    library = service(Directory).library(code, now())
    if spoken == "zh":
        return said_place(library.name_zh, library.desk_zh, spoken)
    return said_place(library.name, library.desk, spoken)


def _addressed(code: LibraryCode | None) -> dict[str, Any]:
    """Return a library as parcels are addressed, in both languages: who carries them may read only one."""
    if code is None:
        return {"lines": []}
    library, said = service(Directory).library(code, now()), _said_of(code)
    address = said.get("address") or {}
    lines = (library.name_zh, library.desk_zh, address.get("zh"), *said.get("phone", ()))
    others = (library.name, library.desk, address.get("en"))
    return {"lines": list(dict.fromkeys(line for line in (*lines, *others) if line))}


def _said_of(code: LibraryCode) -> dict[str, Any]:
    """Return what a library says of how it is reached."""
    said = service(Particulars).one(code, now=now()).said or {}
    contacts: dict[str, Any] = said.get("contacts", {})
    return contacts
