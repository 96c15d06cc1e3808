"""Wishes as pages: left where nobody can lend, seen where a letter leads, taken back, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.services.discovery.search import Discovery
from ill_broker.services.discovery.wishes import Wishes
from ill_broker.services.members.directory import Directory
from ill_broker.settings import Settings
from ill_broker.storage import wishes as rows
from ill_broker.storage.store import Store
from tests.factories import LIBRARIES, SZUTL, the_book
from tests.ill_broker.api.client import NOW, Hand, a_patron
from tests.ill_broker.api.lending import a_find, lending_services, serving
from tests.ill_broker.api.reading import FORM, reading
from workflows.discovery.wishes import WishStatus
from workflows.ids import WishId
from workflows.patrons import Patron


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    discovery = next(one for one in services if isinstance(one, Discovery))
    yield [*services, Wishes(store, Directory(store, the_book()), discovery)]
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def reader(app: Flask, services: list[object], patron: Patron) -> FlaskClient:
    return reading(app, services, patron)


@pytest.fixture
def wish(store: Store, patron: Patron, reader: FlaskClient) -> str:
    """Leave a wish by the button of the work's page, and return where it leads."""
    found = a_find(store, patron, "nowhere")
    work = reader.get(f"/searches/{found['search']}/works/{found['work']}").text

    assert 'action="/wishes"' in work
    assert 1 == work.count('class="primary"')
    answer = reader.post("/wishes", data={**FORM, **found})
    assert 303 == answer.status_code
    return answer.location


def test_a_wish_is_left_where_nobody_can_lend_listed_and_taken_back(reader: FlaskClient, wish: str) -> None:
    shown, listed = reader.get(wish).text, reader.get("/wishes").text

    assert ("等候中" in shown, f'href="{wish}"' in listed) == (True, True)
    assert "2026年8月29日" in shown, "the day on which it ends by itself"
    assert 303 == reader.post(f"{wish}/withdrawal", data=FORM).status_code
    assert 404 == reader.get(wish).status_code
    assert "您没有等候任何书" in reader.get("/wishes").text


def test_what_somebody_would_lend_is_asked_for_and_not_waited_for(
    reader: FlaskClient, store: Store, patron: Patron
) -> None:
    found = a_find(store, patron, "szutl")
    work = reader.get(f"/searches/{found['search']}/works/{found['work']}").text
    refused = reader.post("/wishes", data={**FORM, **found})

    assert 'action="/wishes"' not in work
    assert (409, True) == (refused.status_code, "此书现在就能借到" in refused.text)


def test_a_letters_link_says_where_the_book_can_be_had(reader: FlaskClient, store: Store, wish: str) -> None:
    with store.writing() as conn:
        waits = rows.load(conn, WishId(wish.rpartition("/")[2]))
        assert waits is not None
        found = replace(waits, status=WishStatus.FOUND, ended_at=NOW, library=SZUTL)
        rows.save(conn, found)
    page = reader.get(wish).text

    assert f"2026年3月2日查到{LIBRARIES[SZUTL].name_zh}可以外借" in page
    assert 'name="text" value="9787020002207"' in page


def test_another_readers_wish_is_not_there(
    app: Flask, services: list[object], store: Store, wish: str
) -> None:
    stranger = reading(app, services, a_patron(store, "2"))

    assert [404, 404] == [
        stranger.get(wish).status_code,
        stranger.post(f"{wish}/withdrawal", data=FORM).status_code,
    ]
    assert f"/log-in?to={wish}" == app.test_client().get(wish).location
