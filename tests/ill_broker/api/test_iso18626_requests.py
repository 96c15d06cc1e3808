"""A partner's system over HTTP, both ways: it posts its requests to us, and we post where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from connectors.addresses import ANYWHERE
from connectors.iso18626 import codec
from connectors.iso18626 import messages as m
from connectors.iso18626.client import IsoRequester
from connectors.iso18626.dialogue import IsoDialogue
from connectors.iso18626.messages import Action, Revision
from connectors.iso18626.profile import ISO18626
from connectors.ports import Connectors
from connectors.profile_secrets import Secrets
from connectors.transport import Target
from connectors.webhook.codec import decode_report
from connectors.webhook.signing import verified_id
from ill_broker.services.delivery.delivery import Delivery
from ill_broker.services.members.directory import Directory
from ill_broker.services.partners.inbound import Inbound, partner
from ill_broker.services.partners.iso_messages import SECRET, Conversations
from ill_broker.services.partners.partner_requests import PartnerRequests
from ill_broker.services.requests.door import Requests
from ill_broker.settings import Settings
from ill_broker.storage import libraries, partner_requests
from ill_broker.storage.libraries import Secret
from ill_broker.storage.store import Store
from tests.factories import BJTU, HOUR, PKU, SZUTL, held
from tests.ill_broker.api.client import NOW, Api, Hand
from tests.ill_broker.api.lending import lending_services, serving
from tests.ill_broker.services.asking_partner import PROFILE, TOKEN, acting, asking, in_short
from tests.ill_broker.services.lending import Lenders, Mails
from workflows.ids import RequestId
from workflows.requests.commands import Report, ReportedStatus
from workflows.requests.lifecycle import Outcome


class Listener:
    """The partner's own door on loopback: keeps what it is told and confirms it."""

    def __init__(self) -> None:
        self.told: list[m.Message] = []
        outer = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.told.append(codec.decode(body).message)
                answer = IsoDialogue().read(body).answer(now=NOW)
                self.send_response(200)
                self.send_header("content-type", "application/xml")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        self._server = HTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_port}/iso"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def heard(self) -> list[str]:
        return [in_short(each) for each in self.told if isinstance(each, m.SupplyingMessage)]


class Office:
    """Our side: what the web process takes, and what the worker then does."""

    def __init__(self, store: Store, services: list[object], clock: Hand, url: str) -> None:
        self.store, self.clock = store, clock
        self.requests = next(each for each in services if isinstance(each, Requests))
        directory = next(each for each in services if isinstance(each, Directory))
        dialogue = IsoDialogue()
        hearer = PartnerRequests(store, self.requests, dialogue, lambda *_: (held(SZUTL), held(PKU)))
        self.inbound = Inbound(
            store, self.requests, verify=verified_id, read=decode_report, dialogue=dialogue, hearer=hearer
        )
        self.conversations = Conversations(store, self.inbound, dialogue)
        lenders = Lenders()
        target = Target(BJTU, reach=ANYWHERE)
        profile = ISO18626.read({**PROFILE, "url": url}, Secrets({}))
        assert profile is not None
        requester = IsoRequester(target, profile)
        lenders.by_hand[BJTU] = Connectors(BJTU, requester=requester)
        self.delivery = Delivery(store, self.requests, directory, lenders, Mails(), owner="w")

    def work(self) -> None:
        """Apply what came and deliver what waits."""
        self.clock.move(HOUR)
        now = self.clock.now()
        while found := [*self.inbound.waiting(50, asking=True), *self.inbound.waiting(50)]:
            for message in found:
                self.inbound.apply(message, now=now)
        while entries := self.delivery.claim(now, 10):
            for entry in entries:
                self.delivery.deliver(entry, now=now)

    def lender_says(self, status: ReportedStatus) -> None:
        with self.store.reading() as conn:
            link = partner_requests.find(conn, BJTU, "R-1")
        request_id = (link and link.request_id) or RequestId("")
        request = self.requests.see(request_id, partner(BJTU)).request
        lender = request.lender or SZUTL
        said = Report(lender=lender, status=status, occurred_at=self.clock.now(), item_barcode="B1")
        self.requests.handle(request_id, said, partner(lender), now=self.clock.now())
        self.work()

    def outcome(self) -> Outcome | None:
        with self.store.reading() as conn:
            link = partner_requests.find(conn, BJTU, "R-1")
        request_id = (link and link.request_id) or RequestId("")
        return self.requests.see(request_id, partner(BJTU)).request.outcome


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    with store.writing() as conn:
        libraries.set_connectors(conn, BJTU, {"iso18626": PROFILE})
        long_ago = NOW - timedelta(days=365)
        libraries.add_secret(conn, Secret(library=BJTU, kind=SECRET, secret=TOKEN, valid_from=long_ago))
    yield services
    close()


@pytest.fixture
def office(store: Store, services: list[object], clock: Hand, listener: Listener) -> Office:
    return Office(store, services, clock, listener.url)


@pytest.fixture
def app(settings: Settings, services: list[object], office: Office, clock: Hand) -> Flask:
    return serving(settings, [*services, office.inbound, office.conversations], clock)


@pytest.fixture
def post(api: Api) -> Callable[[m.Business], Any]:
    def post(message: m.Business) -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/xml"}
        answer = api.post("/iso18626", data=codec.encode(message, Revision.V1_2), headers=headers)
        return codec.decode(answer.data).message

    return post


def test_a_partners_request_goes_all_the_way_although_each_message_comes_twice(
    post: Callable[[m.Business], Any], office: Office, listener: Listener, clock: Hand
) -> None:
    confirmed: list[Any] = []

    def say(message: m.Business) -> None:
        confirmed.extend([post(message), post(message)])
        office.work()
        confirmed.append(post(message))
        office.work()

    say(asking(at=clock.now()))
    office.lender_says(ReportedStatus.WILL_SUPPLY)
    office.lender_says(ReportedStatus.LOANED)
    say(acting(Action.RECEIVED, at=clock.now()))
    say(acting(Action.STATUS_REQUEST, at=clock.now()))
    say(acting(Action.SHIPPED_RETURN, at=clock.now()))
    office.lender_says(ReportedStatus.LOAN_COMPLETED)

    assert {m.MessageStatus.OK} == {each.header.status for each in confirmed}
    assert [
        "RequestResponse: ExpectToSupply",
        "StatusChange: WillSupply",
        "StatusChange: Loaned",
        "StatusChange: Loaned",
        "StatusRequestResponse: Loaned",
        "StatusChange: LoanCompleted",
    ] == listener.heard()
    assert Outcome.COMPLETED is office.outcome()
