"""A reader's own data as pages: changed, downloaded, and forgotten once nothing stands in the way."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.services.accounts.account import Accounts
from ill_broker.services.members.directory import Directory
from ill_broker.services.passwords import Passwords
from ill_broker.services.people.registration import build_people
from ill_broker.services.requests.typed import TypedRequests
from ill_broker.settings import Settings
from ill_broker.storage import cards, people
from ill_broker.storage.store import Store
from tests.factories import PKU, the_book
from tests.ill_broker.api.client import HOME, NOW, Api, a_patron
from tests.ill_broker.api.reading import FORM, reading
from workflows.cards.card import CardLoan, CardStatus, LoanCard
from workflows.ids import CardId
from workflows.patrons import Patron

OLD, NEW = "lend me a book", "and one more, please"


@pytest.fixture
def services(store: Store, settings: Settings) -> list[object]:
    directory = Directory(store, the_book())
    nobody: Any = None
    typed = TypedRequests(store, directory, nobody)
    return [store, directory, Accounts(store, directory), typed, *build_people(store, settings)]


@pytest.fixture
def reader(app: Flask, services: list[object], patron: Patron) -> FlaskClient:
    return reading(app, services, patron)


def test_what_is_typed_wrongly_stays_and_is_said_at_its_field(reader: FlaskClient) -> None:
    faulty = reader.post("/me", data={**FORM, "mobile": "12", "language": "zh"})

    assert 422 == faulty.status_code
    assert ('id="e-mobile"' in faulty.text, 'value="12"' in faulty.text) == (True, True)


def test_a_changed_language_is_spoken_at_once(reader: FlaskClient) -> None:
    changed = reader.post("/me", data={**FORM, "mobile": "13900139000", "language": "en"})
    page = reader.get(changed.location).text

    assert ("Saved." in page, "My data" in page, "+8613900139000" in page) == (True, True, True)


def test_the_download_says_what_the_api_says(reader: FlaskClient, patron_api: Api) -> None:
    file = reader.get("/me/data.json")

    assert {**patron_api.get("/patrons/me").json, "typed_requests": [], "looked_at_by": []} == file.json
    assert "attachment" in file.headers["Content-Disposition"]


def test_a_password_is_changed_by_whoever_knows_it(
    reader: FlaskClient, app: Flask, services: list[object], store: Store, patron: Patron
) -> None:
    with store.writing() as conn:
        people.set_password(conn, patron.id, Passwords(cheap=True).choose(OLD, about=()))
    elsewhere = reading(app, services, patron)
    wrong = reader.post("/me/password", data={**FORM, "current": "guess", "password": NEW})
    weak = reader.post("/me/password", data={**FORM, "current": OLD, "password": "aaaaaaaaaa"})
    right = reader.post("/me/password", data={**FORM, "current": OLD, "password": NEW})

    assert [422, 422, 303] == [wrong.status_code, weak.status_code, right.status_code]
    assert ('id="e-current"' in wrong.text, 'id="e-password"' in weak.text) == (True, True)
    assert NEW not in wrong.text
    assert [200, 303] == [one.get("/me").status_code for one in (reader, elsewhere)]


def test_a_reader_is_forgotten_on_a_page_of_its_own(reader: FlaskClient, patron_api: Api) -> None:
    asked = reader.get("/me/erasure").text
    strange = reader.post("/me/erasure", data={"form_token": "guessed"})
    done = reader.post("/me/erasure", data=FORM)

    assert ('action="/me/erasure"' in asked, 400, 200) == (True, strange.status_code, done.status_code)
    assert "资料已删除" in done.text
    assert "/log-in?to=/me" == reader.get("/me").location
    assert 401 == patron_api.get("/patrons/me").status_code


def test_what_stands_in_the_way_is_said_before_it_is_tried(
    app: Flask, services: list[object], store: Store
) -> None:
    patron = a_patron(store, "2", language="en")
    loan = CardLoan(patron=patron.id, issued=NOW, due=NOW.date())
    card = LoanCard(
        id=CardId("card_00000001"),
        barcode="C1",
        library=PKU,
        desk=HOME,
        consortium="bulc",
        status=CardStatus.ISSUED,
        loan=loan,
    )
    with store.writing() as conn:
        cards.add(conn, card, now=NOW)
    reader = reading(app, services, patron)
    page = reader.get("/me/erasure").text

    assert ("1 loan card that is not back." in page, 'action="/me/erasure"' in page) == (True, False)
    assert 409 == reader.post("/me/erasure", data=FORM).status_code
    assert 200 == reader.get("/me").status_code
