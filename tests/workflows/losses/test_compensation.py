# ruff: noqa: E501 - a table reads best with one row for each case
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.workflows.books import builtin, policy
from workflows.errors import InvalidCase
from workflows.evaluation.evaluate import evaluate
from workflows.losses.compensation import DamageCase, compensation

Case = dict[str, Any]
REPORTED = "2026-03-02T10:00:00+08:00"
USD = {"from": "USD", "to": "CNY", "date": "2026-03-01", "rate": "7.125"}


def damage(**case: object) -> Case:
    return evaluate(
        "compensation", {"policy": "szutl", "case": "loss", "reported": REPORTED} | case, builtin()
    )


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("case_not_covered", {"case": "theft"}),
        ("case_not_covered", {"policy": "pku"}),
        ("case_not_covered", {"patch": {"compensation": {"loss": {"charges": []}}}}),
        ("bad_timestamp", {"reported": None}),
        ("timeline_order", {"settled": "2026-03-02T09:59:59+08:00"}),
        ("replacement_not_offered", {"case": "unreadable", "resolution": "replacement"}),
        ("edition_not_accepted", {"resolution": "replacement", "edition": "older"}),
        ("replacement_too_late", {"resolution": "replacement", "settled": "2026-04-03T00:00:00+08:00"}),
        ("bad_count", {"resolution": "replacement", "volumes": 0}),
        ("bad_count", {"resolution": "replacement", "volumes": True}),
        ("bad_count", {"resolution": "replacement", "volumes": "2"}),
        ("replacement_required", {"policy": "jinan", "item": {"price": "10.00"}}),
        ("replacement_required", {"policy": "fjmu", "item": {"type": "current_periodical"}}),
        ("reference_price_missing", {}),
        ("price_missing", {"policy": "fjmu"}),
        ("set_price_missing", {"item": {"part_of_set": True, "price": "10.00"}}),
        ("year_price_missing", {"item": {"type": "bound_periodical", "price": "10.00"}}),
        ("bad_price", {"item": {"price": "0.00"}}),
        ("bad_price", {"item": {"price": "-1.00"}}),
        ("bad_price", {"item": {"price": 45}}),
        ("fx_rate_missing", {"item": {"price": "9.00", "price_currency": "USD"}}),
        ("fx_rate_missing", {"item": {"price": "9.00", "price_currency": "EUR"}, "fx": [USD]}),
        ("fx_rate_missing", {"item": {"price": "9.00", "price_currency": "USD"}, "fx": [USD | {"date": "2026-03-03"}]}),
        ("fx_rate_missing", {"item": {"price": "9.00", "price_currency": "USD"}, "fx": [USD | {"date": "May"}]}),
        ("fx_rate_missing", {"item": {"price": "9.00", "price_currency": "USD"}, "fx": [USD | {"rate": "-1"}]}),
        ("factor_out_of_range", {"policy": "fjmu", "item": {"price": "9.00"}, "factor": "21"}),
        ("factor_out_of_range", {"policy": "fjmu", "item": {"price": "9.00"}, "factor": "many"}),
        ("factor_out_of_range", {"policy": "fjmu", "item": {"price": "9.00"}, "factor": 15.5}),
        ("amount_out_of_range", {"case": "stain", "amount": "20.01"}),
        ("amount_out_of_range", {"case": "stain", "amount": 7}),
        ("pages_missing", {"policy": "bhu", "available": False, "item": {"price": "9.00"}}),
        ("bad_count", {"policy": "bhu", "available": False, "item": {"price": "9.00", "pages": "520"}}),
        ("bad_count", {"policy": "bhu", "available": False, "item": {"price": "9.00", "pages": 0}}),
        ("binding_fee_missing", {"policy": "fjmu", "available": False, "item": {"type": "bound_periodical", "price": "9.00"}}),
    ],
)  # fmt: skip
def test_an_invalid_case_gets_its_code_and_nothing_else(code: str, change: Case) -> None:
    assert {"error": code} == damage(**change)


def test_a_loss_suspends_until_it_is_settled() -> None:
    answer = damage(item={"price": "10.00"})

    assert {
        "amount": "30.00",
        "currency": "CNY",
        "suspended_from": "2026-03-02",
        "replacement_deadline": "2026-04-02",
    } == answer


def test_a_cut_book_is_treated_as_lost() -> None:
    answer = damage(case="cut", item={"price": "10.00"})

    assert ("loss", "30.00") == (answer["treated_as"], answer["amount"])


def test_without_a_price_that_of_a_comparable_book_counts() -> None:
    answer = damage(item={"reference_price": "10.00", "origin": "foreign", "price_currency": "USD"})

    assert ("reference_price", "50.00") == (answer["price_basis"], answer["amount"])


def test_a_set_is_paid_once_and_its_remainder_stays_with_the_library() -> None:
    answer = damage(item={"part_of_set": True, "set_price": "99.00"})

    assert ("99.00", "library") == (answer["amount"], answer["remainder_belongs_to"])


def test_a_foreign_price_is_rounded_before_it_is_multiplied() -> None:
    answer = damage(item={"price": "0.01", "price_currency": "USD"}, fx=[USD | {"rate": "7.5"}])

    # 0.01 x 7.5 = 0.075, rounded to 0.08, times 3
    assert "0.24" == answer["amount"]


def test_the_newest_rate_before_the_settlement_counts() -> None:
    rates = [USD, USD | {"date": "2026-03-05", "rate": "8"}, USD | {"date": "2026-02-01", "rate": "1"}]
    answer = damage(
        item={"price": "1.00", "price_currency": "USD"}, fx=rates, settled="2026-03-05T00:00:00+08:00"
    )

    assert "24.00" == answer["amount"]


def test_a_range_stays_open_until_staff_choose() -> None:
    stain = {"amount": None, "currency": "CNY", "min": "5.00", "max": "20.00"}

    assert stain == damage(case="stain")
    assert stain | {"amount": "5.00"} == damage(case="stain", amount="5.00")
    assert {"amount": None, "currency": "CNY", "min": "90.00", "max": "180.00"} == damage(
        policy="fjmu", item={"price": "9.00"}
    )
    assert "90.00" == damage(policy="fjmu", item={"price": "9.00"}, factor=10)["amount"]


def test_a_rare_book_is_referred() -> None:
    answer = damage(case="stain", item={"type": "rare_book"})

    assert {"amount": None, "currency": "CNY", "refer": "cultural_relics_regulations"} == answer


def test_damage_that_was_stamped_at_hand_over_is_waived() -> None:
    answer = damage(policy="jinan", case="stain", item={"damage_stamp": True})

    assert {"amount": "0.00", "currency": "CNY", "waived": True} == answer
    assert "relevant_regulations" == damage(policy="jinan", case="stain")["refer"]


def test_theft_is_paid_and_the_item_recovered() -> None:
    answer = damage(policy="fjmu", case="theft", item={"price": "1.00"})

    assert (True, "10.00", "100.00") == (answer["recover_item"], answer["min"], answer["max"])


def test_a_binding_fee_is_added_once() -> None:
    item = {"type": "bound_periodical", "price": "10.00", "binding_fee": "3.00"}
    answer = damage(policy="fjmu", available=False, item=item, factor="5")

    assert ("53.00", "53.00", "203.00") == (answer["amount"], answer["min"], answer["max"])


def test_a_replacement_without_fee_or_deadline_costs_nothing() -> None:
    answer = damage(
        policy="bhu", reported="2026-03-02T10:00:00+05:30", resolution="replacement", edition="latest"
    )

    assert {"amount": "0.00", "currency": "INR"} == answer


def test_a_case_without_terms_is_not_covered() -> None:
    case = DamageCase(policy=policy("pku"), case="loss", reported=datetime(2026, 3, 2, tzinfo=UTC))
    with pytest.raises(InvalidCase) as caught:
        compensation(case)

    assert "case_not_covered" == caught.value.code
