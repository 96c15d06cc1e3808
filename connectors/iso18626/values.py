"""Single values on the wire: texts, instants, closed lists, each read leniently and written strictly."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from connectors import xml
from connectors.iso18626.messages import ErrorType

if TYPE_CHECKING:
    from enum import StrEnum

LONGEST_TEXT = 2000
LONGEST_ID = 200

_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.,]([0-9]{1,12}))?)?"
    r"(?:Z|([+-])([0-9]{2}):?([0-9]{2}))?"
)
#: an instant as XML Schema has it
_BY_SCHEMA = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?")
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,6})?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
_LONGEST_WRONG = 80
_MICROSECONDS = 6


class Value(Protocol):
    @property
    def wrong(self) -> ErrorType:
        """What the sender is told of a text that is no such value."""

    def read(self, text: str) -> Any:
        """Return what *text* says.

        :raises ValueError: if it says nothing of this kind
        """

    def write(self, value: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class Text:
    """Any text; what is longer than *longest* is cut, unless *whole* is asked for: half an id is none."""

    longest: int = LONGEST_TEXT
    whole: bool = False
    wrong: ErrorType = ErrorType.UNRECOGNISED_VALUE

    def read(self, text: str) -> str:
        if self.whole and len(text) > self.longest:
            raise ValueError(len(text))
        # What no page and no database shows: control characters, but for line breaks and tabs.
        return "".join(
            mark for mark in text[: self.longest] if mark in "\t\n\r" or unicodedata.category(mark) != "Cc"
        ).strip()

    def write(self, value: str) -> str:
        return xml.speakable(value)


@dataclass(frozen=True, slots=True)
class Instant:
    """A time with its offset; without one it counts as UTC. The year 1 means "not known"."""

    wrong: ErrorType = ErrorType.UNRECOGNISED_VALUE

    def read(self, text: str) -> datetime | None:
        match = _INSTANT.fullmatch(text)
        if match is None:
            raise ValueError(text)
        day, time, fraction, sign, hours, minutes = match.groups()
        if day.startswith("0001-"):
            return None
        read = datetime.fromisoformat(f"{day}T{time or '00:00:00'}")
        read = read.replace(microsecond=int((fraction or "0")[:_MICROSECONDS].ljust(_MICROSECONDS, "0")))
        return _at_home(read.replace(tzinfo=_offset(sign, hours, minutes)))

    def write(self, value: datetime) -> str:
        precision = "microseconds" if value.microsecond % 1000 else "milliseconds"
        return value.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> timezone:
    if sign is None:
        return UTC
    east = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return timezone(east if sign == "+" else -east)


def _at_home(instant: datetime) -> datetime:
    """Return *instant* if it can be told in UTC at all.

    :raises ValueError: at the ends of the calendar
    """
    try:
        instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error
    return instant


@dataclass(frozen=True, slots=True)
class Echo:
    """A timestamp as it came, letter by letter; one that no schema would take is told anew."""

    wrong: ErrorType = ErrorType.UNRECOGNISED_VALUE

    def read(self, text: str) -> str:
        return Text(longest=LONGEST_ID).read(text)

    def write(self, value: str) -> str:
        instant = Instant()
        try:
            read = instant.read(value)
        except ValueError:
            return instant.write(_NEVER)
        return value if _BY_SCHEMA.fullmatch(value) else instant.write(read or _NEVER)


_NEVER = datetime(1, 1, 1, tzinfo=UTC)
#: "not known", where the schema insists on an instant
NOT_KNOWN = Instant().write(_NEVER)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A closed list."""

    of: type[StrEnum]
    wrong: ErrorType = ErrorType.UNRECOGNISED_VALUE

    def read(self, text: str) -> StrEnum:
        return self.of(text)

    def write(self, value: StrEnum) -> str:
        return value.value


@dataclass(frozen=True, slots=True)
class YesNo:
    wrong: ErrorType = ErrorType.UNRECOGNISED_VALUE

    def read(self, text: str) -> bool:
        return {"Y": True, "N": False}[text.upper()] if text.upper() in {"Y", "N"} else _none(text)

    def write(self, value: bool) -> str:  # noqa: FBT001 - the port's signature
        return "Y" if value else "N"


def _none(text: str) -> bool:
    raise ValueError(text)


@dataclass(frozen=True, slots=True)
class Amount:
    wrong: ErrorType = ErrorType.UNRECOGNISED_VALUE

    def read(self, text: str) -> Decimal:
        if not _NUMBER.fullmatch(text):
            raise ValueError(text)
        return Decimal(text)

    def write(self, value: Decimal) -> str:
        return f"{value:f}"


@dataclass(frozen=True, slots=True)
class Whole:
    wrong: ErrorType = ErrorType.UNRECOGNISED_VALUE

    def read(self, text: str) -> int:
        if not _WHOLE.fullmatch(text):
            raise ValueError(text)
        return int(text)

    def write(self, value: int) -> str:
        return str(value)


def shown(text: str) -> str:
    """Return *text* as it may be shown to whoever sent it."""
    return Text(longest=_LONGEST_WRONG).read(text)
