"""What no search has found as pages: typed by its reader, matched, asked about or refused at the desk."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Hand
from tests.ill_broker.api.lending import lending_services, serving
from tests.ill_broker.api.reading import FORM, reading, working
from tests.ill_broker.services.finders import hit
from workflows.patrons import Patron

TYPED = {"title": "北京植物志", "author": "贺士元", "note": "上册也可以", "language": "chi"}


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock, (hit("szutl", title="北京植物志 上册"),))
    yield services
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def reader(app: Flask, services: list[object], patron: Patron) -> FlaskClient:
    return reading(app, services, patron)


@pytest.fixture
def desk(app: Flask, services: list[object], store: Store) -> FlaskClient:
    return working(app, services, store)


@pytest.fixture
def typed(reader: FlaskClient) -> str:
    """Return the page of what the reader has typed."""
    return send(reader, "/typed", **TYPED)


def send(browser: FlaskClient, path: str, **filled: str) -> str:
    answer = browser.post(path, data={**FORM, **filled})

    assert 303 == answer.status_code, answer.text
    return answer.location


def test_a_search_leads_to_the_form_and_what_was_searched_for_stands_there(reader: FlaskClient) -> None:
    search = send(reader, "/searches", text="没有的书")
    ends = time.monotonic() + 60
    while 'href="/typed/new' not in (page := reader.get(search).text) and time.monotonic() < ends:
        time.sleep(0.05)
    (lead,) = re.findall(r'href="(/typed/new[^"]*)"', page)

    assert 'value="没有的书"' in reader.get(lead).text


def test_what_is_typed_stands_among_the_readers_requests_until_it_is_one(
    reader: FlaskClient, desk: FlaskClient, typed: str
) -> None:
    assert f'href="{typed}"' in reader.get("/requests").text
    assert "图书馆正在查找" in reader.get(typed).text

    page = f"/desk{typed}"
    assert f'href="{page}"' in desk.get("/desk/typed").text
    found = send(desk, f"{page}/citation", title="北京植物志 上册", language="chi")
    ends = time.monotonic() + 60
    while "hx-get" in (shown := desk.get(found).text) and time.monotonic() < ends:
        time.sleep(0.05)
    fields = dict(re.findall(r'type="hidden" name="(search|work)" value="([^"]+)"', shown))
    assert 'name="lender" value="szutl" class="primary"' in shown
    send(desk, f"{page}/match", **fields, lender="szutl")
    request = reader.get(typed)

    assert (303, True) == (request.status_code, request.location.startswith("/requests/req_"))
    assert "北京植物志 上册" in reader.get(request.location).text
    assert "没有读者填写的书目" in desk.get("/desk/typed").text
    assert "已经以读者的名义提出申请" in desk.get(page).text


def test_a_library_is_named_by_hand_and_a_refusal_is_said(desk: FlaskClient, typed: str) -> None:
    own = desk.post(f"/desk{typed}/match", data={**FORM, "lender": "bjtu"})

    assert 409 == own.status_code
    assert 'class="refusal"' in own.text
    send(desk, f"/desk{typed}/match", lender="nlc")
    again = desk.post(f"/desk{typed}/question", data={**FORM, "text": "上册？"})

    assert (409, True) == (again.status_code, 'class="refusal"' in again.text)


def test_a_question_is_answered_and_the_end_says_why(
    reader: FlaskClient, desk: FlaskClient, typed: str
) -> None:
    send(desk, f"/desk{typed}/question", text="上册还是下册？")

    assert "上册还是下册？" in reader.get(typed).text
    send(reader, f"{typed}/answer", text="上册。")
    assert "上册。" in desk.get("/desk/typed").text

    silent = desk.post(f"/desk{typed}/refusal", data={**FORM, "reason": "other"})
    assert (422, True) == (silent.status_code, 'id="e-remark"' in silent.text)
    send(desk, f"/desk{typed}/refusal", reason="held_here", remark="在四层。")
    told = reader.get(typed).text

    assert ("本馆已有此书，请到馆借阅。" in told, "在四层。" in told) == (True, True)


def test_a_reader_gives_it_up_and_faults_are_said_at_their_fields(reader: FlaskClient, typed: str) -> None:
    send(reader, f"{typed}/cancellation")

    assert "已取消" in reader.get(typed).text
    assert 409 == reader.post(f"{typed}/answer", data={**FORM, "text": "上册。"}).status_code

    for name, value in (("isbn", "1"), ("year", "x"), ("needed_by", "2020-01-01"), ("title", "")):
        faulty = reader.post("/typed", data={**FORM, **TYPED, name: value})
        assert (True, f'id="e-{name}"') == (f'id="e-{name}"' in faulty.text, f'id="e-{name}"')


def test_a_download_of_own_data_has_what_was_typed(reader: FlaskClient, typed: str) -> None:
    (told,) = json.loads(reader.get("/me/data.json").text)["typed_requests"]

    assert ("北京植物志", "上册也可以", "waiting") == (told["typed"]["title"], told["note"], told["status"])
