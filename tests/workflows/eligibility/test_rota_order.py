"""One rota: what a case of kind ``route`` is answered is what a search offers and what a request does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.factories import (
    BHU,
    FJMU,
    LIBRARIES,
    NLC,
    PKU,
    SZUTL,
    Journey,
    a_citation,
    a_library,
    a_patron,
    a_request,
    held,
    known,
    the_book,
)
from tests.workflows.test_worked_examples import EXAMPLES
from workflows.citation import Holding
from workflows.decisions.submission import submit
from workflows.discovery.offers import offers
from workflows.discovery.works import Work
from workflows.eligibility.eligibility import Standing
from workflows.ids import LibraryCode
from workflows.libraries import Library
from workflows.requests.commands import ReportedStatus
from workflows.requests.request import Turn

ROUTES = [one for one in EXAMPLES if one["kind"] == "route"]
#: of a library that no example names
HOME = SZUTL


def copies(case: dict[str, Any]) -> tuple[Holding, ...]:
    return tuple(
        held(row["policy"], available=row.get("available", True))
        for row in case["candidates"]
        if row.get("holds", True)
    )


def excluded(example: dict[str, Any]) -> dict[str, str]:
    return {row["policy"]: row["reason"] for row in example["expected"]["excluded"]}


@pytest.mark.parametrize("example", ROUTES, ids=lambda example: str(example["id"]))
def test_a_submission_asks_as_the_worked_example_says(example: dict[str, Any]) -> None:
    case = example["input"]
    used = {row["policy"]: Standing(quota_used=row.get("quota_used", 0)) for row in case["candidates"]}
    citation = a_citation(language=case["item"]["language"])
    wish = a_request(home=HOME, desk=HOME, citation=citation, holdings=copies(case))
    now = datetime.fromisoformat(case["at"]).astimezone(UTC)

    rota = submit(wish, a_patron(home=HOME), known(now, standings=used)).request.rota

    assert example["expected"]["order"] == [one.lender for one in rota if one.turn is not Turn.PASSED]
    assert excluded(example) == {one.lender: one.reason for one in rota if one.turn is Turn.PASSED}


@pytest.mark.parametrize("example", ROUTES, ids=lambda example: str(example["id"]))
def test_a_search_offers_as_the_worked_example_says_but_for_the_months_quota(example: dict[str, Any]) -> None:
    case = example["input"]
    citation = a_citation(language=case["item"]["language"])
    work = Work(id="wrk_1", citation=citation, holdings=copies(case))
    unknown = {code for code, reason in excluded(example).items() if reason == "quota_exhausted"}

    found = offers(work, the_book(), home=HOME, now=datetime.fromisoformat(case["at"]))

    offered = [one.lender for one in found if one.is_lendable and one.lender not in unknown]
    assert example["expected"]["order"] == offered
    assert {code: reason for code, reason in excluded(example).items() if code not in unknown} == {
        one.lender: one.reason for one in found if not one.is_lendable
    }


def test_there_are_worked_examples_of_routes() -> None:
    assert len(ROUTES) >= 2


def test_search_and_submission_choose_the_same_copies_in_the_same_order() -> None:
    holdings = (
        held(NLC),
        held(PKU, barcode="out", available=False),
        held(PKU, barcode="unknown", available=None),
        held(FJMU, barcode="read here", item_type="bound_periodical"),
        held(FJMU, barcode="lent", available=None),
        held(BHU, barcode="gone", available=False),
        held(BHU, barcode="for students", available=None, collection="text_book_bank"),
    )
    work = Work(id="wrk_1", citation=a_citation(), holdings=holdings)

    rota = submit(a_request(holdings=holdings), a_patron(), known()).request.rota
    found = offers(work, the_book(), home=a_request().home, now=known().now)

    expected = [
        ("pku", "unknown", None),
        ("fjmu", "lent", None),
        ("nlc", None, None),
        ("bhu", "for students", "category_not_entitled"),
    ]
    assert expected == [(one.lender, one.holding.barcode, one.reason) for one in found]
    assert expected == [
        (one.lender, one.copy and one.copy.barcode, one.reason if one.turn is Turn.PASSED else None)
        for one in rota
    ]


@pytest.mark.parametrize("now", [{SZUTL: a_library(SZUTL, lends=False)}, {}], ids=["rests", "left"])
def test_a_library_that_has_ceased_to_lend_is_passed_over_when_its_turn_comes(
    now: dict[LibraryCode, Library],
) -> None:
    journey = Journey(a_request(holdings=(held(PKU), held(SZUTL), held(FJMU, available=None))))
    journey.facts = {"libraries": {code: one for code, one in LIBRARIES.items() if code != SZUTL} | now}

    journey.hear(ReportedStatus.UNFILLED)

    entry = journey.request.entry(SZUTL)
    assert ("fjmu", "does_not_lend_now") == (journey.lender, entry and entry.reason)
