"""The page behind the link of a letter to a library, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeSerializer

from ill_broker.services.members.directory import Directory
from ill_broker.services.partners.mail_answers import Correspondence, Links
from ill_broker.services.requests.door import Requests
from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Api, Hand
from tests.ill_broker.api.lending import Callers, a_find, lending_services, serving
from workflows.patrons import Patron


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    requests = next(one for one in services if isinstance(one, Requests))
    directory = next(one for one in services if isinstance(one, Directory))
    yield [*services, Correspondence(store, directory, requests, Links(settings))]
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def callers(api: Api, services: list[object], store: Store) -> Callers:
    return Callers(api, services, store)


@pytest.fixture
def request_id(patron_api: Api, store: Store, patron: Patron) -> str:
    return str(patron_api.post("/requests", json=a_find(store, patron, "szutl", "nlc")).json["id"])


class Page:
    """A library's browser with the link of its letter."""

    def __init__(self, browser: FlaskClient, address: str) -> None:
        self._browser, self._path = browser, address.removeprefix("http://broker.test")

    def look(self, lang: str = "en", **headers: str) -> Any:
        return self._browser.get(f"{self._path}?lang={lang}", headers=headers)

    def press(self, answer: str, **entered: str) -> Any:
        return self._browser.post(f"{self._path}?lang=en", data={"answer": answer, **entered})

    def buttons(self) -> list[str]:
        return re.findall(r'<button name="answer" value="(\w+)"', self.look().text)


@pytest.fixture
def page(app: Flask, settings: Settings, request_id: str) -> Page:
    return Page(app.test_client(), Links(settings).address(request_id, "szutl"))


def status(api: Api, request_id: str) -> str:
    return str(api.get(f"/requests/{request_id}").json["status"])


def test_a_library_answers_by_three_buttons(page: Page, patron_api: Api, request_id: str) -> None:
    looked = page.look()

    assert (200, "no-store", "no-referrer") == (
        looked.status_code,
        looked.headers["Cache-Control"],
        looked.headers["Referrer-Policy"],
    )
    assert ["WillSupply", "Loaned", "Unfilled"] == page.buttons()
    assert "红楼梦" in looked.text
    assert "submitted" == status(patron_api, request_id)


def test_the_page_tells_nothing_of_the_patron(page: Page, patron: Patron) -> None:
    text = page.look().text

    assert [] == [
        told
        for told in (patron.name, patron.email, patron.mobile, patron.card_number, patron.id)
        if told in text
    ]


@pytest.mark.parametrize(("lang", "words"), [("zh", "贵馆能提供这本书吗"), ("en", "Can you lend this book?")])
def test_the_page_speaks_both_languages(page: Page, lang: str, words: str) -> None:
    assert words in page.look(lang).text


def test_the_browsers_language_is_taken_where_none_is_chosen(page: Page) -> None:
    assert "贵馆" in page.look("", **{"Accept-Language": "zh-CN,zh;q=0.9"}).text
    assert "Can you lend" in page.look("", **{"Accept-Language": "en-GB"}).text


def test_will_send_then_sent(page: Page, patron_api: Api, request_id: str) -> None:
    pressed = page.press("WillSupply")

    assert 303 == pressed.status_code
    assert "accepted" == status(patron_api, request_id)
    assert ["Loaned", "Unfilled"] == page.buttons()

    page.press("Loaned", item_barcode=" 31234000 ", tracking="SF\u0000123")
    assert "in_transit" == status(patron_api, request_id)
    assert [] == page.buttons()


def test_what_the_library_enters_is_kept(page: Page, callers: Callers, request_id: str) -> None:
    page.press("Loaned", item_barcode=" 31234000 ", tracking="SF\u0000123")
    seen = callers.staff("bjtu").get(f"/requests/{request_id}").json

    assert "31234000" == seen["item_barcode"]
    assert "SF123" in callers.staff("bjtu").get(f"/requests/{request_id}/timeline").text


def test_a_second_click_changes_nothing(page: Page, patron_api: Api, request_id: str) -> None:
    page.press("WillSupply")
    before = patron_api.get(f"/requests/{request_id}").json

    assert 303 == page.press("WillSupply").status_code
    assert before == patron_api.get(f"/requests/{request_id}").json


def test_a_library_that_cannot_is_done_and_the_next_is_asked(
    page: Page, callers: Callers, request_id: str
) -> None:
    page.press("Unfilled", reason="NotOnShelf")
    seen = callers.staff("bjtu").get(f"/requests/{request_id}").json

    assert "nlc" == seen["lender"]
    assert [] == page.buttons()
    assert "no longer with your library" in page.look().text
    assert 303 == page.press("WillSupply").status_code
    assert "nlc" == callers.staff("bjtu").get(f"/requests/{request_id}").json["lender"]


def test_a_library_that_cannot_says_why(page: Page, callers: Callers, request_id: str) -> None:
    asked, again = page.look().text, page.press("Unfilled", reason="")

    assert 422 == again.status_code
    assert 'id="e-reason" role="alert"' in again.text
    assert ("selected" in asked, '<option value="">' in asked) == (False, True)
    assert "szutl" == callers.staff("bjtu").get(f"/requests/{request_id}").json["lender"]


def test_a_cancelled_request_is_agreed_to_or_has_left(page: Page, patron_api: Api, request_id: str) -> None:
    page.press("WillSupply")
    patron_api.post(f"/requests/{request_id}/cancellation", json={})

    assert ["Loaned", "Cancelled"] == page.buttons()
    assert "The reader has cancelled" in page.look().text

    page.press("Cancelled")
    assert "closed" == status(patron_api, request_id)


def test_the_library_says_when_it_has_the_book_back(
    page: Page, callers: Callers, patron_api: Api, request_id: str
) -> None:
    page.press("Loaned", item_barcode="31234000")
    desk = callers.staff("bjtu")
    for step, body in (
        ("arrival", {}),
        ("notification", {"result": "reached"}),
        ("handover", {}),
        ("return", {}),
        ("shipment", {}),
    ):
        desk.post(f"/requests/{request_id}/{step}", json=body)

    assert ["LoanCompleted"] == page.buttons()

    page.press("LoanCompleted")
    assert "closed" == status(patron_api, request_id)


def test_a_forged_link_leads_nowhere(app: Flask, settings: Settings, request_id: str) -> None:
    other_purpose = URLSafeSerializer(settings.secret_key, salt="something else").dumps([request_id, "szutl"])
    never_asked = Links(settings).address(request_id, "pku").rpartition("/")[2]
    no_request = Links(settings).address("req_00000000000000000", "szutl").rpartition("/")[2]
    browser = app.test_client()
    tokens = ("x", other_purpose, never_asked, no_request)

    assert [404] * 4 == [browser.get(f"/partner/{token}").status_code for token in tokens]
    assert [404] * 4 == [
        browser.post(f"/partner/{token}", data={"answer": "WillSupply"}).status_code for token in tokens
    ]


@pytest.mark.parametrize("form", [{}, {"answer": "Overdue"}, {"answer": "Unfilled", "reason": "<b>"}])
def test_only_our_own_buttons_are_taken(page: Page, form: dict[str, str]) -> None:
    answered = page._browser.post(page._path, data=form)

    assert 400 == answered.status_code


def test_the_page_needs_nothing_that_its_policy_forbids(page: Page) -> None:
    assert not re.search(r"<script(?![^>]*src=)|<style|\son[a-z]+=|\sstyle=", page.look().text)
