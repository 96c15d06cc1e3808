"""Members admitted and changed over HTTP: every fault at once, a history, and what is still to be done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Api, Hand, a_patron
from tests.ill_broker.api.lending import Callers, lending_services, serving

NEW = {
    "code": "ruc",
    "name": "Renmin University Library",
    "name_zh": "人大图书馆",
    "policy": "balis",
    "lends": False,
}


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
def office(callers: Callers) -> Api:
    return callers.staff(None)


def admit(office: Api, **profile: Any) -> Any:
    return office.post("/libraries", json={"profile": profile, "reason": "joined in March"})


def told(answer: Any, status: int = 200) -> dict[str, Any]:
    body: dict[str, Any] = answer.json

    assert status == answer.status_code, body
    return body


def test_a_library_is_admitted_and_every_process_knows_it(office: Api) -> None:
    shown = told(admit(office, **NEW), 201)
    steps = {one["step"]: (one["done"], one["by"]) for one in shown["steps"]}

    assert NEW.items() <= shown["profile"].items()
    assert (False, "balis") == steps["policy"]
    assert {"lends": 0, "borrows": 0, "owed": []} == shown["open"]
    assert [("joined in March", {})] == [(one["reason"], one["changed"]) for one in shown["changes"]]
    assert shown == told(office.get("/libraries/ruc/membership"))


def test_every_fault_of_a_library_is_said_at_once_by_its_field(office: Api) -> None:
    wrong = {"code": "pku", "name": " ", "policy": "nobodys", "return_desks": ["atlantis"], "colour": "blue"}
    more = {"home_desk_waives": "much", "watches": {"answer_days": 0}, "connectors": {}}
    answer = told(admit(office, **wrong, **more), 422)

    assert "faulty_member" == answer["code"]
    assert {
        "/profile/code": "duplicate_code",
        "/profile/colour": "unknown_field",
        "/profile/connectors": "unknown_field",
        "/profile/home_desk_waives": "bad_money",
        "/profile/name": "bad_text",
        "/profile/name_zh": "missing_field",
        "/profile/policy": "bad_reference",
        "/profile/return_desks/0": "bad_reference",
        "/profile/watches/answer_days": "bad_number",
    } == {error["pointer"]: error["code"] for error in answer["errors"]}


def test_nobody_is_admitted_without_a_policy(office: Api) -> None:
    answer = told(admit(office, code="ruc", name="Renmin", name_zh="人大"), 422)

    assert [("/profile/policy", "missing_policy")] == [
        (error["pointer"], error["code"]) for error in answer["errors"]
    ]


def test_a_change_keeps_who_what_when_and_why_and_a_late_one_is_refused(office: Api) -> None:
    admit(office, **NEW)
    read = office.get("/libraries/ruc/membership")
    tag, profile = {"If-Match": read.headers["ETag"]}, told(read)["profile"]
    begins = {"profile": {**profile, "lends": True}, "reason": "its desk is ready"}
    changed = told(office.put("/libraries/ruc/membership", json=begins, headers=tag))
    late = office.put("/libraries/ruc/membership", json=begins, headers=tag)
    again = told(office.put("/libraries/ruc/membership", json=begins))
    other = office.put("/libraries/ruc/membership", json={**begins, "profile": {**profile, "code": "bnu"}})

    assert [("its desk is ready", {"lends": [False, True]}), ("joined in March", {})] == [
        (one["reason"], one["changed"]) for one in changed["changes"]
    ]
    assert changed["changes"][0]["author"].startswith("stf_")
    assert "stale" == told(late, 412)["code"]
    assert changed["changes"] == again["changes"]
    assert "/profile/code" == told(other, 422)["errors"][0]["pointer"]


def test_the_office_alone_admits(callers: Callers, office: Api, store: Store) -> None:
    body = {"profile": NEW, "reason": "x"}
    for one in (callers.patron(a_patron(store)), callers.staff("pku"), callers.partner("pku")):
        assert 403 == one.post("/libraries", json=body).status_code
        assert 403 == one.get("/libraries/pku/membership").status_code
        assert 403 == one.put("/libraries/pku/membership", json=body).status_code
    assert 404 == office.get("/libraries/atlantis/membership").status_code
    assert 404 == office.put("/libraries/atlantis/membership", json=body).status_code
