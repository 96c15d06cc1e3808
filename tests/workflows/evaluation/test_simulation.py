"""Loans under today's rules and under others."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import PKU, START, journey_to, the_book
from workflows.evaluation import simulation as module
from workflows.evaluation.simulation import Row, Simulation, of_case, of_request
from workflows.money import Money
from workflows.policies.book import PolicyBook
from workflows.requests.lifecycle import Status
from workflows.requests.request import Request

LATER = datetime(2025, 4, 13, 4, 0, tzinfo=UTC)


def book_with(name: str, **changes: Any) -> PolicyBook:
    """Return the project's policies, one of them with sections changed."""
    book = the_book()
    policies = {key: book.document(key) for key in book.ids}
    calendars = {key: book.calendar_document(key) for key in book.calendar_ids}
    return PolicyBook.load({**policies, name: {**policies[name], **changes}}, calendars)


def days(count: int) -> dict[str, Any]:
    return {"loan_rules": [{"id": "days", "when": {}, "period": {"days": count}}]}


def a_fine(**changes: Any) -> dict[str, Any]:
    return {"fine": {**the_book().document("szutl")["fine"], **changes}}


def a_loan(**line: str | None) -> dict[str, Any]:
    """Return a loan of szutl's, for 31 days at 0.20 a day, due on 3 April."""
    timeline = {"handover": "2025-03-03T10:00:00+08:00", **line}
    return {"policy": "szutl", "timeline": {name: at for name, at in timeline.items() if at}}


IN_TIME = a_loan(returned="2025-03-20T12:00:00+08:00")
LATE = a_loan(returned="2025-04-06T09:30:00+08:00")
OUT = a_loan()


def simulated(candidate: PolicyBook, *cases: dict[str, Any], today: PolicyBook | None = None) -> Simulation:
    found = Simulation(today or the_book(), candidate, LATER)
    for case in cases:
        found.add(of_case(case, LATER))
    return found


def sides(row: Row, name: str) -> tuple[Any, Any]:
    return getattr(row.today, name), getattr(row.candidate, name)


def test_sums_are_those_of_the_single_loans() -> None:
    (row,) = simulated(book_with("szutl", **days(35)), IN_TIME, LATE, OUT).rows()

    assert (3, 1, 0, 3) == (row.loans, row.still_out, row.due_earlier, row.due_later)
    assert (2, 1) == sides(row, "overdue")
    # 3 days and 10 days at 0.20; then none and 6
    assert (Money("CNY", 260), Money("CNY", 120)) == sides(row, "fines")
    assert (3 * 31, 3 * 35) == sides(row, "usable_days")
    assert (31, 35) == sides(row, "least_usable")


def test_an_earlier_due_date_is_told_as_earlier() -> None:
    (row,) = simulated(book_with("szutl", **days(7)), IN_TIME).rows()

    assert (1, 0) == (row.due_earlier, row.due_later)
    assert (0, 1) == sides(row, "overdue")


def test_the_least_usable_days_are_those_of_the_shortest_loan() -> None:
    again = {**LATE, "renewals": [{"at": "2025-03-20T10:00:00+08:00"}]}
    (row,) = simulated(the_book(), again, LATE).rows()

    assert row.today.least_usable == 31
    assert row.today.usable_days > 62


def test_a_loan_still_out_is_late_as_far_as_it_has_come_by_the_day_it_names() -> None:
    (row,) = simulated(the_book(), {**OUT, "as_of": "2025-04-05T10:00:00+08:00"}).rows()

    assert Money("CNY", 40) == row.today.fines


def test_days_on_the_road_are_no_usable_days_and_no_lateness() -> None:
    moved = {**LATE, "transfers": [{"from": "2025-04-03T12:00:00+08:00", "to": "2025-04-06T08:00:00+08:00"}]}
    early = {**LATE, "transfers": [{"from": "2025-03-05T12:00:00+08:00", "to": "2025-03-08T08:00:00+08:00"}]}

    assert [0] == [row.today.overdue for row in simulated(the_book(), moved).rows()]
    assert [31] == [row.today.usable_days for row in simulated(the_book(), early).rows()]


def test_a_clock_that_starts_before_the_hand_over_costs_usable_days() -> None:
    early = a_loan(arrived="2025-02-26T10:00:00+08:00", returned="2025-03-20T12:00:00+08:00")
    clock = {**the_book().document("szutl")["clock"], "starts": "arrived"}
    (row,) = simulated(book_with("szutl", clock=clock), early).rows()

    assert (31, 26) == sides(row, "usable_days")


def test_forgiven_days_are_late_and_cost_nothing() -> None:
    (row,) = simulated(book_with("szutl", **a_fine(grace_days=5)), LATE).rows()

    assert (1, 1) == sides(row, "overdue")
    assert (Money("CNY", 60), Money("CNY", 0)) == sides(row, "fines")


def test_a_late_loan_without_a_rate_has_an_open_fine() -> None:
    (row,) = simulated(book_with("szutl", **a_fine(rate=None)), LATE, IN_TIME).rows()

    assert (0, 1) == sides(row, "open_fines")
    assert (Money("CNY", 60), Money("CNY", 0)) == sides(row, "fines")


def test_lenders_and_categories_are_told_apart_and_currencies_summed_apart() -> None:
    bhu, other = {**LATE, "policy": "bhu"}, {**LATE, "policy": "fjmu", "category": "local_reader"}
    fjmu = {**LATE, "policy": "fjmu"}
    known = set(the_book().policy("fjmu").categories)
    other["category"] = min(known - {the_book().policy("fjmu").default_category})
    found = simulated(the_book(), LATE, bhu, fjmu, other, LATE)

    assert ["bhu", "fjmu", "fjmu", "szutl"] == [row.group.lender for row in found.rows()]
    assert [("all", "INR", 1), ("all", "CNY", 4)] == [
        (row.group.lender, row.group.currency, row.loans) for row in found.totals()
    ]
    assert found.loans == 5


def test_totals_are_the_sums_of_the_groups() -> None:
    cases = [IN_TIME, LATE, OUT, {**LATE, "policy": "fjmu"}, {**OUT, "policy": "pku"}]
    found = simulated(book_with("szutl", **days(35)), *cases)
    (total,) = found.totals()

    for count in ("loans", "still_out", "due_earlier", "due_later"):
        assert getattr(total, count) == sum(getattr(row, count) for row in found.rows())
    for sums in ("overdue", "open_fines", "usable_days"):
        expected = [sides(row, sums) for row in found.rows()]
        assert (sum(one for one, _ in expected), sum(other for _, other in expected)) == sides(total, sums)
    assert total.today.fines.minor == sum(row.today.fines.minor for row in found.rows())
    assert total.candidate.least_usable == min(row.candidate.least_usable or 0 for row in found.rows())


def test_a_candidate_may_fine_in_another_currency() -> None:
    (row,) = simulated(book_with("szutl", currency="HKD"), LATE).rows()

    assert (Money("CNY", 60), Money("HKD", 60)) == sides(row, "fines")


def test_an_empty_simulation_has_no_rows() -> None:
    found = simulated(the_book())

    assert ([], [], 0) == (found.rows(), found.totals(), found.loans)


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ({"policy": "nowhere"}, "today: unknown_policy"),
        ({**LATE, "category": "nobody"}, "today: unknown_category"),
        (a_loan(returned="2025-03-01T09:30:00+08:00"), "today: timeline_order"),
        (a_loan(handover="9999-12-31T20:00:00Z"), "today: bad_timestamp"),
        ({**LATE, "item": {"language": "en"}}, "candidate: no_loan_rule"),
    ],
)
def test_a_loan_that_one_side_cannot_judge_is_counted_on_neither(case: dict[str, Any], code: str) -> None:
    rule = {"id": "chinese", "when": {"language": "chinese"}, "period": {"days": 31}}
    found = Simulation(the_book(), book_with("szutl", loan_rules=[rule]), LATER)
    side, _, reason = code.partition(": ")

    assert code == found.add(of_case(case, LATER))
    assert (0, Counter({(side, reason): 1})) == (found.loans, found.unjudged)


def test_a_book_that_nobody_took_away_is_no_loan() -> None:
    found = simulated(the_book(), {"policy": "szutl", "timeline": {"shipped": "2025-03-03T10:00:00+08:00"}})

    assert (0, 1, Counter()) == (found.loans, found.not_lent, found.unjudged)


def test_groups_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_GROUPS", 1)
    found = simulated(the_book(), LATE, {**LATE, "policy": "fjmu"}, LATE)

    assert (2, Counter({("today", "too_many_groups"): 1})) == (found.loans, found.unjudged)


def request_of(status: Status) -> Request:
    return journey_to(status, PKU).request


def test_a_request_is_judged_by_the_rules_of_today_not_by_the_terms_it_keeps() -> None:
    request = request_of(Status.CLOSED)
    today = book_with("balis", **days(7))
    found = Simulation(today, the_book(), START)
    found.add(of_request(request, PKU, START))
    (row,) = found.rows()

    assert request.terms != today.policy("pku").edition
    assert (7, 28) == sides(row, "usable_days")
    assert ("pku", 0) == (row.group.lender, row.still_out)


def test_a_request_on_loan_is_still_out() -> None:
    found = Simulation(the_book(), the_book(), START)
    found.add(of_request(request_of(Status.ON_LOAN), PKU, START + timedelta(days=90)))
    (row,) = found.rows()

    assert (1, 1) == (row.still_out, row.today.overdue)


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    start = date(2025, 1, 6) + timedelta(days=draw(st.integers(0, 300)))
    kept, lender = draw(st.integers(1, 120)), draw(st.sampled_from(["szutl", "fjmu", "jinan", "pku", "bhu"]))
    case: dict[str, Any] = {"policy": lender, "timeline": {"handover": f"{start}T10:00:00+08:00"}}
    if draw(st.booleans()):
        case["timeline"]["returned"] = f"{start + timedelta(days=kept)}T11:00:00+08:00"
    if draw(st.booleans()):
        case["renewals"] = [{"at": f"{start + timedelta(days=1)}T10:00:00+08:00"}]
    return case


@given(st.lists(cases(), max_size=8))
def test_the_same_rules_change_nothing(loans: list[dict[str, Any]]) -> None:
    found = simulated(the_book(), *loans)

    assert len(loans) == found.loans
    for row in found.rows():
        assert row.today == row.candidate
        assert (0, 0) == (row.due_earlier, row.due_later)


@settings(max_examples=15)
@given(st.lists(cases(), max_size=8), st.integers(1, 60), st.integers(0, 60))
def test_more_days_never_raise_the_overdue_rate(loans: list[dict[str, Any]], least: int, more: int) -> None:
    loans = [{**case, "policy": "szutl"} for case in loans]
    shorter, longer = book_with("szutl", **days(least)), book_with("szutl", **days(least + more))

    found = simulated(longer, *loans, today=shorter)

    assert len(loans) == found.loans
    for row in found.rows():
        assert row.candidate.overdue <= row.today.overdue
        assert row.candidate.fines <= row.today.fines
        assert row.due_earlier == 0
