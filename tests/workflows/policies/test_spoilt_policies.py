"""A policy or calendar with one thing wrong is refused by place and code, or it is harmless."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest

from tests.factories import BJTU, DAY, START, a_citation, a_request, an_amendment, held
from tests.workflows.books import documents
from tests.workflows.spoilt import spoilt
from tests.workflows.test_worked_examples import EXAMPLES
from workflows.decisions.amending import amended
from workflows.discovery.offers import offers
from workflows.discovery.works import Work
from workflows.errors import InvalidCase
from workflows.evaluation.evaluate import evaluate
from workflows.ids import LibraryCode
from workflows.policies.book import PolicyBook, former_policy
from workflows.policies.checking import Neighbours, check_calendar, check_policy
from workflows.requests.lifecycle import Status
from workflows.requests.request import Instants

POLICIES = {doc["id"]: doc for doc in documents("policies").values()}
CALENDARS = {doc["id"]: doc for doc in documents("calendars").values()}
NEIGHBOURS = Neighbours(POLICIES, frozenset(CALENDARS))
#: one in so many is looked at; more with ILL_SEEDS=20, as in CI, and all of them with 200
EACH = max(1, 200 // int(os.environ.get("ILL_SEEDS", "2")))
MORNING = "2026-03-02T10:00:00+08:00"


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_a_spoilt_policy_is_refused_by_name_or_harmless(name: str) -> None:
    taken = []
    for what, document in islice(spoilt(POLICIES[name]), 0, None, EACH):
        faults = check_policy(document, NEIGHBOURS)

        assert all(fault.path and fault.code for fault in faults), what
        if not faults and document["id"] == name:
            taken.append((what, document))

    assert taken
    for what, document in taken:
        use(what, {**POLICIES, name: document}, CALENDARS, name)


@pytest.mark.parametrize("name", sorted(CALENDARS))
def test_a_spoilt_calendar_is_refused_by_name_or_harmless(name: str) -> None:
    users = [policy["id"] for policy in POLICIES.values() if policy["calendar"] == name]
    taken = []
    for what, document in islice(spoilt(CALENDARS[name]), 0, None, EACH):
        faults = check_calendar(document)

        assert all(fault.path and fault.code for fault in faults), what
        if not faults and document["id"] == name:
            taken.append((what, document))

    for place, (what, document) in enumerate(taken):
        use(what, POLICIES, {**CALENDARS, name: document}, users[place % len(users)])


def use(what: str, policies: dict[str, Any], calendars: dict[str, Any], name: str) -> None:
    """Search, lend, amend and evaluate under a policy: whatever is refused has a code."""
    try:
        _use(PolicyBook.load(policies, calendars), LibraryCode(name))
    except Exception as error:
        error.add_note(f"{name}: {what}")
        raise


def _use(book: PolicyBook, name: LibraryCode) -> None:
    policy = book.policy(name)
    former_policy(book.resolved(name), book.calendar_document(policy.calendar.almanac.id))
    for citation in (a_citation(), a_citation(item_type="thesis", language="eng")):
        work = Work(id="wrk_1", citation=citation, holdings=(held(name), held(BJTU)))
        for home in (BJTU, name):
            assert offers(work, book, home=home, now=START)
    line = Instants(submitted=START, shipped=START, arrived=START, notified=START, handover=START)
    loan = a_request(lender=name, status=Status.ON_LOAN, instants=line, desk=name)
    for request in (loan, replace(loan, instants=replace(line, returned=START + 300 * DAY))):
        with suppress(InvalidCase):
            amended(request, an_amendment(), book, as_of=START + 400 * DAY)
    for example in EXAMPLES:
        if name in (example["input"].get("policy"), example["input"].get("borrower")):
            assert evaluate(example["kind"], example["input"], book)
    for kind, case in _cases(name, policy.suspensions, policy.compensation):
        assert evaluate(kind, case, book)


def _cases(name: str, suspensions: Any, compensation: Any) -> list[tuple[str, dict[str, Any]]]:
    told: dict[str, Any] = {"policy": name, "at": MORNING, "state": {"overdue_at_lender": 1}}
    priced = {
        "price": "10.00",
        "set_price": "20.00",
        "year_price": "30.00",
        "pages": 7,
        "binding_fee": "1.00",
    }
    line = {"handover": MORNING, "returned": "2026-09-02T10:00:00+08:00"}
    return [
        ("limits", told),
        ("desk", told),
        ("hold", {"policy": name, "notified": MORNING}),
        ("card", {"policy": name, "issued": MORNING, "as_of": "2027-03-02T10:00:00+08:00"}),
        ("route", {"at": MORNING, "candidates": [{"policy": name}]}),
        ("account", {"loans": [{"policy": name, "timeline": line, "renewals": [{"at": MORNING}]}]}),
        *(("pickup", {"policy": name, "site": site, "applied": MORNING}) for site in ("information_desk",)),
        *(
            ("suspension", {"policy": name, "case": case, "months": 3, "from": MORNING})
            for case in suspensions
        ),
        *(
            ("compensation", {"policy": name, "case": case, "item": priced, "reported": MORNING} | more)
            for case in compensation
            for more in ({}, {"resolution": "replacement"}, {"factor": "1"}, {"amount": "10.00"})
        ),
    ]
