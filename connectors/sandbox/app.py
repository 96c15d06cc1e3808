"""A sandbox library as one application: the doors it opens to the broker, each protocol behind its own."""

from __future__ import annotations

import json
import secrets
import threading
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, request

from connectors.failures import NotAuthentic, Unreadable
from connectors.sandbox import iso18626, koha, ncip, oai, searching, sip2, z3950
from connectors.sandbox.agenda import Agenda, SandboxClock, scripted_time
from connectors.sandbox.catalogue import Catalogue
from connectors.sandbox.library import MemberLibrary
from connectors.sandbox.manners import EXTENSION, dawdle, heed, library, shown
from connectors.sandbox.reporting import Reporter
from connectors.sandbox.shelf import titles
from connectors.sandbox.strings import strings
from connectors.transport import Limits, Target

if TYPE_CHECKING:
    from connectors.sandbox.config import Config
    from connectors.sandbox.manners import JsonReply
    from connectors.sandbox.sockets import SocketDoor

_LARGEST = 1024 * 1024
_PATIENCE = Limits(connect=2.0, total=5.0)
#: What is opened beside SRU and the broker's own JSON, by the name of the protocol.
_MORE = {"iso18626": iso18626.doors, "ncip": ncip.doors, "koha": koha.doors, "oai": oai.doors}
_WITHOUT_HTTP = {"sip2": sip2.open_door, "z3950": z3950.open_door}

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
    app.extensions[EXTENSION] = library
    more = [_MORE[name] for name in sorted(library.config.protocols) if name in _MORE]
    for blueprint in (doors, *more):
        app.register_blueprint(blueprint)
        app.before_request_funcs.setdefault(blueprint.name, []).insert(0, heed)
    app.register_blueprint(strings)
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


def open_doors(app: Flask) -> dict[str, SocketDoor]:
    """Open what the library has without HTTP, by the name of the protocol; whoever opens them closes them."""
    here: MemberLibrary = app.extensions[EXTENSION]
    return {name: door(here) for name, door in _WITHOUT_HTTP.items() if name in here.config.protocols}


@doors.get("/sru")
def search() -> Response:
    dawdle()
    here = library()
    body = searching.answer(here.catalogue, request.args, library=here.config.library, marc=here.config.marc)
    return shown(body, "text/xml; charset=utf-8")


@doors.post("/ill/requests")
def take() -> Response | JsonReply:
    answer = dict(library().take(dict(request.headers), request.get_data()))
    if library().scenario.garbles:
        return shown(json.dumps(answer).encode(), "application/json")
    return answer, HTTPStatus.ACCEPTED


@doors.get("/ill/messages/<message_id>")
def did_you_get(message_id: str) -> JsonReply:
    has = library().has(message_id, dict(request.headers))
    return {"message_id": message_id}, HTTPStatus.OK if has else HTTPStatus.NOT_FOUND
