"""Days and amounts are written as each language writes them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from ill_broker.texts.days_and_amounts import said_amount, said_day, said_moment
from workflows.money import Money


def test_a_day_is_written_with_its_year_or_without() -> None:
    day = date(2025, 4, 3)

    assert ("2025年4月3日", "4月3日") == (said_day(day, "zh"), said_day(day, "zh", short=True))
    assert ("3 April 2025", "3 April") == (said_day(day, "en"), said_day(day, "en", short=True))


def test_a_moment_keeps_the_offset_of_its_place() -> None:
    moment = datetime.fromisoformat("2026-01-10T03:35:00Z").astimezone(ZoneInfo("Asia/Kolkata"))

    assert "2026年1月10日 09:05+05:30" == said_moment(moment, "zh")
    assert "10 January 2026 09:05+05:30" == said_moment(moment, "en")


def test_an_amount_is_counted_in_yuan_or_in_what_the_currency_is_called() -> None:
    amounts = [Money("CNY", 60), Money("CNY", 123_456), Money("INR", 500), Money("JPY", 60), Money("ZZZ", 0)]

    assert ["0.60 元", "1,234.56 元", "5.00 印度卢比", "0.60 日元", "0.00 ZZZ"] == [
        said_amount(amount, "zh") for amount in amounts
    ]
    assert ["CNY 0.60", "CNY 1,234.56", "INR 5.00", "JPY 0.60", "ZZZ 0.00"] == [
        said_amount(amount, "en") for amount in amounts
    ]


def test_an_amount_in_an_english_text_message_is_in_the_telephones_own_alphabet() -> None:
    assert said_amount(Money("INR", 123_456), "en").isascii()
