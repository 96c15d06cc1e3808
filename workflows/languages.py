"""The languages people are written to in: their names elsewhere, and how days and amounts are written."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

from workflows.money import Money

#: as everything here, the API included, names them; the default first
Language = Literal["zh", "en"]
#: language -> its tag (BCP 47) in the headers of letters and in pages
TAGS: Mapping[str, str] = MappingProxyType({"zh": "zh-Hans", "en": "en"})

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
#: currency -> its unit behind a Chinese amount; others are named by their code
_UNITS = MappingProxyType({"CNY": "元", "INR": "卢比"})


def said_day(day: date, language: str, *, short: bool = False) -> str:
    """Return a date as people write it, the year left out if *short*."""
    if language == "zh":
        return f"{'' if short else f'{day.year}年'}{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]}{'' if short else f' {day.year}'}"


def said_amount(amount: Money, language: str) -> str:
    """Return an amount as people write it: ``0.60 元``, ``CNY 0.60``."""
    if language == "zh":
        return f"{amount.amount} {_UNITS.get(amount.currency, amount.currency)}"
    return f"{amount.currency} {amount.amount}"
