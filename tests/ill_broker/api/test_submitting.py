"""Submitting over HTTP: once, whoever comes at the same time, and with every reason against it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from ill_broker import mint
from ill_broker.api import idempotency
from ill_broker.settings import Settings
from ill_broker.storage import people
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Api, Hand, a_patron
from tests.ill_broker.api.lending import Callers, a_find, counts, lending_services, serving
from tests.ill_broker.services.finders import hit
from workflows.patrons import Patron

KEY = {"Idempotency-Key": "one-wish"}
HAN = "𠮷野家🙂"


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    found = (hit("szutl", title=HAN, isbn=None), hit("szutl", 2, title="Other"))
    services, close = lending_services(store, settings, clock, found)
    yield services
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def callers(api: Api, services: list[object], store: Store) -> Callers:
    return Callers(api, services, store)


def submitted(api: Api, store: Store, patron: Patron, *lenders: str, **citation: Any) -> dict[str, Any]:
    response = api.post("/requests", json=a_find(store, patron, *lenders, **citation))
    told: dict[str, Any] = response.json

    assert 201 == response.status_code, told
    return told


def test_a_wish_becomes_a_request_that_can_be_followed(patron_api: Api, store: Store, patron: Patron) -> None:
    response = patron_api.post("/requests", json=a_find(store, patron, "szutl", "pku"))
    told = response.json

    assert (201, '"2"') == (response.status_code, response.headers["ETag"])
    assert ("submitted", "红楼梦", "bjtu") == (told["status"], told["citation"]["title"], told["desk"])
    assert told == patron_api.get(f"/requests/{told['id']}").json
    assert ["register", "search", "submit"] == [one["step"] for one in told["steps"] if one["reached"]]
    assert {"cancellation"} == set(told["actions"])
    assert "patron" not in told


def test_the_same_work_again_is_the_request_that_is_open(
    patron_api: Api, store: Store, patron: Patron, clock: Hand
) -> None:
    first = submitted(patron_api, store, patron)
    clock.move(timedelta(seconds=1))
    again = patron_api.post("/requests", json=a_find(store, patron))

    assert (200, first) == (again.status_code, again.json)


def test_the_answer_to_a_second_wish_is_replayed_as_it_was(
    patron_api: Api, store: Store, patron: Patron, clock: Hand
) -> None:
    submitted(patron_api, store, patron)
    clock.move(timedelta(seconds=1))
    wish = a_find(store, patron)
    first, again = (patron_api.post("/requests", json=wish, headers=KEY) for _ in range(2))

    assert (200, 200, "true") == (
        first.status_code,
        again.status_code,
        again.headers["Idempotency-Replayed"],
    )
    assert (first.json, first.headers["ETag"]) == (again.json, again.headers["ETag"])


@pytest.mark.parametrize("number", [2, 4])
def test_one_key_at_once_is_one_request_and_one_answer(
    patron_api: Api, store: Store, patron: Patron, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The limit is at its last place, so whoever comes second would be refused but for the key."""
    for each in range(4):
        submitted(patron_api, store, patron, isbn=f"978702000220{each}")
    before, wish = counts(store)["requests"], a_find(store, patron, isbn="9787536692930")
    together, looked, look = Barrier(number), list[object](), idempotency._saved

    def look_together(*mark: str) -> object:
        found = look(*mark)
        if len(looked) < number:
            looked.append(found)
            together.wait(timeout=60)
        return found

    monkeypatch.setattr(idempotency, "_saved", look_together)
    with ThreadPoolExecutor(number) as pool:
        answers = list(
            pool.map(lambda _: patron_api.post("/requests", json=wish, headers=KEY), range(number))
        )

    assert [201] * number == [answer.status_code for answer in answers]
    assert 1 == len({answer.json["id"] for answer in answers})
    assert number - 1 == len([one for one in answers if "Idempotency-Replayed" in one.headers])
    assert before + 1 == counts(store)["requests"]


def test_a_refusal_because_the_same_key_has_won_is_its_answer(
    patron_api: Api, store: Store, patron: Patron, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = submitted(patron_api, store, patron)
    path, look, looked = f"/requests/{request['id']}/cancellation", idempotency._saved, list[bool]()
    first = patron_api.post(path, json={}, headers=KEY)

    def too_soon(*mark: str) -> object:
        looked.append(True)
        return look(*mark) if len(looked) > 1 else None

    monkeypatch.setattr(idempotency, "_saved", too_soon)
    second = patron_api.post(path, json={}, headers=KEY)

    assert (200, 200, first.json) == (first.status_code, second.status_code, second.json)


def test_a_refusal_of_its_own_is_told(patron_api: Api, store: Store, patron: Patron) -> None:
    request = submitted(patron_api, store, patron)
    response = patron_api.post(f"/requests/{request['id']}/renewal", json={}, headers=KEY)

    assert (409, "wrong_state") == (response.status_code, response.json["code"])


def test_all_reasons_against_a_wish_are_told_at_once(
    callers: Callers, store: Store, patron_api: Api, patron: Patron
) -> None:
    nobody = a_patron(store, "7", verified_at=None)
    response = callers.patron(nobody).post("/requests", json=a_find(store, nobody, "bjtu"))
    facts = response.json["facts"]

    assert (422, "not_eligible") == (response.status_code, response.json["code"])
    assert (["email_not_verified", "own_library"], {"bjtu": "own_library"}) == (
        facts["reasons"],
        facts["lenders"],
    )


def test_a_sixth_book_is_refused(patron_api: Api, store: Store, patron: Patron) -> None:
    for each in range(5):
        submitted(patron_api, store, patron, isbn=f"978702000220{each}")
    response = patron_api.post("/requests", json=a_find(store, patron, isbn="9787536692930"))

    assert (422, ["borrower_limit"]) == (response.status_code, response.json["facts"]["reasons"])


def test_a_typed_citation_is_looked_for_and_returned_as_it_was_typed(patron_api: Api) -> None:
    response = patron_api.post("/requests", json={"citation": {"title": HAN}})

    assert (201, HAN) == (response.status_code, response.json["citation"]["title"])
    assert HAN == patron_api.get(f"/requests/{response.json['id']}").json["citation"]["title"]


def test_a_typed_citation_that_nobody_has_is_refused(patron_api: Api) -> None:
    response = patron_api.post("/requests", json={"citation": {"title": "Nobody has this"}})

    assert (422, ["no_holding"]) == (response.status_code, response.json["facts"]["reasons"])


def test_a_desk_that_is_none_is_named(patron_api: Api, store: Store, patron: Patron) -> None:
    response = patron_api.post("/requests", json={**a_find(store, patron), "desk": "nowhere"})

    assert (422, "/desk") == (response.status_code, response.json["errors"][0]["pointer"])


def test_anothers_search_is_none_of_mine(callers: Callers, store: Store, patron: Patron) -> None:
    other = callers.patron(a_patron(store, "2"))

    assert 404 == other.post("/requests", json=a_find(store, patron)).status_code


def test_a_patron_who_is_gone_cannot_submit(
    patron_api: Api, store: Store, patron: Patron, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "patron", lambda *_: None)

    assert 404 == patron_api.post("/requests", json=a_find(store, patron)).status_code


def test_a_desk_number_that_is_taken_is_drawn_anew(
    patron_api: Api, store: Store, patron: Patron, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter(["AAAA-11", "AAAA-11", "AAAA-11", "CCCC-22", *["CCCC-22"] * 5])
    monkeypatch.setattr(mint, "desk_number", lambda: next(numbers))
    first, second = (submitted(patron_api, store, patron, isbn=f"978702000220{each}") for each in range(2))
    third = patron_api.post("/requests", json=a_find(store, patron, isbn="9787536692930"))

    assert ("AAAA-11", "CCCC-22") == (first["number"], second["number"])
    assert (503, "1", 2) == (third.status_code, third.headers["Retry-After"], counts(store)["requests"])
