import re
from typing import Any

import pytest

from ill_broker.texts.explanation_json import write_explanation
from tests.workflows.books import builtin, documents
from tests.workflows.test_worked_examples import EXAMPLES
from workflows.evaluation.loan_json import read_loan
from workflows.explanations.explanation import explain
from workflows.money import Money
from workflows.policies.book import PolicyBook

Case = dict[str, Any]
LOANS = [example for example in EXAMPLES if example["kind"] == "loan"]
RULE = re.compile(r"(R-[A-Z]+-[0-9]+|[CG]-[0-9]+)")


def explained(**case: Any) -> Case:
    loan = read_loan(
        {"policy": "szutl", "timeline": {"handover": "2025-03-03T10:00:00+08:00"}} | case, builtin()
    )
    return write_explanation(loan, explain(loan))


def codes(found: Case) -> list[tuple[str, str]]:
    return [(step["code"], step["rule"]) for step in found["steps"]]


@pytest.fixture(scope="module")
def worked() -> list[tuple[Case, Case]]:
    """Return every worked example of a loan with what explains it."""
    return [(example, explained(**example["input"])) for example in LOANS]


def summed(found: Case) -> str:
    amounts = (
        Money.parse(day["amount"], "X") for piece in found["late"] for day in piece["days"] if day["amount"]
    )
    return sum(amounts, Money.zero("X")).amount


def test_every_worked_example_is_explained_to_the_last_cent(worked: list[tuple[Case, Case]]) -> None:
    told = [
        (
            example["id"],
            found["answer"],
            None if example["expected"]["fine"]["amount"] is None else summed(found),
            [step["facts"]["due"] for step in found["steps"] if "due" in step["facts"]][-1],
        )
        for example, found in worked
    ]
    expected = [
        (example["id"], answer, answer["fine"]["amount"], answer["due"])
        for example in LOANS
        for answer in (example["expected"],)
    ]

    assert [] == [(wanted, was) for wanted, was in zip(expected, told, strict=True) if wanted != was]


def test_every_statement_names_a_numbered_rule(worked: list[tuple[Case, Case]]) -> None:
    named = [
        (example["id"], entry["rule"])
        for example, found in worked
        for entry in (*found["steps"], *found["late"], *found["warnings"], found["fine"])
    ]

    assert [] == [(name, rule) for name, rule in named if not RULE.fullmatch(rule)]


def test_a_renewal_that_is_moved_says_why_and_counts_from_no_day() -> None:
    moved = explained(
        renewals=[{"at": "2025-03-20T10:00:00+08:00"}],
        patch={"clock": {"due_on_closed_day": "next_open_day"}, "opening_hours": {"sun": []}},
    )
    (step,) = (one for one in moved["steps"] if one["code"] == "step.next_open_day")

    assert "2025-05-06" == moved["answer"]["due"] == step["facts"]["due"]
    assert "start" not in step["facts"]


def test_steps_name_the_rules_of_the_library_that_set_them() -> None:
    nlc = explained(policy="nlc", borrower="pku", timeline={"handover": "2026-04-15T15:00:00+08:00"})
    bulc = explained(policy="bulc", borrower="bjtu")

    assert [("step.period", "R-NLC-1"), ("step.borrower_period", "R-PKU-3")] == codes(nlc)
    assert ["nlc", "pku"] == [step["policy"]["id"] for step in nlc["steps"]]
    assert [("step.period", "R-BJTU-5")] == codes(bulc)


def test_a_rule_without_a_number_of_its_own_falls_back_on_the_general_reading() -> None:
    patch = {
        "loan_rules": [{"id": "mine", "when": {}, "period": {"days": 33}}],
        "clock": {"due_on_closed_day": "next_open_day"},
    }
    found = explained(patch=patch, timeline={"handover": "2025-03-05T10:00:00+08:00"})

    assert [("step.period", "G-1"), ("step.next_open_day", "G-7")] == codes(found)


def test_renewals_and_recalls_are_told_with_their_reasons() -> None:
    found = explained(
        renewals=[{"at": f"2025-04-0{day}T10:00:00+08:00"} for day in (1, 2)],
        recall={"at": "2025-04-03T10:00:00+08:00"},
    )

    assert [
        ("step.period", "R-SZUTL-6"),
        ("renewal.accepted", "R-SZUTL-7"),
        ("renewal.limit_reached", "R-SZUTL-7"),
        ("recall.recall_not_allowed", "R-SZUTL-14"),
    ] == codes(found)


def test_a_day_after_the_limit_is_charged_what_is_left() -> None:
    found = explained(as_of="2025-04-06T10:00:00+08:00", patch={"fine": {"cap_per_item": "0.50"}})

    assert [("counted", "0.20"), ("counted", "0.20"), ("capped", "0.10")] == [
        (day["code"], day["amount"]) for day in found["late"][0]["days"]
    ]
    assert ("fine.capped", "3 days late: CNY 0.50, the limit per item") == (
        found["fine"]["code"],
        found["fine"]["text"]["en"],
    )


def test_what_counts_is_said_as_people_say_it() -> None:
    found = explained(as_of="2025-04-04T10:00:00+08:00")

    assert {
        "en": "31 days from hand-over on 3 March: due 3 April 2025",
        "zh": "自3月3日借出起 31 天：应于2025年4月3日归还",
    } == found["steps"][0]["text"]
    assert {"en": "1 day late: CNY 0.20", "zh": "逾期 1 天：0.20 元"} == found["fine"]["text"]


def test_days_that_cost_nothing_say_why() -> None:
    found = explained(
        as_of="2025-04-09T10:00:00+08:00",
        transfers=[{"from": "2025-04-04T09:00:00+08:00", "to": "2025-04-05T09:00:00+08:00"}],
        patch={"fine": {"count_closed_days": False, "grace_days": 1, "day": "full"}},
    )

    assert ["forgiven", "on_the_road", "counted", "desk_closed", "counted", "not_completed"] == [
        day["code"] for day in found["late"][0]["days"]
    ]


def test_a_rate_that_is_not_stated_leaves_each_day_open() -> None:
    found = explained(policy="pku", as_of="2025-04-05T10:00:00+08:00")

    assert {None} == {day["amount"] for day in found["late"][0]["days"]}
    assert ("fine.not_stated", "R-BJTU-6") == (found["fine"]["code"], found["fine"]["rule"])


def test_a_date_outside_the_calendar_is_warned_of() -> None:
    found = explained(timeline={"handover": "2028-12-20T10:00:00+08:00"})

    assert [("warning.outside_coverage", {"day": "2029-01-20", "calendar": "szutl-sample"})] == [
        (warning["code"], warning["facts"])
        for warning in found["warnings"]
        if warning["code"] != "warning.sample_calendar"
    ]


def test_a_published_calendar_is_not_called_a_sample() -> None:
    calendars = {name: {**doc, "sample": False} for name, doc in documents("calendars").items()}
    book = PolicyBook.load(documents("policies"), calendars)
    loan = read_loan({"policy": "szutl", "timeline": {"handover": "2025-03-03T10:00:00+08:00"}}, book)

    assert () == explain(loan).warnings


def test_days_after_a_reported_loss_are_not_counted() -> None:
    line = {
        "handover": "2025-03-03T10:00:00+08:00",
        "lost_reported": "2025-03-06T10:00:00+08:00",
        "settled": "2025-03-08T10:00:00+08:00",
        "returned": "2025-03-09T10:00:00+08:00",
    }
    found = explained(timeline=line)

    assert [("counted", 3), ("after_the_end", 3)] == [
        (span["code"], span["days"]) for span in found["custody"][0]["days"]
    ]


def test_each_hand_has_its_own_days() -> None:
    line = {
        "submitted": "2025-10-30T09:00:00+08:00",
        "shipped": "2025-11-01T09:00:00+08:00",
        "arrived": "2025-11-03T09:00:00+08:00",
        "notified": "2025-11-04T09:00:00+08:00",
        "handover": "2025-11-06T15:00:00+08:00",
        "returned": "2025-11-22T09:00:00+08:00",
        "lender_received": "2025-11-26T09:00:00+08:00",
    }
    found = explained(timeline=line, as_of="2025-11-27T09:00:00+08:00")

    assert [
        ("lender", "shelf", 0),
        ("carrier", "outbound", 0),
        ("desk", "desk", 0),
        ("desk", "hold_shelf", 0),
        ("patron", "use", 16),
        ("carrier", "return", 0),
        ("lender", "shelf", 0),
    ] == [(hand["owner"], hand["place"], hand["counted_days"]) for hand in found["custody"]]
    assert "after_the_end" == found["custody"][-1]["days"][0]["code"]


def test_overlapping_transfers_are_one_and_may_start_with_the_loan() -> None:
    transfers = [
        {"from": "2025-03-03T10:00:00+08:00", "to": "2025-03-05T10:00:00+08:00"},
        {"from": "2025-03-04T10:00:00+08:00", "to": "2025-03-06T10:00:00+08:00"},
        {"from": "2025-03-08T10:00:00+08:00", "to": "2025-03-09T10:00:00+08:00"},
    ]
    found = explained(transfers=transfers, timeline={
        "handover": "2025-03-03T10:00:00+08:00",
        "returned": "2025-03-09T10:00:00+08:00",
    })  # fmt: skip

    assert ["transfer", "use", "transfer", "return"] == [hand["place"] for hand in found["custody"]]


def test_a_refused_return_leaves_the_book_with_the_patron() -> None:
    line = {"handover": "2026-01-10T11:00:00+05:30", "returned": "2026-01-10T16:00:00+05:30"}
    found = explained(policy="bhu", timeline=line)

    assert [("patron", None)] == [(hand["owner"], hand["to"]) for hand in found["custody"]]


def test_before_hand_over_only_the_way_so_far_is_told() -> None:
    found = explained(timeline={"shipped": "2025-11-01T09:00:00+08:00"}, as_of="2025-11-03T09:00:00+08:00")

    assert ([], []) == (found["steps"], found["late"])
    assert ["before_the_clock"] == [span["code"] for span in found["custody"][0]["days"]]
