"""The steps of a request over HTTP: who may take them, on which version, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Api, Hand, a_patron
from tests.ill_broker.api.lending import Callers, a_find, counts, lending_services, serving
from workflows.patrons import Patron

STEPS: dict[str, dict[str, Any]] = {
    "cancellation": {},
    "conditions": {"accept": True},
    "renewal": {},
    "arrival": {},
    "notification": {"result": "reached"},
    "handover": {},
    "return": {},
    "shipment": {},
    "loss": {},
    "parcel-loss": {},
    "settlement": {},
    "damage": {"note": "wet"},
    "transfer": {"starts": True},
    "pieces": {"returned": [1]},
    "pickup": {"site": "information_desk"},
    "item-type": {"item_type": "book", "reason": "seen"},
    "case": {"case": "stain"},
    "case-settlement": {"number": 1},
    "found": {},
    "undo": {},
    "attention": {"what": ["recalled"]},
    "answer": {"status": "WillSupply"},
}
PATRONS = {"cancellation", "conditions", "renewal", "loss", "pickup"}


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    yield services
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def callers(api: Api, services: list[object], store: Store) -> Callers:
    return Callers(api, services, store)


@pytest.fixture
def request_id(patron_api: Api, store: Store, patron: Patron) -> str:
    return str(patron_api.post("/requests", json=a_find(store, patron)).json["id"])


def bare(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request_id"}


def test_every_step_of_the_contract_is_tried(contract: Any) -> None:
    known = {
        path.rpartition("/")[2]
        for path, methods in contract.raw_schema["paths"].items()
        if "/requests/{request_id}/" in path and "post" in methods
    }

    assert set(STEPS) == known - {"agent"}


def touched(store: Store) -> dict[str, int]:
    """Return how many rows the tables have that a step writes to."""
    return {
        name: number
        for name, number in counts(store).items()
        if name in {"requests", "events", "outbox", "tallies", "idempotency"}
    }


def test_what_one_may_not_see_does_not_exist(callers: Callers, store: Store, request_id: str) -> None:
    before = touched(store)
    strangers = [callers.patron(a_patron(store, "2")), callers.staff("jinan")]
    tried = [
        (who, step) for who in strangers for step in STEPS if who is not strangers[0] or step != "answer"
    ]
    for who, step in tried:
        hidden = who.post(f"/requests/{request_id}/{step}", json=STEPS[step])
        never = who.post(f"/requests/req_00000000000000000/{step}", json=STEPS[step])

        assert (404, bare(never.json)) == (hidden.status_code, bare(hidden.json)), step

    assert before == touched(store)


def test_a_system_takes_no_step_and_nobody_unknown_does(callers: Callers, request_id: str) -> None:
    partner = callers.partner("szutl")
    for step, body in STEPS.items():
        for one in (request_id, "req_00000000000000000"):
            assert 403 == partner.post(f"/requests/{one}/{step}", json=body).status_code
            assert 401 == callers.anybody.post(f"/requests/{one}/{step}", json=body).status_code


def test_a_patron_does_not_do_the_desks_work(patron_api: Api, request_id: str) -> None:
    for step in sorted(set(STEPS) - PATRONS - {"answer"}):
        response = patron_api.post(f"/requests/{request_id}/{step}", json=STEPS[step])

        assert (403, "not_allowed") == (response.status_code, response.json["code"]), step


def test_a_lenders_staff_do_not_do_the_desks_work(callers: Callers, request_id: str) -> None:
    lender = callers.staff("szutl")
    for step in sorted(set(STEPS) - {"answer", "item-type"}):
        response = lender.post(f"/requests/{request_id}/{step}", json=STEPS[step])

        assert (403, "not_allowed") == (response.status_code, response.json["code"]), step


def test_a_desk_does_not_answer_for_the_lender(callers: Callers, patron_api: Api, request_id: str) -> None:
    path = f"/requests/{request_id}/answer"
    at_desk = callers.staff("bjtu").post(path, json=STEPS["answer"])

    assert (403, "not_allowed") == (at_desk.status_code, at_desk.json["code"])
    assert 403 == patron_api.post(path, json=STEPS["answer"]).status_code


def test_a_step_whose_turn_it_is_not_is_refused(callers: Callers, request_id: str) -> None:
    desk = callers.staff("bjtu")
    fit = {"answer", "cancellation", "arrival", "pickup", "item-type", "attention"}
    for step in sorted(set(STEPS) - fit):
        response = desk.post(f"/requests/{request_id}/{step}", json=STEPS[step])

        assert (409, "wrong_state") == (response.status_code, response.json["code"]), step


def test_a_version_that_has_passed_is_stale(callers: Callers, store: Store, request_id: str) -> None:
    desk, lender = callers.staff("bjtu"), callers.staff("szutl")
    before = counts(store)
    for step, body in STEPS.items():
        caller = lender if step == "answer" else desk
        response = caller.post(f"/requests/{request_id}/{step}", json=body, headers={"If-Match": '"1"'})

        assert (412, "stale") == (response.status_code, response.json["code"]), step

    assert before == counts(store)


@pytest.mark.parametrize("match", ['"2"', "*", '"1", "2"'])
def test_the_version_at_hand_is_taken(callers: Callers, request_id: str, match: str) -> None:
    response = callers.staff("bjtu").post(
        f"/requests/{request_id}/arrival", json={}, headers={"If-Match": match}
    )

    assert (200, '"3"') == (response.status_code, response.headers["ETag"])


def test_a_book_goes_all_the_way(callers: Callers, request_id: str, clock: Hand) -> None:
    desk, lender = callers.staff("bjtu"), callers.staff("szutl")
    way = [
        (lender, "answer", {"status": "RetryPossible", "reason": "LoanCondition", "note": "in the room"}),
        (desk, "conditions", {"accept": True}),
        (lender, "answer", {"status": "Loaned", "item_barcode": "B1", "lender_due_date": "2026-04-20"}),
        (desk, "arrival", {"barcode": "B1", "condition": "𠮷 a line\nand another 🙂"}),
        (desk, "notification", {"result": "no_answer", "note": "later"}),
        (desk, "notification", {"result": "reached"}),
        (desk, "handover", {}),
        (desk, "transfer", {"starts": True}),
        (desk, "transfer", {"starts": False}),
        (desk, "damage", {"note": "a stain"}),
        (desk, "return", {"staff_override": True}),
        (desk, "undo", {}),
        (desk, "return", {"staff_override": True}),
        (desk, "shipment", {"tracking": "SF9"}),
        (lender, "answer", {"status": "LoanCompleted"}),
        (desk, "attention", {"what": ["damaged"], "note": "told the lender"}),
    ]
    statuses = []
    for who, step, body in way:
        response = who.post(f"/requests/{request_id}/{step}", json=body)

        assert 200 == response.status_code, (step, response.json)
        statuses.append(response.json["status"])

    assert [
        "conditional", "accepted", "in_transit", "arrived", "arrived", "notified", "on_loan", "on_loan",
        "on_loan", "on_loan", "returned", "on_loan", "returned", "returning", "closed",
        "closed",
    ] == statuses  # fmt: skip
    told = desk.get(f"/requests/{request_id}").json

    assert ("completed", []) == (told["outcome"], told["actions"])
    assert all(step["reached"] for step in told["steps"])
    assert "𠮷 a line\nand another 🙂" in str(
        [
            item["facts"].get("condition")
            for item in desk.get(f"/requests/{request_id}/timeline").json["items"]
        ]
    ).replace("\\n", "\n")


def test_a_lost_book_is_settled(callers: Callers, patron_api: Api, request_id: str) -> None:
    desk = callers.staff("bjtu")
    way = [
        ("arrival", {}),
        ("notification", {"result": "reached"}),
        ("handover", {}),
        ("loss", {}),
        ("settlement", {}),
    ]
    for step, body in way:
        caller = patron_api if step == "loss" else desk
        caller.post(f"/requests/{request_id}/{step}", json=body)
    told = desk.get(f"/requests/{request_id}").json

    assert ("closed", "lost") == (told["status"], told["outcome"])


def test_a_parcel_that_does_not_come_is_nobodys_fine(callers: Callers, request_id: str) -> None:
    callers.staff("szutl").post(f"/requests/{request_id}/answer", json={"status": "Loaned"})
    response = callers.staff("bjtu").post(f"/requests/{request_id}/parcel-loss", json={})

    assert ("closed", "lost") == (response.json["status"], response.json["outcome"])


def test_the_office_speaks_for_the_lender_of_the_moment(callers: Callers, request_id: str) -> None:
    response = callers.staff(None).post(f"/requests/{request_id}/answer", json={"status": "WillSupply"})

    assert (200, "accepted", "szutl") == (
        response.status_code,
        response.json["status"],
        response.json["lender"],
    )


def test_a_lender_that_runs_ahead_is_told_so(callers: Callers, request_id: str) -> None:
    response = callers.staff("szutl").post(f"/requests/{request_id}/answer", json={"status": "Recalled"})

    assert (409, "too_early") == (response.status_code, response.json["code"])


@pytest.mark.parametrize("by", ["barcode", "number"])
def test_a_scan_at_the_desk_marks_the_arrival(
    callers: Callers, patron_api: Api, request_id: str, by: str
) -> None:
    said = {"status": "Loaned", "item_barcode": "B-1"}
    callers.staff("szutl").post(f"/requests/{request_id}/answer", json=said)
    number = patron_api.get(f"/requests/{request_id}").json["number"].lower()
    response = callers.staff("bjtu").post(
        "/arrivals", json={"code": "B-1" if by == "barcode" else number, "condition": "good"}
    )

    assert (200, request_id, "arrived") == (
        response.status_code,
        response.json["id"],
        response.json["status"],
    )


def test_a_scan_of_another_desks_book_finds_nothing(callers: Callers, request_id: str) -> None:
    callers.staff("szutl").post(
        f"/requests/{request_id}/answer", json={"status": "Loaned", "item_barcode": "B-1"}
    )
    hidden = callers.staff("jinan").post("/arrivals", json={"code": "B-1"})
    never = callers.staff("jinan").post("/arrivals", json={"code": "B-2"})

    assert (404, bare(never.json)) == (hidden.status_code, bare(hidden.json))


def test_two_books_of_one_barcode_are_told_apart_by_number(
    callers: Callers, patron_api: Api, store: Store, patron: Patron, request_id: str
) -> None:
    second = patron_api.post("/requests", json=a_find(store, patron, "pku", isbn="9787536692930")).json
    for library, one in (("szutl", request_id), ("pku", second["id"])):
        said = {"status": "Loaned", "item_barcode": "B-1"}
        callers.staff(library).post(f"/requests/{one}/answer", json=said)
    response = callers.staff("bjtu").post("/arrivals", json={"code": "B-1"})

    assert (409, "ambiguous_barcode") == (response.status_code, response.json["code"])
    assert second["number"] in response.json["facts"]["requests"]


def test_a_book_scanned_again_says_where_it_is(callers: Callers, request_id: str) -> None:
    desk = callers.staff("bjtu")
    desk.post(f"/requests/{request_id}/arrival", json={"barcode": "B-1"})
    english = {"Accept-Language": "en"}
    response = desk.post("/arrivals", json={"code": "B-1"}, headers=english)
    seen = desk.get(f"/requests/{request_id}").json

    assert (409, "already_arrived") == (response.status_code, response.json["code"])
    assert {
        "request": request_id,
        "number": seen["number"],
        "status": "arrived",
        "actions": seen["actions"],
    } == response.json["facts"]
    assert seen["number"] in response.json["title"]


def test_a_step_answers_the_desk_with_whom_to_call(callers: Callers, patron: Patron, request_id: str) -> None:
    key = {"Idempotency-Key": "scan-1"}
    desk, lender = callers.staff("bjtu"), callers.staff("szutl")
    said = lender.post(f"/requests/{request_id}/answer", json={"status": "Loaned", "item_barcode": "B-1"})
    here = desk.post("/arrivals", json={"code": "B-1"}, headers=key)
    again = desk.post("/arrivals", json={"code": "B-1"}, headers=key)

    assert (patron.name, patron.mobile, patron.card_number) == tuple(
        here.json["patron"][name] for name in ("name", "mobile", "card_number")
    )
    assert here.json == again.json == desk.get(f"/requests/{request_id}").json
    assert "patron" not in said.json


def test_another_book_than_the_lender_sent_is_refused(callers: Callers, request_id: str) -> None:
    callers.staff("szutl").post(
        f"/requests/{request_id}/answer", json={"status": "Loaned", "item_barcode": "B-1"}
    )
    response = callers.staff("bjtu").post(f"/requests/{request_id}/arrival", json={"barcode": "B-2"})

    assert (422, "wrong_item", "B-1") == (
        response.status_code,
        response.json["code"],
        response.json["facts"]["expected"],
    )
