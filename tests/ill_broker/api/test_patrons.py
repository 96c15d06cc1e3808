"""Registering, verifying, one's own data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ill_broker.storage import outbox, people
from ill_broker.storage import requests as request_rows
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import HOME, NOW, Api, Hand, a_patron
from workflows.patrons import Patron

WANTED = {
    "home": "bjtu",
    "card_number": "20261234",
    "name": "王𠮷 🙂",
    "mobile": "138 1234 5678",
    "email": "wang@example.org",
    "password": "correct horse battery",
}


def letters(store: Store) -> list[dict[str, Any]]:
    with store.writing() as conn:
        later = NOW + timedelta(days=30)
        found = outbox.claim(conn, owner="test", now=later, lease=timedelta(seconds=1), limit=50)
    return [dict(entry.body) for entry in found if entry.kind == "mail"]


def token_of(letter: dict[str, Any]) -> str:
    return str(letter["text"].split("#")[1].split()[0])


def test_registering_sends_a_link_that_verifies_the_address(api: Api, store: Store) -> None:
    assert api.post("/patrons", json=WANTED).status_code == 202
    (letter,) = letters(store)
    assert api.post("/patrons/verification", json={"token": token_of(letter)}).status_code == 204
    with store.reading() as conn:
        known = people.by_email(conn, "WANG@example.org")

    assert known is not None
    assert (NOW, "+8613812345678", "王𠮷 🙂") == (
        known.patron.verified_at,
        known.patron.mobile,
        known.patron.name,
    )
    assert "wang@example.org" == letter["to"]
    assert "zh" == letter["language"]


def test_a_link_works_once(api: Api, store: Store) -> None:
    api.post("/patrons", json=WANTED)
    token = token_of(letters(store)[0])
    api.post("/patrons/verification", json={"token": token})

    assert "bad_token" == api.post("/patrons/verification", json={"token": token}).json["code"]


def test_a_link_works_for_a_day(api: Api, store: Store, clock: Hand) -> None:
    api.post("/patrons", json=WANTED)
    clock.move(timedelta(hours=24))

    assert 422 == api.post("/patrons/verification", json={"token": token_of(letters(store)[0])}).status_code


@pytest.mark.parametrize(
    "again",
    [
        {"card_number": "other"},
        {"email": "other@example.org"},
        {},
    ],
)
def test_the_answer_tells_nobody_who_is_registered(api: Api, store: Store, again: dict[str, str]) -> None:
    first = api.post("/patrons", json=WANTED)
    api.post("/patrons/verification", json={"token": token_of(letters(store)[0])})
    second = api.post("/patrons", json={**WANTED, **again})
    (told,) = [letter for letter in letters(store) if letter["subject"] == "您已注册"]

    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert "wang@example.org" == told["to"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_link_confirms_what_its_own_registration_said(
    api: Api, store: Store, order: tuple[int, int]
) -> None:
    said = [{}, {"password": "the thief has another", "card_number": "20269999", "name": "贼"}]
    for each in said:
        api.post("/patrons", json={**WANTED, **each})
    tokens = [token_of(letter) for letter in letters(store)]
    first, second = order
    statuses = [
        api.post("/patrons/verification", json={"token": tokens[which]}).status_code for which in order
    ]
    logged_in = [
        api.post(
            "/sessions",
            json={"login": WANTED["email"], "password": said[which].get("password", WANTED["password"])},
        ).status_code
        for which in (first, second)
    ]
    with store.reading() as conn:
        known = people.by_email(conn, WANTED["email"])

    assert known is not None
    assert [204, 422] == statuses
    assert [201, 401] == logged_in
    assert {**WANTED, **said[first]}["card_number"] == known.patron.card_number


@pytest.mark.parametrize(
    "twin",
    ["２０２６１２３４", "2026 1234", "2026\u200b1234", "2026\u00ad1234", "2026\u202e1234", "20261234\ufe0f"],
)
def test_one_card_is_one_reader_however_it_is_typed(api: Api, store: Store, twin: str) -> None:
    api.post("/patrons", json=WANTED)
    api.post("/patrons/verification", json={"token": token_of(letters(store)[0])})
    api.post("/patrons", json={**WANTED, "card_number": twin, "email": "twin@example.org"})
    (told,) = [letter for letter in letters(store) if "#" not in letter["text"]]
    who = {"login": twin, "library": "bjtu", "password": WANTED["password"]}

    assert "wang@example.org" == told["to"]
    assert 201 == api.post("/sessions", json=who).status_code


def test_a_card_is_kept_as_it_was_typed(api: Api, store: Store) -> None:
    api.post("/patrons", json={**WANTED, "card_number": "Ｂ 12"})
    api.post("/patrons/verification", json={"token": token_of(letters(store)[0])})
    with store.reading() as conn:
        known = people.by_card(conn, HOME, "b12")

    assert known is not None
    assert "Ｂ 12" == known.patron.card_number


def test_a_card_in_which_nothing_is_seen_is_refused(api: Api) -> None:
    response = api.post("/patrons", json={**WANTED, "card_number": "\u200b\u00ad"})

    assert [("/card_number", "too_short")] == [
        (error["pointer"], error["code"]) for error in response.json["errors"]
    ]


def test_a_registration_that_nobody_confirmed_blocks_nobody(api: Api, store: Store) -> None:
    api.post("/patrons", json={**WANTED, "email": "squatter@example.org"})
    api.post("/patrons", json={**WANTED, "card_number": "squatted"})
    api.post("/patrons", json=WANTED)
    squatter, _, owner = (token_of(letter) for letter in letters(store))
    confirmed = api.post("/patrons/verification", json={"token": owner})
    late = api.post("/patrons/verification", json={"token": squatter})
    with store.reading() as conn:
        known = people.by_card(conn, HOME, "20261234")

    assert known is not None
    assert (204, "wang@example.org") == (confirmed.status_code, known.patron.email)
    assert (409, "already_registered") == (late.status_code, late.json["code"])


def test_nobody_logs_in_before_the_link_was_opened(api: Api) -> None:
    api.post("/patrons", json=WANTED)
    who = {"login": WANTED["email"], "password": WANTED["password"]}

    assert 401 == api.post("/sessions", json=who).status_code


def test_another_letter_replaces_the_link_before(api: Api, store: Store) -> None:
    api.post("/patrons", json=WANTED)
    api.post("/patrons/verification/resend", json={"email": "WANG@example.org"})
    old, new = (token_of(letter) for letter in letters(store))

    assert [422, 204] == [
        api.post("/patrons/verification", json={"token": token}).status_code for token in (old, new)
    ]


def test_every_fault_of_a_registration_is_named(api: Api) -> None:
    response = api.post(
        "/patrons",
        json={
            "home": "BJ TU",
            "card_number": "a\0b",
            "mobile": "12",
            "email": "@",
            "password": "short",
            "x~/y": 1,
        },
    )

    assert {
        ("/home", "wrong_form"),
        ("/card_number", "control_character"),
        ("/name", "required"),
        ("/mobile", "bad_mobile"),
        ("/email", "too_short"),
        ("/password", "too_short"),
        ("/x~0~1y", "unknown_field"),
    } == {(error["pointer"], error["code"]) for error in response.json["errors"]}
    assert 422 == response.status_code


def test_an_unknown_home_library_is_refused_by_name(api: Api) -> None:
    response = api.post("/patrons", json={**WANTED, "home": "nowhere"})

    assert ("unknown_library", "/home") == (response.json["code"], response.json["errors"][0]["pointer"])


def test_another_letter_is_sent_to_those_who_wait_for_it_alone(api: Api, store: Store) -> None:
    api.post("/patrons", json=WANTED)
    a_patron(store, "7")
    answers = {
        (response.status_code, response.get_data())
        for email in ("wang@example.org", "reader7@example.org", "nobody@example.org")
        for response in [api.post("/patrons/verification/resend", json={"email": email})]
    }

    assert 1 == len(answers)
    assert ["wang@example.org"] * 2 == [letter["to"] for letter in letters(store)]


def test_letters_to_one_address_are_limited(api: Api) -> None:
    statuses = [
        api.post("/patrons/verification/resend", json={"email": "One@example.org"}).status_code
        for _ in range(6)
    ]
    last = api.post("/patrons/verification/resend", json={"email": "one@example.org"})

    assert [202] * 5 + [429] == statuses
    assert 1 <= int(last.headers["Retry-After"]) <= 3600


def test_own_data_is_shown_with_its_version(patron_api: Api, patron: Patron) -> None:
    response = patron_api.get("/patrons/me")

    assert response.headers["ETag"].startswith('"1-')
    assert (patron.id, "李梅", "2026-03-02T02:00:00Z") == tuple(
        response.json[name] for name in ("id", "name", "verified_at")
    )


def test_who_has_read_it_is_told_that_nothing_has_changed(patron_api: Api) -> None:
    read = patron_api.get("/patrons/me")
    tag = read.headers["ETag"]
    again = patron_api.get("/patrons/me", headers={"If-None-Match": tag})
    changed = patron_api.patch("/patrons/me", json={"language": "en"}, headers={"If-Match": tag})
    after = patron_api.get("/patrons/me", headers={"If-None-Match": tag})

    assert (304, b"", tag) == (again.status_code, again.data, again.headers["ETag"])
    assert "private, no-cache" == again.headers["Cache-Control"]
    assert (200, 200, "en") == (changed.status_code, after.status_code, after.json["language"])


def test_own_data_is_changed_if_it_is_the_version_that_was_read(patron_api: Api) -> None:
    changed = patron_api.patch("/patrons/me", json={"language": "en"}, headers={"If-Match": '"1"'})
    late = patron_api.patch("/patrons/me", json={"language": "zh"}, headers={"If-Match": '"1"'})

    assert (200, "en", '"2"') == (changed.status_code, changed.json["language"], changed.headers["ETag"])
    assert (412, "stale") == (late.status_code, late.json["code"])


def test_a_change_that_changes_nothing_keeps_the_version(patron_api: Api) -> None:
    assert '"1"' == patron_api.patch("/patrons/me", json={"language": "zh"}).headers["ETag"]


def test_an_empty_change_is_refused(patron_api: Api) -> None:
    assert [
        {"in": "body", "pointer": "", "detail": "请说明要更改什么。", "code": "required"}
    ] == patron_api.patch("/patrons/me", json={}).json["errors"]


def test_who_is_erased_is_forgotten_and_logged_out(patron_api: Api, patron: Patron, store: Store) -> None:
    assert 204 == patron_api.delete("/patrons/me").status_code
    with store.reading() as conn:
        left = people.enrolment(conn, patron.id)

    assert left is not None
    assert ("", "", "") == (left.patron.name, left.patron.email, left.patron.mobile)
    assert 401 == patron_api.get("/patrons/me").status_code


def test_nobody_is_erased_while_a_request_is_open(patron_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_rows, "count_open", lambda *_: 2)
    response = patron_api.delete("/patrons/me")

    assert 409 == response.status_code
    assert "still_open" == response.json["code"]
    assert {"requests": 2, "loan_cards": 0, "suspensions": 0} == response.json["facts"]
    assert 200 == patron_api.get("/patrons/me").status_code
