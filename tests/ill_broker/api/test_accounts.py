"""Accounts over HTTP: every answer is held against the contract."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from ill_broker.services.accounts.account import Accounts
from ill_broker.services.members.directory import Directory
from ill_broker.services.people.registration import build_people
from ill_broker.services.requests.door import Requests
from ill_broker.services.requests.overview import Overview
from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.store import Store
from tests.factories import DAY, FJMU, JINAN, LIBRARIES, SZUTL, a_citation, held, the_book
from tests.ill_broker.api.client import HOME, NOW, Api, Hand, a_patron, logged_in
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode, RequestId
from workflows.patrons import Patron
from workflows.requests.commands import (
    Arrive,
    CallResult,
    HandOver,
    RecordCall,
    Report,
    ReportedStatus,
    TakeBack,
)
from workflows.requests.request import Instants, Request

DESK = Actor(Role.STAFF, "stf_00000001", HOME)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def services(store: Store, settings: Settings) -> list[object]:
    with store.writing() as conn:
        for library in LIBRARIES.values():
            libraries.put(conn, library)
    directory = Directory(store, the_book())
    return [
        store,
        directory,
        Requests(store, directory),
        Accounts(store, directory),
        Overview(store, directory),
        *build_people(store, settings),
    ]


class Lent:
    """Lends books to a patron, by the clock of the service."""

    def __init__(self, services: list[object], patron: Patron, clock: Hand) -> None:
        self.requests = next(service for service in services if isinstance(service, Requests))
        self.patron, self.clock = patron, clock

    def __call__(self, lender: LibraryCode = SZUTL, number: int = 1) -> Request:
        patron, began = self.patron, self.clock.time
        new = Request(
            id=RequestId(f"req_{number:08}"),
            number=f"A{number}",
            patron=patron.id,
            home=patron.home,
            desk=patron.home,
            citation=a_citation(isbn=f"978702000220{number}"),
            holdings=(held(lender),),
            instants=Instants(registered=began, searched=began, submitted=began),
        )
        self.requests.submit(new, patron, Actor(Role.PATRON, patron.id, patron.home), now=self.clock.time)
        self.clock.move(MINUTE)
        said = Report(lender=lender, status=ReportedStatus.LOANED, occurred_at=self.clock.time)
        self.requests.handle(new.id, said, Actor(Role.PARTNER, lender, lender), now=self.clock.time)
        for step in (Arrive(), RecordCall(result=CallResult.REACHED), HandOver()):
            self.clock.move(MINUTE)
            self.requests.handle(new.id, step, DESK, now=self.clock.time)
        return new

    def late(self, lender: LibraryCode = SZUTL, days: int = 41) -> Request:
        self.clock.time = NOW - days * DAY
        request = self(lender)
        self.clock.time = NOW + 12 * MINUTE
        self.requests.handle(request.id, TakeBack(), DESK, now=self.clock.time)
        return request


@pytest.fixture
def lender_api(api: Api, services: list[object]) -> Api:
    return api.as_(logged_in(services, Actor(Role.STAFF, "stf_00000009", SZUTL)))


@pytest.fixture
def lent(services: list[object], patron: Patron, clock: Hand) -> Lent:
    return Lent(services, patron, clock)


def payment(**facts: Any) -> dict[str, Any]:
    return {"lender": "szutl", "currency": "CNY", "amount": "2.00", "method": "cash", **facts}


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def test_an_account_without_a_posting_is_empty(patron_api: Api, patron: Patron) -> None:
    shown = patron_api.get("/accounts/me").json

    assert {"patron": patron.id, "accounts": [], "accruing": [], "postings": [], "next": None} == {
        key: value for key, value in shown.items() if key != "as_of"
    }


def test_a_fine_is_shown_with_what_it_rests_on(patron_api: Api, lent: Lent) -> None:
    request = lent.late()
    shown = patron_api.get("/accounts/me").json
    (posting,) = shown["postings"]

    assert ("fine", yuan("2.00"), request.id, None) == tuple(
        posting[key] for key in ("kind", "raw", "request", "cap")
    )
    assert ["szutl", yuan("2.00")] == [shown["accounts"][0][key] for key in ("lender", "balance")]


def test_what_accrues_is_shown_as_of_now(patron_api: Api, lent: Lent, clock: Hand) -> None:
    clock.time = NOW - 40 * DAY
    lent()
    clock.time = NOW
    shown = patron_api.get("/accounts/me").json
    (accruing,) = shown["accruing"]

    assert "2026-03-02T02:00:00Z" == shown["as_of"]
    assert ("accruing", 9, yuan("1.80")) == tuple(
        accruing[key] for key in ("state", "overdue_days", "amount")
    )


def test_the_receipt_is_the_answer_and_can_be_had_again(
    staff_api: Api, patron_api: Api, lent: Lent, patron: Patron
) -> None:
    lent.late()
    paid = staff_api.post(f"/accounts/{patron.id}/payments", json=payment(text="with thanks"))
    again = patron_api.get(f"/accounts/me/receipts/{paid.json['id']}")

    assert (201, 200, paid.json) == (paid.status_code, again.status_code, again.json)
    assert (yuan("2.00"), yuan("0.00"), "with thanks", "Desk") == (
        paid.json["amount"],
        paid.json["balance"],
        paid.json["text"],
        paid.json["by"]["name"],
    )


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"amount": "1.001"}, (422, "bad_amount", "/amount")),
        ({"amount": "-1.00"}, (422, "bad_amount", "/amount")),
        ({"amount": "NaN"}, (422, "bad_amount", "/amount")),
        ({"amount": "0.00"}, (422, "bad_amount", "/amount")),
        ({"amount": 1}, (422, "invalid_input", "/amount")),
        ({"currency": "INR"}, (422, "currency_mismatch", "/currency")),
        ({"currency": "cny"}, (422, "currency_mismatch", "/currency")),
        ({"lender": "nowhere"}, (422, "unknown_library", "/lender")),
        ({"amount": "2.01"}, (409, "overpayment", "/amount")),
        ({"method": "favour"}, (422, "invalid_input", "/method")),
    ],
)
def test_a_payment_that_cannot_be_taken_is_refused_by_name_and_place(
    staff_api: Api, lent: Lent, patron: Patron, facts: dict[str, Any], told: tuple[int, str, str]
) -> None:
    lent.late()
    refused = staff_api.post(f"/accounts/{patron.id}/payments", json=payment(**facts))

    (error,) = refused.json["errors"]
    assert told == (refused.status_code, refused.json["code"], error["pointer"])
    assert yuan("2.00") == staff_api.get(f"/accounts/{patron.id}").json["accounts"][0]["balance"]


def test_a_number_that_is_none_is_not_read(staff_api: Api, patron: Patron) -> None:
    body = '{"lender": "szutl", "currency": "CNY", "amount": NaN, "method": "cash"}'
    refused = staff_api.post(
        f"/accounts/{patron.id}/payments", data=body, headers={"Content-Type": "application/json"}
    )

    assert (400, "malformed_request") == (refused.status_code, refused.json["code"])


def test_the_same_payment_sent_twice_at_once_is_taken_once(
    staff_api: Api, lent: Lent, patron: Patron
) -> None:
    lent.late()
    key = {"Idempotency-Key": "till-1"}

    def pay(_: int) -> Any:
        return staff_api.post(f"/accounts/{patron.id}/payments", json=payment(), headers=key)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(pay, range(4)))
    later = pay(0)

    assert [201] * 5 == [answer.status_code for answer in (*answers, later)]
    assert 1 == len({answer.json["id"] for answer in (*answers, later)})
    assert "true" == later.headers["Idempotency-Replayed"]


def test_a_charge_is_let_off_disputed_and_taken_back(
    lender_api: Api, patron_api: Api, lent: Lent, patron: Patron
) -> None:
    lent.late()
    (fine,) = patron_api.get("/accounts/me").json["postings"]
    disputed = patron_api.post("/accounts/me/disputes", json={"charge": fine["id"], "reason": "I was ill"})
    waived = lender_api.post(
        f"/accounts/{patron.id}/waivers", json={"charge": fine["id"], "amount": "0.50", "reason": "ill"}
    )
    back = lender_api.post(
        f"/accounts/{patron.id}/reversals", json={"posting": fine["id"], "reason": "the calendar was wrong"}
    )

    assert [201, 201, 201] == [answer.status_code for answer in (disputed, waived, back)]
    assert [("dispute", "0.00"), ("waiver", "-0.50"), ("reversal", "-2.00")] == [
        (answer.json["kind"], answer.json["amount"]["amount"]) for answer in (disputed, waived, back)
    ]
    assert yuan("0.00") == back.json["balance"]


def test_a_waiver_has_a_reason(staff_api: Api, lent: Lent, patron: Patron) -> None:
    lent.late()
    (fine,) = staff_api.get(f"/accounts/{patron.id}").json["postings"]
    refused = staff_api.post(f"/accounts/{patron.id}/waivers", json={"charge": fine["id"], "reason": " "})

    assert (422, "/reason") == (refused.status_code, refused.json["errors"][0]["pointer"])


@pytest.mark.parametrize(
    ("step", "member"), [("waivers", "charge"), ("disputes", "charge"), ("reversals", "posting")]
)
def test_a_posting_that_is_not_the_patrons_is_none(
    staff_api: Api, patron: Patron, step: str, member: str
) -> None:
    refused = staff_api.post(
        f"/accounts/{patron.id}/{step}", json={member: "pst_00000000000000000", "reason": "why not"}
    )

    assert (422, "no_such_posting", f"/{member}") == (
        refused.status_code,
        refused.json["code"],
        refused.json["errors"][0]["pointer"],
    )


@pytest.mark.parametrize("step", ["payments", "waivers", "reversals"])
def test_patrons_do_not_settle_their_own_account(patron_api: Api, step: str) -> None:
    assert 403 == patron_api.post(f"/accounts/me/{step}", json={}).status_code


def test_another_patron_does_not_exist(patron_api: Api, store: Store) -> None:
    other = a_patron(store, "2")

    assert [404, 404] == [
        patron_api.get(f"/accounts/{patron}").status_code for patron in (other.id, "pat_99999999")
    ]


def test_a_desk_of_another_library_sees_nothing(
    api: Api, services: list[object], patron: Patron, lent: Lent
) -> None:
    lent.late()
    stranger = api.as_(logged_in(services, Actor(Role.STAFF, "stf_00000009", FJMU)))

    assert 404 == stranger.get(f"/accounts/{patron.id}").status_code


def test_only_a_patron_is_me(staff_api: Api, office_api: Api) -> None:
    assert [404, 404] == [each.get("/accounts/me").status_code for each in (staff_api, office_api)]


def test_the_office_sees_every_account(office_api: Api, patron: Patron, lent: Lent) -> None:
    lent.late()

    assert 1 == len(office_api.get(f"/accounts/{patron.id}").json["accounts"])


def test_postings_are_paged(staff_api: Api, patron: Patron, lent: Lent) -> None:
    lent.late()
    staff_api.post(f"/accounts/{patron.id}/payments", json=payment(amount="1.00"))
    first = staff_api.get(f"/accounts/{patron.id}?limit=1").json
    second = staff_api.get(f"/accounts/{patron.id}?limit=1&after={first['next']}").json

    assert (["payment"], ["fine"], None) == (
        [each["kind"] for each in first["postings"]],
        [each["kind"] for each in second["postings"]],
        second["next"],
    )


def lost(lent: Lent, api: Api, lender: LibraryCode = SZUTL) -> Request:
    request = lent(lender)
    assert 200 == api.post(f"/requests/{request.id}/loss", json={}).status_code
    return request


def test_a_settlement_computes_what_is_owed_and_charges_it(
    staff_api: Api, lent: Lent, patron: Patron
) -> None:
    request = lost(lent, staff_api)
    settled = staff_api.post(
        f"/requests/{request.id}/settlement",
        json={
            "case": "loss",
            "price": "10.00",
            "price_currency": "USD",
            "fx": [{"from": "USD", "to": "CNY", "date": "2026-03-01", "rate": "7.125"}],
        },
    )

    assert (200, yuan("213.75")) == (settled.status_code, settled.json["compensation"]["amount"])
    (charge,) = staff_api.get(f"/accounts/{patron.id}").json["postings"]
    assert ("compensation", yuan("213.75")) == (charge["kind"], charge["amount"])


def test_a_replacement_costs_its_processing(staff_api: Api, lent: Lent, patron: Patron) -> None:
    request = lost(lent, staff_api)
    body = {"case": "loss", "resolution": "replacement", "edition": "same", "volumes": 1}
    settled = staff_api.post(f"/requests/{request.id}/settlement", json=body)

    assert yuan("10.00") == settled.json["compensation"]["amount"]
    assert "processing_fee" == staff_api.get(f"/accounts/{patron.id}").json["postings"][0]["kind"]


def test_where_staff_must_choose_the_range_is_the_answer(staff_api: Api, lent: Lent) -> None:
    request = lost(lent, staff_api, FJMU)
    body = {"case": "loss", "price": "20.00"}
    refused = staff_api.post(f"/requests/{request.id}/settlement", json=body)
    settled = staff_api.post(f"/requests/{request.id}/settlement", json={**body, "factor": "12"})

    assert (422, "amount_not_chosen") == (refused.status_code, refused.json["code"])
    assert {"least": "200.00", "most": "400.00"}.items() <= refused.json["facts"].items()
    told = settled.json["compensation"]
    assert [yuan("200.00"), yuan("240.00"), yuan("400.00")] == [
        told[key] for key in ("least", "amount", "most")
    ]


def test_a_note_alone_settles_as_before(staff_api: Api, lent: Lent, patron: Patron) -> None:
    request = lost(lent, staff_api)
    settled = staff_api.post(f"/requests/{request.id}/settlement", json={"note": "paid at the lender's"})

    assert (200, "lost", None) == (
        settled.status_code,
        settled.json["outcome"],
        settled.json["compensation"],
    )
    assert [] == staff_api.get(f"/accounts/{patron.id}").json["postings"]


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"price": "10.00"}, "required", "/case"),
        ({"case": "loss", "price": "1.001"}, "wrong_form", "/price"),
        ({"case": "loss", "price": 10}, "wrong_type", "/price"),
        ({"case": "fire"}, "unknown_word", "/case"),
        ({"case": "loss", "volumes": 0}, "out_of_range", "/volumes"),
        ({"case": "loss", "fx": [{"from": "USD"}]}, "required", "/fx/0/to"),
    ],
)
def test_a_settlement_with_faults_names_them(
    staff_api: Api, lent: Lent, body: dict[str, Any], code: str, pointer: str
) -> None:
    request = lost(lent, staff_api)
    refused = staff_api.post(f"/requests/{request.id}/settlement", json=body)

    assert 422 == refused.status_code
    assert (code, pointer) in {(error["code"], error["pointer"]) for error in refused.json["errors"]}


def test_what_the_rules_cannot_compute_is_refused_with_its_code(staff_api: Api, lent: Lent) -> None:
    request = lost(lent, staff_api, JINAN)
    refused = staff_api.post(f"/requests/{request.id}/settlement", json={"case": "loss", "price": "9.00"})

    assert (422, "replacement_required") == (refused.status_code, refused.json["facts"]["reason"])


def test_a_damage_is_charged_when_it_is_recorded(staff_api: Api, lent: Lent, app: Flask) -> None:
    request = lent()
    body = {"note": "stained", "case": "stain", "amount": "7.00"}
    recorded = staff_api.post(f"/requests/{request.id}/damage", json=body)

    assert (200, yuan("7.00")) == (recorded.status_code, recorded.json["compensation"]["amount"])
