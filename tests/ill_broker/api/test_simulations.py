"""What was lent under a candidate's policies, over HTTP."""

from __future__ import annotations

import copy
import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from lxml import etree

from ill_broker import mint
from ill_broker.api import simulations as module
from ill_broker.services.members.directory import Directory
from ill_broker.services.office.simulations import Simulations
from ill_broker.settings import Settings
from ill_broker.storage import history, libraries, people, sessions
from ill_broker.storage import requests as request_rows
from ill_broker.storage.people import Enrolment
from ill_broker.storage.sessions import ApiKey
from ill_broker.storage.store import Store
from tests.factories import DAY, LIBRARIES, PKU, START, a_patron, journey_to, the_book
from tests.ill_broker.api.client import Api, Hand
from tests.ill_broker.api.client import a_patron as a_reader
from tests.ill_broker.api.lending import Callers, serving
from workflows.actors import Role
from workflows.citation import work_key
from workflows.requests.lifecycle import Status

A_WEEK = [{"id": "a-week", "when": {}, "period": {"days": 7}}]


@pytest.fixture
def services(store: Store, services: list[object]) -> list[object]:
    """Add one loan of pku's, out since shortly after START."""
    request = journey_to(Status.ON_LOAN, PKU).request
    with store.writing() as conn:
        for library in LIBRARIES.values():
            libraries.put(conn, library, {})
        people.enrol(conn, Enrolment(patron=a_patron(), created_at=START))
        request_rows.insert(conn, request, work_key(request.citation))
    return [*services, Simulations(store, Directory(store, the_book()))]


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def callers(api: Api, services: list[object], store: Store) -> Callers:
    return Callers(api, services, store)


@pytest.fixture
def office(api: Api, store: Store, clock: Hand) -> Api:
    """The office's system, forty days later."""
    key = mint.token("ill_")
    issued = ApiKey(
        key_hash=mint.token_hash(key), library=None, role=Role.OFFICE, label="x", created_at=START
    )
    with store.writing() as conn:
        sessions.add_key(conn, issued)
    clock.move(40 * DAY)
    return Api(api.app, api.contract, headers={"X-API-Key": key})


def told(response: Any, status: int = 200) -> dict[str, Any]:
    body: dict[str, Any] = response.json

    assert status == response.status_code, body
    return body


def balis(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(dict(the_book().document("balis"))), **changes}


WEEKLY = {"policies": {"balis": balis(loan_rules=A_WEEK, fine={"rate": "0.50"})}}


def test_simulations_are_for_the_office_alone(callers: Callers, store: Store) -> None:
    strangers = (
        callers.anybody,
        callers.patron(a_reader(store)),
        callers.staff("pku"),
        callers.partner("pku"),
    )

    assert [401, 403, 403, 403] == [one.post("/simulations", json={}).status_code for one in strangers]


def test_loans_are_told_as_they_are_and_as_they_would_be(office: Api) -> None:
    found = told(office.post("/simulations", json=WEEKLY))
    (group,), (total,) = found["groups"], found["totals"]

    assert ("2026-04-11T02:00:00Z", 1, 0, []) == (
        found["as_of"],
        found["loans"],
        found["not_lent"],
        found["unjudged"],
    )
    assert {"lender": "pku", "category": "ill_reader", **total} == group
    assert (1, 1, 1, 0) == (group["loans"], group["still_out"], group["due_earlier"], group["due_later"])
    assert group["today"] == {
        "overdue": 1,
        "overdue_rate": "100.0",
        "fines": {"amount": "0.00", "currency": "CNY"},
        "open_fines": 1,
        "usable_days": "28.0",
        "least_usable_days": 28,
    }
    assert ("7.0", 0) == (group["candidate"]["usable_days"], group["candidate"]["open_fines"])
    assert "0.00" != group["candidate"]["fines"]["amount"]


def test_nothing_is_changed(office: Api, store: Store) -> None:
    with store.reading() as conn:
        before = history.page(conn, limit=10)
    told(office.post("/simulations", json=WEEKLY))
    with store.reading() as conn:
        after = history.page(conn, limit=10)

    assert before == after


def test_without_a_candidate_both_sides_are_the_same(office: Api) -> None:
    (group,) = told(office.post("/simulations", json={}))["groups"]

    assert group["today"] == group["candidate"]


def test_the_time_chooses_by_submission(office: Api) -> None:
    day = (START + timedelta(days=1)).isoformat()

    assert [1, 0] == [
        told(office.post("/simulations", json=chosen))["loans"] for chosen in ({"until": day}, {"from": day})
    ]


def test_csv_has_a_line_for_each_group(office: Api) -> None:
    answer = office.post("/simulations", json=WEEKLY, headers={"Accept": "text/csv"})
    (line,) = csv.DictReader(io.StringIO(answer.text))

    assert "text/csv" == answer.mimetype
    assert ("pku", "1", "28.0", "7.0") == (
        line["lender"],
        line["loans"],
        line["usable_days_today"],
        line["usable_days_candidate"],
    )


def test_the_chart_is_a_drawing_without_script_or_address(office: Api) -> None:
    answer = office.post("/simulations", json=WEEKLY, headers={"Accept": "image/svg+xml"})
    drawing = etree.fromstring(answer.data)

    assert "image/svg+xml" == answer.mimetype
    assert "{http://www.w3.org/2000/svg}svg" == drawing.tag
    assert {"svg", "title", "rect", "text"} == {etree.QName(each).localname for each in drawing.iter()}
    assert answer.text.count("http") == 1
    assert "现行规则" in answer.text


def test_the_chart_speaks_the_language_of_whoever_asks(office: Api) -> None:
    heads = {"Accept": "image/svg+xml", "Accept-Language": "en"}

    assert "Usable days of a loan" in office.post("/simulations", json=WEEKLY, headers=heads).text


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("*/*", "application/json"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("text/*", "text/csv"),
        ("text/html", "application/problem+json"),
    ],
)
def test_the_form_that_is_liked_best_is_given(office: Api, accept: str, mimetype: str) -> None:
    assert mimetype == office.post("/simulations", json={}, headers={"Accept": accept}).mimetype


def test_a_faulty_candidate_is_refused_whole_by_path_and_code(office: Api) -> None:
    candidate = {
        "policies": {"balis": balis(fine={"rate": 0.5}), "pku": the_book().document("pku")},
        "calendars": {"cn-university-sample": {"id": "cn-university-sample", "schema": 1}},
    }

    problem = told(office.post("/simulations", json=candidate), 422)

    assert problem["code"] == "faulty_policy"
    assert {
        ("/calendars/cn-university-sample/coverage", "missing_field"),
        ("/policies/balis/fine/rate", "bad_money"),
    } <= {(fault["pointer"], fault["code"]) for fault in problem["errors"]}


def test_a_fault_of_a_file_in_force_names_the_file(office: Api) -> None:
    without = balis(categories={"reader": {"label": "Reader", "limits": {}}}, default_category="reader")
    schemes = {**the_book().document("pku"), "default_category": "nobody"}

    problem = told(office.post("/simulations", json={"policies": {"balis": without, "pku": schemes}}), 422)

    assert ("/policies/pku/default_category", "bad_reference") in [
        (fault["pointer"], fault["code"]) for fault in problem["errors"]
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"policies": []}, "wrong_type"),
        ({"policies": {"BALIS!": {}}}, "wrong_form"),
        ({"policies": {"balis": []}}, "wrong_type"),
        ({"from": "yesterday"}, "bad_timestamp"),
        ({"from": "2026-03-02T10:00:00Z", "until": "2026-03-02T10:00:00Z"}, "bad_range"),
        ({"colour": "red"}, "unknown_field"),
    ],
)
def test_every_fault_of_a_simulation_is_named(office: Api, body: dict[str, Any], code: str) -> None:
    problem = told(office.post("/simulations", json=body), 422)

    assert [code] == [fault["code"] for fault in problem["errors"]]


def test_more_loans_than_one_answer_waits_for_are_refused(
    office: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_LOANS", 0)

    problem = told(office.post("/simulations", json={}), 422)

    assert ("too_many_loans", {"at_most": 0}) == (problem["code"], problem["facts"])
    assert "ill-broker policies simulate" in problem["title"]


def test_loans_that_one_side_cannot_judge_are_told(office: Api) -> None:
    rule = [{"id": "term", "when": {}, "period": {"semesters": 1}}]
    without = {**the_book().calendar_document("cn-university-sample"), "terms": []}
    candidate = {
        "policies": {"balis": balis(loan_rules=rule)},
        "calendars": {"cn-university-sample": without},
    }
    found = told(office.post("/simulations", json=candidate))

    assert ([], [], 0) == (found["groups"], found["totals"], found["loans"])
    assert [{"side": "candidate", "code": "calendar_gap", "loans": 1}] == found["unjudged"]
