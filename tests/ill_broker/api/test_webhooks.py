"""Partners' reports over HTTP: proven, stored, acknowledged; nothing is learned by who may not know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from standardwebhooks import Webhook

from connectors.webhook.signing import signed_headers
from ill_broker import clock as machine
from ill_broker.services.partners.inbound import Inbound
from ill_broker.settings import Settings
from ill_broker.storage import inbox, libraries
from ill_broker.storage.inbox import MessageState
from ill_broker.storage.libraries import Secret
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import NOW, Api, Hand
from tests.ill_broker.api.lending import SECRET, a_find, counts, lending_services, send, serving
from workflows.ids import LibraryCode, MessageId
from workflows.patrons import Patron

#: a signature that the specification's own library has published
VECTOR = {
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "timestamp": "1614265330",
    "body": '{"test": 2432232314}',
    "signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, webhooks_per_minute=30)


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    yield services
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def request_id(patron_api: Api, store: Store, patron: Patron) -> str:
    return str(patron_api.post("/requests", json=a_find(store, patron)).json["id"])


def body_of(request_id: str | None, status: str = "WillSupply", **facts: Any) -> bytes:
    data = {"request_id": request_id, "status": status, "occurred_at": NOW.isoformat(), **facts}
    told = {"type": "request.status", "timestamp": NOW.isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False).encode()


def state(store: Store, name: str = "m1") -> MessageState | None:
    with store.reading() as conn:
        found = inbox.find(conn, LibraryCode("szutl"), MessageId(name))
    return None if found is None else found.state


def apply_all(services: list[object]) -> None:
    inbound = next(one for one in services if isinstance(one, Inbound))
    for message in inbound.waiting(50):
        inbound.apply(message, now=NOW)


def bare(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request_id"}


def test_a_report_is_stored_and_acknowledged_before_it_is_applied(
    api: Api, patron_api: Api, store: Store, services: list[object], request_id: str
) -> None:
    response = send(api, body_of(request_id))

    assert (202, b"", MessageState.WAITING) == (response.status_code, response.data, state(store))
    assert "submitted" == patron_api.get(f"/requests/{request_id}").json["status"]

    apply_all(services)

    assert "accepted" == patron_api.get(f"/requests/{request_id}").json["status"]


def test_the_same_report_again_is_taken_and_changes_nothing(
    api: Api, store: Store, services: list[object], request_id: str
) -> None:
    first = send(api, body_of(request_id))
    apply_all(services)
    before = counts(store)
    again = send(api, body_of(request_id))
    apply_all(services)

    assert (202, 202) == (first.status_code, again.status_code)
    assert (before, MessageState.APPLIED) == (counts(store), state(store))


def test_a_name_told_later_lets_what_waited_be_applied(
    api: Api, patron_api: Api, store: Store, services: list[object], request_id: str
) -> None:
    by_name = send(api, body_of(None, "Loaned", lender_request_id="S-𠮷"))
    apply_all(services)

    assert (202, MessageState.QUARANTINED) == (by_name.status_code, state(store))

    send(api, body_of(request_id, "WillSupply", lender_request_id="S-𠮷"), "m2")
    apply_all(services)
    apply_all(services)

    assert MessageState.APPLIED is state(store)
    assert "in_transit" == patron_api.get(f"/requests/{request_id}").json["status"]


def test_what_runs_ahead_is_taken_and_waits(
    api: Api, patron_api: Api, store: Store, services: list[object], request_id: str
) -> None:
    for name, status in (("m1", "Recalled"), ("m2", "Loaned")):
        assert 202 == send(api, body_of(request_id, status), name).status_code
        apply_all(services)
    apply_all(services)

    assert MessageState.APPLIED is state(store)
    assert "in_transit" == patron_api.get(f"/requests/{request_id}").json["status"]


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": "v1,bm90IGEgc2lnbmF0dXJl"},
        {"webhook-signature": ""},
        {"webhook-signature": "v2," + "a" * 44},
        {"webhook-id": "m2"},
        {"webhook-id": ""},
        {"webhook-id": "m 1"},
        {"webhook-id": "m" * 300},
        {"webhook-timestamp": "0"},
        {"webhook-timestamp": "yesterday"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-timestamp": "-1"},
    ],
    ids=str,
)
def test_what_is_not_proven_is_refused(
    api: Api, store: Store, request_id: str, headers: dict[str, str]
) -> None:
    before = counts(store)
    response = send(api, body_of(request_id), **headers)

    assert (401, "unauthenticated") == (response.status_code, response.json["code"])
    assert before == counts(store)


@pytest.mark.parametrize(
    ("headers", "reason", "words"),
    [
        ({"webhook-id": ""}, "unusable_message_id", "webhook-id"),
        ({"webhook-timestamp": "yesterday"}, "unusable_timestamp", "webhook-timestamp"),
        ({"webhook-timestamp": "0"}, "timestamp_off", "五分钟"),
        ({"webhook-signature": "v1,AAAA"}, "no_signature_fits", "密钥"),
    ],
)
def test_a_partner_is_told_why_it_is_not_believed(
    api: Api, request_id: str, headers: dict[str, str], reason: str, words: str
) -> None:
    refused = send(api, body_of(request_id), **headers).json

    assert [reason] == [each["code"] for each in refused["reasons"]]
    assert words in refused["detail"]


@pytest.mark.parametrize(("minutes", "status"), [(-6, 401), (-4, 202), (4, 202), (6, 401)])
def test_five_minutes_are_tolerated(api: Api, request_id: str, minutes: int, status: int) -> None:
    body, at = body_of(request_id), machine.now() + timedelta(minutes=minutes)
    headers = signed_headers(message_id="m1", body=body, secret=SECRET, now=at)

    assert status == api.post("/webhooks/szutl", data=body, headers=headers).status_code


def test_a_published_signature_fits_and_is_too_old(api: Api, store: Store) -> None:
    at = datetime.fromtimestamp(int(VECTOR["timestamp"]), UTC)
    headers = {f"webhook-{name}": VECTOR[name] for name in ("id", "timestamp", "signature")}
    with store.writing() as conn:
        secret = Secret(library=LibraryCode("szutl"), kind="inbound", secret=VECTOR["secret"], valid_from=at)
        libraries.add_secret(conn, secret)

    assert VECTOR["signature"] == Webhook(VECTOR["secret"]).sign(VECTOR["id"], at, VECTOR["body"])
    assert 401 == api.post("/webhooks/szutl", data=VECTOR["body"], headers=headers).status_code


def test_a_partner_may_sign_with_two_secrets_while_it_changes_them(api: Api, request_id: str) -> None:
    body = body_of(request_id)
    true = signed_headers(message_id="m1", body=body, secret=SECRET, now=machine.now())["webhook-signature"]

    assert 202 == send(api, body, **{"webhook-signature": f"v1,AAAA {true}"}).status_code


def test_a_library_that_is_none_is_as_unproven_as_any(api: Api, request_id: str) -> None:
    wrong = send(api, body_of(request_id), **{"webhook-signature": "v1,AAAA"})
    nobody = send(api, body_of(request_id), library="nobody")

    assert (401, bare(wrong.json)) == (nobody.status_code, bare(nobody.json))


def test_every_fault_of_what_cannot_be_read_is_named(api: Api, store: Store) -> None:
    body = {"type": "request.news", "timestamp": "2026-03-02T10:15:00", "data": {"status": "Lost", "note": 1}}
    before = counts(store)
    response = send(api, json.dumps(body).encode())

    assert (400, "malformed_request") == (response.status_code, response.json["code"])
    assert {"/type", "/timestamp", "/data/status", "/data/occurred_at", "/data/note", "/data/request_id"} == {
        error["pointer"] for error in response.json["errors"]
    }
    assert before == counts(store)


def test_a_request_that_is_not_theirs_is_as_unknown_as_none(
    api: Api, patron_api: Api, store: Store, patron: Patron, request_id: str
) -> None:
    other = patron_api.post("/requests", json=a_find(store, patron, "pku", isbn="9787536692930")).json["id"]
    theirs, none = send(api, body_of(other)), send(api, body_of("req_00000000000000000"), "m2")

    assert (404, bare(none.json)) == (theirs.status_code, bare(theirs.json))
    assert (None, None) == (state(store), state(store, "m2"))


def test_a_report_that_is_too_large_is_refused(api: Api, store: Store) -> None:
    response = send(api, body_of("req_1", note="x" * (1024 * 1024)))

    assert (413, "too_large") == (response.status_code, response.json["code"])


def test_one_library_from_one_address_may_send_so_many_a_minute(api: Api, request_id: str) -> None:
    bad = {"webhook-signature": "v1,AAAA"}
    came = [send(api, body_of(request_id), **bad) for _ in range(31)]
    elsewhere = send(api, body_of(request_id), library="pku", **bad)
    headers = signed_headers(message_id="m1", body=body_of(request_id), secret=SECRET, now=machine.now())
    from_there = api.post(
        "/webhooks/szutl",
        data=body_of(request_id),
        headers=headers,
        environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
    )

    assert [401] * 30 + [429] == [response.status_code for response in came]
    assert ("too_many_requests", True) == (
        came[-1].json["code"],
        1 <= int(came[-1].headers["Retry-After"]) <= 60,
    )
    assert (401, 202) == (elsewhere.status_code, from_there.status_code)
