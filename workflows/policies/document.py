"""A place in a parsed file that can say what is wrong with itself."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time

from workflows.errors import NotMoney
from workflows.money import Money
from workflows.timestamps import iso_day

#: the longest period of each unit; what is longer is a slip, and would end behind the last year there is
LONGEST = {"days": 3_660, "months": 120, "semesters": 20, "overnight": 3_660}
PERIOD_UNITS = tuple(LONGEST)
#: as long as a name in the contract is
LONGEST_NAME = 200
#: the most of what is counted, and of hundredths of a currency for a day or an item
MOST, MOST_MONEY = 1_000_000, 100_000_000_000
#: days outside of these are slips, too: what is counted from them would leave the calendar
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(8999, 12, 31)
_HOUR = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong, and where in the file."""

    path: str
    code: str


@dataclass(frozen=True, slots=True)
class Place:
    """A value in a file under its path.

    Checks pass over what is absent; ``null`` counts as absent, except in a list.
    """

    value: object
    path: str = ""
    faults: list[Fault] = field(default_factory=list)
    #: an element of a list, where ``null`` stands for something
    is_element: bool = False

    def __getitem__(self, key: str) -> "Place":
        value = self.value.get(key) if isinstance(self.value, Mapping) else None
        return Place(value, f"{self.path}.{key}" if self.path else key, self.faults)

    @property
    def is_absent(self) -> bool:
        return self.value is None and not self.is_element

    def refuse(self, code: str) -> None:
        self.faults.append(Fault(self.path, code))

    def require(self, *keys: str) -> None:
        for key in keys:
            if self[key].is_absent:
                self[key].refuse("missing_field")

    def is_section(self) -> bool:
        """Tell whether there is a mapping here; anything else that is present is a fault."""
        if isinstance(self.value, Mapping):
            return True
        if not self.is_absent:
            self.refuse("bad_type")
        return False

    def fields(self) -> Iterator[tuple[str, "Place"]]:
        """Return the places of a mapping by key."""
        if self.is_section() and isinstance(self.value, Mapping):
            for key in self.value:
                yield str(key), self[key]

    def rows(self) -> Iterator["Place"]:
        """Return the places of a list."""
        if isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield Place(value, f"{self.path}[{index}]", self.faults, is_element=True)
        elif not self.is_absent:
            self.refuse("bad_type")

    def is_among(self, values: Collection[object]) -> bool:
        # 1 is not True here
        return any(self.value == value and type(self.value) is type(value) for value in values)

    def one_of(self, allowed: Collection[object]) -> None:
        if not self.is_absent and not self.is_among(allowed):
            self.refuse("bad_enum")

    def refers_to(self, known: Collection[str]) -> None:
        if not self.is_absent and not (isinstance(self.value, str) and self.value in known):
            self.refuse("bad_reference")

    def boolean(self) -> None:
        if not self.is_absent and not isinstance(self.value, bool):
            self.refuse("bad_type")

    def text(self) -> None:
        if not self.is_absent and not isinstance(self.value, str):
            self.refuse("bad_type")

    def words(self, most: int, *, may_be_empty: bool = False) -> None:
        """Check that this is a line of text for people, not longer than *most*."""
        self.text()
        told = self.value
        is_good = isinstance(told, str) and len(told) <= most and told.isprintable()
        if isinstance(told, str) and not (is_good and (told.strip() or may_be_empty)):
            self.refuse("bad_text")

    def whole(self, least: int = 0, most: int = MOST) -> None:
        """Check that this is a whole number in its bounds; true and false are none."""
        if not self.is_absent and not is_whole(self.value, least, most):
            self.refuse("bad_type")

    def days(self) -> None:
        """Check that this is a number of days that a date can be moved by."""
        self.whole(most=LONGEST["days"])

    def money(self) -> None:
        if not self.is_absent and minor(self.value) is None:
            self.refuse("bad_money")

    def day(self) -> None:
        if self.is_absent:
            return
        try:
            is_near = _FIRST_DAY <= iso_day(self.value) <= _LAST_DAY
        except ValueError:
            is_near = False
        if not is_near:
            self.refuse("bad_date")

    def hour(self) -> None:
        if not self.is_absent and hour(self.value) is None:
            self.refuse("bad_time")

    def period(self, units: Collection[str] = PERIOD_UNITS) -> None:
        """Check that exactly one known unit is given, with a positive whole number."""
        if self.is_absent:
            return
        if isinstance(self.value, Mapping) and len(self.value) == 1:
            ((unit, count),) = self.value.items()
            if unit in units and is_whole(count, 1, LONGEST[unit]):
                return
        self.refuse("bad_period")

    def hours(self) -> None:
        """Check the opening hours of one day: each "HH:MM-HH:MM", in order and apart."""
        end = time.min
        for row in self.rows():
            stretch = _stretch(row.value)
            if stretch is None:
                row.refuse("bad_time")
            elif stretch[0] < end:
                self.refuse("overlap")
                return
            else:
                end = stretch[1]


def is_whole(value: object, least: int, most: int = MOST) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def minor(value: object) -> int | None:
    """Return a quoted amount in hundredths, None if it is none, negative, or more than anybody asks for."""
    try:
        amount = Money.parse(value, "").minor
    except NotMoney:
        return None
    return None if str(value).startswith("-") or amount > MOST_MONEY else amount


def hour(value: object) -> time | None:
    """Return the time written as "08:00", None if it is not written so."""
    if not isinstance(value, str) or not _HOUR.fullmatch(value):
        return None
    return time.fromisoformat(value)


def _stretch(value: object) -> tuple[time, time] | None:
    if not isinstance(value, str):
        return None
    start, _, end = value.partition("-")
    opens, closes = hour(start), hour(end)
    if opens is None or closes is None or opens >= closes:
        return None
    return opens, closes
