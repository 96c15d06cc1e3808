"""The terms of one library as typed records: what a policy file says once it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Literal

from workflows.calendars import LibraryCalendar
from workflows.citation import CHINESE
from workflows.money import Money

Unit = Literal["days", "months", "semesters", "overnight"]
ClockStart = Literal["shipped", "arrived", "notified", "handover"]


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


@dataclass(frozen=True, slots=True)
class Clock:
    #: the event whose date is day 0
    start: ClockStart
    #: the clock runs from the lender's door to the lender's door, and transfers do not stop it
    logistics_included: bool
    moves_to_open_day: bool
    outbound_days: int
    return_days: int


@dataclass(frozen=True, slots=True)
class Category:
    id: str
    label: str
    #: "total", or a collection, with the number of items at once
    limits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LendingRule:
    when: When
    lend: Literal["yes", "no", "permission"]
    #: the refusal; empty when it lends
    code: str


@dataclass(frozen=True, slots=True)
class LoanRule:
    id: str
    when: When
    period: Period


@dataclass(frozen=True, slots=True)
class Renewal:
    max_count: int
    #: None where the library states none: then nothing is renewed
    period: Period | None
    from_renewal_date: bool
    advance_days: int
    when: When
    allow_on_hold: bool


@dataclass(frozen=True, slots=True)
class FineTerms:
    #: per day; None where the library states none
    rate: Money | None
    full_days: bool
    grace_days: int
    cap_per_item: Money | None
    cap_per_card: Money | None
    count_closed_days: bool
    accompanying: bool


@dataclass(frozen=True, slots=True)
class RecallTerms:
    allowed: bool
    notice_days: int


@dataclass(frozen=True, slots=True)
class HolidayGrace:
    holidays: frozenset[str]
    #: None means every category
    categories: frozenset[str] | None
    days_after: int


@dataclass(frozen=True, slots=True)
class TermGrace:
    days_into_next_term: int


@dataclass(frozen=True, slots=True)
class BulkExtension:
    id: str
    issued_after: date | None
    issued_from: date | None
    issued_until: date | None
    new_due: date
    exclude_lenders: frozenset[str]


@dataclass(frozen=True, slots=True)
class HoldShelf:
    days: int
    count_opening_days: bool


@dataclass(frozen=True, slots=True)
class PickupSite:
    cutoff: time | None
    opening_days: int
    opening_days_after_cutoff: int
    #: 0 is Monday
    weekday: int | None


@dataclass(frozen=True, slots=True)
class Replacement:
    editions: frozenset[str]
    deadline_months: int | None
    fee_per_volume: Money


@dataclass(frozen=True, slots=True)
class Charge:
    """What is paid for a damaged or lost item: a multiple of a price, an amount, or a reference."""

    when: When
    basis: str | None = None
    #: equal when the multiple is fixed
    factor_min: Decimal = Decimal(1)
    factor_max: Decimal = Decimal(1)
    amount_min: Money | None = None
    amount_max: Money | None = None
    refer: str | None = None
    plus: tuple[tuple[str, Decimal], ...] = ()
    keep_remainder: str | None = None
    cash_if_unavailable: bool | None = None


@dataclass(frozen=True, slots=True)
class CompensationTerms:
    treated_as: str | None = None
    replacement: Replacement | None = None
    cash_if_unavailable: bool = False
    suspends: bool = False
    waived_if: str | None = None
    reference_price: bool = False
    charges: tuple[Charge, ...] = ()
    recover_item: bool = False


@dataclass(frozen=True, slots=True)
class SuspensionTerms:
    #: None where the case sets no months: staff decide, or it lasts until settled
    months_min: int | None
    months_max: int | None
    #: it takes the library's card away for good
    cancels_card: bool = False


@dataclass(frozen=True, slots=True)
class LenderPeriod:
    lender: str
    when: When
    period: Period


@dataclass(frozen=True, slots=True)
class Borrowing:
    max_items: int | None = None
    default_period: Period | None = None
    lender_periods: tuple[LenderPeriod, ...] = ()


@dataclass(frozen=True, slots=True)
class CardTerms:
    max_per_reader: int
    period: Period
    rate: Money | None
    full_days: bool
    #: what the bearer may do at the library that the card is of
    rights: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """The terms of one library or consortium, with everything it inherits, in one version."""

    id: str
    #: changes with every word of the resolved file
    version: str
    name: str
    kind: Literal["library", "consortium"]
    currency: str
    calendar: LibraryCalendar
    clock: Clock
    categories: Mapping[str, Category]
    default_category: str
    special_collections: frozenset[str]
    lendability: tuple[LendingRule, ...]
    loan_rules: tuple[LoanRule, ...]
    renewal: Renewal
    fine: FineTerms
    recall: RecallTerms
    grace: tuple[HolidayGrace | TermGrace, ...]
    bulk_extensions: tuple[BulkExtension, ...]
    due_before_holidays: frozenset[str]
    processing_stops: frozenset[str]
    monthly_quota: int | None
    prefers_foreign: bool
    accepts_same_day_return: bool
    block_when_overdue: bool
    hold_shelf: HoldShelf
    pickup: Mapping[str, PickupSite]
    compensation: Mapping[str, CompensationTerms]
    suspensions: Mapping[str, SuspensionTerms]
    borrowing: Borrowing
    loan_cards: CardTerms | None
    #: the desk tells its patrons by telephone (R-BJTU-10)
    calls_patrons: bool
    sources: tuple[str, ...]
    #: paths that the sources do not state
    assumed: tuple[str, ...]

    @property
    def edition(self) -> str:
        """Names this version together with that of the calendar: what a loan keeps."""
        return f"{self.version}.{self.calendar.almanac.version}"

    @property
    def zero(self) -> Money:
        return Money(self.currency, 0)

    def loan_rule(self, item: Item, category: str) -> LoanRule | None:
        """Return the first rule that fits; the order in the file decides."""
        return next((rule for rule in self.loan_rules if rule.when.holds(item, category)), None)

    def lending_rule(self, item: Item, category: str) -> LendingRule | None:
        return next((rule for rule in self.lendability if rule.when.holds(item, category)), None)
