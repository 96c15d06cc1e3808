"""The lender's desk: its lists, the shelves' order, and an answer by a button, on pages and over HTTP."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from connectors.ports import Connectors
from ill_broker.services.requests.lending import Lending
from ill_broker.storage import requests as request_rows
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Hand
from tests.ill_broker.api.desk import AtTheDesk, Told, app, desk, services
from tests.ill_broker.api.lending import a_find
from tests.ill_broker.api.reading import FORM, working
from workflows.actors import Role
from workflows.ids import LibraryCode, RequestId

__all__ = ["app", "desk", "services"]


@pytest.fixture
def lender(app: Flask, services: list[object], store: Store, clock: Hand) -> FlaskClient:
    return working(app, services, store, "szutl", clock.time)


def say(browser: FlaskClient, request: str, answer: str, **more: str) -> Any:
    filled = {**FORM, "answer": answer, "here": "/desk/lending", **more}
    return browser.post(f"/desk/lending/{request}/answer", data=filled)


def shelved(store: Store, request: str, call_number: str) -> None:
    """Say where the lender's copy stands."""
    with store.writing() as conn:
        found = request_rows.load(conn, RequestId(request))
        assert found is not None
        (asked,) = found.rota
        rota = (replace(asked, copy=replace(found.holdings[0], call_number=call_number)),)
        request_rows.save(conn, replace(found, rota=rota), was_version=found.version)


def lists(desk: AtTheDesk, library: str = "szutl") -> Told:
    told: Told = desk.as_(Role.STAFF, library).get("/lending").json
    return told


def test_a_request_goes_from_list_to_list_until_the_book_is_back(desk: AtTheDesk) -> None:
    def where() -> list[str]:
        return [name for name, count in lists(desk).items() if count is not False and count]

    stations = [(desk.asked("szutl"), where())[1]]
    desk.step("answer", library="szutl", status="RetryPossible", reason="LoanCondition", note="只限馆内阅览")
    stations.append(where())
    desk.step("conditions", Role.PATRON, accept=True)
    stations.append(where())
    desk.step("answer", library="szutl", status="Loaned")
    stations.append(where())
    for step in ("arrival", "handover", "return"):
        desk.step(step)
    stations.append(where())
    desk.step("answer", library="szutl", status="LoanCompleted")

    assert [["to_answer"], ["awaiting_reader"], ["to_send"], ["out"], ["to_receive"]] == stations
    assert [] == where()
    assert not any(lists(desk, "pku").values())


def test_the_api_lists_the_same_page_by_page_longest_waiting_first(desk: AtTheDesk) -> None:
    days = {"2026-03-02": "9787020002207", "2026-03-03": "9787020008735"}
    asked = [desk.on(day).asked("szutl", isbn=isbn).id for day, isbn in days.items()]
    clerk = desk.as_(Role.STAFF, "szutl")
    first = clerk.get("/lending/to-answer?limit=1").json
    second = clerk.get(f"/lending/to-answer?limit=1&after={first['next']}").json

    assert asked == [first["items"][0]["id"], second["items"][0]["id"]]
    assert (None, []) == (second["next"], desk.as_(Role.STAFF).get("/lending/to-answer").json["items"])
    assert ["WillSupply", "Loaned", "RetryPossible", "Unfilled"] == first["items"][0]["answers"]


def test_the_pull_list_stands_as_the_shelves_do(desk: AtTheDesk, store: Store, lender: FlaskClient) -> None:
    shelves = ["I25/1", "I242.4/36", "I242.4/9"]
    for shelf, isbn in zip(shelves, ("9787020002207", "9787020008735", "9787101003048"), strict=True):
        shelved(store, desk.asked("szutl", isbn=isbn).id, shelf)
    page = lender.get("/desk/lending/pull-list").text
    listed = desk.as_(Role.STAFF, "szutl").get("/lending/pull-list").json["items"]

    assert ["I242.4/9", "I242.4/36", "I25/1"] == re.findall(r"<strong>(I[\d./]+)</strong>", page)
    assert ["I242.4/9", "I242.4/36", "I25/1"] == [one["call_number"] for one in listed]
    assert (1, 3) == (page.count("/desk/paper/pull-slip"), page.count("request=req_"))


def test_an_answer_is_a_button_in_the_list_and_the_next_stands_there_then(
    desk: AtTheDesk, lender: FlaskClient
) -> None:
    request = desk.asked("szutl").id
    before = lender.get("/desk/lending").text
    answered = say(lender, request, "WillSupply")
    after = lender.get("/desk/lending?list=to_send").text

    assert (303, "/desk/lending") == (answered.status_code, answered.location)
    assert 'value="WillSupply"' in before
    assert 'value="Loaned"' in after
    assert desk.who.name not in before + after + lender.get(f"/desk/lending/{request}").text


def test_no_wants_a_reason_and_none_is_chosen_beforehand(desk: AtTheDesk, lender: FlaskClient) -> None:
    request = desk.asked("szutl").id
    page = lender.get(f"/desk/lending/{request}").text
    again = say(lender, request, "Unfilled")
    said = say(lender, request, "Unfilled", reason="NotOnShelf")
    entry = desk.as_(Role.STAFF).get(f"/requests/{request}/rota").json["items"][0]

    assert "selected" not in page
    assert (200, 303) == (again.status_code, said.status_code)
    assert 'aria-describedby="e-reason"' in again.text
    assert ("passed", "unfilled") == (entry["turn"], entry["reason"])


def test_a_condition_is_what_the_reader_is_asked(desk: AtTheDesk, lender: FlaskClient) -> None:
    request = desk.asked("szutl").id
    empty = say(lender, request, "RetryPossible")
    say(lender, request, "RetryPossible", condition="只限馆内阅览")

    assert 'aria-describedby="e-condition"' in empty.text
    assert ("conditional", "只限馆内阅览") == (desk.seen()["status"], desk.seen()["conditions"])


def test_a_reader_who_gives_up_leaves_one_thing_to_say(desk: AtTheDesk, lender: FlaskClient) -> None:
    request = desk.asked("szutl").id
    say(lender, request, "WillSupply")
    desk.step("cancellation", Role.PATRON)
    page = lender.get("/desk/lending?list=to_send").text

    assert 'value="Cancelled"' in page
    assert "要取的书" in lender.get("/desk/lending/pull-list").text
    assert 303 == say(lender, request, "Cancelled").status_code
    assert "closed" == desk.seen()["status"]


def test_what_was_never_asked_of_a_library_is_not_there_for_it(
    app: Flask, services: list[object], store: Store, desk: AtTheDesk
) -> None:
    request = desk.asked("szutl").id
    stranger = working(app, services, store, "pku")

    assert 404 == stranger.get(f"/desk/lending/{request}").status_code
    assert 404 == say(stranger, request, "WillSupply").status_code


def said(desk: AtTheDesk, library: str, **limits: Any) -> Any:
    """Let a library's desk say what it says against being asked."""
    told = {"paused": False, **limits}
    answer = desk.as_(Role.STAFF, library).put(f"/libraries/{library}/lending-limits", json=told)

    assert 200 == answer.status_code, answer.json
    return answer.json


def turns(desk: AtTheDesk) -> dict[str, tuple[str, str]]:
    rota = desk.as_(Role.STAFF).get(f"/requests/{desk.id}/rota").json["items"]
    return {entry["lender"]: (entry["turn"], entry["reason"]) for entry in rota}


def wish(desk: AtTheDesk, *lenders: str, isbn: str = "9787020002207") -> Any:
    found = a_find(desk.store, desk.who, *lenders, isbn=isbn, title=isbn)
    answer = desk.as_(Role.PATRON).post("/requests", json=found)
    desk.id = (answer.json or {}).get("id", "")
    return answer


def test_a_paused_library_is_passed_over_until_its_pause_is_over(desk: AtTheDesk) -> None:
    said(desk, "szutl", paused=True, paused_until="2026-03-02")
    wish(desk, "szutl", "pku")
    passed = turns(desk)
    wish(desk.on("2026-03-03"), "szutl", isbn="9787020008735")

    assert {"pku": "asked", "szutl": "passed"} == {one: turn for one, (turn, _) in passed.items()}
    assert "does_not_lend_now" == passed["szutl"][1]
    assert "asked" == turns(desk)["szutl"][0]


def test_a_library_is_asked_no_more_in_a_day_than_its_desk_wants(desk: AtTheDesk) -> None:
    said(desk, "szutl", daily_most=1)
    first = wish(desk, "szutl")
    desk.step("answer", library="szutl", status="Unfilled", reason="NotOnShelf")
    second = wish(desk, "szutl", isbn="9787020008735")
    tomorrow = wish(desk.on("2026-03-03"), "szutl", isbn="9787020008735")

    assert (201, 422, 201) == (first.status_code, second.status_code, tomorrow.status_code)
    assert ["daily_limit"] == second.json["facts"]["reasons"]


def test_a_withheld_title_is_not_asked_for_and_others_are(desk: AtTheDesk) -> None:
    said(desk, "szutl", withheld=["9787020002207"])
    refused = wish(desk, "szutl")
    taken = wish(desk, "szutl", isbn="9787020008735")

    assert ["title_withheld"] == refused.json["facts"]["reasons"]
    assert 201 == taken.status_code


def test_what_the_desk_says_is_its_own_and_the_offices(desk: AtTheDesk) -> None:
    path = "/libraries/szutl/lending-limits"
    stands = said(desk, "szutl", daily_most=5, withheld=["红楼梦"])
    read = desk.as_(Role.OFFICE, None).get(path)
    stale = desk.as_(Role.STAFF, "szutl").put(path, json={"paused": True}, headers={"If-Match": '"0"'})

    assert stands == read.json == {**stands, "paused": False, "daily_most": 5}
    assert 412 == stale.status_code
    assert 403 == desk.as_(Role.STAFF, "pku").get(path).status_code
    assert 403 == desk.as_(Role.STAFF, "pku").put(path, json={"paused": True}).status_code


def test_a_form_says_it_and_the_lists_show_it(desk: AtTheDesk, lender: FlaskClient) -> None:
    filled = {
        "paused": "true",
        "paused_until": "2026-03-31",
        "daily_most": "7",
        "withheld": "红楼梦\r\n\r\n水浒传\r\n",
    }
    saved = lender.post("/desk/lending/limits", data={**FORM, **filled})
    wrong = lender.post("/desk/lending/limits", data={**FORM, "daily_most": "many"})
    stands = desk.as_(Role.STAFF, "szutl").get("/libraries/szutl/lending-limits").json

    assert (303, 200) == (saved.status_code, wrong.status_code)
    assert 'aria-describedby="e-daily_most"' in wrong.text
    assert (True, 7, ["红楼梦", "水浒传"]) == (stands["paused"], stands["daily_most"], stands["withheld"])
    assert "借出已暂停，至2026年3月31日" in lender.get("/desk/lending").text
    assert "红楼梦\n水浒传</textarea>" in lender.get("/desk/lending/limits").text


@pytest.mark.parametrize(("by", "itself"), [("by_hand", False), ("email", False), ("webhook", True)])
def test_a_desk_is_told_where_its_own_system_answers(store: Store, by: str, *, itself: bool) -> None:
    class Known:
        def connectors(self, library: str) -> Connectors:
            return Connectors(library, served_by={"ask": by})

    assert itself is Lending(store, Known()).answers_by_itself(LibraryCode("szutl"))
