"""What partners send that is meant to break something: refused at once, and nothing of it is kept."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from connectors.iso18626 import codec
from connectors.iso18626.dialogue import IsoDialogue
from connectors.iso18626.messages import Revision, Status
from connectors.webhook.codec import decode_report
from connectors.webhook.signing import signed_headers, verified_id
from ill_broker import clock as machine
from ill_broker.services.partners.inbound import Inbound
from ill_broker.services.partners.iso_messages import SECRET as KIND
from ill_broker.services.partners.iso_messages import Conversations
from ill_broker.services.requests.door import Requests
from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.libraries import Secret
from ill_broker.storage.store import Store
from tests.connectors.hostile.manners import BODIES, HEAVY, MEGABYTE
from tests.connectors.iso18626_samples import header, supplying
from tests.ill_broker.api.client import NOW, Api, Hand
from tests.ill_broker.api.lending import SECRET, counts, lending_services, serving
from tests.ill_broker.services.partners.test_iso_messages import PROFILE, TOKEN
from tests.support.yardstick import tenth
from workflows.ids import LibraryCode

SZUTL = LibraryCode("szutl")
#: seconds of an ordinary machine's work in which a body is refused
AT_ONCE = 1.0
_MESSAGE = codec.encode(
    supplying(Status.WILL_SUPPLY, header=header(request_id="req_00000000000000000")), Revision.V1_2
)
_DECLARED, _, _ROOT = _MESSAGE.partition(b"?>\n")
_SPOKEN = _ROOT.replace(b"req_00000000000000000", b"&x;")
#: what is a message but for one thing
MESSAGES = {
    "true message with a doctype": _DECLARED + b"?><!DOCTYPE ISO18626Message>" + _ROOT,
    "true message with an entity": b'<!DOCTYPE m [<!ENTITY x "req_1">]>' + _SPOKEN,
    "true message with a file": b'<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + _SPOKEN,
    "true message with a nul": _MESSAGE.replace(b"req_0", b"\x00req_0"),
    "true message cut short": _MESSAGE[:-9],
    "many elements": b"<ISO18626Message>" + b"<a/>x" * 200_000 + b"</ISO18626Message>",
    "many attributes": b"<a " + b" ".join(b'a%d=""' % number for number in range(90_000)) + b"/>",
}
REPORTS = {
    "many objects": b"[" + b"{}," * 300_000 + b"{}]",
    "many names": b"{" + b",".join(b'"%d":0' % number for number in range(90_000)) + b"}",
}
LARGE = b"<a>" + b"x" * (2 * MEGABYTE) + b"</a>"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, webhooks_per_minute=1000)


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    with store.writing() as conn:
        libraries.set_connectors(conn, SZUTL, {"iso18626": PROFILE})
        libraries.add_secret(conn, Secret(library=SZUTL, kind=KIND, secret=TOKEN, valid_from=NOW))
    requests = next(each for each in services if isinstance(each, Requests))
    dialogue = IsoDialogue()
    inbound = Inbound(store, requests, verify=verified_id, read=decode_report, dialogue=dialogue)
    yield [*services, inbound, Conversations(store, inbound, dialogue)]
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


def is_utf_8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def doors(body: bytes) -> dict[str, dict[str, str]]:
    """Return where partners send to, with what proves them there."""
    signable = body if is_utf_8(body) else b""
    signed = signed_headers(message_id="m1", body=signable, secret=SECRET, now=machine.now())
    return {
        "/webhooks/szutl": {**signed, "Content-Type": "application/json"},
        "/iso18626": {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/xml"},
    }


def answers(api: Api, body: bytes, **how: Any) -> dict[str, tuple[int, bool]]:
    """Return the status and whether it came at once, by door."""
    told = {}
    for door, headers in doors(body).items():
        began = time.thread_time()
        sent = (
            {"data": body, **how} if "input_stream" not in how else {**how, "input_stream": io.BytesIO(body)}
        )
        response = api.post(door, headers=headers, **sent)
        told[door] = (response.status_code, time.thread_time() - began < AT_ONCE * 10 * tenth())
    return told


def test_what_is_meant_to_break_something_is_a_bad_request_at_once(api: Api, store: Store) -> None:
    before = counts(store)
    bodies = {**BODIES, **MESSAGES, **REPORTS, "bomb": HEAVY["bomb"]}

    def expected(body: bytes) -> dict[str, tuple[int, bool]]:
        # What is signed is text: nobody can prove anything else to be theirs.
        return {"/webhooks/szutl": (400 if is_utf_8(body) else 401, True), "/iso18626": (400, True)}

    assert {} == {
        name: told for name, body in bodies.items() if (told := answers(api, body)) != expected(body)
    }
    assert before == counts(store)


def test_what_is_too_large_is_not_taken_in_however_it_is_sent(api: Api, store: Store) -> None:
    before = counts(store)
    chunked = {"input_stream": None, "environ_overrides": {"wsgi.input_terminated": True}}

    assert {(413, True)} == {*answers(api, LARGE).values()}
    assert {(413, True)} == {*answers(api, LARGE, **chunked).values()}
    assert before == counts(store)
