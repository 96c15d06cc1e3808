"""What patrons were told, over HTTP: theirs, their desk's and the office's to see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Api, Hand, a_patron
from tests.ill_broker.api.lending import Callers, a_find, lending_services, serving
from tests.ill_broker.services.finders import hit
from workflows.patrons import Patron


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock, (hit("szutl"),))
    yield services
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def callers(api: Api, services: list[object], store: Store) -> Callers:
    return Callers(api, services, store)


@pytest.fixture
def path(callers: Callers, store: Store, patron: Patron) -> str:
    """Where the notices of a book stand that has just arrived."""
    mine = callers.patron(patron)
    request: dict[str, Any] = mine.post("/requests", json=a_find(store, patron)).json
    callers.staff("bjtu").post(f"/requests/{request['id']}/arrival", json={})
    return f"/requests/{request['id']}/notices"


def test_the_patron_the_desk_and_the_office_see_what_was_told(
    callers: Callers, patron: Patron, path: str
) -> None:
    for caller in (callers.patron(patron), callers.staff("bjtu"), callers.staff(None)):
        response = caller.get(path)

        assert 200 == response.status_code
        assert [("arrived", "email", "waiting"), ("arrived", "call", "waiting")] == [
            (one["notice"], one["channel"], one["fate"]) for one in response.json["items"]
        ]


def test_for_everybody_else_there_are_none(callers: Callers, store: Store, path: str) -> None:
    never = "/requests/req_00000000never00/notices"
    for caller in (callers.patron(a_patron(store, "2")), callers.staff("pku"), callers.staff("szutl")):
        theirs, none = caller.get(path), caller.get(never)

        assert (404, 404) == (theirs.status_code, none.status_code)
        assert none.json | {"request_id": ""} == theirs.json | {"request_id": ""}


def test_a_librarys_system_and_nobody_may_not_ask(callers: Callers, path: str) -> None:
    assert [403, 401] == [
        caller.get(path).status_code for caller in (callers.partner("szutl"), callers.anybody)
    ]
