"""Sandbox libraries without a thread or a socket: a test steps their agenda itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import httpx
from flask import Flask, Response, request
from werkzeug.serving import make_server

from connectors import ports
from connectors.failures import Objection, Unreadable
from connectors.iso18626 import messages as m
from connectors.iso18626.dialogue import IsoDialogue
from connectors.sandbox.agenda import Agenda, SandboxClock
from connectors.sandbox.app import create_app, open_doors
from connectors.sandbox.catalogue import Catalogue
from connectors.sandbox.config import Config
from connectors.sandbox.library import MemberLibrary
from connectors.sandbox.reporting import Reporter
from connectors.sandbox.shelf import Title, titles
from connectors.transport import Target
from connectors.webhook.client import WebhookPartner
from connectors.webhook.codec import decode_report
from connectors.webhook.signing import verified_id
from tests.connectors.factories import NOW, SECRET, ask

CODES = ("bhu", "jinan", "szutl")


class Seconds:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Broker:
    """A broker's inbox: keeps what is signed, and answers as it is told."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.objections: list[Objection] = []
        self.came: list[tuple[str, str]] = []
        self.clock: SandboxClock | None = None
        self.app = Flask("broker")
        #: What came by ISO 18626: the messages, and with which token.
        self.supplied: list[tuple[m.SupplyingMessage, str]] = []
        self.app.add_url_rule("/api/v1/webhooks/<library>", view_func=self._take, methods=["POST"])
        self.app.add_url_rule("/api/v1/iso18626", view_func=self._confirm, methods=["POST"])

    def _take(self, library: str) -> Response:
        assert library == "bhu"
        assert self.clock is not None
        body = request.get_data()
        message_id = verified_id(dict(request.headers), body, secrets=[SECRET], now=self.clock.real())
        self.came.append((message_id, decode_report(body).status.value))
        return Response(status=self.answers.pop(0) if self.answers else 202)

    def _confirm(self) -> Response:
        assert self.clock is not None
        try:
            heard = IsoDialogue().read(request.get_data())
        except Unreadable:
            return Response(status=400)
        assert isinstance(heard.message, m.SupplyingMessage)
        objection = self.objections.pop(0) if self.objections else None
        if objection is None:
            self.supplied.append((heard.message, request.headers.get("authorization", "")))
        return Response(heard.answer(now=self.clock.real(), objection=objection))


@dataclass
class Sandbox:
    app: Flask
    library: MemberLibrary
    agenda: Agenda
    clock: SandboxClock
    seconds: Seconds
    broker: Broker

    def pass_by(self, seconds: float) -> None:
        """Let time pass in small steps, as it does."""
        for _ in range(round(seconds * 10)):
            self.seconds.now += 0.1
            self.agenda.run_due()


@cache
def catalogue(library: str) -> Catalogue:
    """Return what a library owns, read once for all tests."""
    return Catalogue(shelf(library))


@cache
def shelf(library: str) -> tuple[Title, ...]:
    return tuple(titles(library, CODES, share=0.3))


def sandbox(*, now: datetime = NOW, **facts: Any) -> Sandbox:
    """Return a library over few titles that reports to a broker in the same process."""
    usual = {"library": "bhu", "libraries": CODES, "secret": SECRET, "broker_url": "http://broker.example"}
    config = Config(**{**usual, **facts})
    seconds, broker = Seconds(), Broker()
    agenda = Agenda(seconds)
    clock = broker.clock = SandboxClock(lambda: now)
    target = Target("bhu", transport=httpx.WSGITransport(broker.app))
    reporter = Reporter(config, target=target, agenda=agenda, clock=clock)
    library = MemberLibrary(
        config,
        catalogue=catalogue(config.library),
        agenda=agenda,
        clock=clock,
        reporter=reporter,
        run_id="t",
    )
    return Sandbox(create_app(library), library, agenda, clock, seconds, broker)


def partner(box: Sandbox, *, secret: str = SECRET) -> WebhookPartner:
    target = Target("bhu", transport=httpx.WSGITransport(box.app))
    return WebhookPartner(target, "http://bhu.example", secret, box.clock.real)


def reported(box: Sandbox, scenario: str, *messages: ports.Telling) -> list[str]:
    """Return what the broker hears after an ask and what follows it, each given its time."""
    box.library.behave(scenario)
    partner(box).ask(ask())
    box.pass_by(3)
    for message in messages:
        partner(box).tell(message)
        box.pass_by(3)
    return [status for _, status in box.broker.came]


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve *app* on the loopback, where connections are real."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(60)
        server.server_close()


@contextmanager
def opened(box: Sandbox) -> Iterator[dict[str, int]]:
    """Open the doors without HTTP; yield their ports by protocol."""
    doors = open_doors(box.app)
    try:
        yield {name: door.port for name, door in doors.items()}
    finally:
        for door in doors.values():
            door.close()
