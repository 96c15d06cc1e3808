"""What is typed when a session ends: it waits in the log-in page, and is sent by whoever has logged in."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.services.passwords import Passwords
from ill_broker.storage import people
from ill_broker.storage.people import Staff
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import HOME, Hand
from tests.ill_broker.api.desk import AtTheDesk
from tests.ill_broker.api.reading import FORM, working
from tests.ill_broker.api.test_own_desk_pages import app, desk, desk_services, hidden, services
from workflows.actors import Role
from workflows.ids import StaffId

__all__ = ["app", "desk", "desk_services", "services"]
CONTACTS = "/desk/library/contacts"
ADDRESS = '<主馆> "三" 层'
OURS = {"Origin": "http://localhost"}
LOG_IN = {"login": "bjtu", "password": "lend me a book"}


@pytest.fixture
def clerk(app: Flask, services: list[object], store: Store, clock: Hand) -> FlaskClient:
    hashed = Passwords(cheap=True).choose(LOG_IN["password"], about=())
    somebody = Staff(
        id=StaffId("stf_atbjtu"), library=HOME, login="bjtu", name="王老师", password_hash=hashed
    )
    with store.writing() as conn:
        people.add_staff(conn, somebody)
    return working(app, services, store, now=clock.time)


@pytest.fixture
def typed(clerk: FlaskClient) -> dict[str, str]:
    """Return a form with much typed in it."""
    form = hidden(clerk.get(CONTACTS).text)
    return {
        **form,
        **FORM,
        "phone": "010-51680000\r\n010-51680001",
        "address_zh": '<主馆> "三" 层',
        "reason": "搬家",
    }


def fields(page: str) -> dict[str, str]:
    """Return what the first form of the main part sends again."""
    main = page.partition("<main")[2].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', main, re.DOTALL)
    return {name: html.unescape(value) for name, value in found}


def test_what_was_typed_is_sent_after_logging_in(
    clerk: FlaskClient, typed: dict[str, str], desk: AtTheDesk, clock: Hand
) -> None:
    clock.time += timedelta(days=2)
    asked = clerk.post(CONTACTS, data=typed)
    kept = fields(asked.text)
    wrong = clerk.post("/log-in", data={**kept, **LOG_IN, "password": "wrong"})
    logged_in = clerk.post("/log-in", data={**fields(wrong.text), **LOG_IN})
    sent = clerk.post(CONTACTS, data=fields(logged_in.text))

    assert (401, 422, 200, 303) == (
        asked.status_code,
        wrong.status_code,
        logged_in.status_code,
        sent.status_code,
    )
    assert "010-51680001" in logged_in.text
    contacts = desk.as_(Role.STAFF).get("/libraries/bjtu").json["stated"]["contacts"]
    assert (["010-51680000", "010-51680001"], '<主馆> "三" 层') == (
        contacts["phone"],
        contacts["address"]["zh"],
    )


def test_who_signs_on_in_another_window_goes_on_in_the_first(
    clerk: FlaskClient, typed: dict[str, str], clock: Hand
) -> None:
    clock.time += timedelta(days=2)
    kept = fields(clerk.post(CONTACTS, data=typed).text)
    early = clerk.post("/log-in/kept", data=kept)
    elsewhere = re.findall(r'name="form_token" value="([^"]+)"', clerk.get("/log-in").text)[0]
    clerk.post("/log-in", data={**LOG_IN, "form_token": elsewhere})
    stale = clerk.post("/log-in/kept", data=kept)
    went_on = clerk.post("/log-in/kept", data=kept, headers=OURS)

    assert (422, 400, 400) == (early.status_code, stale.status_code, went_on.status_code)
    assert "继续提交" not in stale.text
    assert 303 == clerk.post(CONTACTS, data=fields(went_on.text)).status_code


def test_a_form_of_the_session_before_is_shown_again_only_if_it_was_ours(
    clerk: FlaskClient, typed: dict[str, str]
) -> None:
    strangers = [
        clerk.post(CONTACTS, data={**typed, "form_token": "old"}, headers=headers)
        for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"})
    ]
    ours = clerk.post(CONTACTS, data={**typed, "form_token": "old"}, headers=OURS)

    assert [400] * 4 == [each.status_code for each in (*strangers, ours)]
    assert [False] * 3 == ["继续提交" in each.text for each in strangers]
    assert 303 == clerk.post(CONTACTS, data=fields(ours.text)).status_code


def test_passwords_and_what_is_too_long_are_not_kept(app: Flask) -> None:
    stranger = app.test_client()
    register = {"form_token": "old", "name": "李华", "email": "li@bjtu.example", "password": "lend me a book"}
    again = stranger.post("/register", data=register, headers=OURS)
    long = stranger.post(CONTACTS, data={**FORM, "reason": "长" * 45_000}, headers=OURS)
    nothing = stranger.post("/log-in/kept", data={"kept": "[]"}, headers=OURS)

    assert "李华" in again.text
    assert "lend me a book" not in again.text
    assert (400, 400) == (long.status_code, nothing.status_code)
    assert "长" not in long.text
