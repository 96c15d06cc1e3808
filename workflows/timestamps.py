"""Instants and days as they are written in a case."""

import re
from calendar import monthrange
from datetime import MAXYEAR, UTC, date, datetime, timedelta

from workflows.errors import InvalidCase

ONE_DAY = timedelta(days=1)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def instant(text: object) -> datetime:
    """Read a timestamp, which must carry its offset, and return it in UTC.

    :raises InvalidCase: ``bad_timestamp`` or ``timestamp_without_offset``
    """
    if not isinstance(text, str):
        raise InvalidCase("bad_timestamp", value=repr(text))
    try:
        read = datetime.fromisoformat(text)
        if read.tzinfo is None:
            raise InvalidCase("timestamp_without_offset", value=text)
        return read.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidCase("bad_timestamp", value=text) from error


def optional_instant(text: object) -> datetime | None:
    """Read a timestamp that may be missing."""
    return None if text is None else instant(text)


def iso_day(text: object) -> date:
    """Read a day written as "2026-03-02".

    :raises ValueError: if it is no such day
    """
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def is_iso_day(text: object) -> bool:
    """Tell whether this is written as a day, not as an instant."""
    return isinstance(text, str) and _DAY.fullmatch(text) is not None


def add_months(day: date, months: int) -> date:
    """Return the same day number *months* later, clamped to the month's last day.

    :raises OverflowError: if it lies behind the last year there is
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > MAXYEAR:
        raise OverflowError(months)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
