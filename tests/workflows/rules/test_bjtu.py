# ruff: noqa: E501 - a table reads best with one row for each case
"""Beijing Jiaotong University Library: what its readers may ask for, and its card application desk."""

from __future__ import annotations

import pytest

from tests.factories import (
    BJTU,
    HOUR,
    PKU,
    START,
    a_citation,
    a_patron,
    a_request,
    held,
    held_by,
    journey_to,
    known,
)
from tests.workflows.books import builtin
from tests.workflows.rules.table import Case, asked, at, lent, ruled, told
from workflows.accounts.account import Kind
from workflows.actors import Actor, Role
from workflows.decisions.submission import submit
from workflows.ids import LibraryCode
from workflows.refusals import NotEligible, WrongState
from workflows.requests.commands import Arrive, CallResult, RecordCall
from workflows.requests.lifecycle import Status, Step
from workflows.requests.permissions import may_take
from workflows.requests.request import Request

ROAD = {"from": at("2026-03-10"), "to": at("2026-03-13")}


@ruled(
    ("R-BJTU-1", "a paper book is lent", "limits", asked("bjtu"), {"allowed": True}),
    ("R-BJTU-1", "a disc is not", "limits", asked("bjtu", {"type": "cd"}), {"reasons": ["not_lendable"]}),
    ("R-BJTU-1", "nor is a kind nobody knows", "limits", asked("bjtu", {"type": "hologram"}), {"reasons": ["not_lendable"]}),
    ("R-BJTU-2", "a member may be asked", "limits", asked("nlc", {"language": "en"}), {"allowed": True}),
    ("R-BJTU-2", "nobody else may", "limits", asked("harvard"), {"error": "unknown_policy"}),
    ("R-BJTU-3", "a university lends Chinese books", "limits", asked("pku", {"language": "chi"}), {"allowed": True}),
    ("R-BJTU-3", "but no foreign ones", "limits", asked("pku", {"language": "eng"}), {"reasons": ["language_not_lent"]}),
    ("R-BJTU-3", "a book of no stated language is Chinese", "limits", asked("pku", {"language": None}), {"allowed": True}),
    ("R-BJTU-3", "a foreign book is asked for at the two public libraries alone", "route",
     {"item": {"language": "en"}, "at": at("2026-03-09"), "candidates": [{"policy": name} for name in ("pku", "shlib", "bjtu", "nlc")]},
     {"order": ["shlib", "nlc"]}),
    ("R-BJTU-4", "a fifth book is lent", "limits", asked("szutl", borrower="bjtu", state={"open_total": 4}), {"reasons": []}),
    ("R-BJTU-4", "a sixth is not", "limits", asked("szutl", borrower="bjtu", state={"open_total": 5}), {"reasons": ["borrower_limit"]}),
    ("R-BJTU-4", "nobody has fewer than none", "limits", asked("szutl", borrower="bjtu", state={"open_total": -1}), {"error": "bad_count"}),
    ("R-BJTU-5", "28 days where the lender states no term", "loan", lent("nlc", "2026-03-09", borrower="bjtu", patch={"loan_rules": []}), {"due": "2026-04-06", "steps": [{"step": "period", "rule": "default_period", "due": "2026-04-06"}]}),
    ("R-BJTU-5", "three days on the road give three more", "loan", lent("pku", "2026-03-09", borrower="bjtu", transfers=[ROAD]), {"due": "2026-04-09"}),
    ("R-BJTU-5", "a longer term of the lender is not cut", "loan", lent("shlib", "2026-03-09", borrower="bjtu"), {"due": "2026-04-23"}),
    ("R-BJTU-5", "a book does not come back before it was handed out", "loan", lent("pku", "2026-03-09", "2026-03-08", borrower="bjtu"), {"error": "timeline_order"}),
    ("R-BJTU-6", "the owner's rate counts", "loan", lent("shlib", "2026-03-09", "2026-04-25", borrower="bjtu"), {"overdue_days": 2, "fine.amount": "1.00"}),
    ("R-BJTU-6", "where the owner states none the days are counted and staff decide", "loan", lent("bjtu", "2026-03-09", "2026-04-08", borrower="pku"), {"overdue_days": 2, "fine.amount": None}),
    ("R-BJTU-12", "open until noon", "desk", {"policy": "bjtu", "at": at("2026-03-09", "11:59")}, {"open": True}),
    ("R-BJTU-12", "closed at noon, open again at two", "desk", {"policy": "bjtu", "at": at("2026-03-09", "12:00")}, {"open": False, "next_open": at("2026-03-09", "14:00")}),
    ("R-BJTU-12", "closed at half past five, open on Monday after a Friday", "desk", {"policy": "bjtu", "at": at("2026-03-13", "17:30")}, {"open": False, "next_open": at("2026-03-16", "08:00")}),
    ("R-BJTU-12", "closed on a public holiday", "desk", {"policy": "bjtu", "at": at("2026-05-01", "09:00")}, {"open": False, "next_open": at("2026-05-06", "08:00")}),
    ("R-BJTU-12", "hours that end before they start are a fault of the file", "validate", {"policy": "bjtu", "patch": {"opening_hours": {"mon": ["12:00-08:00"]}}}, {"errors": [{"path": "opening_hours.mon[0]", "code": "bad_time"}]}),
)  # fmt: skip
def test_a_rule_of_bjtu(kind: str, case: Case, expected: Case) -> None:
    assert expected == told(kind, case, expected)


def refusals(request: Request, **patron: object) -> object:
    with pytest.raises(NotEligible) as refused:
        submit(request, a_patron(**patron), known())
    return refused.value.facts["reasons"]


@pytest.mark.rule("R-BJTU-2")
def test_a_copy_at_a_library_that_is_no_member_is_none() -> None:
    assert ["no_holding"] == refusals(a_request(holdings=(held(LibraryCode("harvard")),)))


@pytest.mark.rule("R-BJTU-3")
def test_a_foreign_book_that_only_universities_hold_is_refused() -> None:
    wish = a_request(citation=a_citation(language="eng"), holdings=held_by(PKU))

    assert ["language_not_lent"] == refusals(wish)


@pytest.mark.rule("R-BJTU-7")
def test_no_library_asks_a_fee_and_no_account_has_a_place_for_one() -> None:
    fees = {builtin().document(policy).get("service_fee", "0.00") for policy in builtin().ids}
    for_nothing_done = set(Kind) - {Kind.FINE, Kind.CARD_FINE, Kind.COMPENSATION, Kind.PROCESSING_FEE}

    assert fees == {"0.00"}
    assert for_nothing_done == {Kind.PAYMENT, Kind.WAIVER, Kind.WAIVER_PROPOSAL, Kind.DISPUTE, Kind.REVERSAL}


@pytest.mark.rule("R-BJTU-8")
def test_nobody_asks_before_the_address_is_verified() -> None:
    assert ["email_not_verified"] == refusals(a_request(), verified_at=None)
    assert submit(a_request(), a_patron(verified_at=START), known()).request.status is Status.SUBMITTED


@pytest.mark.rule("R-BJTU-9")
def test_a_form_without_a_found_book_is_refused() -> None:
    assert ["no_holding"] == refusals(a_request(holdings=()))


@pytest.mark.rule("R-BJTU-10")
def test_only_a_call_that_was_answered_notifies_and_there_is_none_before_arrival() -> None:
    call = RecordCall(result=CallResult.REACHED)
    early = journey_to(Status.IN_TRANSIT)
    arrived = journey_to(Status.ARRIVED)
    unanswered = arrived.do(RecordCall(result=CallResult.NO_ANSWER)).request

    assert isinstance(early.refusal(call), WrongState)
    assert (Status.ARRIVED, None, 1) == (unanswered.status, unanswered.instants.notified, unanswered.calls)
    assert arrived.do(call, HOUR).status is Status.NOTIFIED


@pytest.mark.rule("R-BJTU-11")
def test_only_the_desk_that_handed_the_book_out_takes_it_back() -> None:
    loan = journey_to(Status.ON_LOAN).request
    here, elsewhere = (Actor(Role.STAFF, "stf_1", library) for library in (BJTU, LibraryCode("fjmu")))

    assert may_take(here, loan, Step.TAKE_BACK)
    assert not may_take(elsewhere, loan, Step.TAKE_BACK)
    assert isinstance(journey_to(Status.ARRIVED).refusal(Arrive()), WrongState)
