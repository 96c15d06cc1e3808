"""The office's pages of members: looked at, tried, reached anew; secrets, keys and passwords told once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from connectors.addresses import Reach
from connectors.failures import Unreachable
from connectors.profiles import check
from connectors.trials import Outcome, RefusedField, Trial
from ill_broker.services.members.connections import Connections
from ill_broker.services.members.connector_health import FAILURES, PartnerHealth, call
from ill_broker.services.members.membership import Membership
from ill_broker.services.passwords import Passwords
from ill_broker.services.places import Places
from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.factories import the_book
from tests.ill_broker.api.client import NOW, Hand
from tests.ill_broker.api.lending import lending_services, serving
from tests.ill_broker.api.reading import FORM, working

CONNECTORS = "/office/members/pku/connectors"


def tried(library: str, _told: Mapping[str, Any], _secrets: Mapping[str, str]) -> Iterator[Trial]:
    yield Trial(connector="sru", outcome=Outcome.OK, milliseconds=12, detail=f"{library} explains itself")
    refused = (RefusedField("koha.item_type", "no such type"),)
    yield Trial(connector="koha", outcome=Outcome.FAILED, detail="refused", refused=refused)


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    health = PartnerHealth(store)
    reach = Reach(lookup=lambda *_: ["93.184.216.34"])
    connections = Connections(store, health, Places(), check=partial(check, reach=reach), try_out=tried)
    yield [*services, health, connections, Membership(store, Passwords(cheap=True), the_book())]
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def office(app: Flask, services: list[object], store: Store) -> FlaskClient:
    return working(app, services, store, None)


def test_members_in_trouble_stand_first_with_what_failed(office: FlaskClient, store: Store) -> None:
    PartnerHealth(store).note(
        [call("szutl", "koha", Unreachable("szutl", "ConnectError"))] * FAILURES, now=NOW
    )
    members = office.get("/office/members").text
    member = office.get("/office/members/szutl").text

    assert members.index("/office/members/szutl") < members.index("/office/members/pku")
    assert ["多次失败，暂停呼叫", "koha"] == [
        each for each in ("多次失败，暂停呼叫", "koha") if each in members
    ]
    assert ["ConnectError", "连续 3 次失败"] == [e for e in ("ConnectError", "连续 3 次失败") if e in member]


def test_a_member_shows_its_connectors_days_as_a_drawing_and_a_table(
    office: FlaskClient, services: list[object]
) -> None:
    health = next(one for one in services if isinstance(one, PartnerHealth))
    health.note([call("szutl", "koha", milliseconds=70)], now=NOW)
    member = office.get("/office/members/szutl").text

    assert ["<svg xmlns", "koha 每天的数字", "100 毫秒"] == [
        each for each in ("<svg xmlns", "koha 每天的数字", "100 毫秒") if each in member
    ]


def test_the_test_button_says_what_came_of_each_connector_and_what_is_refused(office: FlaskClient) -> None:
    page = office.post("/office/members/pku/trial", data=FORM)

    assert 200 == page.status_code
    said = ("pku explains itself", "koha.item_type", "no such type", "12 毫秒")
    assert list(said) == [each for each in said if each in page.text]


def test_a_profile_with_faults_keeps_its_text_and_names_field_and_line(office: FlaskClient) -> None:
    version = re.search(r'name="version" value="(\d+)"', office.get(CONNECTORS).text)
    assert version is not None
    typed = "sru:\n  url: https://pku.example/sru\n  colour: blue\n"
    faulty = office.post(CONNECTORS, data={**FORM, "version": version[1], "text": typed})
    broken = office.post(CONNECTORS, data={**FORM, "version": version[1], "text": "sru: {url: ["})
    whole = {**FORM, "version": version[1], "text": "sru: {url: 'https://pku.example/sru'}"}
    saved = office.post(CONNECTORS, data=whole)
    late = office.post(CONNECTORS, data={**whole, "text": "{}"})

    assert [422, 422, 303, 422] == [one.status_code for one in (faulty, broken, saved, late)]
    assert re.search(r">3</td><td[^>]*><code>sru.colour<", faulty.text)
    assert "  colour: blue" in faulty.text
    assert "无法读取" in broken.text
    assert "https://pku.example/sru" in office.get(CONNECTORS).text


def test_a_secret_is_shown_once_and_revoked_alone(office: FlaskClient) -> None:
    path = "/office/members/pku/webhook-secrets"
    made = office.post(path, data={**FORM, "kind": "inbound", "end": "at_once"})
    secret = re.search(r"whsec_[^<]+", made.text)
    bad = office.post(path, data={**FORM, "kind": "inbound", "end": "later", "secret": "guess"})

    assert secret is not None
    listed = office.get(path).text
    end = re.search(rf"{path}/sec_\w+/revocation", listed)
    assert end is not None
    silent = office.post(end[0], data=FORM)
    office.post(end[0], data={**FORM, "reason": "写进了日志"})
    revoked = office.get(path).text
    assert secret[0] not in listed + revoked
    assert (422, None) == (silent.status_code, re.search(rf"{path}/sec_\w+/revocation", revoked))
    said = ["已作废", "王老师", "写进了日志"]
    assert said == [each for each in said if each in revoked]
    assert 422 == bad.status_code
    assert "guess" in bad.text


def test_a_key_is_shown_once_and_taken_away(office: FlaskClient, app: Flask) -> None:
    made = office.post("/office/keys", data={**FORM, "of": "pku", "label": "目录系统"})
    key = re.search(r"(?<=>)ill_[^<]+", made.text)
    assert key is not None
    end = re.search(r"/office/keys/key_\w+/revocation", made.text)
    assert end is not None
    ask = partial(app.test_client().get, "/api/v1/libraries", headers={"X-API-Key": key[0]})
    before = ask().status_code
    silent = office.post(end[0], data=FORM)
    still = ask().status_code
    office.post(end[0], data={**FORM, "reason": "系统已停用"})
    listed = office.get("/office/keys").text

    assert (200, 422, 200, 401) == (before, silent.status_code, still, ask().status_code)
    assert key[0] not in listed
    said = ["已作废", "王老师", "系统已停用"]
    assert said == [each for each in said if each in listed]


def test_somebody_is_admitted_by_letter_kept_out_and_let_in(office: FlaskClient, app: Flask) -> None:
    new = {**FORM, "of": "pku", "login": "zhang@pku", "name": "张敏"}
    letter = office.post("/office/staff", data=new)
    again = office.post("/office/staff", data=new)
    password = re.search(r'class="secret">([^<]+)<', letter.text)
    assert password is not None
    listed = office.get("/office/staff?library=pku").text
    (one,) = re.findall(r"/office/staff/(stf_\w+)/password", listed)
    logging_in = {"login": "zhang@pku", "password": password[1]}
    log_in = partial(app.test_client().post, "/api/v1/sessions", json=logging_in)
    first = log_in().status_code
    office.post(f"/office/staff/{one}", data={**FORM, "change": "keep_out"})
    out = log_in().status_code
    office.post(f"/office/staff/{one}", data={**FORM, "change": "let_in"})

    assert [201, 401, 201] == [first, out, log_in().status_code]
    assert (409, True) == (again.status_code, 'value="zhang@pku"' in again.text)
    office.post(f"/office/staff/{one}/password", data=FORM)
    assert 401 == log_in().status_code


@pytest.mark.parametrize(
    "path", ["members", "members/pku", "members/pku/connectors", "staff", "keys", "admission"]
)
def test_only_the_office_sees_its_pages(app: Flask, services: list[object], store: Store, path: str) -> None:
    desk = working(app, services, store, "pku")

    assert 404 == desk.get(f"/office/{path}").status_code
    assert 303 == app.test_client().get(f"/office/{path}").status_code


ADMITTED = {
    **FORM, "code": "ruc", "name": "Renmin University Library", "name_zh": "人大图书馆", "policy": "balis",
    "lends": "no", "by_sms": "no", "reason": "三月加入",
}  # fmt: skip


def test_a_library_is_admitted_on_a_form_that_says_every_fault_at_its_field(office: FlaskClient) -> None:
    wrong = {**ADMITTED, "code": "pku", "name": "", "return_desks": "atlantis", "watches.answer_days": "soon"}
    faulty = office.post("/office/admission", data={**wrong, "reason": ""})
    good = office.post("/office/admission", data={**ADMITTED, "return_desks": "pku，szutl"})
    member = office.get("/office/members/ruc").text

    assert (422, 303) == (faulty.status_code, good.status_code)
    fields = ("code", "name", "return_desks", "watches.answer_days", "reason")
    assert list(fields) == [each for each in fields if f'id="e-{each}"' in faulty.text]
    assert 'value="人大图书馆"' in faulty.text
    assert ["待办", "balis", "三月加入", "王老师"] == [
        each for each in ("待办", "balis", "三月加入", "王老师") if each in member
    ]
    assert "人大图书馆" in office.get("/office/members").text


def test_a_member_is_changed_and_paused_with_what_it_was_and_why(office: FlaskClient) -> None:
    office.post("/office/admission", data=ADMITTED)
    shown = office.get("/office/members/ruc/change").text
    version = re.search(r'name="version" value="(\d+)"', shown)
    assert version is not None
    typed = {**ADMITTED, "version": version[1], "lends": "yes", "watches.answer_days": "5"}
    saved = office.post("/office/members/ruc/change", data=typed)
    late = office.post("/office/members/ruc/change", data=typed)
    silent = office.post("/office/members/ruc/lending", data={**FORM, "lends": "no"})
    paused = office.post("/office/members/ruc/lending", data={**FORM, "lends": "no", "reason": "搬迁"})
    member = office.get("/office/members/ruc").text

    assert [303, 422, 422, 303] == [one.status_code for one in (saved, late, silent, paused)]
    assert 'id="e-reason"' in silent.text
    said = ("外借：否 → 是", "等待答复（工作日）：3 → 5", "外借：是 → 否", "搬迁", "恢复外借")
    assert list(said) == [each for each in said if each in member]
