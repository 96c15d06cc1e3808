from __future__ import annotations

from typing import Any

import pytest

from tests.factories import (
    BHU,
    BJTU,
    DAY,
    FJMU,
    JINAN,
    LIBRARIES,
    NLC,
    PKU,
    SHLIB,
    START,
    SZUTL,
    Journey,
    a_citation,
    a_library,
    a_patron,
    a_request,
    held,
    held_by,
    known,
)
from workflows.decisions.submission import hindrances, submit
from workflows.eligibility.eligibility import Standing
from workflows.ids import LibraryCode
from workflows.refusals import NotEligible
from workflows.requests.lifecycle import Status
from workflows.requests.request import Request, Turn


def asked(*holdings: Any, **facts: Any) -> list[tuple[str, str]]:
    """Return the lenders in the order they will be asked, each with the reason for its place."""
    citation = facts.pop("citation", a_citation())
    request = submit(a_request(holdings=holdings, citation=citation), a_patron(), known(**facts)).request
    return [(entry.lender, entry.reason) for entry in request.rota if entry.turn is not Turn.PASSED]


def refused(request: Request, patron: Any = None, **facts: Any) -> dict[str, Any]:
    with pytest.raises(NotEligible) as refusal:
        submit(request, patron or a_patron(), known(**facts))
    return refusal.value.facts


def test_a_request_starts_with_the_first_lender_of_its_rota() -> None:
    journey = Journey()

    assert (Status.SUBMITTED, "pku", START) == (
        journey.status,
        journey.lender,
        journey.request.instants.submitted,
    )


def test_the_nearest_lender_is_asked_first() -> None:
    assert [("pku", "available"), ("szutl", "available"), ("bhu", "available")] == asked(
        held(BHU), held(SZUTL), held(PKU)
    )


def test_equally_near_lenders_are_asked_in_one_order() -> None:
    assert asked(*held_by(SZUTL, JINAN, FJMU)) == asked(*held_by(FJMU, SZUTL, JINAN))


def test_a_copy_that_is_in_goes_before_a_nearer_one_that_may_be_out() -> None:
    assert [("bhu", "available"), ("pku", "availability_unknown")] == asked(
        held(PKU, available=None), held(BHU)
    )


def test_the_lender_that_a_desk_has_chosen_is_asked_first_even_where_it_would_come_last() -> None:
    request = submit(
        a_request(holdings=held_by(BHU, NLC)), a_patron(), known(), chosen=LibraryCode(NLC)
    ).request

    assert [("nlc", "chosen"), ("bhu", "available")] == [(one.lender, one.reason) for one in request.rota]
    assert "nlc" == request.lender


def test_a_chosen_lender_that_may_not_lend_is_refused_although_another_one_could() -> None:
    with pytest.raises(NotEligible) as refusal:
        submit(
            a_request(holdings=(held(BHU), held(PKU, available=False))),
            a_patron(),
            known(),
            chosen=LibraryCode(PKU),
        )

    assert ["not_available"] == refusal.value.facts["reasons"]


def test_what_hinders_a_reader_is_known_before_any_library_is() -> None:
    request = a_request(holdings=())

    assert () == hindrances(request, a_patron(), known())
    assert ("email_not_verified", "borrower_limit") == hindrances(
        request, a_patron(verified_at=None), known(open_total=99)
    )


def test_who_prefers_foreign_titles_is_asked_last_for_a_chinese_book() -> None:
    assert [("bhu", "available"), ("nlc", "prefers_foreign"), ("shlib", "prefers_foreign")] == asked(
        *held_by(SHLIB, NLC, BHU)
    )


def test_the_preference_outweighs_a_copy_that_is_in() -> None:
    assert ["pku", "nlc"] == [lender for lender, _ in asked(held(NLC), held(PKU, available=None))]


def test_a_foreign_book_is_asked_only_of_those_that_lend_them_and_of_the_nearest_first() -> None:
    foreign = a_citation(language="eng")

    assert [("nlc", "available"), ("szutl", "available"), ("shlib", "available")] == asked(
        *held_by(PKU, SHLIB, SZUTL, NLC), citation=foreign
    )


def test_a_foreign_book_that_only_universities_have_is_refused() -> None:
    facts = refused(a_request(holdings=held_by(PKU), citation=a_citation(language="eng")))

    assert {"reasons": ["language_not_lent"], "lenders": {"pku": "language_not_lent"}} == facts


def test_the_own_library_is_never_asked() -> None:
    journey = Journey(a_request(holdings=held_by(BJTU, PKU)))

    entry = journey.request.entry(BJTU)
    assert (Turn.PASSED, "own_library", None) == (
        entry and entry.turn,
        entry and entry.reason,
        entry and entry.asked_at,
    )


def test_a_lender_that_is_not_asked_stays_on_the_rota_with_its_reason() -> None:
    journey = Journey(a_request(holdings=(held(PKU), held(SZUTL, available=False))))

    entry = journey.request.entry(SZUTL)
    assert "not_available" == (entry and entry.reason)


@pytest.mark.parametrize("others", [(None,), (None, False), (False, None)])
def test_a_library_is_asked_if_any_of_its_copies_may_be_in(others: tuple[bool | None, ...]) -> None:
    copies = [held(PKU, available=available) for available in others]

    assert [("pku", "availability_unknown")] == asked(*copies)


def test_the_copy_that_is_in_speaks_for_its_library() -> None:
    bank = held(BHU, collection="text_book_bank", available=None)

    assert [("bhu", "available")] == asked(bank, held(BHU))


def test_a_permission_opens_what_needs_one() -> None:
    thesis, permitted = a_citation(item_type="thesis"), {BHU: Standing(permission=True)}

    assert [("bhu", "available")] == asked(held(BHU), citation=thesis, standings=permitted)


def test_a_library_that_is_no_member_is_not_asked() -> None:
    assert [("pku", "available")] == asked(held(LibraryCode("elsewhere")), held(PKU))


def test_a_library_that_does_not_lend_now_is_not_asked() -> None:
    closed = {**LIBRARIES, PKU: a_library(PKU, lends=False)}

    assert [("szutl", "available")] == asked(*held_by(PKU, SZUTL), libraries=closed)


def test_a_book_that_nobody_has_is_refused() -> None:
    assert {"reasons": ["no_holding"], "lenders": {}} == refused(a_request(holdings=()))


def test_every_reason_is_told_at_once() -> None:
    request = a_request(holdings=(held(BJTU), held(PKU, available=False), held(SZUTL, available=False)))

    facts = refused(request, a_patron(verified_at=None), open_total=5)

    assert ["email_not_verified", "not_available", "own_library", "borrower_limit"] == sorted(
        facts["reasons"], key=["email_not_verified", "not_available", "own_library", "borrower_limit"].index
    )
    assert {"bjtu": "own_library", "pku": "not_available", "szutl": "not_available"} == facts["lenders"]


def test_lenders_that_refuse_do_not_matter_while_one_is_left() -> None:
    assert [("pku", "available")] == asked(held(BJTU), held(PKU))


@pytest.mark.parametrize(("open_total", "allowed"), [(4, True), (5, False)])
def test_a_sixth_book_is_refused(open_total: int, *, allowed: bool) -> None:
    request = a_request()

    if allowed:
        assert "pku" == submit(request, a_patron(), known(open_total=open_total)).request.lender
    else:
        assert ["borrower_limit"] == refused(request, open_total=open_total)["reasons"]


@pytest.mark.parametrize(
    ("lender", "standing", "reason"),
    [
        (BHU, Standing(overdue_at_lender=1), "overdue_block"),
        (JINAN, Standing(open_at_lender={"general": 3}), "lender_limit"),
        (NLC, Standing(quota_used=500), "quota_exhausted"),
        (SZUTL, Standing(suspended=True), "suspended"),
    ],
)
def test_a_lender_is_not_asked_against_its_own_rules(
    lender: LibraryCode, standing: Standing, reason: str
) -> None:
    facts = refused(a_request(holdings=held_by(lender)), standings={lender: standing})

    assert [reason] == facts["reasons"]


def test_no_request_goes_to_the_national_library_in_its_winter_break() -> None:
    winter = START - 20 * DAY

    with pytest.raises(NotEligible) as refusal:
        submit(a_request(holdings=held_by(NLC)), a_patron(), known(winter))

    assert ["processing_stopped"] == refusal.value.facts["reasons"]


def test_a_patron_of_another_library_may_be_lent_what_ours_has() -> None:
    at_szutl = a_request(home=SZUTL, desk=SZUTL, holdings=held_by(BJTU))

    assert "bjtu" == submit(at_szutl, a_patron(home=SZUTL), known()).request.lender


def test_the_month_of_a_quota_is_the_lenders_own() -> None:
    last_hour_of_march_in_utc = START.replace(day=31, hour=20)

    decision = submit(a_request(holdings=held_by(SHLIB)), a_patron(), known(last_hour_of_march_in_utc))

    assert "shlib:2026-04" == decision.request.quota
