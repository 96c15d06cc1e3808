"""Searching by pages, as it works without a script: page by page, narrowed down, by single fields."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.services.discovery.search import Discovery
from ill_broker.services.places import Crowded
from ill_broker.settings import Settings
from ill_broker.storage import requests
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Hand, a_patron
from tests.ill_broker.api.lending import a_find, lending_services, serving
from tests.ill_broker.api.reading import FORM, reading
from tests.ill_broker.services.finders import hit
from workflows.ids import LibraryCode, RequestId
from workflows.patrons import Patron

#: thirty books, the first of them in two editions, three of them in English
FOUND = tuple(
    hit(
        "szutl",
        place,
        title=f"红楼{place or '梦'}",
        isbn=isbn,
        author="曹雪芹",
        year=1980 + place if isbn is None else int(isbn[-4:-1]) + 1900,
        language="eng" if place > 26 else "chi",
    )
    for place, isbn in [(0, "9787020002207"), (0, "9787020008735"), *((one, None) for one in range(1, 30))]
)


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock, FOUND)
    yield services
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def reader(app: Flask, services: list[object], patron: Patron) -> FlaskClient:
    return reading(app, services, patron)


def searched(browser: FlaskClient, **filled: str) -> str:
    """Search, and return where the results are once all have answered."""
    begun = browser.post("/searches", data={**FORM, **filled})

    assert 303 == begun.status_code, begun.text
    ends = time.monotonic() + 60
    while "hx-get" in browser.get(begun.location).text and time.monotonic() < ends:
        time.sleep(0.05)
    return begun.location


def titles(page: str) -> list[str]:
    return re.findall(r'<a class="title"[^>]*>([^<]+)<', page)


def leads_to(page: str, words: str) -> str:
    """Return where the link with these words leads."""
    found = re.search(rf'<a[^>]*href="([^"]+)"[^>]*>(?:<svg.*?</svg>)?{words}', page)

    assert found is not None, words
    return html.unescape(found[1])


def test_each_book_is_found_once_page_by_page_to_the_last(reader: FlaskClient) -> None:
    first = reader.get(searched(reader, text="红楼梦")).text
    last = reader.get(leads_to(first, "下一页")).text

    assert (25, 5) == (len(titles(first)), len(titles(last)))
    assert 30 == len({*titles(first), *titles(last)})
    assert "下一页" not in last
    assert "1 个图书馆均已查过，找到 30 种" in first


def test_editions_stand_under_their_book(reader: FlaskClient) -> None:
    first = reader.get(searched(reader, text="红楼梦")).text
    (book,) = re.findall(r'class="title" id="(wrk_\w+)"[^>]*>红楼梦<', first)
    (edition,) = re.findall(r'class="editions told">.*?<a href="([^"]+)"', first)
    page = reader.get(edition).text

    assert book not in edition
    assert (f"/works/{book}" in page, 1) == (True, page.count("当前这一种"))


def test_links_narrow_the_choice_down_and_take_it_back(reader: FlaskClient) -> None:
    found = searched(reader, text="红楼梦")
    chosen = reader.get(leads_to(reader.get(found).text, "英语")).text

    assert {"红楼27", "红楼28", "红楼29"} == set(titles(chosen))
    assert 25 == len(titles(reader.get(leads_to(chosen, "英语")).text))
    assert "红楼29" == titles(reader.get(leads_to(chosen, "年份（新的在前）")).text)[0]
    assert "没有符合所选条件的书" in reader.get(f"{found}?year=1811").text


@pytest.mark.parametrize("address", ["after=x", "sort=price", "after=3"])
def test_a_page_that_was_never_shown_is_no_page(reader: FlaskClient, address: str) -> None:
    assert 400 == reader.get(f"{searched(reader, text='红楼梦')}?{address}").status_code


def test_a_script_hears_nothing_as_long_as_nothing_is_new(
    reader: FlaskClient, store: Store, patron: Patron
) -> None:
    search = f"/searches/{a_find(store, patron)['search']}"

    assert 204 == reader.get(f"{search}?told=0-1-0-1").status_code
    assert 200 == reader.get(f"{search}?told=1-1-0-0").status_code


def test_what_was_typed_in_single_fields_stays_there(reader: FlaskClient) -> None:
    page = reader.get(searched(reader, author="曹雪芹", year="1980-1990")).text
    faulty = reader.post("/searches", data={**FORM, "year": "long ago", "title": "红楼梦"})

    assert 'id="f-author" name="author" type="text" autocomplete="off" value="曹雪芹"' in page
    assert '<details class="fields" open>' in page
    assert (422, True) == (faulty.status_code, 'id="e-year"' in faulty.text)
    assert 'value="红楼梦"' in faulty.text
    assert 'id="e-text"' in reader.post("/searches", data={**FORM, "text": " "}).text


def test_where_there_is_no_room_what_was_typed_is_kept(
    reader: FlaskClient, services: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Crowded("too many searches at once", 7)

    monkeypatch.setattr(next(one for one in services if isinstance(one, Discovery)), "start", full)
    refused = reader.post("/searches", data={**FORM, "text": "红楼梦"})

    assert (503, "7") == (refused.status_code, refused.headers["Retry-After"])
    assert ("请在 7 秒后" in refused.text, 'value="红楼梦"' in refused.text) == (True, True)


def test_a_site_to_fetch_it_at_can_be_chosen_where_the_desk_has_several(
    app: Flask, services: list[object], store: Store
) -> None:
    patron = a_patron(store, "3", home=LibraryCode("szutl"))
    reader = reading(app, services, patron)
    found = a_find(store, patron, "pku")
    work = f"/searches/{found['search']}/works/{found['work']}"
    page = reader.get(work).text
    asked = reader.post(work, data={**FORM, "pickup_site": "service_station"})

    assert ["", "information_desk", "service_station"] == re.findall(r'<option value="(\w*)"', page)
    with store.reading() as conn:
        made = requests.load(conn, RequestId(asked.location.rpartition("/")[2]))
    assert (made and made.pickup and made.pickup.site) == "service_station"
