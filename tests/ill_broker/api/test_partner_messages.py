"""What partners said and could not be applied: seen by those it concerns, who can have it tried again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from ill_broker.jobs.set_aside import raise_attention
from ill_broker.jobs.tidy import try_again
from ill_broker.services.partners.inbound import Inbound
from ill_broker.services.requests.door import Requests
from ill_broker.settings import Settings
from ill_broker.storage import inbox
from ill_broker.storage.inbox import MessageState
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import NOW, Api, Hand
from tests.ill_broker.api.lending import Callers, a_find, lending_services, send, serving
from tests.ill_broker.api.test_webhooks import body_of
from workflows.ids import LibraryCode, MessageId
from workflows.patrons import Patron

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    yield services
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def callers(api: Api, services: list[object], store: Store) -> Callers:
    return Callers(api, services, store)


@pytest.fixture
def request_id(patron_api: Api, store: Store, patron: Patron) -> str:
    return str(patron_api.post("/requests", json=a_find(store, patron)).json["id"])


def apply_all(services: list[object]) -> None:
    inbound = next(one for one in services if isinstance(one, Inbound))
    for message in inbound.waiting(50):
        inbound.apply(message, now=NOW)


def attention(services: list[object], store: Store, *, at: Any = LATER) -> int:
    requests = next(one for one in services if isinstance(one, Requests))
    return raise_attention(store, requests, at)


def refuse(store: Store, name: str = "m1") -> None:
    """Set a message aside for good, as a refusal of the rules does."""
    with store.writing() as conn:
        message = inbox.find(conn, LibraryCode("szutl"), MessageId(name))
        assert message
        inbox.mark(conn, message, MessageState.REFUSED, now=NOW, reason="not allowed")


def names(api: Api, query: str = "") -> list[str]:
    return [item["message_id"] for item in api.get(f"/partner-messages{query}").json["items"]]


def test_the_desk_and_the_office_see_what_could_not_be_applied_and_why(
    api: Api, callers: Callers, services: list[object], patron_api: Api, request_id: str
) -> None:
    send(api, body_of(request_id, "Recalled", note="教师急用"))
    apply_all(services)
    (told,) = callers.staff("bjtu").get("/partner-messages").json["items"]
    number = patron_api.get(f"/requests/{request_id}").json["number"]

    assert ("szutl", "m1", "quarantined", "Recalled") == (
        told["library"],
        told["message_id"],
        told["state"],
        told["status"],
    )
    assert ("Recalled while the request is submitted", request_id, number) == (
        told["reason"],
        told["request"],
        told["number"],
    )
    assert "教师急用" in told["body"]
    assert [told] == callers.staff(None).get("/partner-messages").json["items"]
    assert [told] == callers.staff("szutl").get("/partner-messages").json["items"]
    assert [[], [], ["m1"]] == [
        names(callers.staff("pku")),
        names(callers.staff("bjtu"), "?state=refused"),
        names(callers.staff("bjtu"), f"?request={request_id}&library=szutl&limit=1"),
    ]
    assert 403 == patron_api.get("/partner-messages").status_code


def test_what_names_no_request_of_ours_is_seen_by_whose_system_said_it(
    api: Api, callers: Callers, services: list[object]
) -> None:
    send(api, body_of(None, "Loaned", lender_request_id="S-𠮷"))
    apply_all(services)

    assert [["m1"], ["m1"], []] == [names(callers.staff(each)) for each in (None, "szutl", "bjtu")]


def test_a_long_list_is_read_page_by_page(
    api: Api, callers: Callers, services: list[object], clock: Hand, request_id: str
) -> None:
    for number in range(3):
        send(api, body_of(request_id, "Recalled"), f"m{number}")
        clock.move(timedelta(minutes=1))
    apply_all(services)
    desk = callers.staff("bjtu")
    first = desk.get("/partner-messages?limit=2").json["items"]
    last = first[-1]["received_at"].replace("+", "%2B")

    assert ["m2", "m1"] == [item["message_id"] for item in first]
    assert ["m0"] == names(desk, f"?before={last}")


def test_a_message_is_tried_again_when_the_desk_says_so(
    api: Api, callers: Callers, services: list[object], store: Store, request_id: str
) -> None:
    send(api, body_of(request_id, "WillSupply"))
    refuse(store)
    named = {"library": "szutl", "message_id": "m1"}
    desk = callers.staff("bjtu")

    assert 404 == callers.staff("pku").post("/partner-messages/replay", json=named).status_code
    assert 202 == desk.post("/partner-messages/replay", json=named).status_code
    assert "not_set_aside" == desk.post("/partner-messages/replay", json=named).json["code"]

    apply_all(services)

    assert "accepted" == desk.get(f"/requests/{request_id}").json["status"]
    assert [] == names(desk)
    assert 404 == desk.post("/partner-messages/replay", json={**named, "message_id": "m2"}).status_code


def test_a_refused_message_marks_its_request_and_one_that_came_early_only_after_a_while(
    api: Api, callers: Callers, services: list[object], store: Store, request_id: str
) -> None:
    desk = callers.staff("bjtu")
    send(api, body_of(request_id, "Recalled"), "early")
    apply_all(services)

    assert 0 == attention(services, store, at=NOW + timedelta(minutes=59))
    assert [] == desk.get(f"/requests/{request_id}").json["attention"]

    send(api, body_of(request_id, "RequestReceived"), "m1")
    refuse(store)

    assert 1 == attention(services, store, at=NOW)
    apply_all(services)
    assert (1, 0) == (attention(services, store), attention(services, store))
    assert ["partner_message"] == desk.get(f"/requests/{request_id}").json["attention"]

    timeline = desk.get(f"/requests/{request_id}/timeline").json["items"]

    assert ["m1"] == [item["because"]["message"] for item in timeline if item["event"] == "AttentionRaised"]


def test_a_message_that_is_tried_again_and_again_marks_its_request_once(
    api: Api, services: list[object], store: Store, request_id: str
) -> None:
    send(api, body_of(request_id, "Recalled"))
    for _ in range(3):
        apply_all(services)
        attention(services, store)
        try_again(store, LATER)

    assert 0 == attention(services, store)


def test_the_metrics_count_what_was_set_aside_and_what_waits_to_go_out(
    api: Api, app: Flask, services: list[object], request_id: str
) -> None:
    send(api, body_of(request_id, "Recalled"))
    apply_all(services)
    told = app.test_client().get("/metrics").text

    assert 'ill_partner_messages{state="quarantined"} 1.0' in told
    assert 'ill_partner_messages{state="refused"} 0.0' in told
    assert 'ill_outbox_entries{state="waiting"} 1.0' in told
