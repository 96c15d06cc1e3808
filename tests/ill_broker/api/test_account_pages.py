"""A reader's account as pages: what is owed in words and by library, and disputing a charge."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.services.accounts.account import Accounts
from ill_broker.services.members.directory import Directory
from ill_broker.services.people.registration import build_people
from ill_broker.services.requests.overview import Overview
from ill_broker.services.requests.posting import post
from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.store import Store
from tests.factories import LIBRARIES, SZUTL, the_book
from tests.ill_broker.api.client import HOME, NOW, a_patron
from tests.ill_broker.api.reading import FORM, reading
from workflows.accounts.account import Key, Kind, charged
from workflows.actors import Actor, Role
from workflows.money import Money
from workflows.patrons import Patron

DESK = Actor(Role.STAFF, "stf_00000001", HOME)


@pytest.fixture
def services(store: Store, settings: Settings) -> list[object]:
    with store.writing() as conn:
        for library in LIBRARIES.values():
            libraries.put(conn, library)
    directory = Directory(store, the_book())
    accounts = (Accounts(store, directory), Overview(store, directory))
    return [store, directory, *accounts, *build_people(store, settings)]


@pytest.fixture
def reader(app: Flask, services: list[object], patron: Patron) -> FlaskClient:
    return reading(app, services, patron)


@pytest.fixture
def dispute(store: Store, patron: Patron) -> str:
    """Charge the reader a fine, and return where it is disputed."""
    fine = charged(Kind.FINE, Money("CNY", 460), at=NOW, reason="41 days late")
    with store.writing() as conn:
        (entry,) = post(conn, Key(patron.id, SZUTL, "CNY"), lambda _: (fine,), DESK, now=NOW)
    return f"/account/charges/{entry.id}/dispute"


def test_an_account_without_a_charge_says_so(reader: FlaskClient) -> None:
    page = reader.get("/account").text

    assert ("您没有任何费用" in page, 0) == (True, page.count('class="primary"'))


def test_a_charge_stands_in_words_with_its_library_and_its_day(reader: FlaskClient, dispute: str) -> None:
    page = reader.get("/account").text

    assert [] == [each for each in ("4.60 元", "逾期费", "2026年3月2日", "待付") if each not in page]
    assert LIBRARIES[SZUTL].name_zh in page
    assert f'href="{dispute}"' in page


def test_a_charge_is_disputed_once_and_with_a_reason(reader: FlaskClient, dispute: str) -> None:
    asked = reader.get(dispute)
    silent = reader.post(dispute, data={**FORM, "reason": " "})
    sent = reader.post(dispute, data={**FORM, "reason": "书在三月一日还了"})
    again = reader.post(dispute, data={**FORM, "reason": "书在三月一日还了"})
    page = reader.get("/account").text

    assert [200, 422, 303, 409] == [
        asked.status_code,
        silent.status_code,
        sent.status_code,
        again.status_code,
    ]
    assert 'id="e-reason"' in silent.text
    assert "书在三月一日还了</textarea>" in again.text
    assert ("有异议" in page, "书在三月一日还了" in page, dispute in page) == (True, True, False)


def test_what_is_another_readers_is_not_there(
    app: Flask, services: list[object], store: Store, dispute: str
) -> None:
    other = reading(app, services, a_patron(store, "2", language="en"))

    assert "4.60" not in other.get("/account").text
    assert "Nothing was ever charged to you" in other.get("/account").text
    assert [404, 404] == [
        other.get(dispute).status_code,
        other.post(dispute, data={**FORM, "reason": "x"}).status_code,
    ]
    assert "/log-in?to=/account" == app.test_client().get("/account").location


def test_a_form_of_others_disputes_nothing(reader: FlaskClient, dispute: str) -> None:
    strange = reader.post(dispute, data={"form_token": "guessed", "reason": "x"})

    assert 400 == strange.status_code
    assert dispute in reader.get("/account").text
