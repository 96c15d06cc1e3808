from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.errors import CurrencyMismatch, NotMoney
from workflows.money import Money

MINORS = st.integers(-(10**12), 10**12)


def test_an_amount_has_two_decimals() -> None:
    assert "2.80" == Money("CNY", 280).amount
    assert "-0.05" == Money("CNY", -5).amount
    assert "2.80 CNY" == str(Money("CNY", 280))


@pytest.mark.parametrize("text", ["2.8", "2.80", "02.80"])
def test_an_amount_is_read_with_up_to_two_decimals(text: str) -> None:
    assert Money("INR", 280) == Money.parse(text, "INR")


@pytest.mark.parametrize("text", ["", "2.805", "2.", ".5", "1e3", "2,80", " 2", "٣", 2.8, 280, None, True])
def test_what_is_no_amount_is_refused(text: object) -> None:
    with pytest.raises(NotMoney):
        Money.parse(text, "CNY")


@given(MINORS)
def test_an_amount_survives_being_written_and_read(minor: int) -> None:
    money = Money("CNY", minor)

    assert money == Money.parse(money.amount, "CNY")


@given(MINORS, MINORS)
def test_what_is_added_can_be_taken_away(one: int, other: int) -> None:
    assert Money("CNY", one) == Money("CNY", one) + Money("CNY", other) - Money("CNY", other)


@given(MINORS, st.integers(0, 50))
def test_a_multiple_is_a_repeated_sum(minor: int, times: int) -> None:
    money = Money("CNY", minor)

    assert sum([money] * times, Money.zero("CNY")) == money * times


def test_amounts_are_compared() -> None:
    small, large = Money("CNY", 1), Money("CNY", 2)

    assert small < large
    assert small <= large
    assert large > small
    assert large >= small
    assert [small, large] == sorted([large, small])
    assert -small == Money("CNY", -1)
    assert not Money.zero("CNY")
    assert small


def test_two_currencies_never_meet() -> None:
    with pytest.raises(CurrencyMismatch) as caught:
        Money("CNY", 1) + Money("INR", 1)

    assert {"ours": "CNY", "theirs": "INR"} == caught.value.facts


@pytest.mark.parametrize(("exact", "minor"), [("0.005", 1), ("0.0049", 0), ("2.675", 268), ("2.665", 267)])
def test_rounding_is_half_up(exact: str, minor: int) -> None:
    assert Money("CNY", minor) == Money.rounded(Decimal(exact), "CNY")


def test_hundredths_become_an_exact_decimal() -> None:
    assert Decimal("3.05") == Money("CNY", 305).decimal
