"""Searching over HTTP: begin, look, watch; nobody sees another's search."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.failures import Unreachable
from ill_broker.services.discovery.admission import Room
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.members.directory import Directory
from ill_broker.services.people.registration import build_people
from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from ill_broker.texts.catalogue import say
from tests.ill_broker.api.client import HOME, Api, Hand, a_patron, logged_in
from tests.ill_broker.services.finders import ISBN, Deep, Failing, Fast, Hanging, Late, Members, hit
from workflows.actors import Actor, Role
from workflows.citation import Hit, Holding
from workflows.ids import LibraryCode
from workflows.libraries import Library

TITLE = "𠀀红楼梦"


@pytest.fixture
def members() -> Members:
    return Members(
        {
            "pku": Fast((hit("pku", isbn=ISBN, title=TITLE),)),
            "szutl": Fast((hit("szutl", isbn=ISBN, title=TITLE), hit("szutl", 2)), total=70),
            "fjmu": Failing(Unreachable("fjmu", "away")),
            "nlc": None,
        }
    )


@pytest.fixture
def discovery(store: Store, clock: Hand, members: Members) -> Iterator[Discovery]:
    with store.writing() as conn:
        for code in members.finders:
            libraries.put(conn, Library(code=LibraryCode(code), name=code, name_zh=code))
    directory = Directory(store, builtin_book())
    discovery = Discovery(
        store, clock, directory, members, Settings(search_seconds=5.0), room=Room(calls=10, queue=1)
    )
    yield discovery
    discovery.close()


@pytest.fixture
def services(store: Store, settings: Settings, discovery: Discovery) -> list[object]:
    return [store, discovery, *build_people(store, settings)]


def events(told: str) -> list[tuple[str, dict[str, Any]]]:
    blocks = [
        dict(line.split(": ", 1) for line in block.split("\n")) for block in told.split("\n\n") if block
    ]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def searched(api: Api, **query: str) -> dict[str, Any]:
    """Return a search that is over."""
    begun = api.post("/searches", json=query or {"text": "红楼梦"}).json
    api.get(f"/searches/{begun['id']}/events")
    found: dict[str, Any] = api.get(f"/searches/{begun['id']}").json
    return found


def test_a_search_is_accepted_at_once_and_says_where_it_is(patron_api: Api, members: Members) -> None:
    members.finders["pku"] = Hanging()
    begun = patron_api.post("/searches", json={"text": "红楼梦"})

    assert 202 == begun.status_code
    assert f"/api/v1/searches/{begun.json['id']}" == begun.headers["Location"]
    assert begun.json["finished_at"] is None
    assert {"nlc": "not_searchable", "pku": "waiting"}.items() <= {
        member["library"]: member["state"] for member in begun.json["members"]
    }.items()


def test_a_search_shows_works_with_copies_and_terms_of_each_lender(patron_api: Api) -> None:
    found = searched(patron_api)
    work = found["works"][0]

    assert (TITLE, ISBN) == (work["citation"]["title"], work["citation"]["isbn"])
    assert {"pku", "szutl"} == {copy["library"] for copy in work["holdings"]}
    assert 2 == found["works_total"] == len(found["works"])

    szutl = next(offer for offer in work["offers"] if offer["lender"] == "szutl")

    assert szutl["lendable"]
    assert szutl["expected"] < szutl["due"]
    assert {"currency": "CNY", "amount": "0.20"} == szutl["fine_rate"]


def test_what_the_own_library_has_is_shown_as_a_walk_to_the_shelf(patron_api: Api, members: Members) -> None:
    there = Holding(library=HOME, record_id="r1", call_number="I242.4/7", available=True)
    members.finders[HOME] = Fast((Hit(citation=hit("pku", isbn=ISBN).citation, holdings=(there,)),))
    own, *others = searched(patron_api)["works"][0]["offers"]
    copies = searched(patron_api)["works"][0]["own_copies"]

    assert say("refusal.own_library", "zh") == own["reason_told"]
    assert {None} == {one["reason_told"] for one in others if one["lendable"]}
    assert (HOME, "own_library", True, "I242.4/7") == tuple(
        own[name] for name in ("lender", "reason", "available", "call_number")
    )
    assert {"pku", "szutl"} == {one["lender"] for one in others if one["lendable"]}
    assert [("I242.4/7", True)] == [(one["call_number"], one["available"]) for one in copies]


def test_editions_stand_under_one_book_and_each_can_be_asked_for(patron_api: Api, members: Members) -> None:
    old, new = (
        hit("pku", place, title=TITLE, year=year, isbn=isbn)
        for place, (year, isbn) in enumerate(((1982, ISBN), (2008, "9787301000021")))
    )
    members.finders["pku"] = Fast((old, new))
    found = searched(patron_api)
    editions = found["works"][0]["editions"]

    assert [2008, 1982] == [edition["citation"]["year"] for edition in editions]
    assert found["works"][0]["id"] in {edition["id"] for edition in editions}
    assert found["works_total"] == len(found["works"]) == 2


def test_what_is_found_is_shown_by_year_on_wish(patron_api: Api, members: Members) -> None:
    members.finders["pku"] = Fast((hit("pku", year=1982, title=TITLE), hit("pku", 2, year=2008, title="论")))
    path = f"/searches/{searched(patron_api, title=TITLE)['id']}"
    told = {sort: patron_api.get(f"{path}?sort={sort}").json["works"] for sort in ("relevance", "year")}

    assert {"relevance": 1982, "year": 2008} == {
        sort: works[0]["citation"]["year"] for sort, works in told.items()
    }
    assert 422 == patron_api.get(f"{path}?sort=colour").status_code


def test_fields_are_asked_for_together_with_alternatives_and_what_is_not_wanted(
    patron_api: Api, members: Members
) -> None:
    asked = {
        "title": TITLE,
        "issn": "03178471",
        "year": "1980-",
        "any_of": [{"subject": "红学"}, {"publisher": "中华书局"}],
        "none_of": [{"author": "高鹗"}],
    }
    told = patron_api.post("/searches", json=asked).json["query"]
    alone = {**dict.fromkeys(("text", "title", "author", "subject", "publisher", "isbn", "issn", "year"))}

    assert told == {
        **alone,
        "title": TITLE,
        "issn": "0317-8471",
        "year": "1980-",
        "any_of": [{**alone, "subject": "红学"}, {**alone, "publisher": "中华书局"}],
        "none_of": [{**alone, "author": "高鹗"}],
    }


def test_a_search_shows_how_each_member_answered(patron_api: Api) -> None:
    members = {member["library"]: member for member in searched(patron_api)["members"]}

    assert ("answered", 2, 70) == tuple(members["szutl"][name] for name in ("state", "hits", "total"))
    assert "unreachable" == members["fjmu"]["state"]
    assert "not_searchable" == members["nlc"]["state"]


def test_who_watches_hears_of_each_member_once_and_then_that_it_is_done(patron_api: Api) -> None:
    begun = patron_api.post("/searches", json={"title": "红楼梦"}).json
    stream = patron_api.get(f"/searches/{begun['id']}/events")
    told = events(stream.text)

    assert "text/event-stream" == stream.mimetype
    assert ["bjtu", "fjmu", "nlc", "pku", "szutl"] == sorted(
        data["library"] for name, data in told if name == "member"
    )
    assert ("done", {"id": begun["id"], "works_total": 2}) == told[-1]


def test_a_stream_that_broke_off_goes_on_behind_the_event_that_came_last(patron_api: Api) -> None:
    begun = patron_api.post("/searches", json={"title": "红楼梦"}).json
    path = f"/searches/{begun['id']}/events"
    blocks = patron_api.get(path).text.split("\n\n")[:-1]
    ids, told = zip(*(block.removeprefix("id: ").split("\n", 1) for block in blocks), strict=True)

    assert len(blocks) == len({*ids})
    for number, last in enumerate(ids[:-1], start=1):
        resumed = patron_api.get(path, headers={"Last-Event-ID": last}).text.split("\n\n")[:-1]

        # the same events, though not in the order in which members happened to answer
        assert sorted(told[number:]) == sorted(block.split("\n", 1)[1] for block in resumed)

    ended = patron_api.get(path, headers={"Last-Event-ID": ids[-1]})

    assert (204, "") == (ended.status_code, ended.text)


@pytest.mark.parametrize("last", ["", "0", "-1", "many", "é", "f" * 300])
def test_an_event_that_never_was_resumes_nothing(patron_api: Api, last: str) -> None:
    path = f"/searches/{searched(patron_api)['id']}/events"
    told = patron_api.get(path, headers={"Last-Event-ID": last}).text

    assert patron_api.get(path).text == told


def test_an_isbn_is_read_with_hyphens(patron_api: Api, members: Members) -> None:
    begun = patron_api.post("/searches", json={"isbn": "978-7-301-00001-4"})

    assert ISBN == begun.json["query"]["isbn"]


def test_staff_search_too(staff_api: Api) -> None:
    assert 2 == searched(staff_api)["works_total"]


def test_a_patron_whose_address_is_not_verified_may_search(
    api: Api, store: Store, services: list[object]
) -> None:
    new = a_patron(store, "7", verified_at=None)
    newcomer = api.as_(logged_in(services, Actor(Role.PATRON, new.id, new.home)))

    assert 202 == newcomer.post("/searches", json={"text": "a"}).status_code


def test_a_stranger_may_not_search(api: Api) -> None:
    assert 401 == api.post("/searches", json={"text": "a"}).status_code


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({}, ""),
        ({"text": "  "}, "/text"),
        ({"text": "a\x00"}, "/text"),
        ({"title": "a" * 301}, "/title"),
        ({"isbn": "123"}, "/isbn"),
        ({"colour": "a"}, "/colour"),
        ({"issn": "0317-8472"}, "/issn"),
        ({"year": "82"}, "/year"),
        ({"year": "1989-1980"}, "/year"),
        ({"none_of": [{"title": "a"}]}, ""),
        ({"any_of": []}, "/any_of"),
        ({"any_of": [{"title": "a"}, {}]}, "/any_of/1"),
        ({"any_of": [{"any_of": [{"title": "a"}]}]}, "/any_of/0/any_of"),
    ],
)
def test_a_search_for_nothing_or_nonsense_is_refused_by_name(
    patron_api: Api, query: dict[str, Any], pointer: str
) -> None:
    refused = patron_api.post("/searches", json=query)

    assert (422, [pointer]) == (refused.status_code, [fault["pointer"] for fault in refused.json["errors"]])


@pytest.mark.parametrize("path", ["", "/events", "/works"])
def test_anothers_search_does_not_exist(patron_api: Api, staff_api: Api, path: str) -> None:
    found = searched(patron_api)

    assert 404 == staff_api.get(f"/searches/{found['id']}{path}").status_code
    assert 404 == patron_api.get(f"/searches/srch_00000000000000000{path}").status_code


def test_a_search_is_gone_after_an_hour(patron_api: Api, clock: Hand) -> None:
    found = searched(patron_api)
    clock.move(timedelta(hours=1))

    assert 404 == patron_api.get(f"/searches/{found['id']}").status_code


def test_a_search_beyond_what_can_be_taken_is_told_to_come_again(patron_api: Api, members: Members) -> None:
    members.finders |= {"pku": Hanging(), "szutl": Hanging(), "fjmu": Hanging()}
    begun = [patron_api.post("/searches", json={"text": "a"}).json["queue_place"] for _ in range(4)]
    refused = patron_api.post("/searches", json={"text": "b"})

    assert [0, 0, 0, 1] == begun
    assert (503, "busy") == (refused.status_code, refused.json["code"])
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


def every_page(api: Api, path: str, **wanted: Any) -> list[dict[str, Any]]:
    """Return the pages of a list, to the last."""
    pages = [api.get(path, query_string=wanted).json]
    while pages[-1]["next"]:
        pages.append(api.get(path, query_string={**wanted, "after": pages[-1]["next"]}).json)
    return pages


def test_a_word_with_many_hits_is_paged_through_to_the_last(patron_api: Api, members: Members) -> None:
    hits = [hit("pku", number, title=f"Book {number:03}", year=2000 + number % 4) for number in range(160)]
    members.finders["pku"] = Deep(hits)
    begun = searched(patron_api, text="book")
    pages = every_page(patron_api, f"/searches/{begun['id']}/works", limit=40)
    works = [work["id"] for page in pages for work in page["items"]]
    over = patron_api.get(f"/searches/{begun['id']}").json

    assert (True, 52, 230) == (begun["has_more"], begun["records_read"], begun["records_total"])
    assert 162 == len(works) == len(set(works)) == over["works_total"]
    assert (False, 162) == (over["has_more"], over["records_read"])
    assert all(len(page["items"]) == 40 for page in pages[:-1])

    of_2001 = every_page(patron_api, f"/searches/{begun['id']}/works", limit=7, year="2001")

    assert 40 == sum(len(page["items"]) for page in of_2001)

    chosen = patron_api.get(f"/searches/{begun['id']}", query_string={"year": ["2001", "2002"]}).json
    told = {name: {one["value"]: one["works"] for one in counts} for name, counts in chosen["facets"].items()}

    assert 80 == len(chosen["works"])
    assert {"2000": 40, "2001": 40, "2002": 40, "2003": 40} == told["year"]
    assert {"pku": 80} == told["library"]


def test_a_later_page_waits_for_the_members_and_is_told_as_any_other(
    patron_api: Api, members: Members
) -> None:
    members.finders["pku"] = Late((hit("pku", 1), hit("pku", 2)), 0.3)
    begun = patron_api.post("/searches", json={"text": "book"}).json
    path = f"/searches/{begun['id']}/works"
    first = patron_api.get(path).json
    rest = patron_api.get(path, query_string={"after": first["next"]}).json

    assert {"pku"} <= {copy["library"] for work in rest["items"] for copy in work["holdings"]}
    assert rest["next"] is None
    assert all(work["offers"] for work in (*first["items"], *rest["items"]))


@pytest.mark.parametrize(
    "wanted", ["after=1", "after=-1.2", "limit=0", "limit=101", "year=x", "after=1.1&after=1.2"]
)
def test_a_page_that_cannot_be_is_refused(patron_api: Api, wanted: str) -> None:
    found = searched(patron_api)

    assert 422 == patron_api.get(f"/searches/{found['id']}/works?{wanted}").status_code
