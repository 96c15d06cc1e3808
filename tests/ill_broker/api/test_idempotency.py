"""Creating once, however often it is asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from ill_broker.api import idempotency
from ill_broker.storage import outbox
from ill_broker.storage.failures import Busy
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import NOW, Api

WANTED = {
    "home": "bjtu",
    "card_number": "20261234",
    "name": "Wang",
    "mobile": "13812345678",
    "email": "wang@example.org",
    "password": "correct horse battery",
}
KEY = {"Idempotency-Key": "a-key"}


def letters(store: Store) -> int:
    with store.writing() as conn:
        later = NOW + timedelta(days=30)
        return len(outbox.claim(conn, owner="test", now=later, lease=timedelta(seconds=1), limit=50))


def test_the_same_again_is_answered_the_same_and_done_once(api: Api, store: Store) -> None:
    first = api.post("/patrons", json=WANTED, headers=KEY)
    again = api.post("/patrons", json=WANTED, headers=KEY)

    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert (None, "true") == tuple(each.headers.get("Idempotency-Replayed") for each in (first, again))
    assert 1 == letters(store)


def test_another_request_under_the_same_key_is_refused(api: Api) -> None:
    api.post("/patrons", json=WANTED, headers=KEY)
    response = api.post("/patrons", json={**WANTED, "name": "Li"}, headers=KEY)

    assert (422, "idempotency_key_reused") == (response.status_code, response.json["code"])


def test_keys_of_different_people_are_different_keys(api: Api, store: Store) -> None:
    api.post("/patrons", json=WANTED, headers=KEY)
    elsewhere = {"REMOTE_ADDR": "192.0.2.1"}
    response = api.post("/patrons", json={**WANTED, "name": "Li"}, headers=KEY, environ_overrides=elsewhere)

    assert 202 == response.status_code


def test_what_was_refused_may_be_tried_again_under_its_key(api: Api, store: Store) -> None:
    refused = api.post("/patrons", json={**WANTED, "home": "nowhere"}, headers=KEY)

    assert (422, 202) == (refused.status_code, api.post("/patrons", json=WANTED, headers=KEY).status_code)


@pytest.mark.parametrize("key", ["", "a" * 201, "a b", "\xe9"])
def test_a_key_is_visible_ascii(api: Api, key: str) -> None:
    (error,) = api.post("/patrons", json=WANTED, headers={"Idempotency-Key": key}).json["errors"]

    assert ("header", "/Idempotency-Key") == (error["in"], error["pointer"])


def test_of_many_at_once_one_is_done(api: Api, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    together = Barrier(4)
    look = idempotency._saved
    looked: list[object] = []

    def look_together(*mark: str) -> object:
        found = look(*mark)
        if len(looked) < 4:
            looked.append(found)
            together.wait(timeout=60)
        return found

    monkeypatch.setattr(idempotency, "_saved", look_together)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: api.post("/patrons", json=WANTED, headers=KEY), range(4)))

    assert [202] * 4 == [answer.status_code for answer in answers]
    assert 1 == len([answer for answer in answers if "Idempotency-Replayed" not in answer.headers])
    assert 1 == letters(store)


def test_who_finds_no_answer_is_told_to_come_again(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise Busy("locked")

    monkeypatch.setattr("ill_broker.storage.idempotency.keep", busy)
    response = api.post("/patrons", json=WANTED, headers=KEY)

    assert (503, "1") == (response.status_code, response.headers["Retry-After"])
