"""A place in a parsed file that can say what is wrong with itself."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time

from workflows.errors import NotMoney
from workflows.money import Money
from workflows.timestamps import iso_day

PERIOD_UNITS = ("days", "months", "semesters", "overnight")
_HOUR = re.compile(r"[0-9]{2}:[0-9]{2}")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong, and where in the file."""

    path: str
    code: str


@dataclass(frozen=True, slots=True)
class Place:
    """A value in a file under its path. Checks pass over what is absent; ``null`` counts as absent."""

    value: object
    path: str = ""
    faults: list[Fault] = field(default_factory=list)

    def __getitem__(self, key: str) -> "Place":
        value = self.value.get(key) if isinstance(self.value, Mapping) else None
        return Place(value, f"{self.path}.{key}" if self.path else key, self.faults)

    @property
    def is_absent(self) -> bool:
        return self.value is None

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
                yield Place(value, f"{self.path}[{index}]", self.faults)
        elif not self.is_absent:
            self.refuse("bad_type")

    def one_of(self, allowed: Collection[object]) -> None:
        # 1 is not True here
        known = any(self.value == value and type(self.value) is type(value) for value in allowed)
        if not self.is_absent and not known:
            self.refuse("bad_enum")

    def listed(self, allowed: Collection[object]) -> None:
        """Check that this is a list of known values."""
        for row in self.rows():
            if row.is_absent:
                row.refuse("bad_enum")
            row.one_of(allowed)

    def refers_to(self, known: Collection[str]) -> None:
        if not self.is_absent and not (isinstance(self.value, str) and self.value in known):
            self.refuse("bad_reference")

    def boolean(self) -> None:
        if not self.is_absent and not isinstance(self.value, bool):
            self.refuse("bad_type")

    def text(self) -> None:
        if not self.is_absent and not isinstance(self.value, str):
            self.refuse("bad_type")

    def whole(self, least: int = 0) -> None:
        """Check that this is a whole number; true and false are none."""
        if not self.is_absent and not is_whole(self.value, least):
            self.refuse("bad_type")

    def money(self) -> None:
        if not self.is_absent and minor(self.value) is None:
            self.refuse("bad_money")

    def day(self) -> None:
        if self.is_absent:
            return
        try:
            iso_day(self.value)
        except ValueError:
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
            if unit in units and is_whole(count, 1):
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


def is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def minor(value: object) -> int | None:
    """Return a quoted amount in hundredths, None if it is no amount or negative."""
    try:
        amount = Money.parse(value, "").minor
    except NotMoney:
        return None
    return None if str(value).startswith("-") else amount


def hour(value: object) -> time | None:
    """Return the time written as "08:00", None if it is not written so."""
    if not isinstance(value, str) or not _HOUR.fullmatch(value):
        return None
    try:
        return time.fromisoformat(value)
    except ValueError:
        return None


def _stretch(value: object) -> tuple[time, time] | None:
    if not isinstance(value, str):
        return None
    start, _, end = value.partition("-")
    opens, closes = hour(start), hour(end)
    if opens is None or closes is None or opens >= closes:
        return None
    return opens, closes
