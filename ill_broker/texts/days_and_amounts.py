"""Days and amounts as people write them in a language, by Unicode's CLDR."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from ill_broker.texts.catalogue import knows, unfilled
from workflows.money import Money

#: language -> whose ways of writing it has; English is written for readers in China: 3 April
_LOCALES: Mapping[str, str] = MappingProxyType({"zh": "zh_Hans_CN", "en": "en_GB"})


def said_day(day: date, language: str, *, short: bool = False, weekday: bool = False) -> str:
    """Return a date, without its year if *short*: ``2025年4月3日``, ``3 April 2025``, or with its weekday."""
    # Babel costs a quarter of what the command line may take to start.
    from babel.dates import format_skeleton  # noqa: PLC0415 - see above

    noon = datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001 - only its day is read
    parts = "MMMMd" if short else "yMMMMEEEEd" if weekday else "yMMMMd"
    return format_skeleton(parts, noon, locale=_LOCALES[language])


def said_days(first: date, last: date, language: str) -> str:
    """Return the days between two, both included, without their year: ``12月3–5日``, ``3 – 5 December``."""
    from babel.dates import format_interval  # noqa: PLC0415 - as above

    return format_interval(first, last, "MMMMd", locale=_LOCALES[language])


def said_language(code: str, language: str) -> str:
    """Return what a language of a catalogue (ISO 639-2) is called; its code where nobody knows."""
    from babel import Locale  # noqa: PLC0415 - as above
    from babel.core import get_global  # noqa: PLC0415 - as above

    known = get_global("language_aliases").get(code, code)
    return str(Locale.parse(_LOCALES[language]).languages.get(known, code))


def said_month(day: date, language: str) -> str:
    """Return a month and its year: ``2025年4月``, ``April 2025``."""
    from babel.dates import format_skeleton  # noqa: PLC0415 - see above

    return format_skeleton("yMMMM", datetime(day.year, day.month, 1, 12), locale=_LOCALES[language])  # noqa: DTZ001 - only its month is read


def weekdays(language: str, *, short: bool = True) -> list[str]:
    """Return what the days of a week are called, Monday first."""
    from babel.dates import get_day_names  # noqa: PLC0415 - see above

    names = get_day_names("narrow" if short else "wide", locale=_LOCALES[language])
    return [names[number] for number in range(7)]


def said_moment(moment: datetime, language: str) -> str:
    """Return a time of day and its offset behind its date: ``2025年4月3日 09:30+08:00``."""
    return f"{said_day(moment.date(), language)} {moment.isoformat(timespec='minutes').partition('T')[2]}"


def said_amount(amount: Money, language: str) -> str:
    """Return an amount: ``0.60 元``, ``CNY 0.60``; by the pattern of its currency if there is one."""
    from babel.numbers import format_currency  # noqa: PLC0415 - see above

    named = f"amount.{amount.currency}"
    pattern = unfilled(named if knows(named) else "amount.other", language)
    # an amount has two decimals, whatever its currency
    return format_currency(
        amount.decimal, amount.currency, pattern, locale=_LOCALES[language], currency_digits=False
    )
