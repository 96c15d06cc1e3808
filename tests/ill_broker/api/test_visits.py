"""Who visits the pages: logging in with a form, and what protects it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ill_broker.services.members.directory import Directory
from ill_broker.services.passwords import Passwords
from ill_broker.services.people.registration import build_people
from ill_broker.services.requests.desk_lists import DeskLists
from ill_broker.settings import Settings
from ill_broker.storage import people
from ill_broker.storage.people import Staff
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import HOME
from workflows.ids import StaffId

PASSWORD = "lend me a book"


@pytest.fixture
def services(store: Store, settings: Settings) -> list[object]:
    directory = Directory(store, builtin_book())
    return [store, directory, DeskLists(store, directory), *build_people(store, settings)]


@pytest.fixture
def visitor(app: Flask, store: Store) -> FlaskClient:
    clerk = Staff(
        id=StaffId("stf_00000001"),
        library=HOME,
        login="desk",
        name="Desk",
        password_hash=Passwords(cheap=True).choose(PASSWORD, about=()),
    )
    with store.writing() as conn:
        people.add_staff(conn, clerk)
    return app.test_client()


def send(visitor: FlaskClient, path: str, *, shown_on: str = "/log-in", **filled: Any) -> TestResponse:
    """Fill in a form as a browser does."""
    shown = visitor.get(shown_on).text
    (token,) = set(re.findall(r'name="form_token" value="([^"]+)"', shown))
    return visitor.post(path, data={"form_token": token, **filled})


def log_in(visitor: FlaskClient, **more: Any) -> TestResponse:
    return send(visitor, "/log-in", login="desk", password=PASSWORD, **more)


def test_whoever_logs_in_comes_to_where_they_were_going(visitor: FlaskClient) -> None:
    sent_away = visitor.get("/desk?a=1")

    assert "/log-in?to=/desk?a%3D1" == sent_away.location
    assert "/desk?a=1" == log_in(visitor, to="/desk?a=1").location
    assert 200 == visitor.get("/desk").status_code


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "desk"])
def test_logging_in_leads_nowhere_else(visitor: FlaskClient, elsewhere: str) -> None:
    assert "/desk" == log_in(visitor, to=elsewhere).location


def test_a_wrong_password_is_said_on_the_page_and_what_was_typed_stays(visitor: FlaskClient) -> None:
    page = send(visitor, "/log-in", login="desk", password="wrong")

    assert 422 == page.status_code
    assert 'role="alert"' in page.text
    assert 'value="desk"' in page.text
    assert 'value="wrong"' not in page.text


def test_a_form_that_was_not_shown_to_this_browser_does_nothing(visitor: FlaskClient, app: Flask) -> None:
    filled = {"login": "desk", "password": PASSWORD}
    (token,) = set(re.findall(r'name="form_token" value="([^"]+)"', app.test_client().get("/log-in").text))

    assert 400 == visitor.post("/log-in", data=filled).status_code
    assert 400 == visitor.post("/log-in", data={**filled, "form_token": token}).status_code
    assert 303 == visitor.get("/desk").status_code


def test_a_form_from_before_logging_in_is_worth_nothing_afterwards(visitor: FlaskClient) -> None:
    (token,) = set(re.findall(r'name="form_token" value="([^"]+)"', visitor.get("/log-in").text))
    log_in(visitor)

    assert 400 == visitor.post("/log-out", data={"form_token": token}).status_code


def test_logging_out_ends_the_session_itself(visitor: FlaskClient) -> None:
    log_in(visitor)
    kept = visitor.get_cookie("ill_broker")
    send(visitor, "/log-out", shown_on="/desk")

    assert kept is not None
    assert 303 == visitor.get("/desk").status_code
    visitor.set_cookie("ill_broker", kept.value)
    assert 303 == visitor.get("/desk").status_code


def test_the_cookie_is_for_pages_only(visitor: FlaskClient) -> None:
    set_by = log_in(visitor).headers["Set-Cookie"]

    assert {"HttpOnly", "SameSite=Lax"} <= {part.strip() for part in set_by.split(";")}
    assert 401 == visitor.get("/api/v1/sessions").status_code


def test_what_one_may_not_see_is_not_there(visitor: FlaskClient) -> None:
    log_in(visitor)

    assert 404 == visitor.get("/office").status_code


def test_the_language_is_kept(visitor: FlaskClient) -> None:
    sent = send(visitor, "/language", language="en", here="/log-in?to=/desk")

    assert "/log-in?to=/desk" == sent.location
    assert 'lang="en"' in visitor.get("/log-in").text
