"""A policy with one thing wrong is refused by name; one that is taken is lent, renewed and returned under."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.journeys.libraries.consortium import Consortium, Told, good
from tests.journeys.libraries.telling import Loan, Reader
from tests.workflows.books import documents
from tests.workflows.spoilt import spoilt
from workflows.policies.checking import Neighbours, check_policy

POLICIES = {doc["id"]: doc for doc in documents("policies").values()}
#: so many are walked of those that are taken, and tried of those that are refused
WALKS = int(os.environ.get("ILL_SEEDS", "2"))


def _spread(name: str, *, faulty: bool) -> list[tuple[str, Told]]:
    """Return spoilt policies from all over the file, with faults or without."""
    neighbours = Neighbours(POLICIES, frozenset(doc["id"] for doc in documents("calendars").values()))
    fitting = [
        (what, document)
        for what, document in spoilt(POLICIES[name])
        if "ud800" not in what  # no JSON, whatever is in it
        and bool(check_policy(document, neighbours)) is faulty
        and document.get("id") == name
    ]
    return fitting[:: max(1, len(fitting) // WALKS)]


@pytest.mark.ci
@pytest.mark.parametrize("name", ["bjtu", "szutl", "jinan", "bhu"])
def test_whatever_policy_is_taken_lends_renews_and_takes_back(consortium: Consortium, name: str) -> None:
    consortium.begins("2026-03-02")
    for number, (what, document) in enumerate(_spread(name, faulty=False)):
        try:
            _walk(consortium, name, document, number)
        except BaseException as error:
            error.add_note(what)
            raise


@pytest.mark.ci
def test_a_spoilt_policy_is_refused_with_the_code_of_each_fault(consortium: Consortium) -> None:
    for what, document in _spread("szutl", faulty=True):
        put = consortium.office.put("/policies/szutl", json={"document": document, "reason": "spoilt"})

        assert put.status_code == 422, (what, put.json)
        assert all(fault["code"] for fault in put.json["errors"]), what


def _walk(consortium: Consortium, name: str, document: Told, number: int) -> None:
    """Install a policy, lend a book under it, and put the old one back."""
    _install(consortium, name, document)
    title = f"book {number}"
    consortium.owns(name, title)
    reader = Reader(consortium, f"reader{number}", home="nlc")
    wanted, _ = reader.finds(title)
    asked = _calm(reader.me.post("/requests", json=wanted))
    if asked.status_code == 201:
        consortium.work()
        _lend(Loan(reader, str(asked.json["id"]), name, title), consortium)
    _calm(reader.me.get("/patrons/me/accounts"))
    _install(consortium, name, POLICIES[name])


def _install(consortium: Consortium, name: str, document: Told) -> None:
    good(consortium.office.put(f"/policies/{name}", json={"document": document, "reason": "a try"}))


def _lend(loan: Loan, consortium: Consortium) -> None:
    for status in ("WillSupply", "Loaned"):
        loan.hears(status, **({"item_barcode": loan.barcode} if status == "Loaned" else {}))
    desk, me = loan.reader.desk, loan.reader.me
    _calm(desk.post("/arrivals", json={"code": loan.barcode}))
    for who, step, body in (
        (desk, "notification", {"result": "reached"}),
        (desk, "handover", {"card": loan.reader.card}),
        (me, "renewal", {}),
        (desk, "return", {}),
        (desk, "shipment", {"tracking": "SF1"}),
    ):
        consortium.days_pass(1)
        _calm(who.post(f"/requests/{loan.id}/{step}", json=body))
        for path in (f"/requests/{loan.id}", f"/requests/{loan.id}/explanation"):
            _calm(me.get(path))


def _calm(response: Any) -> Any:
    assert response.status_code < 500, response.json
    return response
