"""What the rules of a policy look at in reader and item, and the kinds of values that its fields have."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workflows.calendars import day_hours
from workflows.citation import CHINESE
from workflows.money import Money
from workflows.policies.document import LONGEST, PERIOD_UNITS, Place
from workflows.policies.forms import (
    FREE,
    TEXT,
    Form,
    Kind,
    Meaning,
    choice,
    named,
    one_or_more,
    rows,
    section,
    told,
)

TYPES = (
    "book", "current_periodical", "bound_periodical", "newspaper", "reference", "local_literature",
    "feature_literature", "thesis", "dissertation", "cd", "video", "dvd", "standard", "rare_book",
    "swap_book", "other_item",
)  # fmt: skip
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: files beside the zones of IANA that the machine reads as well
_NO_ZONES = ("localtime", "posix", "right/", "Factory")
_CURRENCY = re.compile(r"[A-Z]{3}")
_MONEY, _HOUR = r"[0-9]+(\.[0-9]{1,2})?", r"([01][0-9]|2[0-3]):[0-5][0-9]"
_DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"

Unit = Literal["days", "months", "semesters", "overnight"]


@dataclass(frozen=True, slots=True)
class Item:
    """What a policy looks at in a book."""

    type: str = "book"
    language: str = "zh"
    collection: str = "general"
    origin: str = "domestic"
    new_book: bool = False
    part_of_set: bool = False
    restricted_label: bool = False

    @property
    def is_chinese(self) -> bool:
        return self.language in CHINESE

    def trait(self, key: str, category: str) -> object:
        """Return what a condition with this *key* is compared with."""
        if key == "category":
            return category
        if key == "language":
            return "chinese" if self.is_chinese else "foreign"
        return getattr(self, key)


#: an ordinary book, as far as any policy cares
PLAIN_BOOK = Item()


@dataclass(frozen=True, slots=True)
class When:
    """Conditions on reader and item: each key with the values that satisfy it; none at all always holds."""

    conditions: tuple[tuple[str, frozenset[object]], ...] = ()

    def holds(self, item: Item, category: str) -> bool:
        return all(item.trait(key, category) in values for key, values in self.conditions)


@dataclass(frozen=True, slots=True)
class Period:
    unit: Unit
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a policy may refer to: the categories in force, the other policies and the calendars."""

    #: None if they are not known
    categories: frozenset[str] | None
    policies: frozenset[str]
    calendars: frozenset[str]


def whole(least: int = 0, **most: int) -> Kind:
    """Return the kind that is a whole number in its bounds."""
    return Kind(
        check=lambda place, _: place.whole(least, **most), schema={"type": "integer", "minimum": least}
    )


def _text(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{pattern}$"}


def _money(text: str, currency: str) -> Money:
    return Money.parse(text, currency)


def _period(told: Mapping[Unit, int], _: object) -> Period:
    ((unit, count),) = told.items()
    return Period(unit, count)


def _of_units(*units: str) -> dict[str, Any]:
    counts = {unit: {"type": "integer", "minimum": 1} for unit in units}
    return {
        "type": "object",
        "properties": counts,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _check_category(place: Place, known: Known) -> None:
    if known.categories is None:
        place.text()
    else:
        place.refers_to(known.categories)


def _check_zone(zone: Place, _: object) -> None:
    if zone.is_absent:
        return
    try:
        ZoneInfo(zone.value)  # type: ignore[arg-type]  # what is no text is a fault, too
        if str(zone.value).startswith(_NO_ZONES):
            zone.refuse("bad_timezone")
    except (ZoneInfoNotFoundError, ValueError, TypeError, AttributeError, OSError):
        zone.refuse("bad_timezone")


def _check_currency(place: Place, _: object) -> None:
    is_code = isinstance(place.value, str) and _CURRENCY.fullmatch(place.value)
    if not place.is_absent and not is_code:
        place.refuse("bad_currency")


#: what a change of several fields means
LONGER = Meaning("longer", "shorter")
DEARER = Meaning("dearer", "cheaper")
MORE_AT_ONCE = Meaning("more_at_once", "fewer_at_once", unlimited=True)

_a_text = {"type": "string"}
COUNT = named("whole", whole())
DAYS = named("whole", replace(whole(), check=lambda place, _: place.days(), absent=0))
MONTHS = named("whole", whole(most=LONGEST["months"]))
MONEY = named(
    "money",
    Kind(check=lambda place, _: place.money(), read=_money, schema=_text(_MONEY)),
    "A quoted decimal with at most two decimals; null: not stated.",
)
FACTOR = replace(MONEY, read=lambda text, _: Decimal(text))
DAY = named(
    "day",
    Kind(
        check=lambda place, _: place.day(),
        read=lambda text, _: date.fromisoformat(text),
        schema=_text(_DAY),
    ),
    "A quoted ISO date.",
)
HOUR = named(
    "hour",
    Kind(
        check=lambda place, _: place.hour(),
        read=lambda text, _: time.fromisoformat(text),
        schema=_text(_HOUR),
    ),
)
HOURS = named(
    "hours",
    Kind(
        check=lambda place, _: place.hours(),
        read=lambda texts, _: day_hours(texts),
        schema={"type": "array", "items": _text(f"{_HOUR}-{_HOUR}")},
    ),
    "Opening hours of a day; [] is closed.",
)
WEEKDAY = replace(choice(*WEEKDAYS), read=lambda day, _: WEEKDAYS.index(day))
PERIOD = named(
    "period",
    Kind(
        check=lambda place, _: place.period(),
        read=_period,
        schema=_of_units(*PERIOD_UNITS),
        means=LONGER,
    ),
    "Exactly one unit with a positive whole number.",
)
IN_MONTHS = Kind(
    check=lambda place, _: place.period(["months"]),
    read=lambda told, _: told["months"],
    schema=_of_units("months"),
)
ZONE = Kind(check=_check_zone, schema=_a_text)
CURRENCY = Kind(check=_check_currency, schema=_text(_CURRENCY.pattern))
#: what people read, or what must stand in another file: nothing is asked of it here
NOTE = replace(FREE, schema=_a_text)
CATEGORY = Kind(check=_check_category, schema=_a_text)
LIBRARY = Kind(check=lambda place, known: place.refers_to(known.policies), schema=_a_text)
CALENDAR = Kind(check=lambda place, known: place.refers_to(known.calendars), schema=_a_text)
HOLIDAYS = named("holidays", rows(choice("winter", "summer"), read_as=frozenset))


def _when(category: Kind) -> Kind:
    either = choice(*(True, False))
    kinds = {
        "category": category,
        "collection": TEXT,
        "type": choice(*TYPES),
        "language": choice("chinese", "foreign"),
        "origin": choice("domestic", "foreign"),
        "new_book": either,
        "part_of_set": either,
        "restricted_label": either,
    }
    form = section(Form(fields={key: told(one_or_more(kind)) for key, kind in kinds.items()}))
    return named(
        "when",
        replace(form, read=_conditions, absent=When()),
        "All given keys must match; a list means any of; {} matches everything.",
    )


def _conditions(row: Mapping[str, Any], _: object) -> When:
    return When(
        tuple((key, frozenset(value if isinstance(value, list) else [value])) for key, value in row.items())
    )


WHEN = _when(CATEGORY)
#: where the categories are another library's
WHEN_ELSEWHERE = _when(TEXT)
