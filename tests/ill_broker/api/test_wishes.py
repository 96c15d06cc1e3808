"""Wishes over HTTP: left once per work and key, listed, taken back, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ill_broker.services.discovery.search import Discovery
from ill_broker.services.discovery.wishes import Wishes
from ill_broker.services.members.directory import Directory
from ill_broker.services.people.registration import build_people
from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Api, Hand, a_patron, logged_in
from tests.ill_broker.services.finders import ISBN, Fast, Members
from workflows.actors import Actor, Role
from workflows.citation import Citation, Hit, Holding
from workflows.discovery.wishes import MOST
from workflows.ids import LibraryCode
from workflows.libraries import Library

TYPED = {"citation": {"title": "红楼梦", "author": "曹雪芹"}}
PKU = LibraryCode("pku")


@pytest.fixture
def discovery(store: Store, clock: Hand) -> Iterator[Discovery]:
    out = Hit(
        citation=Citation(title="红楼梦", isbn=ISBN),
        holdings=(Holding(library=PKU, record_id="1", available=False),),
    )
    with store.writing() as conn:
        libraries.put(conn, Library(code=PKU, name="PKU", name_zh="北京大学图书馆"))
    directory = Directory(store, builtin_book())
    made = Discovery(store, clock, directory, Members({"pku": Fast((out,))}), Settings(search_seconds=5.0))
    yield made
    made.close()


@pytest.fixture
def services(store: Store, settings: Settings, discovery: Discovery) -> list[object]:
    wishes = Wishes(store, Directory(store, builtin_book()), discovery)
    return [store, discovery, wishes, *build_people(store, settings)]


def test_a_work_that_nobody_lends_now_is_waited_for(patron_api: Api) -> None:
    search = patron_api.post("/searches", json={"isbn": ISBN}).json
    patron_api.get(f"/searches/{search['id']}/events")
    (work,) = patron_api.get(f"/searches/{search['id']}").json["works"]
    left = patron_api.post("/wishes", json={"search": search["id"], "work": work["id"]})

    assert (201, "waiting", work["citation"]) == (
        left.status_code,
        left.json["status"],
        left.json["citation"],
    )
    assert left.json == patron_api.get(f"/wishes/{left.json['id']}").json
    assert {"items": [left.json], "next": None} == patron_api.get("/wishes").json


def test_the_same_work_is_waited_for_once_and_one_key_leaves_one_wish(patron_api: Api, clock: Hand) -> None:
    key = {"Idempotency-Key": "k1"}
    first = patron_api.post("/wishes", json=TYPED, headers=key)
    again = patron_api.post("/wishes", json=TYPED, headers=key)
    clock.time = clock.time.replace(minute=30)
    later = patron_api.post("/wishes", json=TYPED)

    assert [201, 201, 200] == [each.status_code for each in (first, again, later)]
    assert first.json == again.json == later.json
    assert "true" == again.headers["Idempotency-Replayed"]


def test_wishes_are_listed_in_pages_and_are_no_more_than_so_many(patron_api: Api) -> None:
    for number in range(MOST):
        assert 201 == patron_api.post("/wishes", json={"citation": {"title": f"Book {number}"}}).status_code
    refused = patron_api.post("/wishes", json={"citation": {"title": "One more"}})
    first = patron_api.get(f"/wishes?limit={MOST - 1}").json
    second = patron_api.get(f"/wishes?after={first['next']}").json

    assert (409, "too_many_wishes", {"most": MOST}) == (
        refused.status_code,
        refused.json["code"],
        refused.json["facts"],
    )
    assert (MOST - 1, 1, None) == (len(first["items"]), len(second["items"]), second["next"])


def test_a_wish_is_its_readers_alone_and_gone_once_it_is_taken_back(
    patron_api: Api, api: Api, services: list[object], store: Store
) -> None:
    wish = patron_api.post("/wishes", json=TYPED).json
    other = a_patron(store, "2")
    others = api.as_(logged_in(services, Actor(Role.PATRON, other.id, other.home)))

    assert [404, 404] == [call(f"/wishes/{wish['id']}").status_code for call in (others.get, others.delete)]
    assert [] == others.get("/wishes").json["items"]

    gone = [call(f"/wishes/{wish['id']}").status_code for call in (patron_api.delete, patron_api.get)]

    assert [204, 404] == gone


@pytest.mark.parametrize("body", [{}, {"search": "srch_00000001"}, {**TYPED, "work": "wrk_1"}])
def test_what_names_no_work_or_two_is_refused(patron_api: Api, body: dict[str, object]) -> None:
    assert 422 == patron_api.post("/wishes", json=body).status_code
