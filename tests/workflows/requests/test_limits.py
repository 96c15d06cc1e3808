from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import (
    BHU,
    FJMU,
    JINAN,
    NLC,
    PKU,
    Journey,
    a_citation,
    a_request,
    held,
    held_by,
    journey_to,
    the_book,
)
from workflows.ids import LibraryCode
from workflows.requests.commands import Cancel, ReportedStatus
from workflows.requests.lifecycle import COUNTED, Status
from workflows.requests.limits import Limit, Slot, ceiling, collection_of, slots_of
from workflows.requests.request import Category, Request

PATRON = Slot(Limit.PATRON, "pat_anna")
WORK = Slot(Limit.WORK, "pat_anna:isbn:9787020002207:")


def at(lender: str, collection: str = "general") -> set[Slot]:
    of = f"pat_anna:{lender}"
    return {Slot(Limit.LENDER, of), Slot(Limit.COLLECTION, f"{of}:{collection}")}


def test_no_request_takes_nothing() -> None:
    assert frozenset() == slots_of(None)


def test_a_request_takes_one_of_the_patron_the_work_and_the_lender() -> None:
    assert {PATRON, WORK, *at("pku")} == slots_of(Journey().request)


def test_a_request_that_nobody_is_asked_for_takes_nothing_of_a_lender() -> None:
    assert {PATRON, WORK} == slots_of(a_request())


def test_the_next_lenders_claims_take_the_place_of_the_last_ones() -> None:
    journey = journey_to(Status.SUBMITTED, NLC, PKU).hear(ReportedStatus.UNFILLED)
    before, after = slots_of(journey.before), slots_of(journey.request)

    assert at("pku") == before - after
    assert {*at("nlc"), Slot(Limit.QUOTA, "nlc:2026-03")} == after - before


@pytest.mark.parametrize("status", Status)
def test_a_request_counts_as_long_as_its_status_does(status: Status) -> None:
    slots = slots_of(journey_to(status, NLC).request)

    assert (status in COUNTED) == ({PATRON, WORK, *at("nlc")} <= slots)
    assert Slot(Limit.QUOTA, "nlc:2026-03") in slots


@pytest.mark.parametrize("status", sorted(set(Status) - COUNTED))
def test_a_book_handed_in_takes_nothing_but_its_quota(status: Status) -> None:
    assert {Slot(Limit.QUOTA, "nlc:2026-03")} == slots_of(journey_to(status, NLC).request)


def test_a_cancelled_request_takes_nothing() -> None:
    assert set() == slots_of(journey_to(Status.SUBMITTED, NLC).do(Cancel()).request)


def test_a_tally_is_named_by_its_limit_and_whose_it_is() -> None:
    assert "patron:pat_anna" == PATRON.key


def _ceilings(request: Request) -> dict[Limit, int | None]:
    return {slot.limit: ceiling(slot, request, the_book()) for slot in slots_of(request)}


@pytest.mark.parametrize(
    ("lender", "expected"),
    [
        (PKU, {Limit.PATRON: 5, Limit.WORK: 1, Limit.LENDER: None, Limit.COLLECTION: None}),
        (JINAN, {Limit.PATRON: 5, Limit.WORK: 1, Limit.LENDER: 3, Limit.COLLECTION: None}),
        (FJMU, {Limit.PATRON: 5, Limit.WORK: 1, Limit.LENDER: 2, Limit.COLLECTION: None}),
        (
            NLC,
            {Limit.PATRON: 5, Limit.WORK: 1, Limit.LENDER: None, Limit.COLLECTION: None, Limit.QUOTA: 500},
        ),
    ],
)
def test_a_tally_is_as_high_as_the_policies_say(
    lender: LibraryCode, expected: dict[Limit, int | None]
) -> None:
    assert expected == _ceilings(journey_to(Status.SUBMITTED, lender).request)


def test_a_collection_of_its_own_has_a_limit_of_its_own() -> None:
    request = journey_to(Status.SUBMITTED, BHU).request
    slot = Slot(Limit.COLLECTION, "pat_anna:bhu:general")

    assert 3 == ceiling(slot, _as(request, "ug"), the_book())
    assert None is ceiling(slot, request, the_book())


def _as(request: Request, category: str) -> Request:
    return replace(request, category=Category(category))


def test_the_collection_is_that_of_the_copy_that_is_likeliest_to_be_in() -> None:
    request = a_request(holdings=(held(BHU, collection="text_book_bank", available=None), held(BHU)))

    assert ("general", "general") == (collection_of(request, BHU), collection_of(request, PKU))


def test_the_claims_of_a_work_without_a_number_follow_its_title() -> None:
    request = a_request(citation=a_citation(isbn=None), holdings=held_by(PKU))

    assert Slot(Limit.WORK, "pat_anna:work:红楼梦:曹雪芹:1996:") in slots_of(request)
