"""The reader's pages: a work with its offers, asking for it, following it; what is another's is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Hand, a_patron
from tests.ill_broker.api.lending import a_find, lending_services, serving
from tests.ill_broker.api.reading import FORM, reading
from workflows.patrons import Patron


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    yield services
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


def send(browser: FlaskClient, path: str, **filled: str) -> str:
    answer = browser.post(path, data={**FORM, **filled})

    assert 303 == answer.status_code, answer.text
    return answer.location


@pytest.fixture
def reader(app: Flask, services: list[object], patron: Patron) -> FlaskClient:
    return reading(app, services, patron)


@pytest.fixture
def work(store: Store, patron: Patron) -> str:
    found = a_find(store, patron, "szutl", "pku")
    return f"/searches/{found['search']}/works/{found['work']}"


def test_a_work_says_who_would_lend_it_and_on_which_terms(reader: FlaskClient, work: str) -> None:
    page = reader.get(work).text

    assert 2 == page.count('<li class="sheet">')
    assert 1 == page.count('class="primary"')
    assert "每天 0.20 元" in page


def test_asking_leads_to_the_request_and_asking_twice_to_the_same(reader: FlaskClient, work: str) -> None:
    first = send(reader, work)
    page = reader.get(first).text

    assert 7 == page.count('<li class="reached">') + page.count("<li><svg")
    assert first == send(reader, work)
    assert first in reader.get("/requests").text
    assert first in reader.get("/").text


def test_a_request_is_given_up_by_a_form_and_not_twice(reader: FlaskClient, work: str) -> None:
    request = send(reader, work)
    send(reader, f"{request}/cancellation")
    again = reader.post(f"{request}/cancellation", data=FORM)

    assert "已取消" in reader.get(request).text
    assert (409, True) == (again.status_code, 'role="alert"' in again.text)


def test_what_is_another_readers_is_not_there(
    app: Flask, services: list[object], store: Store, reader: FlaskClient, work: str
) -> None:
    request = send(reader, work)
    stranger = reading(app, services, a_patron(store, "2"))

    assert [404, 404] == [stranger.get(path).status_code for path in (request, work)]
    assert request not in stranger.get("/requests").text
    assert 404 == stranger.post(f"{request}/cancellation", data=FORM).status_code


def test_a_letters_link_leads_by_the_log_in_to_its_request(
    app: Flask, reader: FlaskClient, work: str
) -> None:
    request = send(reader, work)
    sent_away = app.test_client().get(request)

    assert f"/log-in?to={request}" == sent_away.location


def test_registering_says_what_comes_next_whoever_asks(app: Flask) -> None:
    browser = app.test_client()
    (token,) = set(re.findall(r'name="form_token" value="([^"]+)"', browser.get("/register").text))
    filled = {
        "form_token": token,
        "home": "bjtu",
        "card_number": "1",
        "name": "李华",
        "mobile": "13800138000",
        "email": "li.hua@bjtu.example",
        "password": "lend me a book, please",
    }
    faulty = browser.post("/register", data={**filled, "mobile": "12", "name": ""})

    assert 422 == faulty.status_code
    assert ["name", "mobile"] == re.findall(r'id="e-(\w+)"', faulty.text)
    assert "li.hua@bjtu.example" in browser.post("/register", data=filled).text
