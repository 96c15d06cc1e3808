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
    FREE,
    NAME,
    TEXT,
    Form,
    Meaning,
    choice,
    flag,
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


#: what another order of rules means
_FIRST_DECIDES = "first_rule_decides"
_CHANNEL = replace(FREE, read=lambda value, _: value == "phone_call", absent=False)
_HOLIDAYS = section(
    Form(fields={"holidays": told(HOLIDAYS, attribute="holidays")}, build=lambda holidays: holidays)
)
_QUOTA = Form(
    fields={
        "monthly": told(
            COUNT,
            "In a calendar month.",
            required=True,
            attribute="monthly",
            means=Meaning("more_requests", "fewer_requests", unlimited=True),
        )
    },
    build=lambda monthly: monthly,
)


@record
class Policy:
    """The terms of one library or consortium, with everything it inherits, in one version."""

    #: changes with every word of the resolved file
    version: str
    calendar: LibraryCalendar
    id: str = told(TEXT, required=True, means="another_library")
    name: str = told(NAME, required=True, means="information")
    kind: Literal["library", "consortium"] = told(choice("library", "consortium"), required=True)
    currency: str = told(
        CURRENCY, "ISO 4217; fines are never converted.", required=True, means="not_converted"
    )
    categories: Mapping[str, Category] = told(
        CATEGORIES, "Categories of readers by id.", each="other_borrowers"
    )
    default_category: str = told(
        NOTE, "Category of a reader who comes through the brokerage.", means="terms_of_that_category"
    )
    special_collections: frozenset[str] = told(
        rows(TEXT, read_as=frozenset),
        "Collections open only to categories whose limits name them.",
        means="closed_to_others",
    )
    clock: Clock = told(section(form_of(Clock)), "How the days of a loan are counted.", unsaid={})
    lendability: tuple[LendingRule, ...] = told(
        rows(section(LENDING_RULE), told_by=("when",), beside=_check_catch_all),
        "The first matching rule decides; the last must have when: {}.",
        means=_FIRST_DECIDES,
        each="judged_by_it",
    )
    loan_rules: tuple[LoanRule, ...] = told(
        rows(section(form_of(LoanRule)), told_by=("id",)),
        "The first matching rule decides.",
        means=_FIRST_DECIDES,
        each="another_period",
    )
    renewal: Renewal = told(section(RENEWAL))
    fine: FineTerms = told(section(form_of(FineTerms)), "What late days cost.")
    recall: RecallTerms = told(section(RECALL))
    grace: tuple[HolidayGrace | TermGrace, ...] = told(
        rows(section(GRACE), told_by=("kind", "holidays")),
        "What falls due in a holiday, or at the end of a term, is due later.",
        means="longer",
        each="another_due_date",
    )
    bulk_extensions: tuple[BulkExtension, ...] = told(
        rows(section(EXTENSION), told_by=("id",)),
        "Loans issued in these days are due later.",
        each="named_loans_move",
    )
    due_before_holidays: frozenset[str] = told(
        _HOLIDAYS,
        "Loans are due no later than the day before, less return_allowance_days.",
        name="due_before_holiday",
        means="due_earlier",
    )
    processing_stops: frozenset[str] = told(
        _HOLIDAYS, "Holidays in which no request is taken.", means="to_other_lenders"
    )
    monthly_quota: int | None = told(
        section(_QUOTA), "Requests that are taken from the whole system.", name="quota"
    )
    prefers_foreign: bool = told(
        choice("foreign", flag="foreign"),
        "For Chinese items this lender is asked last.",
        name="prefers_language",
        means="asked_last_for_chinese",
    )
    accepts_same_day_return: bool = told(
        choice(accept="same_day_taken", refuse="same_day_refused", flag="accept"),
        name="same_day_return",
        unsaid="accept",
    )
    block_when_overdue: bool = told(
        flag("late_stops_loans", "late_ignored"),
        "Nothing more is lent while one of its loans is overdue.",
        unsaid=False,
    )
    hold_shelf: HoldShelf = told(section(form_of(HoldShelf)), unsaid={})
    pickup: Mapping[str, PickupSite] = told(
        names(section(PICKUP_SITE)), "When books come to a desk, by site.", each="another_delivery"
    )
    compensation: Mapping[str, CompensationTerms] = told(
        COMPENSATION, "What is owed, by case: loss, stain, unreadable, cut, theft.", each="owed_otherwise"
    )
    suspensions: Mapping[str, SuspensionTerms] = told(
        SUSPENSIONS, "For how long a reader borrows nothing, by case.", each="suspended_otherwise"
    )
    borrowing: Borrowing = told(
        section(form_of(Borrowing)), "For readers of this library.", means="judged_by_it"
    )
    loan_cards: CardTerms | None = told(section(CARDS), means="other_card_terms")
    #: the desk tells its patrons by telephone (R-BJTU-10)
    calls_patrons: bool = told(_CHANNEL, "For people.", name="notice_channel", means="information")
    sources: tuple[str, ...] = told(rows(TEXT), "Where the rules come from.", means="information")
    #: paths that the sources do not state
    assumed: tuple[str, ...] = told(
        rows(NAME), "Paths in this file that the sources do not state.", means="explanations_say_so"
    )

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
        "inherits": told(
            NOTE, "Id of the policy from which every section missing here is taken whole.", means="said_there"
        ),
        "timezone": told(
            ZONE, "IANA time zone; all days are counted in it.", required=True, means="other_days"
        ),
        "calendar": told(CALENDAR, "Id of a calendar file.", required=True, means="other_calendar"),
        "opening_hours": told(
            section(_HOURS), "Start included, end excluded.", required=True, means="other_hours"
        ),
        "service_fee": told(MONEY, "For people.", means="information"),
        **{
            key: told(FREE, "For people.", means="information")
            for key in ("contacts", "registration", "notices", "members")
        },
    },
)
