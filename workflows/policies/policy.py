"""The terms of one library: the fields of a policy file, and the record that it is read into."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from workflows.calendars import LibraryCalendar
from workflows.money import Money
from workflows.policies.compensation_terms import (
    COMPENSATION,
    SUSPENSIONS,
    CompensationTerms,
    SuspensionTerms,
)
from workflows.policies.conditions import (
    CALENDAR,
    COUNT,
    CURRENCY,
    HOLIDAYS,
    HOURS,
    MONEY,
    NOTE,
    WEEKDAYS,
    ZONE,
    Item,
)
from workflows.policies.document import Place
from workflows.policies.forms import (
    FLAG,
    FREE,
    NAME,
    TEXT,
    Form,
    choice,
    form_of,
    names,
    record,
    rows,
    section,
    told,
)
from workflows.policies.sections import (
    CARDS,
    CATEGORIES,
    EXTENSION,
    GRACE,
    LENDING_RULE,
    PICKUP_SITE,
    RECALL,
    RENEWAL,
    Borrowing,
    BulkExtension,
    CardTerms,
    Category,
    Clock,
    FineTerms,
    HoldShelf,
    HolidayGrace,
    LendingRule,
    LoanRule,
    PickupSite,
    RecallTerms,
    Renewal,
    TermGrace,
)


def _check_catch_all(rules: Place, _: object) -> None:
    if isinstance(rules.value, list) and (not rules.value or Place(rules.value[-1])["when"].value != {}):
        rules.refuse("missing_catch_all")


_CHANNEL = replace(FREE, read=lambda value, _: value == "phone_call", absent=False)
_HOLIDAYS = section(
    Form(fields={"holidays": told(HOLIDAYS, attribute="holidays")}, build=lambda holidays: holidays)
)
_QUOTA = Form(
    fields={"monthly": told(COUNT, "In a calendar month.", required=True, attribute="monthly")},
    build=lambda monthly: monthly,
)


@record
class Policy:
    """The terms of one library or consortium, with everything it inherits, in one version."""

    #: changes with every word of the resolved file
    version: str
    calendar: LibraryCalendar
    id: str = told(TEXT, required=True)
    name: str = told(NAME, required=True)
    kind: Literal["library", "consortium"] = told(choice("library", "consortium"), required=True)
    currency: str = told(CURRENCY, "ISO 4217; fines are never converted.", required=True)
    categories: Mapping[str, Category] = told(CATEGORIES, "Categories of readers by id.")
    default_category: str = told(NOTE, "Category of a reader who comes through the brokerage.")
    special_collections: frozenset[str] = told(
        rows(TEXT, read_as=frozenset), "Collections open only to categories whose limits name them."
    )
    clock: Clock = told(section(form_of(Clock)), "How the days of a loan are counted.", unsaid={})
    lendability: tuple[LendingRule, ...] = told(
        rows(section(LENDING_RULE), told_by=("when",), beside=_check_catch_all),
        "The first matching rule decides; the last must have when: {}.",
    )
    loan_rules: tuple[LoanRule, ...] = told(
        rows(section(form_of(LoanRule)), told_by=("id",)), "The first matching rule decides."
    )
    renewal: Renewal = told(section(RENEWAL))
    fine: FineTerms = told(section(form_of(FineTerms)), "What late days cost.")
    recall: RecallTerms = told(section(RECALL))
    grace: tuple[HolidayGrace | TermGrace, ...] = told(
        rows(section(GRACE), told_by=("kind", "holidays")),
        "What falls due in a holiday, or at the end of a term, is due later.",
    )
    bulk_extensions: tuple[BulkExtension, ...] = told(
        rows(section(EXTENSION), told_by=("id",)), "Loans issued in these days are due later."
    )
    due_before_holidays: frozenset[str] = told(
        _HOLIDAYS,
        "Loans are due no later than the day before, less return_allowance_days.",
        name="due_before_holiday",
    )
    processing_stops: frozenset[str] = told(_HOLIDAYS, "Holidays in which no request is taken.")
    monthly_quota: int | None = told(
        section(_QUOTA), "Requests that are taken from the whole system.", name="quota"
    )
    prefers_foreign: bool = told(
        choice("foreign", flag="foreign"),
        "For Chinese items this lender is asked last.",
        name="prefers_language",
    )
    accepts_same_day_return: bool = told(
        choice("accept", "refuse", flag="accept"), name="same_day_return", unsaid="accept"
    )
    block_when_overdue: bool = told(
        FLAG, "Nothing more is lent while one of its loans is overdue.", unsaid=False
    )
    hold_shelf: HoldShelf = told(section(form_of(HoldShelf)), unsaid={})
    pickup: Mapping[str, PickupSite] = told(
        names(section(PICKUP_SITE)), "When books come to a desk, by site."
    )
    compensation: Mapping[str, CompensationTerms] = told(
        COMPENSATION, "What is owed, by case: loss, stain, unreadable, cut, theft."
    )
    suspensions: Mapping[str, SuspensionTerms] = told(
        SUSPENSIONS, "For how long a reader borrows nothing, by case."
    )
    borrowing: Borrowing = told(section(form_of(Borrowing)), "For readers of this library.")
    loan_cards: CardTerms | None = told(section(CARDS))
    #: the desk tells its patrons by telephone (R-BJTU-10)
    calls_patrons: bool = told(_CHANNEL, "For people.", name="notice_channel")
    sources: tuple[str, ...] = told(rows(TEXT), "Where the rules come from.")
    #: paths that the sources do not state
    assumed: tuple[str, ...] = told(rows(NAME), "Paths in this file that the sources do not state.")

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


_HOURS = Form(fields={day: told(HOURS, required=True) for day in WEEKDAYS})
POLICY = form_of(
    Policy,
    {
        "schema": told(choice(1), "Version of this format.", required=True),
        "inherits": told(NOTE, "Id of the policy from which every section missing here is taken whole."),
        "timezone": told(ZONE, "IANA time zone; all days are counted in it.", required=True),
        "calendar": told(CALENDAR, "Id of a calendar file.", required=True),
        "opening_hours": told(section(_HOURS), "Start included, end excluded.", required=True),
        "service_fee": told(MONEY, "For people."),
        **{key: told(FREE, "For people.") for key in ("contacts", "registration", "notices", "members")},
    },
)
