"""Typed requests over HTTP: left by readers, looked at, corrected, matched, refused, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Api, Hand
from tests.ill_broker.api.lending import Callers, lending_services, serving
from tests.ill_broker.services.finders import hit
from workflows.patrons import Patron

TYPED: dict[str, Any] = {"citation": {"title": "北京植物志", "author": "贺士元"}, "note": "上册\n也可以"}


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    made, close = lending_services(store, settings, clock, (hit("szutl", title="北京植物志 上册"),))
    yield made
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def callers(api: Api, services: list[object], store: Store) -> Callers:
    return Callers(api, services, store)


@pytest.fixture
def desk(callers: Callers) -> Api:
    return callers.staff("bjtu")


def step(api: Api, typed: dict[str, Any], name: str, body: dict[str, Any] | None = None) -> Any:
    return api.post(f"/typed-requests/{typed['id']}/{name}", json=body or {})


def test_what_is_typed_is_left_once_by_a_key_and_once_by_a_work(patron_api: Api, clock: Hand) -> None:
    key = {"Idempotency-Key": "k1"}
    first = patron_api.post("/typed-requests", json=TYPED, headers=key)
    again = patron_api.post("/typed-requests", json=TYPED, headers=key)
    clock.time = clock.time.replace(minute=30)
    later = patron_api.post("/typed-requests", json=TYPED)

    assert [201, 201, 200] == [each.status_code for each in (first, again, later)]
    shown = patron_api.get(f"/typed-requests/{first.json['id']}").json

    assert first.json == again.json == later.json == shown
    assert {"items": [first.json], "next": None} == patron_api.get("/typed-requests").json
    assert ("waiting", "上册\n也可以", None) == (shown["status"], shown["note"], shown["patron"])


def test_a_desk_corrects_searches_and_matches_and_the_reader_has_a_request(
    patron_api: Api, desk: Api, patron: Patron
) -> None:
    typed = patron_api.post("/typed-requests", json=TYPED).json
    shown = desk.get("/typed-requests?status=waiting").json["items"][0]
    corrected = desk.put(f"/typed-requests/{typed['id']}/citation", json={"title": "北京植物志 上册"}).json

    assert (patron.id, 1) == (shown["patron"]["id"], desk.get("/desk").json["typed"])
    assert ("北京植物志", "北京植物志 上册") == (corrected["typed"]["title"], corrected["citation"]["title"])

    search = desk.post("/searches", json={"title": corrected["citation"]["title"]}).json
    desk.get(f"/searches/{search['id']}/events")
    (work,) = desk.get(f"/searches/{search['id']}").json["works"]
    key = {"Idempotency-Key": "m1"}
    body = {"search": search["id"], "work": work["id"], "lender": "szutl"}
    matched = desk.post(f"/typed-requests/{typed['id']}/match", json=body, headers=key)
    again = desk.post(f"/typed-requests/{typed['id']}/match", json=body, headers=key)
    request = patron_api.get(f"/requests/{matched.json['request']}").json
    timeline = patron_api.get(f"/requests/{matched.json['request']}/timeline").json["items"]

    assert (200, "matched", again.json) == (matched.status_code, matched.json["status"], matched.json)
    assert (typed["number"], "szutl", "submitted") == tuple(
        request[name] for name in ("number", "lender", "status")
    )
    assert ("staff", "bjtu") == (timeline[0]["by"], timeline[0]["by_library"])
    assert 0 == desk.get("/desk").json["typed"]
    assert 409 == step(desk, typed, "match", body).status_code


def test_a_question_is_asked_and_answered_and_the_end_says_why(patron_api: Api, desk: Api) -> None:
    typed = patron_api.post("/typed-requests", json=TYPED).json
    asked = step(desk, typed, "question", {"text": "上册？"}).json
    answered = step(patron_api, typed, "answer", {"text": "是。"}).json
    refused = step(desk, typed, "refusal", {"reason": "not_lent"}).json

    assert ["asked", "waiting", "declined"] == [each["status"] for each in (asked, answered, refused)]
    assert ("是。", "not_lent", "有此书的图书馆都不出借。") == (
        answered["answer"],
        refused["reason"],
        refused["reason_told"],
    )
    assert 409 == step(patron_api, typed, "cancellation").status_code


def test_a_reader_gives_it_up_and_nobody_else_sees_it(patron_api: Api, callers: Callers, desk: Api) -> None:
    typed = patron_api.post("/typed-requests", json=TYPED).json
    elsewhere = callers.staff("pku")
    path = f"/typed-requests/{typed['id']}"

    assert [] == elsewhere.get("/typed-requests").json["items"]
    assert [404, 404, 403, 403] == [
        elsewhere.get(path).status_code,
        step(elsewhere, typed, "match", {"lender": "szutl"}).status_code,
        step(patron_api, typed, "match", {"lender": "szutl"}).status_code,
        step(desk, typed, "cancellation").status_code,
    ]
    assert "cancelled" == step(patron_api, typed, "cancellation").json["status"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("match", {}),
        ("match", {"search": "srch_00000001"}),
        ("match", {"lender": "nobody"}),
        ("refusal", {"reason": "other"}),
        ("question", {"text": " "}),
    ],
)
def test_what_says_too_little_is_refused(patron_api: Api, desk: Api, name: str, body: dict[str, Any]) -> None:
    typed = patron_api.post("/typed-requests", json=TYPED).json

    assert 422 == step(desk, typed, name, body).status_code


def test_what_cannot_be_typed_is_refused_where_it_is_wrong(patron_api: Api) -> None:
    past = patron_api.post("/typed-requests", json={**TYPED, "needed_by": "2020-01-01"})
    nowhere = patron_api.post("/typed-requests", json={**TYPED, "pickup_site": "nowhere"})

    assert [(422, "needed_in_the_past"), (422, "unknown_pickup_site")] == [
        (each.status_code, each.json["code"]) for each in (past, nowhere)
    ]


def test_the_desk_reads_who_of_it_has_acted_last_and_the_reader_does_not(patron_api: Api, desk: Api) -> None:
    typed = patron_api.post("/typed-requests", json=TYPED).json
    before = desk.get(f"/typed-requests/{typed['id']}").json["by_name"]
    asked = step(desk, typed, "question", {"text": "上册还是下册？"}).json
    answered = step(patron_api, typed, "answer", {"text": "上册"}).json
    step(desk, typed, "refusal", {"reason": "not_found"})
    listed = desk.get("/typed-requests?status=declined").json["items"][0]

    assert (None, None) == (before, answered["by_name"])
    assert asked["by_name"]
    assert asked["by_name"] == desk.get(f"/typed-requests/{typed['id']}").json["by_name"] == listed["by_name"]
    assert patron_api.get(f"/typed-requests/{typed['id']}").json["by_name"] is None
