"""The doors for whoever pulls a sandbox library's strings: what it was asked, what it says and does next."""

from __future__ import annotations

from datetime import date, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from connectors.sandbox.manners import library
from workflows.requests.commands import ReportedStatus

if TYPE_CHECKING:
    from connectors.sandbox.library import Asked
    from connectors.sandbox.manners import JsonReply

strings = Blueprint("strings", __name__)


@strings.get("/sandbox/requests")
def requests() -> JsonReply:
    return {"requests": [_shown(asked) for asked in library().asked]}, HTTPStatus.OK


@strings.get("/sandbox/requests/<any_id>")
def one_request(any_id: str) -> JsonReply:
    return _shown(library().find(any_id)), HTTPStatus.OK


@strings.post("/sandbox/requests/<any_id>/status")
def report(any_id: str) -> JsonReply:
    """Report something at once: {"status": ..., and any other fact of a report}."""
    status = ReportedStatus(_needed("status"))
    facts = {name: value for name, value in request.get_json().items() if name != "status"}
    for name, read in (("occurred_at", datetime.fromisoformat), ("lender_due_date", date.fromisoformat)):
        if facts.get(name) is not None:
            facts[name] = read(facts[name])
    here = library()
    known = {"occurred_at", "item_barcode", "lender_due_date", "tracking", "reason", "note"}
    if facts.keys() - known:
        raise ValueError(f"unknown: {', '.join(sorted(facts.keys() - known))}")
    return {"message_id": here.report(here.find(any_id), status, **facts)}, HTTPStatus.ACCEPTED


@strings.get("/sandbox/reports")
def reports() -> JsonReply:
    shown = [
        {
            "message_id": sent.message_id,
            "request_id": sent.report.request_id,
            "status": sent.report.status,
            "attempts": sent.attempts,
            "taken": sent.taken,
            "failure": sent.failure,
        }
        for sent in library().reporter.sent
    ]
    return {"reports": shown}, HTTPStatus.OK


@strings.post("/sandbox/clock")
def set_clock() -> JsonReply:
    clock = library().clock
    clock.set(datetime.fromisoformat(_needed("now")))
    return {"now": clock.now().isoformat()}, HTTPStatus.OK


@strings.post("/sandbox/scenario")
def behave() -> JsonReply:
    scenario = _needed("scenario")
    library().behave(scenario)
    return {"scenario": scenario}, HTTPStatus.OK


@strings.post("/sandbox/titles/<record_id>/withdrawal")
def withdraw(record_id: str) -> JsonReply:
    """Have the repository tell from now on that a title is gone."""
    here = library()
    here.withdrawn[record_id] = here.clock.now()
    return {"withdrawn": [*here.withdrawn]}, HTTPStatus.OK


@strings.get("/sandbox/titles")
def some_titles() -> JsonReply:
    shown = [
        {
            "record_id": title.record.record_id,
            "title": title.record.first("245", "a"),
            "isbn": title.record.first("020", "a"),
            "copies": [{"barcode": copy.barcode, "available": copy.available} for copy in title.copies],
        }
        for title in library().catalogue.titles(request.args.get("first", 20, type=int))
    ]
    return {"titles": shown}, HTTPStatus.OK


def _needed(name: str) -> str:
    """Return what the body says under *name*.

    :raises ValueError: if it says nothing there
    """
    body = request.get_json()
    said = body.get(name) if isinstance(body, dict) else None
    if said is None:
        raise ValueError(f"{name}: missing")
    return str(said)


def _shown(asked: Asked) -> dict[str, Any]:
    return {
        "request_id": asked.request_id,
        "lender_request_id": asked.lender_request_id,
        "item_barcode": asked.barcode,
        "title": asked.citation.get("title"),
        "heard": list(asked.heard),
        "status": asked.status,
    }
