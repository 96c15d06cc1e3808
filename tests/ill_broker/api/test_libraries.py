"""Member libraries over HTTP: who they are, how they are reached, trials, and how it has been going."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask

from connectors.addresses import Reach
from connectors.failures import Unreachable
from connectors.profiles import check
from connectors.trials import Outcome, Trial
from ill_broker.services.members.connections import Connections
from ill_broker.services.members.connector_health import FAILURES, REST, PartnerHealth, call
from ill_broker.services.members.membership import Membership
from ill_broker.services.passwords import Passwords
from ill_broker.services.places import Places
from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.store import Store
from tests.factories import PKU, the_book
from tests.ill_broker.api.client import NOW, Api, Hand, a_patron
from tests.ill_broker.api.lending import Callers, lending_services, serving

DOCUMENT: dict[str, Any] = {
    "sru": {"url": "https://pku.example/sru"},
    "sip2": {"host": "sip.pku.example", "login": {"user": "broker", "secret": {"ref": "sip2"}}},
}


class TryOut:
    """Tries nothing, and keeps what it was to try."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any], Mapping[str, str]]] = []

    def __call__(self, library: str, told: Mapping[str, Any], secrets: Mapping[str, str]) -> Iterator[Trial]:
        self.asked.append((library, told, secrets))
        yield Trial(connector="sru", outcome=Outcome.OK, milliseconds=12, detail="explains itself")
        yield Trial(connector="sip2", outcome=Outcome.FAILED, milliseconds=5000, detail="login refused")


def looked_up(host: str, _port: int) -> list[str]:
    trouble = {"nobodys.example": socket.EAI_NONAME, "later.example": socket.EAI_AGAIN}
    if host in trouble:
        raise socket.gaierror(trouble[host], "why")
    return ["93.184.216.34"]


@pytest.fixture
def try_out() -> TryOut:
    return TryOut()


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand, try_out: TryOut) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    health = PartnerHealth(store)
    nowhere = Reach(lookup=looked_up)
    connections = Connections(store, health, Places(), check=partial(check, reach=nowhere), try_out=try_out)
    yield [*services, health, connections]
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


def told(response: Any, status: int = 200) -> dict[str, Any]:
    body: dict[str, Any] = response.json

    assert status == response.status_code, body
    return body


def test_everybody_may_know_who_the_members_are(callers: Callers, office: Api, store: Store) -> None:
    everybody = [callers.patron(a_patron(store)), callers.staff("bjtu"), callers.partner("pku"), office]
    seen = [told(one.get("/libraries"))["items"] for one in everybody]
    one = told(callers.staff("bjtu").get("/libraries/pku"))

    assert all(each == seen[0] for each in seen)
    assert one in seen[0]
    assert ("pku", True) == (one["code"], one["lends"])
    assert callers.anybody.get("/libraries").status_code == 401
    assert office.get("/libraries/atlantis").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/libraries/pku/connectors"),
        ("put", "/libraries/pku/connectors"),
        ("post", "/libraries/pku/connectors/test"),
        ("get", "/health/partners"),
    ],
)
def test_the_office_alone_sees_to_connectors(callers: Callers, store: Store, method: str, path: str) -> None:
    for one in (callers.patron(a_patron(store)), callers.staff("pku"), callers.partner("pku")):
        named: dict[str, Any] = {"json": {"connectors": {}}} if method == "put" else {}

        assert 403 == one.call(method, path, **named).status_code


def test_a_profile_is_changed_and_shown_with_its_version(office: Api) -> None:
    before = office.get("/libraries/pku/connectors")
    tag = {"If-Match": before.headers["ETag"]}
    changed = office.put("/libraries/pku/connectors", json={"connectors": DOCUMENT}, headers=tag)
    late = office.put("/libraries/pku/connectors", json={"connectors": {}}, headers=tag)
    after = office.get("/libraries/pku/connectors")

    assert {"library": "pku", "connectors": {}} == told(before)
    assert {"library": "pku", "connectors": DOCUMENT} == told(changed) == told(after)
    assert changed.headers["ETag"].strip('"') == after.headers["ETag"].strip('"').partition("-")[0]
    assert after.headers["ETag"] != before.headers["ETag"]
    assert "stale" == told(late, 412)["code"]


def test_a_profile_with_faults_is_refused_whole_with_each_by_its_pointer(office: Api) -> None:
    wrong = {**DOCUMENT, "sru": {"url": "http://127.0.0.1/sru", "x": 1}, "serves": {"ask": "koha"}}
    answer = told(office.put("/libraries/pku/connectors", json={"connectors": wrong}), 422)
    found = {error["pointer"]: error["code"] for error in answer["errors"]}

    assert "faulty_connectors" == answer["code"]
    assert {
        "/connectors/serves/ask": "bad_reference",
        "/connectors/sru/url": "forbidden_address",
        "/connectors/sru/x": "unknown_field",
    } == found
    assert {} == told(office.get("/libraries/pku/connectors"))["connectors"]


def test_a_name_that_nobody_has_is_not_saved_and_one_that_cannot_be_looked_up_waits(office: Api) -> None:
    wrong = {"sru": {"url": "https://nobodys.example/sru"}, "sip2": {"host": "later.example"}}
    answer = told(office.put("/libraries/pku/connectors", json={"connectors": wrong}), 422)

    assert {
        "/connectors/sru/url": ("unknown_host", "connectors: sru.url: 没有这个主机名，请检查拼写。"),
        "/connectors/sip2/host": (
            "host_not_looked_up",
            "connectors: sip2.host: 现在查不到这个主机名的地址（域名解析没有应答），请稍后再试。",
        ),
    } == {error["pointer"]: (error["code"], error["detail"]) for error in answer["errors"]}


def test_what_was_saved_is_tried_although_its_name_is_gone(
    office: Api, store: Store, try_out: TryOut
) -> None:
    gone = {"sru": {"url": "https://nobodys.example/sru"}}
    with store.writing() as conn:
        libraries.set_connectors(conn, PKU, gone)
    told(office.post("/libraries/pku/connectors/test"))

    assert [("pku", gone)] == [(library, document) for library, document, _ in try_out.asked]


def test_a_secret_in_a_profile_is_refused(office: Api) -> None:
    plain = {"sip2": {**DOCUMENT["sip2"], "login": {"user": "broker", "secret": "hush"}}}
    answer = told(office.put("/libraries/pku/connectors", json={"connectors": plain}), 422)

    assert ["/connectors/sip2/login/secret"] == [error["pointer"] for error in answer["errors"]]
    assert "hush" not in str(answer)


@pytest.mark.parametrize("method", ["get", "put"])
def test_a_library_that_is_none_has_no_profile(office: Api, method: str) -> None:
    named: dict[str, Any] = {"json": {"connectors": {}}} if method == "put" else {}

    assert "not_found" == told(office.call(method, "/libraries/atlantis/connectors", **named), 404)["code"]


def test_connectors_are_tried_with_the_secrets_that_are_stored(
    office: Api, try_out: TryOut, store: Store
) -> None:
    office.put("/libraries/pku/connectors", json={"connectors": DOCUMENT})
    membership = Membership(store, Passwords(cheap=True), the_book())
    for secret in ("old", "hush"):
        membership.keep_secret(PKU, "sip2", secret, now=NOW)
    answer = office.post("/libraries/pku/connectors/test")
    ((library, document, secrets),) = try_out.asked

    assert ("pku", DOCUMENT, "hush") == (library, document, secrets["sip2"])
    assert [("sru", "ok", 12, "explains itself"), ("sip2", "failed", 5000, "login refused")] == [
        (one["connector"], one["outcome"], one["milliseconds"], one["detail"])
        for one in told(answer)["items"]
    ]
    assert "hush" not in answer.text


def test_a_partner_that_rests_is_seen_by_the_office_and_by_the_library(
    callers: Callers, office: Api, services: list[object], clock: Hand
) -> None:
    health = next(one for one in services if isinstance(one, PartnerHealth))
    for _ in range(FAILURES):
        health.note([call("pku", "sru", Unreachable("pku", "ConnectError"))], now=NOW)
    health.note([call("szutl", "webhook")], now=NOW)
    (of_pku,) = told(callers.staff("pku").get("/libraries/pku/health"))["items"]
    everybody = told(office.get("/health/partners"))["items"]
    of_office = told(office.get("/libraries/pku/health"))["items"]
    clock.move(REST + timedelta(seconds=1))
    (later,) = told(callers.partner("pku").get("/libraries/pku/health"))["items"]

    assert ("open", FAILURES, "ConnectError") == (of_pku["state"], of_pku["failures"], of_pku["detail"])
    assert of_pku["rests_until"].startswith("2026-03-02T02:00:30")
    assert ["pku", "szutl"] == [one["library"] for one in everybody]
    assert [of_pku] == everybody[:1] == of_office
    assert ("half_open", None) == (later["state"], later["rests_until"])


def test_the_days_of_a_connector_are_told_to_the_office_and_to_the_library(
    callers: Callers, office: Api, services: list[object]
) -> None:
    health = next(one for one in services if isinstance(one, PartnerHealth))
    health.note([call("pku", "sru", milliseconds=70), call("pku", "sru")], now=NOW)
    day = {"connector": "sru", "day": "2026-03-02", "calls": 2, "failures": 0, "median_milliseconds": 100}

    assert [day] == told(office.get("/libraries/pku/health/days"))["items"]
    assert [day] == told(callers.partner("pku").get("/libraries/pku/health/days"))["items"]
    assert 403 == callers.staff("bjtu").get("/libraries/pku/health/days").status_code
    assert 404 == office.get("/libraries/atlantis/health/days").status_code


def test_how_another_library_is_doing_is_not_told(callers: Callers, office: Api) -> None:
    assert callers.staff("bjtu").get("/libraries/pku/health").status_code == 403
    assert callers.partner("bjtu").get("/libraries/pku/health").status_code == 403
    assert office.get("/libraries/atlantis/health").status_code == 404
