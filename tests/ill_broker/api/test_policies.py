"""The office's policies and amendments over HTTP."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from ill_broker.services.members.directory import Directory
from ill_broker.services.members.rulebook import Rulebook
from ill_broker.services.office.amendments import Amendments
from ill_broker.services.requests.door import Requests
from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.factories import the_book
from tests.ill_broker.api.client import Api, Hand, a_patron
from tests.ill_broker.api.lending import Callers, a_find, lending_services, serving

A_WEEK = [{"id": "a-week", "when": {}, "period": {"days": 7}}]
CALENDAR = "cn-university-sample"
NOTICE = {"issued_after": "2026-03-01", "new_due": "2026-05-07", "reason": "spring works"}


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    directory = next(one for one in services if isinstance(one, Directory))
    requests = next(one for one in services if isinstance(one, Requests))
    yield [*services, Rulebook(store, directory), Amendments(store, directory, requests)]
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def callers(api: Api, services: list[object], store: Store) -> Callers:
    return Callers(api, services, store)


@pytest.fixture
def office(callers: Callers) -> Api:
    return callers.staff(None)


def told(response: Any, status: int = 200) -> dict[str, Any]:
    body: dict[str, Any] = response.json

    assert status == response.status_code, body
    return body


def balis(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(dict(the_book().document("balis"))), **changes}


def lent(callers: Callers, store: Store, number: str = "1") -> dict[str, Any]:
    """Return a loan of pku's that has just begun."""
    patron, desk = a_patron(store, number), callers.staff("bjtu")
    lender = callers.staff("pku")
    request = told(callers.patron(patron).post("/requests", json=a_find(store, patron, "pku")), 201)
    for status in ("WillSupply", "Loaned"):
        told(lender.post(f"/requests/{request['id']}/answer", json={"status": status}))
    told(desk.post(f"/requests/{request['id']}/arrival", json={}))
    told(desk.post(f"/requests/{request['id']}/notification", json={"result": "reached"}))
    return told(desk.post(f"/requests/{request['id']}/handover", json={}))


PATHS = (
    ("get", "/policies", None),
    ("get", "/policies/pku", None),
    ("put", "/policies/pku", {"document": {}, "reason": "x"}),
    ("get", "/calendars", None),
    ("get", "/calendars/cn-university-sample", None),
    ("put", "/calendars/cn-university-sample", {"document": {}, "reason": "x"}),
    ("get", "/amendments", None),
    ("post", "/amendments", NOTICE),
    ("get", "/amendments/amd_00000001", None),
    ("post", "/amendments/amd_00000001/revocation", {"reason": "x"}),
)


@pytest.mark.parametrize(("method", "path", "body"), PATHS)
def test_policies_and_amendments_are_for_the_office_alone(
    callers: Callers, store: Store, method: str, path: str, body: Any
) -> None:
    strangers = (
        callers.anybody,
        callers.patron(a_patron(store)),
        callers.staff("pku"),
        callers.partner("pku"),
    )

    assert [401, 403, 403, 403] == [one.call(method, path, json=body).status_code for one in strangers]


def test_what_comes_with_the_service_is_shown_as_not_installed(office: Api) -> None:
    listed = told(office.get("/policies"))["items"]
    shown = office.get("/policies/pku")

    assert sorted(the_book().ids) == [item["id"] for item in listed]
    assert (None, [], '"0-') == (told(shown)["installed"], shown.json["versions"], shown.headers["ETag"][:3])
    assert the_book().document("pku") == shown.json["document"]


def test_a_new_version_is_in_force_at_once_with_its_reason(office: Api) -> None:
    before = told(office.get("/policies/pku"))["version"]
    body = {"document": balis(loan_rules=A_WEEK), "reason": "decided"}

    shown = told(office.put("/policies/balis", json=body))

    assert ("decided", "api", "2026-03-02T02:00:00Z") == (
        shown["installed"]["reason"],
        shown["installed"]["source"],
        shown["installed"]["valid_from"],
    )
    assert A_WEEK == shown["document"]["loan_rules"]
    assert before != told(office.get("/policies/pku"))["version"]


def test_a_version_of_later_is_listed_and_not_in_force(office: Api, clock: Hand) -> None:
    body = {
        "document": balis(loan_rules=A_WEEK),
        "reason": "decided",
        "valid_from": "2026-03-02T12:00:00+08:00",
    }

    shown = told(office.put("/policies/balis", json=body))
    clock.move(timedelta(hours=2))
    later = told(office.get("/policies/balis"))

    assert (None, 1) == (shown["installed"], len(shown["versions"]))
    assert shown["versions"][0] == later["installed"]


def test_every_fault_is_named_by_pointer_and_code_and_the_last_good_one_stays(office: Api) -> None:
    faulty = balis(
        fine={"rate": 0.5}, loan_rules=[{"id": "x", "when": {"colour": "red"}, "period": {"weeks": 1}}]
    )

    problem = told(office.put("/policies/balis", json={"document": faulty, "reason": "x"}), 422)

    assert problem["code"] == "faulty_policy"
    assert [
        ("/document/fine/rate", "bad_money"),
        ("/document/loan_rules/0/period", "bad_period"),
        ("/document/loan_rules/0/when/colour", "unknown_field"),
    ] == [(fault["pointer"], fault["code"]) for fault in problem["errors"]]
    assert the_book().document("balis") == told(office.get("/policies/balis"))["document"]


@pytest.mark.parametrize("value", [[], {}, None, "", 0, False, ["red"], {"deep": [{}]}])
def test_a_key_that_nobody_knows_is_a_fault_whatever_its_value(office: Api, value: Any) -> None:
    szutl = the_book().document("szutl")
    lendability = [{**szutl["lendability"][0], "when": {"colour": value}}, *szutl["lendability"][1:]]
    faulty = {**szutl, "lendability": lendability}

    problem = told(office.put("/policies/szutl", json={"document": faulty, "reason": "x"}), 422)

    assert [("/document/lendability/0/when/colour", "unknown_field")] == [
        (fault["pointer"], fault["code"]) for fault in problem["errors"]
    ]
    assert szutl == told(office.get("/policies/szutl"))["document"]


def test_a_fault_of_another_file_names_the_file(office: Api) -> None:
    two = {"reader": {"label": "Reader", "limits": {}}, "child": {"label": "Child", "limits": {}}}
    good = balis(categories=two, default_category="reader")
    told(office.put("/policies/balis", json={"document": good, "reason": "x"}))
    rule = {"id": "x", "when": {"category": "child"}, "period": {"days": 7}}
    pku = {**the_book().document("pku"), "loan_rules": [rule]}
    told(office.put("/policies/pku", json={"document": pku, "reason": "x"}))

    without = balis(categories={"reader": two["reader"]}, default_category="reader")
    (fault,) = told(office.put("/policies/balis", json={"document": without, "reason": "x"}), 422)["errors"]

    assert ("", "bad_reference") == (fault["pointer"], fault["code"])
    assert fault["detail"].startswith("policies/pku: loan_rules[0].when.category")


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/policies/balis", {"document": {"id": "pku"}, "reason": "x"}, "faulty_policy"),
        ("/policies/balis", {"document": [], "reason": "x"}, "invalid_input"),
        ("/policies/balis", {"document": {}}, "invalid_input"),
        (
            "/policies/balis",
            {"document": {"id": "balis"}, "reason": "x", "valid_from": "2020-01-01T00:00:00Z"},
            "past_validity",
        ),
        (f"/calendars/{CALENDAR}", {"document": {"id": CALENDAR}, "reason": "x"}, "faulty_policy"),
    ],
)
def test_what_cannot_be_a_version_is_refused(office: Api, path: str, body: dict[str, Any], code: str) -> None:
    assert code == told(office.put(path, json=body), 422)["code"]


def test_a_file_that_nobody_has_is_not_found(office: Api) -> None:
    assert {404} == {office.get(path).status_code for path in ("/policies/nowhere", "/calendars/nowhere")}


def test_whoever_read_an_older_version_is_told_so(office: Api) -> None:
    body = {"document": balis(loan_rules=A_WEEK), "reason": "x"}
    match = {"If-Match": office.get("/policies/balis").headers["ETag"]}

    first = office.put("/policies/balis", json=body, headers=match)
    second = office.put("/policies/balis", json={**body, "document": balis()}, headers=match)

    assert (200, 412) == (first.status_code, second.status_code)


def test_a_dry_run_says_what_an_amendment_would_change(office: Api, callers: Callers, store: Store) -> None:
    loan = lent(callers, store)

    found = told(office.post("/amendments", json=NOTICE))

    assert found == {
        "items": [
            {
                "request": loan["id"],
                "number": loan["number"],
                "lender": "pku",
                "due": "2026-03-30",
                "new_due": "2026-05-07",
                "fine": None,
                "new_fine": None,
            }
        ],
        "next": None,
        "totals": {
            "examined": 1,
            "touched": 1,
            "unjudged": 0,
            "currencies": [
                {
                    "currency": "CNY",
                    "loans": 1,
                    "fine": {"amount": "0.00", "currency": "CNY"},
                    "new_fine": {"amount": "0.00", "currency": "CNY"},
                }
            ],
            "moves": [{"due": "2026-03-30", "new_due": "2026-05-07", "loans": 1}],
        },
    }
    assert [] == told(office.get("/amendments"))["items"]


def test_pages_of_a_dry_run_follow_one_another(office: Api, callers: Callers, store: Store) -> None:
    loans = [lent(callers, store, number)["id"] for number in ("1", "2", "3")]

    first = told(office.post("/amendments", json={**NOTICE, "limit": 2}))
    second = told(office.post("/amendments", json={**NOTICE, "limit": 2, "after": first["next"]}))

    assert sorted(loans, reverse=True) == [one["request"] for one in [*first["items"], *second["items"]]]
    assert (3, None, None) == (first["totals"]["touched"], second["totals"], second["next"])


def test_an_amendment_is_applied_once_shown_and_taken_back(
    office: Api, callers: Callers, store: Store
) -> None:
    loan = lent(callers, store)
    body, key = {**NOTICE, "dry_run": False}, {"Idempotency-Key": "1"}

    made = told(office.post("/amendments", json=body, headers=key), 201)
    replayed = told(office.post("/amendments", json=body, headers=key), 201)
    again = told(office.post("/amendments", json=body), 201)
    amended = told(office.get(f"/requests/{loan['id']}"))
    back = told(office.post(f"/amendments/{made['id']}/revocation", json={"reason": "a mistake"}))

    assert made["id"] == replayed["id"] == again["id"]
    assert ("applied", 1) == (made["status"], made["touched"])
    assert ("2026-05-07", loan["version"] + 1) == (amended["due"], amended["version"])
    assert ("revoked", "a mistake") == (back["status"], back["revoked_because"])
    assert back == told(office.get(f"/amendments/{made['id']}"))
    assert [back] == told(office.get("/amendments?limit=1"))["items"]
    assert loan["due"] == told(office.get(f"/requests/{loan['id']}"))["due"]


def test_the_timeline_says_what_the_amendment_was(office: Api, callers: Callers, store: Store) -> None:
    loan = lent(callers, store)
    told(office.post("/amendments", json={**NOTICE, "dry_run": False}), 201)

    last = told(office.get(f"/requests/{loan['id']}/timeline"))["items"][-1]

    assert ("DueAmended", "R-BALIS-2") == (last["event"], last["because"]["rule"])
    assert last["facts"]["amendment"]["reason"] == "spring works"


def test_lists_of_amendments_have_pages(office: Api) -> None:
    for day in ("07", "08"):
        told(office.post("/amendments", json={**NOTICE, "new_due": f"2026-05-{day}", "dry_run": False}), 201)

    first = told(office.get("/amendments?limit=1"))
    second = told(office.get(f"/amendments?limit=1&after={first['next']}"))

    assert len({first["items"][0]["id"], second["items"][0]["id"]}) == 2
    assert second["next"] is None


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"new_due": "soon"}, ["bad_day"]),
        ({"issued_after": None}, ["null"]),
        ({"issued_from": "2026-03-01"}, ["ambiguous"]),
        ({"issued_until": "2026-02-28"}, ["bad_range"]),
        ({"reason": ""}, ["too_short"]),
        ({"lenders": "pku"}, ["wrong_type"]),
        ({"lenders": ["PKU!"]}, ["wrong_form"]),
        ({"colour": "red"}, ["unknown_field"]),
        ({"dry_run": "no"}, ["wrong_type"]),
    ],
)
def test_every_fault_of_an_amendment_is_named(office: Api, changes: dict[str, Any], codes: list[str]) -> None:
    problem = told(office.post("/amendments", json={**NOTICE, **changes}), 422)

    assert codes == [fault["code"] for fault in problem["errors"]]


def test_an_amendment_needs_a_first_day_of_issue(office: Api) -> None:
    without = {name: value for name, value in NOTICE.items() if name != "issued_after"}

    assert told(office.post("/amendments", json=without), 422)["errors"][0]["code"] == "ambiguous"


def test_a_lender_that_there_is_none_of_is_refused(office: Api) -> None:
    problem = told(office.post("/amendments", json={**NOTICE, "exclude_lenders": ["nowhere"]}), 422)

    assert (problem["code"], problem["facts"]["reason"]) == ("invalid_case", "unknown_policy")


def test_an_amendment_that_nobody_made_is_not_found(office: Api) -> None:
    answers = (
        office.get("/amendments/amd_00000009"),
        office.post("/amendments/amd_00000009/revocation", json={"reason": "x"}),
    )

    assert {404} == {answer.status_code for answer in answers}
