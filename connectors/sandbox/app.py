"""The doors of a sandbox library: /sru, /ill for the broker, /sandbox for whoever pulls the strings."""

from __future__ import annotations

import secrets
import threading
import time
from datetime import date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, current_app, request

from connectors.failures import NotAuthentic, Unreadable
from connectors.sandbox import searching
from connectors.sandbox.agenda import Agenda, SandboxClock, scripted_time
from connectors.sandbox.catalogue import Catalogue
from connectors.sandbox.library import MemberLibrary
from connectors.sandbox.reporting import Reporter
from connectors.sandbox.shelf import titles
from connectors.transport import Limits, Target
from workflows.commands import ReportedStatus

if TYPE_CHECKING:
    from connectors.sandbox.config import Config
    from connectors.sandbox.library import Asked

Answer = tuple[dict[str, Any], int]

_EXTENSION = "sandbox"
_LARGEST = 1024 * 1024
_PATIENCE = Limits(connect=2.0, total=5.0)
_BROKEN = b"<?xml version='1.0'?><zs:searchRetrieveResponse xmlns:zs='http://www.loc.gov/zing/srw/'><zs:rec"

doors = Blueprint("sandbox", __name__)


def build(
    config: Config, *, agenda: Agenda, clock: SandboxClock, target: Target | None = None
) -> MemberLibrary:
    """Return a library with its shelf dealt; whoever builds it runs *agenda*."""
    catalogue = Catalogue(titles(config.library, config.codes, share=config.share))
    broker = target or Target(config.library, limits=_PATIENCE)
    reporter = Reporter(config, target=broker, agenda=agenda, clock=clock)
    return MemberLibrary(
        config,
        catalogue=catalogue,
        agenda=agenda,
        clock=clock,
        reporter=reporter,
        run_id=secrets.token_hex(3),
    )


def create_app(library: MemberLibrary) -> Flask:
    app = Flask("connectors.sandbox")
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST
    app.extensions[_EXTENSION] = library
    app.register_blueprint(doors)
    app.register_error_handler(NotAuthentic, lambda error: ({"error": str(error)}, HTTPStatus.UNAUTHORIZED))
    app.register_error_handler(Unreadable, lambda error: ({"error": str(error)}, HTTPStatus.BAD_REQUEST))
    app.register_error_handler(ValueError, lambda error: ({"error": str(error)}, HTTPStatus.BAD_REQUEST))
    app.register_error_handler(LookupError, lambda error: ({"error": str(error)}, HTTPStatus.NOT_FOUND))
    return app


def start(config: Config) -> Flask:
    """Return the application of a library whose agenda runs in a thread of its own."""
    agenda = Agenda()
    shared = scripted_time(Path(config.clock_file)) if config.clock_file else None
    app = create_app(build(config, agenda=agenda, clock=SandboxClock(told=shared)))
    threading.Thread(target=agenda.run, name="agenda", daemon=True).start()
    return app


def _library() -> MemberLibrary:
    library: MemberLibrary = current_app.extensions[_EXTENSION]
    return library


@doors.get("/sru")
def search() -> Response:
    library = _library()
    time.sleep(library.scenario.search_delay * library.config.pace)
    if library.scenario.garbles:
        return Response(_BROKEN, content_type="text/xml")
    body = searching.answer(
        library.catalogue, request.args, library=library.config.library, marc=library.config.marc
    )
    return Response(body, content_type="text/xml; charset=utf-8")


@doors.post("/ill/requests")
def take() -> Answer:
    return dict(_library().take(dict(request.headers), request.get_data())), HTTPStatus.ACCEPTED


@doors.get("/ill/messages/<message_id>")
def did_you_get(message_id: str) -> Answer:
    has = _library().has(message_id, dict(request.headers))
    return {"message_id": message_id}, HTTPStatus.OK if has else HTTPStatus.NOT_FOUND


@doors.get("/sandbox/requests")
def requests() -> Answer:
    return {"requests": [_shown(asked) for asked in _library().asked]}, HTTPStatus.OK


@doors.get("/sandbox/requests/<any_id>")
def one_request(any_id: str) -> Answer:
    return _shown(_library().find(any_id)), HTTPStatus.OK


@doors.post("/sandbox/requests/<any_id>/status")
def report(any_id: str) -> Answer:
    """Report something at once: {"status": ..., and any other fact of a report}."""
    facts = dict(request.get_json())
    status = ReportedStatus(facts.pop("status"))
    for name, read in (("occurred_at", datetime.fromisoformat), ("lender_due_date", date.fromisoformat)):
        if facts.get(name) is not None:
            facts[name] = read(facts[name])
    library = _library()
    known = {"occurred_at", "item_barcode", "lender_due_date", "tracking", "reason", "note"}
    if facts.keys() - known:
        raise ValueError(f"unknown: {', '.join(sorted(facts.keys() - known))}")
    return {"message_id": library.report(library.find(any_id), status, **facts)}, HTTPStatus.ACCEPTED


@doors.get("/sandbox/reports")
def reports() -> Answer:
    shown = [
        {
            "message_id": sent.message_id,
            "request_id": sent.report.request_id,
            "status": sent.report.status,
            "attempts": sent.attempts,
            "taken": sent.taken,
            "failure": sent.failure,
        }
        for sent in _library().reporter.sent
    ]
    return {"reports": shown}, HTTPStatus.OK


@doors.post("/sandbox/clock")
def set_clock() -> Answer:
    clock = _library().clock
    clock.set(datetime.fromisoformat(request.get_json()["now"]))
    return {"now": clock.now().isoformat()}, HTTPStatus.OK


@doors.post("/sandbox/scenario")
def behave() -> Answer:
    scenario = request.get_json()["scenario"]
    _library().behave(scenario)
    return {"scenario": scenario}, HTTPStatus.OK


@doors.get("/sandbox/titles")
def some_titles() -> Answer:
    shown = [
        {
            "record_id": title.record.record_id,
            "title": title.record.first("245", "a"),
            "isbn": title.record.first("020", "a"),
            "copies": [{"barcode": copy.barcode, "available": copy.available} for copy in title.copies],
        }
        for title in _library().catalogue.titles(request.args.get("first", 20, type=int))
    ]
    return {"titles": shown}, HTTPStatus.OK


def _shown(asked: Asked) -> dict[str, Any]:
    return {
        "request_id": asked.request_id,
        "lender_request_id": asked.lender_request_id,
        "item_barcode": asked.barcode,
        "title": asked.citation.get("title"),
        "heard": list(asked.heard),
        "status": asked.status,
    }
