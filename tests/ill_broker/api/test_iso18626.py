"""ISO 18626 over HTTP: one endpoint, a confirmation in the same breath, and what HTTP itself refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from connectors.iso18626 import codec
from connectors.iso18626 import messages as m
from connectors.iso18626.dialogue import IsoDialogue
from connectors.iso18626.messages import Revision, Status
from connectors.webhook.codec import decode_report
from connectors.webhook.signing import verified_id
from ill_broker.services.partners.inbound import Inbound
from ill_broker.services.partners.iso_messages import SECRET, Conversations
from ill_broker.services.requests.door import Requests
from ill_broker.settings import Settings
from ill_broker.storage import inbox, libraries
from ill_broker.storage.inbox import MessageState
from ill_broker.storage.libraries import Secret
from ill_broker.storage.store import Store
from tests.connectors.iso18626_samples import header, supplying
from tests.ill_broker.api.client import NOW, Api, Hand
from tests.ill_broker.api.lending import a_find, lending_services, serving
from tests.ill_broker.services.partners.test_iso_messages import PROFILE, TOKEN
from workflows.ids import LibraryCode
from workflows.patrons import Patron

SZUTL = LibraryCode("szutl")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, webhooks_per_minute=30)


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    with store.writing() as conn:
        libraries.set_connectors(conn, SZUTL, {"iso18626": PROFILE})
        long_ago = NOW - timedelta(days=365)
        libraries.add_secret(conn, Secret(library=SZUTL, kind=SECRET, secret=TOKEN, valid_from=long_ago))
    requests = next(each for each in services if isinstance(each, Requests))
    dialogue = IsoDialogue()
    inbound = Inbound(store, requests, verify=verified_id, read=decode_report, dialogue=dialogue)
    yield [*services, inbound, Conversations(store, inbound, dialogue)]
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def request_id(patron_api: Api, store: Store, patron: Patron) -> str:
    return str(patron_api.post("/requests", json=a_find(store, patron)).json["id"])


def body_of(request_id: str, status: Status = Status.WILL_SUPPLY) -> bytes:
    return codec.encode(supplying(status, header=header(request_id=request_id)), Revision.V1_2)


def post(api: Api, body: bytes, mimetype: str = "application/xml", token: str = TOKEN) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": mimetype}
    return api.post("/iso18626", data=body, headers=headers)


def stored(store: Store) -> list[MessageState]:
    with store.reading() as conn:
        return [each.state for each in inbox.listed(conn, states=[*MessageState])]


@pytest.mark.parametrize("mimetype", ["application/xml", "text/xml; charset=utf-8"])
def test_a_message_is_confirmed_in_its_own_protocol(
    api: Api, store: Store, request_id: str, mimetype: str
) -> None:
    answer = post(api, body_of(request_id), mimetype)
    confirmed = codec.decode(answer.data).message

    assert (200, "application/xml") == (answer.status_code, answer.mimetype)
    assert isinstance(confirmed, m.SupplyingConfirmation)
    assert (m.MessageStatus.OK, request_id) == (confirmed.header.status, confirmed.header.request_id)
    assert [MessageState.WAITING] == stored(store)


def test_an_error_of_the_protocol_is_no_error_of_http(api: Api, store: Store) -> None:
    answer = post(api, body_of("req_nobodys"))
    confirmed: Any = codec.decode(answer.data).message

    assert 200 == answer.status_code
    assert (m.MessageStatus.ERROR, m.ErrorType.UNRECOGNISED_VALUE) == (
        confirmed.header.status,
        confirmed.errors[0].type,
    )
    assert [] == stored(store)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not XML",
        b"<html/>",
        b'<!DOCTYPE request SYSTEM "http://elsewhere.example/x.dtd"><request/>',
        b'<!DOCTYPE request [<!ENTITY a "b">]><request><header>&a;</header></request>',
    ],
)
def test_what_is_no_message_is_a_bad_request(api: Api, body: bytes) -> None:
    assert 400 == post(api, body).status_code


def test_anything_but_xml_is_the_wrong_type(api: Api) -> None:
    assert 415 == post(api, b"{}", "application/json").status_code


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_it_is_posted_to(api: Api, method: str) -> None:
    assert 405 == getattr(api, method)("/iso18626").status_code


def test_a_stranger_is_told_nothing(api: Api, store: Store, request_id: str) -> None:
    refused = [post(api, body_of(name), token="another") for name in (request_id, "req_nobodys")]

    assert [401, 401] == [each.status_code for each in refused]
    assert refused[0].json["title"] == refused[1].json["title"]
    assert [] == stored(store)


def test_a_body_that_is_too_large_is_refused(api: Api) -> None:
    assert 413 == post(api, b"<request>" + b" " * (1024 * 1024) + b"</request>").status_code


def test_a_flood_is_held_back(api: Api) -> None:
    assert 429 in {post(api, b"<html/>").status_code for _ in range(31)}
