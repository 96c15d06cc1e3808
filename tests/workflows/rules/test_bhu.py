# ruff: noqa: E501 - a table reads best with one row for each case
"""Main Library, IIT (BHU): numbers and periods by category, book banks, overnight loans, replacement first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.factories import BHU, DAY, HOUR, START, Journey, a_patron, journey_to, the_book
from tests.workflows.rules.table import INDIA, Case, asked, at, damaged, lent, ruled, told
from workflows.decisions.charges import FineIs, bookings
from workflows.decisions.receiving import NotHandedOver
from workflows.eligibility.privileges import AgentNamed, Privileges
from workflows.ids import LibraryCode, PrivilegeId, RequestId
from workflows.refusals import SameDayReturn
from workflows.requests.commands import Arrive, HandOver, ReportDamage, ReportLoss, TakeBack
from workflows.requests.events import HandedOver, TakenBack
from workflows.requests.lifecycle import Status

BANK, SPECIAL = {"collection": "text_book_bank"}, {"collection": "sc_st_book_bank"}
THESIS = {"type": "thesis"}
PRICE = {"price": "250.00", "pages": 300}
DOLLARS = {"price": "9.99", "price_currency": "USD", "pages": 100}
RATE = {"from": "USD", "to": "INR", "date": "2026-03-09", "rate": "83.125"}


def loan(day: str, back: str | None = None, **more: Any) -> Case:
    return lent("bhu", day, back, zone=INDIA, **more)


def has(category: str, number: int, item: Case | None = None) -> Case:
    """Return the question for one item more of a kind of which the reader has so many."""
    collection = (item or {}).get("collection", "general")
    return asked("bhu", item, category=category, state={"open_at_lender": {collection: number}})


def lost(item: Case, **more: Any) -> Case:
    return damaged("bhu", "loss", item=item, **{"available": False, **more})


#: who may have how many books for how many days, and from when on a loan of 10 March is late
MATRIX = [
    ("faculty", 20, "2026-09-06"),
    ("officer", 20, "2026-09-06"),
    ("non_faculty", 12, "2026-09-06"),
    ("group_b", 7, "2026-06-08"),
    ("group_cd", 4, "2026-06-08"),
    ("alumni", 2, "2026-04-09"),
    ("retired", 2, "2026-04-09"),
    ("ug", 3, "2026-05-09"),
    ("pg", 6, "2026-05-09"),
    ("ug_sc_st", 3, "2026-05-09"),
    ("pg_sc_st", 6, "2026-05-09"),
    ("research_scholar", 8, "2026-05-09"),
    ("disabled_student", 8, "2026-06-08"),
]
BANKS = [
    ("ug", 4, BANK),
    ("pg", 2, BANK),
    ("ug_sc_st", 4, BANK),
    ("ug_sc_st", 4, SPECIAL),
    ("pg_sc_st", 2, BANK),
    ("pg_sc_st", 4, SPECIAL),
    ("research_scholar", 8, BANK),
]


@pytest.mark.rule("R-BHU-2")
@pytest.mark.parametrize(("category", "books", "due"), MATRIX)
def test_a_category_has_its_number_and_its_period(category: str, books: int, due: str) -> None:
    reasons = [told("limits", has(category, held), {"reasons": []})["reasons"] for held in (books - 1, books)]

    assert [[], ["lender_limit"]] == reasons
    assert {"due": due} == told("loan", loan("2026-03-10", category=category), {"due": due})


@pytest.mark.rule("R-BHU-2")
@pytest.mark.parametrize(("category", "books", "item"), BANKS)
def test_a_book_bank_has_a_number_of_its_own(category: str, books: int, item: Case) -> None:
    reasons = [
        told("limits", has(category, held, item), {"reasons": []})["reasons"] for held in (books - 1, books)
    ]

    assert [[], ["lender_limit"]] == reasons


@ruled(
    ("R-BHU-1", "members are the categories that it names", "limits", asked("bhu", category="pg"), {"allowed": True}),
    ("R-BHU-1", "nobody else", "limits", asked("bhu", category="visitor"), {"error": "unknown_category"}),
    ("R-BHU-1", "a reader of the brokerage has the smallest row", "loan", loan("2026-03-10"), {"due": "2026-04-09"}),
    ("R-BHU-2", "general books use up no book bank", "limits", asked("bhu", BANK, category="ug", state={"open_at_lender": {"general": 3}}), {"allowed": True}),
    ("R-BHU-2", "a scholar's bank is within the eight", "limits", asked("bhu", BANK, category="research_scholar", state={"open_at_lender": {"general": 5, "text_book_bank": 3}}), {"reasons": ["lender_limit"]}),
    ("R-BHU-2", "a bank that the row does not name is closed", "limits", asked("bhu", SPECIAL, category="ug"), {"reasons": ["category_not_entitled"]}),
    ("R-BHU-2", "one semester ends with it", "loan", loan("2026-03-10", category="ug", item=BANK), {"due": "2026-05-08"}),
    ("R-BHU-2", "issued on its last day it is the next one", "loan", loan("2026-05-08", category="ug", item=BANK), {"due": "2026-12-04"}),
    ("R-BHU-2", "issued between two", "loan", loan("2026-06-01", category="ug", item=BANK), {"due": "2026-12-04"}),
    ("R-BHU-2", "time on the road does not move it", "loan", loan("2026-03-10", category="ug", item=BANK, transfers=[{"from": at("2026-03-12"), "to": at("2026-03-20")}]), {"due": "2026-05-08"}),
    ("R-BHU-2", "a semester nobody knows", "loan", loan("2028-12-02", category="ug", item=BANK), {"error": "calendar_gap"}),
    ("R-BHU-3", "nothing on the last day", "loan", loan("2026-03-10", "2026-04-09"), {"fine.amount": "0.00"}),
    ("R-BHU-3", "one rupee the day after", "loan", loan("2026-03-10", "2026-04-10"), {"fine.amount": "1.00", "fine.currency": "INR"}),
    ("R-BHU-11", "a day each, without a cap", "loan", loan("2026-03-10", "2026-10-26"), {"overdue_days": 200, "fine.amount": "200.00", "fine.cap": None}),
    ("R-BHU-11", "book banks too", "loan", loan("2026-03-10", "2026-05-10", category="ug", item=BANK), {"fine.amount": "2.00"}),
    ("R-BHU-11", "each volume by itself", "account", {"loans": [loan("2026-03-10", "2026-04-12", id=name) for name in "ab"]}, {"charged": {"INR": "6.00"}}),
    ("R-BHU-6", "one overdue book blocks", "limits", asked("bhu", category="faculty", state={"overdue_at_lender": 1}), {"reasons": ["overdue_block"]}),
    ("R-BHU-6", "none does not", "limits", asked("bhu", category="faculty", state={"overdue_at_lender": 0}), {"allowed": True}),
    ("R-BHU-6", "elsewhere it does not count", "limits", asked("szutl", state={"overdue_at_lender": 1}), {"allowed": True}),
    ("R-BHU-12", "a thesis needs permission", "limits", asked("bhu", THESIS, category="faculty"), {"reasons": ["permission_required"]}),
    ("R-BHU-12", "so does a cassette", "limits", asked("bhu", {"type": "video"}), {"reasons": ["permission_required"]}),
    ("R-BHU-12", "with it it is lent", "limits", asked("bhu", THESIS, state={"permission": True}), {"allowed": True}),
    ("R-BHU-12", "over night", "loan", loan("2026-03-10", item=THESIS), {"due": "2026-03-11"}),
    ("R-BHU-12", "over a closed Sunday", "loan", loan("2026-03-14", item=THESIS), {"due": "2026-03-16"}),
    ("R-BHU-12", "over a holiday", "loan", loan("2026-08-14", item=THESIS), {"due": "2026-08-17"}),
    ("R-BHU-14", "not on the same date", "loan", loan("2026-03-10", "2026-03-10", hour="23:59", as_of=at("2026-03-11")), {"return": "refused_same_day", "status": "on_loan"}),
    ("R-BHU-14", "the next one begins at midnight there", "loan", loan("2026-03-10", "2026-03-11", hour="00:00"), {"return": "accepted", "status": "returned"}),
    ("R-BHU-14", "staff may take it", "loan", loan("2026-03-10", "2026-03-10", hour="18:00", staff_override=True), {"return": "accepted"}),
    ("R-BHU-15", "works of reference for faculty", "limits", asked("bhu", {"type": "reference"}, category="faculty"), {"allowed": True}),
    ("R-BHU-15", "not for officers", "limits", asked("bhu", {"type": "reference"}, category="officer"), {"reasons": ["category_not_entitled"]}),
    ("R-BHU-15", "nor bound volumes", "limits", asked("bhu", {"type": "bound_periodical"}, category="pg"), {"reasons": ["category_not_entitled"]}),
    ("R-BHU-15", "nor standards", "limits", asked("bhu", {"type": "standard"}), {"reasons": ["category_not_entitled"]}),
    ("R-BHU-15", "for 180 days", "loan", loan("2026-03-10", category="faculty", item={"type": "reference"}), {"due": "2026-09-06"}),
    ("R-BHU-17", "the fine runs to the report", "loan", loan("2026-03-10", timeline={"lost_reported": at("2026-04-12", zone=INDIA)}, as_of=at("2026-06-01")), {"status": "lost", "overdue_days": 3}),
    ("R-BHU-17", "nothing is lost before it was lent", "loan", loan("2026-03-10", timeline={"lost_reported": at("2026-03-09", zone=INDIA)}), {"error": "timeline_order"}),
    ("R-BHU-19", "the same edition", "compensation", damaged("bhu", "loss", resolution="replacement"), {"amount": "0.00", "replacement_deadline": None}),
    ("R-BHU-19", "or the latest", "compensation", damaged("bhu", "loss", resolution="replacement", edition="latest"), {"amount": "0.00"}),
    ("R-BHU-19", "in no case an old one", "compensation", damaged("bhu", "loss", resolution="replacement", edition="older"), {"error": "edition_not_accepted"}),
    ("R-BHU-20", "a replacement while it is on sale", "compensation", lost(PRICE, available=True), {"error": "replacement_required"}),
    ("R-BHU-20", "else the price and a rupee a page", "compensation", lost(PRICE), {"amount": "550.00"}),
    ("R-BHU-20", "converted and rounded half up", "compensation", lost(DOLLARS, fx=[RATE]), {"amount": "930.42"}),
    ("R-BHU-20", "at the rate of the settlement's day", "compensation", lost(DOLLARS, fx=[RATE, RATE | {"date": "2026-03-20", "rate": "90"}], settled=at("2026-03-20", zone=INDIA)), {"amount": "999.10"}),
    ("R-BHU-20", "not at a later one", "compensation", lost(DOLLARS, fx=[RATE | {"date": "2026-03-10"}]), {"error": "fx_rate_missing"}),
    ("R-BHU-20", "the price is needed", "compensation", lost({"pages": 300}), {"error": "price_missing"}),
    ("R-BHU-20", "and the pages", "compensation", lost({"price": "250.00"}), {"error": "pages_missing"}),
    ("R-BHU-13", "damage is settled as a loss", "compensation", damaged("bhu", "stain", item=PRICE, available=False), {"amount": "550.00", "treated_as": "loss"}),
    ("R-BHU-13", "mutilated ones are replaced", "compensation", damaged("bhu", "cut", resolution="replacement"), {"amount": "0.00", "treated_as": "loss"}),
    ("R-BHU-16", "misbehaviour has no fixed length", "suspension", {"policy": "bhu", "case": "misbehaviour", "months": 3, "from": "2026-03-09"}, {"error": "case_not_covered"}),
)  # fmt: skip
def test_a_rule_of_bhu(kind: str, case: Case, expected: Case) -> None:
    assert expected == told(kind, case, expected)


@pytest.mark.rule("R-BHU-13")
def test_the_state_of_the_book_is_recorded_at_hand_over_and_at_return() -> None:
    journey = journey_to(Status.ARRIVED, BHU)
    journey.do(ReportDamage(note="coffee on page 9"))
    handed = journey_to(Status.NOTIFIED, BHU).do(HandOver(condition="spine worn"))
    back = handed.do(TakeBack(condition="spine broken"), 2 * DAY)

    assert "DamageRecorded" in journey.happened
    assert ["spine worn", "spine broken"] == [
        event.condition for event in back.events if isinstance(event, HandedOver | TakenBack)
    ]


@pytest.mark.rule("R-BHU-14")
def test_a_book_of_this_morning_is_not_taken_back_unless_staff_say_so() -> None:
    journey = journey_to(Status.ON_LOAN, BHU)

    assert isinstance(journey.refusal(TakeBack(), HOUR), SameDayReturn)
    assert journey.refusal(TakeBack(), DAY) is None
    assert journey.do(TakeBack(staff_override=True, reason="closing"), HOUR).request.staff_override


@pytest.mark.rule("R-BHU-17", "R-BHU-18")
def test_a_report_of_loss_is_kept_with_its_time_and_the_details_of_the_book() -> None:
    journey = journey_to(Status.ON_LOAN, BHU).do(ReportLoss(note="left in a train"), DAY)

    assert journey.now == journey.request.instants.lost_reported
    assert "left in a train" in [getattr(event, "note", None) for event in journey.events]
    assert journey.request.citation.title
    assert journey.refusal(Arrive()) is not None


def waiting(*agents: AgentNamed) -> Journey:
    """Return a book that waits for a patron whose card is number 20250001."""
    return journey_to(Status.NOTIFIED, BHU, card_number="20250001", privileges=Privileges(agents))


def letter(request: str, agent: str | None) -> AgentNamed:
    return AgentNamed(
        id=PrivilegeId("prv_1"),
        library=LibraryCode("bjtu"),
        at=START,
        request=RequestId(request),
        agent=agent,
    )


def reasons(journey: Journey, command: HandOver) -> object:
    refused = journey.refusal(command)
    return refused.facts["reasons"] if isinstance(refused, NotHandedOver) else refused


@pytest.mark.rule("R-BHU-5")
def test_an_agent_is_named_for_exactly_this_book() -> None:
    uncle = HandOver(agent="Uncle Wang")

    assert ["agent_not_named"] == reasons(waiting(), uncle)
    assert ["agent_not_named"] == reasons(waiting(letter("req_2", "Uncle Wang")), uncle)
    assert ["agent_not_named"] == reasons(
        waiting(letter("req_1", "Uncle Wang"), letter("req_1", None)), uncle
    )
    assert "Uncle Wang" in [
        event.agent
        for event in waiting(letter("req_1", "Uncle Wang")).do(uncle).events
        if isinstance(event, HandedOver)
    ]


@pytest.mark.rule("R-BHU-10")
def test_a_book_goes_to_whoever_asked_for_it() -> None:
    assert ["not_the_patrons_card"] == reasons(waiting(), HandOver(card="20250002"))
    assert reasons(waiting(), HandOver(card="20250001")) is None
    assert reasons(waiting(), HandOver(card="２０２５ 0001")) is None


@pytest.mark.rule("R-BHU-7")
def test_the_requester_answers_for_the_book_whoever_fetched_it() -> None:
    lent = waiting(letter("req_1", "Uncle Wang")).do(HandOver(agent="Uncle Wang")).request
    late = replace(lent, instants=replace(lent.instants, returned=START + 90 * DAY))
    (fine,) = bookings(lent, late, (), the_book(), now=START + 90 * DAY)

    assert isinstance(fine, FineIs)
    assert fine.fine is not None
    assert (a_patron().id, BHU) == (fine.owing.patron, fine.owing.lender)
