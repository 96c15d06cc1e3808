from typing import Any

from tests.workflows.books import builtin
from workflows.evaluation.evaluate import evaluate

Case = dict[str, Any]
LATE = {"handover": "2025-03-01T10:00:00+08:00", "returned": "2025-06-29T10:00:00+08:00"}


def account(loans: list[Case], payments: list[Case] | None = None) -> Case:
    return evaluate("account", {"loans": loans, "payments": payments or []}, builtin())


def payment(**change: str) -> Case:
    return {
        "at": "2025-07-01T10:00:00+08:00",
        "policy": "jinan",
        "currency": "CNY",
        "amount": "1.00",
    } | change


def test_each_payment_gets_its_result() -> None:
    payments = [
        payment(),
        payment(currency="INR"),
        payment(amount="one"),
        payment(amount="0.00"),
        payment(amount="2.01"),
        payment(policy="szutl"),
        {**payment(), "amount": 1},
        payment(at="2025-06-29T09:59:59+08:00"),
        payment(at="2025-06-29T10:00:00+08:00", amount="1.00"),
    ]
    answer = account([{"policy": "jinan", "timeline": LATE}], payments)

    assert [
        "accepted",
        "currency_mismatch",
        "bad_amount",
        "bad_amount",
        "overpayment",
        "overpayment",
        "bad_amount",
        "overpayment",
        "accepted",
    ] == answer["payments"]
    assert {"jinan": "1.00"} == answer["balance"]
    assert [{"id": None, "raw": "3.00", "charged": "3.00", "cap": None}] == answer["items"]


def test_a_fine_that_is_not_stated_counts_as_nothing() -> None:
    answer = account([{"policy": "pku", "timeline": LATE, "id": "p"}])

    assert {
        "items": [{"id": "p", "raw": "0.00", "charged": "0.00", "cap": None}],
        "charged": {"CNY": "0.00"},
        "balance": {"pku": "0.00"},
        "payments": [],
    } == answer


def test_the_cap_of_an_item_is_told_from_that_of_the_card() -> None:
    late = {**LATE, "returned": "2025-09-29T10:00:00+08:00"}
    answer = account([{"policy": "szutl", "timeline": late}])

    assert [{"id": None, "raw": "10.00", "charged": "10.00", "cap": "item"}] == answer["items"]


def test_currencies_are_never_added_together() -> None:
    loans = [
        {"policy": "jinan", "timeline": LATE},
        {"policy": "bhu", "timeline": LATE},
        {"policy": "jinan", "timeline": LATE},
    ]
    answer = account(loans)

    # 30 days were due in Kolkata on 31 March: 90 days late
    assert {"CNY": "6.00", "INR": "90.00"} == answer["charged"]


def test_a_card_at_its_cap_is_charged_nothing_more() -> None:
    dear = {"policy": "jinan", "timeline": {**LATE, "returned": "2026-06-29T10:00:00+08:00"}}
    cheap = {"policy": "jinan", "timeline": {**LATE, "returned": "2026-06-30T10:00:00+08:00"}}
    answer = account([cheap, dear])

    assert [("21.30", "0.00", "card"), ("21.25", "10.00", "card")] == [
        (item["raw"], item["charged"], item["cap"]) for item in answer["items"]
    ]


def test_a_loan_that_runs_is_assessed_as_of_now_or_not_at_all() -> None:
    running = {"handover": LATE["handover"]}
    answer = account(
        [
            {"policy": "jinan", "timeline": running},
            {"policy": "jinan", "timeline": running, "as_of": LATE["returned"]},
        ]
    )

    assert ["0.00", "3.00"] == [item["raw"] for item in answer["items"]]


def test_one_invalid_loan_makes_the_account_invalid() -> None:
    assert {"error": "unknown_policy"} == account([{"policy": "x", "timeline": LATE}])
    assert {"error": "unknown_policy"} == account([], [payment(policy="x")])
