# ruff: noqa: E501 - a table reads best with one row for each case
"""Loans beyond the worked examples: every error code, and the corners of the clock."""

from datetime import date
from typing import Any

import pytest

from tests.workflows.books import builtin
from workflows.evaluation.evaluate import evaluate
from workflows.evaluation.loan_json import read_loan
from workflows.loan_clock.clock import provisional_due

Case = dict[str, Any]


def ask(kind: str, **case: object) -> Case:
    return evaluate(kind, case, builtin())


def loan(**case: Any) -> Case:
    line = {"handover": "2025-03-03T10:00:00+08:00"} | case.pop("timeline", {})
    line = {name: at for name, at in line.items() if at is not None}
    return ask("loan", **{"policy": "szutl", "timeline": line} | case)


def at(day: str, hour: str = "10:00") -> str:
    return f"{day}T{hour}:00+08:00"


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("unknown_policy", {"policy": "nowhere"}),
        ("unknown_policy", {"policy": ["szutl"]}),
        ("unknown_policy", {"borrower": "nowhere"}),
        ("unknown_category", {"category": "king"}),
        ("unknown_category", {"category": 7}),
        ("invalid_policy", {"patch": {"fine": {"rate": 0.2}}}),
        ("bad_input", {"timeline": {}, "item": "book"}),
        ("bad_input", {"renewals": {"at": "x"}}),
        ("bad_timestamp", {"as_of": "yesterday"}),
        ("bad_timestamp", {"as_of": 20250303}),
        ("bad_timestamp", {"as_of": "0001-01-01T00:00:00+14:00"}),
        ("bad_timestamp", {"timeline": {"handover": "9999-12-20T10:00:00+08:00"}}),
        ("bad_timestamp", {"renewals": [{}]}),
        ("bad_timestamp", {"recall": {}}),
        ("bad_timestamp", {"recall": {"at": at("2025-03-20"), "heard": "late"}}),
        ("bad_timestamp", {"amendments": [{"new_due": "2025-04-01"}]}),
        ("bad_timestamp", {"amendments": [{"at": at("2025-03-20")}]}),
        ("bad_timestamp", {"amendments": [{"at": at("2025-03-20"), "new_due": at("2025-04-01")}]}),
        ("bad_timestamp", {"amendments": [{"at": at("2025-03-20"), "new_due": "2025-02-29"}]}),
        ("bad_input", {"amendments": {"at": at("2025-03-20")}}),
        ("bad_input", {"renewals": [{"at": at("2025-03-20"), "on_hold": "false"}]}),
        ("bad_input", {"staff_override": "false"}),
        ("bad_input", {"item": {"restricted_label": "false"}}),
        ("bad_timestamp", {"suspended": [{"policy": "szutl", "from": "2025-02-30"}]}),
        ("timestamp_without_offset", {"as_of": "2025-03-03T10:00:00"}),
        ("timeline_order", {"timeline": {"returned": at("2025-03-03", "09:59")}}),
        ("timeline_order", {"timeline": {"lost_reported": at("2025-03-02")}}),
        ("timeline_order", {"timeline": {"lost_reported": at("2025-04-02"), "settled": at("2025-04-01")}}),
        ("timeline_order", {"accompanying": [{"returned": at("2025-03-01")}]}),
        ("bad_interval", {"transfers": [{"from": at("2025-03-05"), "to": at("2025-03-05")}]}),
        ("bad_interval", {"suspended": [{"policy": "szutl", "from": "2025-03-05", "until": "2025-03-04"}]}),
        ("timeline_incomplete", {"timeline": {"handover": None}}),
        ("timeline_incomplete", {"timeline": {"handover": None, "returned": at("2025-03-03")}}),
        ("timeline_incomplete", {"patch": {"clock": {"starts": "notified"}}}),
        ("timeline_incomplete", {"patch": {"clock": {"starts": "arrived"}}}),
        ("timeline_incomplete", {"patch": {"clock": {"logistics": "included"}}}),
        ("no_loan_rule", {"policy": "bulc"}),
        ("no_loan_rule", {"policy": "bulc", "borrower": "szutl"}),
        ("event_outside_loan", {"renewals": [{"at": at("2025-03-03", "09:59")}]}),
        ("event_outside_loan", {"renewals": [{"at": at("2025-03-05")}], "timeline": {"returned": at("2025-03-04")}}),
        ("event_outside_loan", {"timeline": {"handover": None, "shipped": at("2025-03-01")}, "recall": {"at": at("2025-03-02")}}),
        ("calendar_gap", {"policy": "bhu", "category": "ug", "item": {"collection": "text_book_bank"}, "timeline": {"handover": at("2028-12-02")}}),
        ("calendar_gap", {"policy": "balis", "patch": {"loan_rules": [{"id": "x", "when": {}, "period": {"overnight": 1}}]}}),
    ],
)  # fmt: skip
def test_an_invalid_loan_gets_its_code_and_nothing_else(code: str, change: Case) -> None:
    assert {"error": code} == loan(**change)


def test_errors_come_in_the_order_of_the_readme() -> None:
    wrong: Case = {
        "policy": "x",
        "borrower": "y",
        "category": "z",
        "timeline": {"returned": "soon"},
        "transfers": [{"from": at("2025-03-05"), "to": at("2025-03-04")}],
    }
    mended: list[Case] = [
        {"policy": "szutl"},
        {"borrower": "bjtu"},
        {"category": "public"},
        {"timeline": {"returned": at("2025-03-01")}},
        {"timeline": {"returned": at("2025-03-31")}},
    ]
    codes = [loan(**wrong)["error"]]
    for change in mended:
        wrong |= change
        codes.append(loan(**wrong)["error"])

    expected = ["unknown_policy", "unknown_policy", "unknown_category", "bad_timestamp", "timeline_order"]
    assert [*expected, "bad_interval"] == codes


@pytest.mark.parametrize(
    ("expected", "line"),
    [
        ({"status": "in_transit"}, {"shipped": at("2026-03-02")}),
        ({"status": "arrived"}, {"arrived": at("2026-03-04")}),
        ({"status": "on_hold_shelf", "hold_until": "2026-03-10"}, {"notified": at("2026-03-06")}),
    ],
)
def test_before_hand_over_nothing_is_due_or_late(expected: Case, line: Case) -> None:
    nothing = {"due": None, "overdue_days": 0, "fine": {"currency": "CNY", "amount": "0.00", "cap": None}}

    assert expected | nothing == loan(borrower="bjtu", timeline={"handover": None} | line)


@pytest.mark.parametrize(("day", "status"), [("2026-03-10", "on_hold_shelf"), ("2026-03-11", "hold_expired")])
def test_a_hold_expires_on_the_day_after_its_last(day: str, status: str) -> None:
    answer = loan(borrower="bjtu", timeline={"handover": None, "notified": at("2026-03-06")}, as_of=at(day))

    assert status == answer["status"]


@pytest.mark.parametrize(("day", "due"), [("2026-03-10", "2026-04-06"), ("2026-03-11", None)])
def test_a_hold_that_has_expired_has_no_due_date(day: str, due: str | None) -> None:
    line = {"handover": None, "notified": at("2026-03-06")}
    answer = loan(borrower="bjtu", timeline=line, as_of=at(day), patch={"clock": {"starts": "notified"}})

    assert due == answer["due"]


def test_a_clock_that_starts_early_has_a_due_date_before_hand_over() -> None:
    line = {"handover": None, "arrived": at("2026-03-06")}
    notice = {"at": at("2026-03-07"), "new_due": "2026-05-01"}
    answer = loan(timeline=line, patch={"clock": {"starts": "arrived"}}, amendments=[notice])

    assert ("arrived", "2026-05-01") == (answer["status"], answer["due"])


def test_without_a_rate_the_fine_is_not_stated_even_before_hand_over() -> None:
    answer = loan(policy="pku", timeline={"handover": None, "shipped": at("2026-03-06")})

    assert {"currency": "CNY", "amount": None, "cap": None} == answer["fine"]


def test_a_loss_without_settlement_is_lost() -> None:
    answer = loan(timeline={"lost_reported": at("2025-04-05")}, as_of=at("2025-09-01"))

    assert ("lost", 2) == (answer["status"], answer["overdue_days"])


def test_a_book_found_after_settlement_changes_nothing_but_is_recorded() -> None:
    line = {"lost_reported": at("2025-04-05"), "settled": at("2025-04-20"), "returned": at("2025-04-20")}
    answer = loan(timeline=line)

    assert ("settled", 2, True) == (
        answer["status"],
        answer["overdue_days"],
        answer["found_after_settlement"],
    )
    assert "return" not in answer


def test_staff_may_take_a_book_back_on_the_same_day() -> None:
    line = {"handover": "2026-01-10T11:00:00+05:30", "returned": "2026-01-10T16:00:00+05:30"}
    answer = loan(policy="bhu", timeline=line, staff_override=True)

    assert ("accepted", "returned") == (answer["return"], answer["status"])


def test_the_day_after_is_not_the_same_day() -> None:
    line = {"handover": "2026-01-10T11:00:00+05:30", "returned": "2026-01-11T00:00:00+05:30"}

    assert "accepted" == loan(policy="bhu", timeline=line)["return"]


def test_without_hand_over_the_clocks_start_is_the_date_of_issue() -> None:
    line = {"handover": None, "notified": at("2026-01-10"), "returned": at("2026-01-10", "11:00")}
    answer = loan(policy="bhu", timeline=line, patch={"clock": {"starts": "notified"}})

    assert "refused_same_day" == answer["return"]


def test_the_borrowers_default_counts_where_the_lender_has_no_rule() -> None:
    answer = loan(policy="bulc", borrower="bjtu")

    assert [{"step": "period", "rule": "default_period", "due": "2025-03-31"}] == answer["steps"]


def test_a_due_date_on_a_closed_day_moves_only_if_the_policy_says_so() -> None:
    patch = {"clock": {"due_on_closed_day": "next_open_day"}}
    answer = loan(timeline={"handover": at("2025-03-07")}, patch=patch)

    assert {"step": "next_open_day", "due": "2025-04-08"} == answer["steps"][-1]


@pytest.mark.parametrize(
    ("row", "extended"),
    [
        ({"issued_from": "2025-03-03"}, True),
        ({"issued_from": "2025-03-04"}, False),
        ({"issued_until": "2025-03-03"}, True),
        ({"issued_until": "2025-03-02"}, False),
        ({"exclude_lenders": ["szutl"]}, False),
        ({"new_due": "2025-03-20"}, False),
    ],
)
def test_a_bulk_extension_reaches_exactly_the_loans_it_names(row: Case, *, extended: bool) -> None:
    answer = loan(patch={"bulk_extensions": [{"new_due": "2025-06-01", **row}]})

    assert extended == (answer["due"] == "2025-06-01")


def test_a_loan_of_the_last_known_term_has_no_grace() -> None:
    answer = loan(policy="fjmu", timeline={"handover": at("2028-12-30")})

    assert ["period"] == [step["step"] for step in answer["steps"]]


def test_grace_days_and_closed_days_are_forgiven() -> None:
    patch = {"fine": {"count_closed_days": False, "grace_days": 2, "day": "full"}}
    transfers = [{"from": at("2025-04-09"), "to": at("2025-04-10")}]
    answer = loan(as_of=at("2025-04-15"), patch=patch, transfers=transfers)

    # 4-15 April: two Mondays closed, one day on the road, one not completed, two forgiven
    assert 12 - 2 - 1 - 1 - 2 == answer["overdue_days"]


def test_one_accompanying_piece_without_a_rate_leaves_the_fine_open() -> None:
    answer = loan(
        policy="fjmu", accompanying=[{}, {}], patch={"fine": {"rate": None}}, as_of=at("2025-04-20")
    )

    assert answer["fine"]["amount"] is None


def test_the_lender_is_told_no_date_that_the_calendar_does_not_reach() -> None:
    line = {"shipped": at("2028-11-28"), "handover": at("2028-11-29")}
    case: Case = {
        "policy": "bhu",
        "category": "ug",
        "item": {"collection": "text_book_bank"},
        "timeline": line,
    }
    answer = loan(**case)

    assert "lender_due_provisional" not in answer
    assert "2028-12-01" == answer["due"]


def test_a_longer_term_of_the_readers_library_does_not_count() -> None:
    patch = {"loan_rules": [{"id": "week", "when": {}, "period": {"days": 7}}]}
    answer = loan(policy="nlc", borrower="pku", patch=patch)

    assert [{"step": "period", "rule": "week", "due": "2025-03-10"}] == answer["steps"]


def test_a_hit_can_be_shown_with_the_date_it_would_be_due() -> None:
    case = read_loan({"policy": "szutl", "timeline": {}}, builtin())

    assert date(2026, 4, 2) == provisional_due(case, date(2026, 3, 2))
