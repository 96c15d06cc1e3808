from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from ill_broker.services.cards.loan_cards import LoanCards
from ill_broker.services.cards.overview import CardOverview
from ill_broker.services.members.directory import Directory
from ill_broker.services.people.registration import build_people
from ill_broker.services.people.sessions import Sessions
from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.store import Store
from tests.factories import the_book
from tests.ill_broker.api.client import Api, Hand, a_patron, logged_in
from tests.ill_broker.api.reading import reading
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode
from workflows.libraries import Library
from workflows.patrons import Patron

PKU = LibraryCode("pku")
NEW = {"barcode": "C1", "library": "pku", "desk": "bjtu"}
Later = Callable[[int, Actor], Api]
NOTHING = "card_00000000000000000"


@pytest.fixture
def services(store: Store, settings: Settings) -> list[object]:
    for code in (PKU, LibraryCode("nlc")):
        with store.writing() as conn:
            libraries.put(conn, Library(code=code, name=code.upper(), name_zh=code.upper()))
    directory = Directory(store, the_book())
    cards = (LoanCards(store, directory), CardOverview(store, directory))
    return [store, directory, *build_people(store, settings), *cards]


@pytest.fixture
def owner_api(api: Api, services: list[object]) -> Api:
    return api.as_(logged_in(services, Actor(Role.STAFF, "stf_00000009", PKU)))


@pytest.fixture
def later(api: Api, services: list[object], clock: Hand) -> Later:
    """Let days pass, and return somebody who logs in then."""
    sessions = next(service for service in services if isinstance(service, Sessions))

    def come(days: int, actor: Actor) -> Api:
        clock.move(timedelta(days=days))
        return api.as_(sessions.open_for(actor, now=clock.now()))

    return come


DESK = Actor(Role.STAFF, "stf_00000007", LibraryCode("bjtu"))


def reader(patron: Patron) -> Actor:
    return Actor(Role.PATRON, patron.id, patron.home)


def stocked(staff_api: Api, **facts: Any) -> dict[str, Any]:
    card: dict[str, Any] = staff_api.post("/loan-cards", json={**NEW, **facts}).json
    return card


def issued(staff_api: Api, patron: Patron, barcode: str = "C1") -> dict[str, Any]:
    stocked(staff_api, barcode=barcode)
    shown = {"barcode": barcode, "card_number": patron.card_number}
    card: dict[str, Any] = staff_api.post("/loan-cards/issues", json=shown).json
    return card


def test_a_card_comes_into_stock(staff_api: Api) -> None:
    response = staff_api.post("/loan-cards", json=NEW)
    card = response.json

    assert (201, '"1"', "in_stock") == (response.status_code, response.headers["ETag"], card["status"])
    assert ("C1", "pku", "bjtu") == (card["barcode"], card["library"], card["desk"])
    assert ["issue", "loss", "withdrawal"] == card["actions"]
    assert [None] * 4 == [card[name] for name in ("due", "fine", "book", "issued_at")]


def test_a_card_is_handed_out_to_the_patron_of_the_home_card_shown(staff_api: Api, patron: Patron) -> None:
    stocked(staff_api)
    shown = {"barcode": "C1", "card_number": patron.card_number}
    response = staff_api.post("/loan-cards/issues", json=shown)
    card = response.json

    assert (201, "issued", "2026-04-01") == (response.status_code, card["status"], card["due"])
    assert (patron.name, patron.card_number) == (card["patron"]["name"], card["patron"]["card_number"])
    assert ["return", "loss"] == card["actions"]


def test_the_same_key_hands_out_once_and_gets_the_same_answer(staff_api: Api, patron: Patron) -> None:
    stocked(staff_api)
    shown, key = {"barcode": "C1", "card_number": patron.card_number}, {"Idempotency-Key": "1"}
    first = staff_api.post("/loan-cards/issues", json=shown, headers=key)
    again = staff_api.post("/loan-cards/issues", json=shown, headers=key)
    other = staff_api.post("/loan-cards/issues", json={**shown, "barcode": "C2"}, headers=key)

    assert (201, first.json, first.headers["ETag"]) == (again.status_code, again.json, again.headers["ETag"])
    assert "true" == again.headers["Idempotency-Replayed"]
    assert (422, "idempotency_key_reused") == (other.status_code, other.json["code"])


def test_the_same_key_stocks_and_takes_back_once(staff_api: Api, patron: Patron) -> None:
    key = {"Idempotency-Key": "1"}
    first, again = (staff_api.post("/loan-cards", json=NEW, headers=key) for _ in range(2))
    assert first.json == again.json
    shown = {"barcode": "C1", "card_number": patron.card_number}
    path = f"/loan-cards/{staff_api.post('/loan-cards/issues', json=shown).json['id']}/return"
    back, once_more = (staff_api.post(path, headers={"Idempotency-Key": "2"}) for _ in range(2))

    assert (200, "in_stock", back.json) == (back.status_code, back.json["status"], once_more.json)
    assert (409, "wrong_state") == (staff_api.post(path).status_code, staff_api.post(path).json["code"])


def test_a_refusal_names_every_reason(staff_api: Api, store: Store, patron: Patron) -> None:
    unverified = a_patron(store, "2", verified_at=None)
    issued(staff_api, patron)
    shown = {"barcode": "C1", "card_number": unverified.card_number}
    response = staff_api.post("/loan-cards/issues", json=shown)

    assert (409, "card_refused") == (response.status_code, response.json["code"])
    assert ["card_not_in_stock", "email_not_verified"] == response.json["facts"]["reasons"]


def test_a_third_card_is_refused(staff_api: Api, patron: Patron) -> None:
    issued(staff_api, patron, "C1")
    issued(staff_api, patron, "C2")
    refused = issued(staff_api, patron, "C3")

    assert ("card_refused", ["card_limit"], 2) == (
        refused["code"],
        refused["facts"]["reasons"],
        refused["facts"]["cards_held"],
    )


def test_a_holder_sees_rights_due_date_and_what_it_costs_and_why(
    staff_api: Api, patron: Patron, later: Later
) -> None:
    issued(staff_api, patron)
    (card,) = later(34, reader(patron)).get("/loan-cards").json["items"]

    assert {
        "overdue_days": 4,
        "amount": {"amount": "0.40", "currency": "CNY"},
        "per_day": {"amount": "0.10", "currency": "CNY"},
        "due": "2026-04-01",
        "until": "2026-04-05",
        "rule": "R-BULC-7",
    } == card["fine"]
    assert 3 == len(card["rights"])
    assert ("pku", "R-BULC-8") == (card["book"]["lender"], card["book"]["rule"])
    assert ["loss"] == card["actions"]
    assert "patron" not in card


@pytest.mark.parametrize("days", [0, 29])
def test_a_book_that_is_due_after_the_card_is_told_so(
    staff_api: Api, patron: Patron, later: Later, days: int
) -> None:
    path = f"/loan-cards/{issued(staff_api, patron)['id']}"
    book = later(days, reader(patron)).get(path).json["book"]

    assert (days > 0) is book["outlasts_card"] is (book["due"] > "2026-04-01")


def test_a_card_of_somebody_else_does_not_exist(
    staff_api: Api, api: Api, services: list[object], store: Store, patron: Patron
) -> None:
    path = f"/loan-cards/{issued(staff_api, patron)['id']}"
    other = a_patron(store, "2")
    as_other = api.as_(logged_in(services, Actor(Role.PATRON, other.id, other.home)))
    as_nlc = api.as_(logged_in(services, Actor(Role.STAFF, "stf_00000008", LibraryCode("nlc"))))

    assert [404, 404] == [one.get(path).status_code for one in (as_other, as_nlc)]
    assert [404, 404] == [one.post(f"{path}/loss", json={}).status_code for one in (as_other, as_nlc)]
    assert [[], []] == [one.get("/loan-cards").json["items"] for one in (as_other, as_nlc)]


def test_a_card_goes_missing_and_turns_up(
    staff_api: Api, patron_api: Api, patron: Patron, later: Later
) -> None:
    path = f"/loan-cards/{issued(staff_api, patron)['id']}"
    lost = patron_api.post(f"{path}/loss", json={"note": "left on a bus"}).json
    still = later(31, reader(patron)).get(path).json
    found = later(0, DESK).post(f"{path}/found").json

    assert ("lost", "lost", "in_stock") == (lost["status"], still["status"], found["status"])
    assert ("2026-03-02T02:00:00Z", 0) == (lost["lost_at"], still["fine"]["overdue_days"])
    assert 404 == later(0, reader(patron)).get(path).status_code


def test_a_card_is_given_up_by_its_library(staff_api: Api, owner_api: Api, patron: Patron) -> None:
    path = f"/loan-cards/{issued(staff_api, patron)['id']}"
    owner_api.post(f"{path}/loss", json={})
    gone = owner_api.post(f"{path}/withdrawal", json={"note": "worn"}).json

    assert ("withdrawn", []) == (gone["status"], gone["actions"])


def test_the_cards_library_sees_it_and_may_not_take_it_back(
    staff_api: Api, owner_api: Api, patron: Patron
) -> None:
    path = f"/loan-cards/{issued(staff_api, patron)['id']}"
    refused = owner_api.post(f"{path}/return")

    assert "patron" not in owner_api.get(path).json
    assert (403, "not_allowed") == (refused.status_code, refused.json["code"])


def test_who_means_an_earlier_version_is_told(staff_api: Api, patron: Patron) -> None:
    path = f"/loan-cards/{issued(staff_api, patron)['id']}/return"
    stale = staff_api.post(path, headers={"If-Match": '"1"'})
    meant = staff_api.post(path, headers={"If-Match": '"2"'})

    assert (412, 200) == (stale.status_code, meant.status_code)
    assert '"3"' == meant.headers["ETag"]


def test_a_desk_lists_its_stock_and_who_has_what(staff_api: Api, owner_api: Api, patron: Patron) -> None:
    issued(staff_api, patron, "C1")
    stocked(staff_api, barcode="C2")
    page = staff_api.get("/loan-cards?limit=1").json
    rest = staff_api.get(f"/loan-cards?limit=1&after={page['next']}").json

    assert {"C1", "C2"} == {each["barcode"] for each in page["items"] + rest["items"]}
    assert rest["next"] is None
    assert [patron.card_number] == [
        each["patron"]["card_number"] for each in staff_api.get("/loan-cards?status=issued").json["items"]
    ]
    assert 2 == len(owner_api.get("/loan-cards?role=owner").json["items"])
    assert ["C2"] == [each["barcode"] for each in staff_api.get("/loan-cards?barcode=C2").json["items"]]


def test_the_stock_is_counted(staff_api: Api, office_api: Api, patron: Patron) -> None:
    issued(staff_api, patron, "C1")
    stocked(staff_api, barcode="C2")
    rows = [
        {"desk": "bjtu", "library": "pku", "status": status, "cards": 1} for status in ("in_stock", "issued")
    ]

    assert rows == staff_api.get("/loan-cards/stock").json["items"]
    assert rows == office_api.get("/loan-cards/stock").json["items"]


@pytest.mark.parametrize(
    ("facts", "status", "code"),
    [
        ({"library": "xyz"}, 422, "unknown_library"),
        ({"desk": "pku", "library": "pku"}, 409, "card_refused"),
        ({"barcode": ""}, 422, "invalid_input"),
        ({"colour": "red"}, 422, "invalid_input"),
    ],
)
def test_a_card_that_cannot_be_is_refused(
    office_api: Api, facts: dict[str, Any], status: int, code: str
) -> None:
    response = office_api.post("/loan-cards", json={**NEW, **facts})

    assert (status, code) == (response.status_code, response.json["code"])


def test_an_unknown_library_is_pointed_at(office_api: Api) -> None:
    response = office_api.post("/loan-cards", json={**NEW, "library": "xyz"})

    assert ["/library"] == [fault["pointer"] for fault in response.json["errors"]]


def test_a_barcode_is_one_cards(staff_api: Api) -> None:
    stocked(staff_api)
    response = staff_api.post("/loan-cards", json=NEW)

    assert (409, "barcode_taken") == (response.status_code, response.json["code"])


def test_a_patron_neither_stocks_nor_hands_out_nor_takes_back(patron_api: Api) -> None:
    answers = [
        patron_api.post("/loan-cards", json=NEW),
        patron_api.post("/loan-cards/issues", json={"barcode": "C1", "card_number": "1"}),
        patron_api.post(f"/loan-cards/{NOTHING}/return"),
        patron_api.get("/loan-cards/stock"),
    ]

    assert [403] * 4 == [answer.status_code for answer in answers]


def test_a_stranger_sees_nothing(api: Api) -> None:
    assert 401 == api.get("/loan-cards").status_code


def test_a_reader_sees_what_a_card_allows_and_until_when(
    app: Flask, services: list[object], staff_api: Api, patron: Patron
) -> None:
    reader = reading(app, services, patron)
    nothing = reader.get("/loan-cards").text
    issued(staff_api, patron)
    page = reader.get("/loan-cards").text

    assert ("您没有互借证" in nothing, "您没有互借证" in page) == (True, False)
    assert [] == [said for said in ("2026年4月1日", "C1", "借中文图书", "有效") if said not in page]
