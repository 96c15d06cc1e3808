"""The one field of a desk, over HTTP: one scan does the one obvious thing, and says what it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from ill_broker.services.cards.loan_cards import LoanCards
from ill_broker.services.cards.overview import CardOverview
from ill_broker.services.members.directory import Directory
from ill_broker.services.requests.door import Requests
from ill_broker.services.scans import found
from ill_broker.services.scans.scans import Scans
from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.ill_broker.api.at_desk import MINUTE, AtDesk, with_accounts
from tests.ill_broker.api.client import Api, Hand, a_patron
from tests.ill_broker.api.lending import lending_services, serving
from tests.ill_broker.api.test_desks_at_once import at_once, settings, store
from workflows.ids import LibraryCode
from workflows.patrons import Patron

# what they share with those who do the same at once: either database
__all__ = ["settings", "store"]
Told = dict[str, Any]


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    known = with_accounts(services, store)
    (directory,) = (one for one in known if isinstance(one, Directory))
    (requests,) = (one for one in known if isinstance(one, Requests))
    (cards,) = (one for one in known if isinstance(one, LoanCards))
    overview = CardOverview(store, directory)
    yield [*known, overview, Scans(store, directory, requests, cards, overview)]
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def desk(api: Api, services: list[object], store: Store, clock: Hand, patron: Patron) -> AtDesk:
    return AtDesk(api, services, store, clock, patron)


def scan(
    desk: AtDesk, code: str, *, wait: timedelta = 3 * MINUTE, by: Api | None = None, **more: Any
) -> Told:
    """Scan at the desk, some minutes later."""
    desk.clock.move(wait)
    answer = (by or desk.staff()).post("/scans", json={"code": code, **more})

    assert 200 == answer.status_code, answer.json
    told: Told = answer.json
    return told


def shipped(desk: AtDesk, barcode: str = "B-1", number: int = 1) -> str:
    """Return a request whose book is on the road."""
    request = str(desk.wish("szutl", number=number).json["id"])
    sent = {"status": "Loaned", "item_barcode": barcode}
    desk.staff("szutl").post(f"/requests/{request}/answer", json=sent)
    return request


def test_a_book_goes_its_whole_way_by_scans_alone(desk: AtDesk) -> None:
    request, card = shipped(desk), desk.patron.card_number
    came = scan(desk, " ｂ-1 ")
    reader = scan(desk, card)
    lent = scan(desk, "B-1", reader=card)
    back = scan(desk, "B-1")
    gone = scan(desk, "B-1")

    assert ["done", "look", "done", "done", "done"] == [
        told["outcome"] for told in (came, reader, lent, back, gone)
    ]
    assert ("book", {"step": "arrival", "undo": True}) == (came["kind"], came["done"])
    assert [request] == [line["id"] for line in reader["reader"]["waiting"]]
    assert ("handover", "on_loan") == (lent["done"]["step"], lent["line"]["status"])
    assert lent["line"]["last_day"] is not None
    assert desk.patron.name == lent["line"]["reader"]["name"]
    assert ["return", "shipment"] == [back["done"]["step"], gone["done"]["step"]]
    assert "returning" == gone["line"]["status"]


def test_a_book_scanned_twice_is_moved_once_and_says_who_did_it(desk: AtDesk) -> None:
    shipped(desk)
    scan(desk, "B-1")
    again = scan(desk, "B-1", wait=timedelta())
    scan(desk, "B-1", reader=desk.patron.card_number)
    soon = scan(desk, "B-1", wait=timedelta(seconds=5))

    assert ("look", "arrival", "Somebody of bjtu") == (
        again["outcome"], again["before"]["step"], again["before"]["by_name"],
    )  # fmt: skip
    assert [(1, "handover")] == [(each["number"], each["step"]) for each in again["choices"]]
    assert ("look", "handover", "on_loan") == (
        soon["outcome"],
        soon["before"]["step"],
        soon["line"]["status"],
    )
    (choice,) = soon["choices"]
    chosen = {name: choice[name] for name in ("id", "step")}

    assert "return" == scan(desk, "B-1", wait=timedelta(), choice=chosen)["done"]["step"]


def test_what_a_scan_did_is_undone_by_the_step_undo(desk: AtDesk) -> None:
    request = shipped(desk)
    assert scan(desk, "B-1")["done"]["undo"]

    assert "in_transit" == desk.step(request, "undo")["status"]


def test_a_strangers_card_gets_no_book_and_is_told_why(desk: AtDesk, store: Store) -> None:
    other = a_patron(store, number="2")
    waiting = desk.waiting("szutl")
    number = desk.staff().get(f"/requests/{waiting}").json["number"]
    told = scan(desk, number, reader=other.card_number)

    assert ("no", "request", "not_handed_over") == (told["outcome"], told["kind"], told["refusal"]["code"])
    assert ["not_the_patrons_card"] == [reason["code"] for reason in told["refusal"]["reasons"]]
    assert "handover" in told["line"]["actions"]


def test_what_is_unknown_or_another_librarys_is_no(desk: AtDesk) -> None:
    shipped(desk)
    unknown = scan(desk, "nothing")
    elsewhere = scan(desk, "B-1", by=desk.staff("nlc"))
    nobody = scan(desk, "B-1", reader="nobody")

    assert ["unknown_code", "unknown_code", "unknown_reader"] == [
        told["refusal"]["code"] for told in (unknown, elsewhere, nobody)
    ]
    assert ["book", "request", "reader", "loan_card", "typed_request"] == unknown["refusal"]["facts"]["tried"]


def test_a_reader_of_another_library_who_fetches_here_is_found_by_card(desk: AtDesk, store: Store) -> None:
    desk.patron = guest = a_patron(store, number="2", home=LibraryCode("nlc"))
    wanted = {**desk.find("szutl"), "desk": "bjtu"}
    before = scan(desk, guest.card_number)
    asked = desk.me().post("/requests", json=wanted)
    assert 201 == asked.status_code, asked.json
    number = asked.json["number"]
    desk.step(asked.json["id"], "arrival")
    found = scan(desk, guest.card_number)
    elsewhere = scan(desk, guest.card_number, by=desk.staff("pku"))
    lent = scan(desk, number, reader=found["reader"]["reader"]["id"])
    after = scan(desk, number, reader=guest.card_number)

    assert ["unknown_code"] * 2 == [told["refusal"]["code"] for told in (before, elsewhere)]
    assert [number] == [line["number"] for line in found["reader"]["waiting"]]
    assert ["handover", "return"] == [lent["done"]["step"], after["done"]["step"]]


def test_letters_that_a_scanner_puts_around_digits_are_no_part_of_them(desk: AtDesk) -> None:
    shipped(desk, "31234000")

    assert "arrival" == scan(desk, "a31234000B")["done"]["step"]


def test_a_loan_card_goes_out_with_its_reader_and_comes_in_alone(desk: AtDesk) -> None:
    desk.staff().post("/loan-cards", json={"barcode": "C1", "library": "pku", "desk": "bjtu"})
    alone = scan(desk, "C1")
    out = scan(desk, "C1", reader=desk.patron.id)
    back = scan(desk, "C1")
    twice = scan(desk, "C1", wait=timedelta(), reader=desk.patron.id)

    assert ["look", "issue", "return"] == [alone["outcome"], out["done"]["step"], back["done"]["step"]]
    assert ("issued", desk.patron.name) == (out["loan_card"]["status"], out["loan_card"]["patron"]["name"])
    assert ("look", "return") == (twice["outcome"], twice["before"]["step"])


def test_two_books_of_one_barcode_are_two_choices(desk: AtDesk) -> None:
    both = {shipped(desk, "B-1", 1), shipped(desk, "B-1", 2)}
    told = scan(desk, "B-1")

    assert ("look", [1, 2]) == (told["outcome"], [choice["number"] for choice in told["choices"]])
    assert both == {choice["id"] for choice in told["choices"]}
    first = told["choices"][0]
    done = scan(desk, "B-1", choice={"id": first["id"], "step": first["step"]})

    assert (first["id"], "arrival") == (done["line"]["id"], done["done"]["step"])


def test_a_crate_takes_its_one_step(desk: AtDesk) -> None:
    shipped(desk)
    here = scan(desk, "B-1", action="arrival")
    shown = scan(desk, "B-1", action="shipment")

    assert ("arrival", None, "look") == (here["done"]["step"], shown["done"], shown["outcome"])


def test_the_same_scan_sent_again_gets_the_same_answer(desk: AtDesk) -> None:
    shipped(desk)
    clerk, key = desk.staff(), {"Idempotency-Key": "scan-1"}
    looked = clerk.post("/scans", json={"code": "x"}, headers={"Idempotency-Key": "scan-0"}).json
    first, second = (clerk.post("/scans", json={"code": "B-1"}, headers=key) for _ in range(2))

    assert ("done", "true") == (first.json["outcome"], second.headers["Idempotency-Replayed"])
    assert first.json == second.json
    assert looked == clerk.post("/scans", json={"code": "x"}, headers={"Idempotency-Key": "scan-0"}).json


@pytest.mark.parametrize("step", ["arrival", "return"])
def test_the_second_of_two_clerks_sees_what_the_first_did(
    desk: AtDesk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Both have seen the book as it was before either moves it."""
    shipped(desk)
    if step == "return":
        scan(desk, "B-1")
        scan(desk, "B-1", reader=desk.patron.id)
    desk.clock.move(3 * MINUTE)
    find, both, seen = found.find, Barrier(2), []

    def meanwhile(*told: Any) -> Any:
        answer = find(*told)
        seen.append(1)
        if len(seen) <= 2:
            both.wait(60)
        return answer

    monkeypatch.setattr("ill_broker.services.scans.scans.find", meanwhile)
    clerks = [desk.staff(), desk.staff()]
    answers = at_once(
        *(lambda clerk=clerk: clerk.post("/scans", json={"code": "B-1"}).json for clerk in clerks)
    )
    first, second = sorted(answers, key=lambda told: str(told["outcome"]))

    assert (["done", "look"], step) == ([first["outcome"], second["outcome"]], first["done"]["step"])
    assert (step, "Somebody of bjtu") == (second["before"]["step"], second["before"]["by_name"])


def test_the_desks_lists_are_counted(desk: AtDesk) -> None:
    def counted(at: str = "bjtu") -> Told:
        told: Told = desk.staff(at).get("/desk").json
        return {name: number for name, number in told.items() if number}

    asked = desk.wish("szutl", number=3)
    assert 201 == asked.status_code
    shipped(desk, "B-1", 1)
    lent = desk.lent("szutl", 2)

    assert ({"to_arrive": 1}, {"to_answer": 1}) == (counted(), counted("szutl"))
    scan(desk, "B-1")
    desk.clock.move(timedelta(days=200))
    assert ({"to_call": 1, "overdue": 1}, {}) == (counted(), counted("nlc"))
    desk.step(lent, "return")
    assert {"to_call": 1, "to_ship_back": 1} == counted()


def test_readers_are_found_at_their_own_desk_alone(desk: AtDesk, store: Store) -> None:
    for number in ("2", "3"):
        a_patron(store, number=number)

    def found(query: str, at: str = "bjtu", **more: Any) -> list[str]:
        told = desk.staff(at).get("/desk/patrons", query_string={"query": query, **more}).json
        return [one["card_number"] for one in told["items"]]

    assert ["20262"] == found(" ２０２６2") == found("Reader2@example.org")
    assert ["20261", "20262", "20263"] == found("梅") == found("5678")
    assert ([], [], []) == (found("%"), found("678"), found("梅", "nlc"))
    first = desk.staff().get("/desk/patrons", query_string={"query": "李", "limit": 2}).json
    assert (2, ["20263"]) == (len(first["items"]), found("李", after=first["next"]))


def test_the_number_of_what_a_reader_typed_leads_there_as_long_as_the_desk_looks_for_it(desk: AtDesk) -> None:
    typed = desk.me().post("/typed-requests", json={"citation": {"title": "北京植物志"}}).json
    found = scan(desk, typed["number"].lower())
    crate = scan(desk, typed["number"], action="arrival")
    elsewhere = scan(desk, typed["number"], by=desk.staff("pku"))
    matched = desk.staff().post(f"/typed-requests/{typed['id']}/match", json={"lender": "szutl"}).json
    after = scan(desk, typed["number"])

    assert ("look", "typed_request", None) == (found["outcome"], found["kind"], found["line"])
    assert (typed["id"], "waiting") == (found["typed_request"]["id"], found["typed_request"]["status"])
    assert desk.patron.card_number == found["typed_request"]["reader"]["card_number"]
    assert ("look", "unknown_code") == (crate["outcome"], elsewhere["refusal"]["code"])
    assert (matched["request"], None) == (after["line"]["id"], after["typed_request"])
