"""Readers' names where others read them, too."""

from __future__ import annotations

import pytest

from ill_broker.texts.short_names import short_card, short_name


@pytest.mark.parametrize(
    ("name", "short"),
    [("李华", "李*"), ("欧阳修文", "欧***"), ("Emma Clarke", "Emma C."), ("Ana María Ruiz", "Ana M. R.")],
)
def test_a_name_says_enough_to_who_bears_it_alone(name: str, short: str) -> None:
    assert short == short_name(name)


def test_a_card_is_told_by_its_last_four_characters() -> None:
    assert "0001" == short_card("20260001")
