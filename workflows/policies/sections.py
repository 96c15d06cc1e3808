"""The sections of a policy file: the fields of each, and the record that it is read into."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any, Literal

from workflows.money import Money
from workflows.policies.conditions import (
    CATEGORY,
    COUNT,
    DAY,
    DAYS,
    DEARER,
    HOLIDAYS,
    HOUR,
    LIBRARY,
    LONGER,
    MONEY,
    MORE_AT_ONCE,
    PERIOD,
    WEEKDAY,
    WHEN,
    WHEN_ELSEWHERE,
    Period,
    When,
    whole,
)
from workflows.policies.document import Place, is_whole
from workflows.policies.forms import (
    FREE,
    NAME,
    TEXT,
    Form,
    Meaning,
    Need,
    choice,
    flag,
    form_of,
    names,
    record,
    rows,
    section,
    told,
)

ClockStart = Literal["shipped", "arrived", "notified", "handover"]
_DAY_CHARGED = choice(started="day_begun_charged", full="day_completed_charged", flag="full")


@record
class Clock:
    starts: ClockStart = told(
        choice(handover="from_handover", notified="from_notice", arrived="from_arrival"),
        "The event whose date is day 0.",
        unsaid="handover",
    )
    #: the clock runs from the lender's door to the lender's door, and transfers do not stop it
    logistics_included: bool = told(
        choice(excluded="road_not_counted", included="road_counted", flag="included"),
        "Whether days on the road count.",
        name="logistics",
        unsaid="excluded",
    )
    moves_to_open_day: bool = told(
        choice(keep="date_stays", next_open_day="date_moves", flag="next_open_day"),
        "What a due date does when the desk is closed.",
        name="due_on_closed_day",
        unsaid="keep",
    )
    outbound_days: int = told(
        DAYS,
        "Days allowed for the way out.",
        name="outbound_allowance_days",
        required=True,
        means="lender_date_moves",
    )
    return_days: int = told(
        DAYS,
        "Days allowed for the way back.",
        name="return_allowance_days",
        required=True,
        means="lender_and_holiday_dates_move",
    )

    @property
    def start(self) -> ClockStart:
        """Names the event whose date is day 0."""
        return "shipped" if self.logistics_included else self.starts


@record
class Category:
    label: str = told(TEXT, "What people read.", means="information")
    limits: Mapping[str, int] = told(
        names(COUNT),
        '"total" or a collection with the number of items at once; absent: no limit stated.',
        each=MORE_AT_ONCE,
    )


CATEGORIES = names(
    section(form_of(Category)), may_be_null=False, completed=lambda name, row: {"label": name, **row}
)


_LENT = choice(yes="lent", no="no_longer_lent", permission="permission_first")


@record
class LendingRule:
    when: When = told(WHEN)
    lend: Literal["yes", "no", "permission"] = told(_LENT, required=True)
    #: the refusal; empty when it lends
    code: str = told(TEXT, "The refusal.", unsaid="", means="information")


LENDING_RULE = form_of(
    LendingRule,
    {"note": told(FREE, "For people.")},
    needs=(Need(where="lend", has=("no", "permission"), fields=("code",)),),
)


@record
class LoanRule:
    id: str = told(NAME, required=True)
    when: When = told(WHEN, means="period_for_others")
    period: Period = told(PERIOD, required=True, means=replace(LONGER, other="counted_another_way"))


@record
class Renewal:
    max_count: int = told(
        COUNT,
        "How often a loan is renewed.",
        unsaid=0,
        means=Meaning("more_renewals", "fewer_renewals", values={0: "no_renewals"}),
    )
    #: None where the library states none: then nothing is renewed
    period: Period | None = told(PERIOD, "How long each time; necessary where it is renewed.")
    from_renewal_date: bool = told(
        choice(due_date="early_costs_nothing", renewal_date="early_loses_days", flag="renewal_date"),
        "What the period counts from.",
        name="from",
        unsaid="due_date",
    )
    advance_days: int = told(
        DAYS, "Days before the due date by which to ask.", unsaid=0, means=Meaning("ask_earlier", "ask_later")
    )
    when: When = told(WHEN, "Items that can be renewed.", means="others_renewable")
    allow_on_hold: bool = told(
        flag("reservation_ignored", "reservation_stops"), "Also while another reader waits.", unsaid=False
    )


def _check_renewal(renewal: Place, _: object) -> None:
    if is_whole(renewal["max_count"].value, 1):
        renewal.require("period")


RENEWAL = form_of(Renewal, {"channels": told(rows(TEXT), "How to ask; for people.")}, beside=_check_renewal)


@record
class FineTerms:
    #: per day; None where the library states none
    rate: Money | None = told(
        MONEY, "For a late day; not stated: the amount is null.", means=replace(DEARER, other="staff_decide")
    )
    full_days: bool = told(_DAY_CHARGED, "Which late day counts.", name="day", unsaid="started")
    grace_days: int = told(DAYS, "Late days that cost nothing.", unsaid=0, means=Meaning("cheaper", "dearer"))
    cap_per_item: Money | None = told(MONEY, "The most for one item.", means=replace(DEARER, unlimited=True))
    cap_per_card: Money | None = told(
        MONEY, "The most that a reader's unpaid fines there come to.", means=replace(DEARER, unlimited=True)
    )
    count_closed_days: bool = told(
        flag("dearer", "closed_days_free"), "Days count when the return desk is closed.", unsaid=True
    )
    accompanying: bool = told(
        flag("pieces_cost", "cheaper"), "Each accompanying piece is fined as an item.", unsaid=False
    )


@record
class RecallTerms:
    allowed: bool = told(
        flag("may_end_earlier", "date_certain"),
        "The lender may ask for a book before it is due.",
        unsaid=False,
    )
    notice_days: int = told(
        DAYS,
        "Days left then; necessary where it is allowed.",
        means=Meaning("recall_longer", "recall_shorter"),
    )


_SOME_CATEGORIES = replace(rows(CATEGORY, read_as=frozenset), absent=None)


@record
class HolidayGrace:
    holidays: frozenset[str] = told(HOLIDAYS)
    #: None means every category
    categories: frozenset[str] | None = told(_SOME_CATEGORIES, "Absent: all.")
    days_after: int = told(DAYS, means=LONGER)


@record
class TermGrace:
    days_into_next_term: int = told(DAYS, means=LONGER)


def _grace(kind: str, days_into_next_term: int, **holiday: Any) -> HolidayGrace | TermGrace:
    return TermGrace(days_into_next_term) if kind == "end_of_term" else HolidayGrace(**holiday)


GRACE = Form(
    fields={
        "kind": told(choice("holiday", "end_of_term"), required=True, attribute="kind"),
        **form_of(HolidayGrace).fields,
        **form_of(TermGrace).fields,
    },
    build=_grace,
    needs=(
        Need(where="kind", has=("holiday",), fields=("holidays", "days_after")),
        Need(where="kind", has=("end_of_term",), fields=("days_into_next_term",)),
    ),
)


@record
class BulkExtension:
    id: str = told(TEXT, unsaid="")
    issued_after: date | None = told(DAY, "That day excluded.")
    issued_from: date | None = told(DAY, "That day included.")
    issued_until: date | None = told(DAY, "That day included.")
    new_due: date = told(DAY, required=True, means=LONGER)
    exclude_lenders: frozenset[str] = told(rows(LIBRARY, read_as=frozenset))


@record
class HoldShelf:
    days: int = told(
        DAYS,
        "How long a book waits for its reader.",
        required=True,
        means=Meaning("collect_longer", "collect_shorter"),
    )
    count_opening_days: bool = told(
        choice(opening_days="open_days_count", calendar_days="every_day_counts", flag="opening_days"),
        "Which days count; an end by the calendar moves to the next opening day.",
        name="count",
        required=True,
    )


@record
class PickupSite:
    cutoff: time | None = told(HOUR, "What is applied for later comes later.")
    opening_days: int = told(DAYS, "Opening days until it is there.", required=True)
    opening_days_after_cutoff: int = told(DAYS, "The same after the cut-off; absent: no more.")
    #: 0 is Monday
    weekday: int | None = told(WEEKDAY, "The only day on which it is brought.")


PICKUP_SITE = form_of(
    PickupSite, completed=lambda row: {"opening_days_after_cutoff": row["opening_days"], **row}
)


@record
class LenderPeriod:
    lender: str = told(LIBRARY, required=True)
    when: When = told(WHEN_ELSEWHERE)
    period: Period = told(PERIOD, required=True)


@record
class Borrowing:
    max_items: int | None = told(COUNT, "Items at once.", means=MORE_AT_ONCE)
    default_period: Period | None = told(PERIOD, "Holds only where the lender states none.")
    lender_periods: tuple[LenderPeriod, ...] = told(
        rows(section(form_of(LenderPeriod)), told_by=("lender", "when")),
        "For one lender, where it ends earlier.",
        each="earlier_date_applies",
    )


@record
class CardFine:
    rate: Money | None = told(MONEY, "For a late day.", means=DEARER)
    full_days: bool = told(_DAY_CHARGED, "Which late day counts.", name="day", unsaid="started")


@record
class CardTerms:
    max_per_reader: int = told(
        whole(1), "Cards at once.", required=True, means=replace(MORE_AT_ONCE, unlimited=False)
    )
    period: Period = told(PERIOD, required=True)
    fine: CardFine = told(section(form_of(CardFine)))
    #: what the bearer may do at the library that the card is of
    rights: tuple[str, ...] = told(rows(TEXT), "What the bearer may do at the card's library.")


CARDS = form_of(CardTerms, {"book_loan_period": told(TEXT, "For people.")})


RECALL = form_of(RecallTerms, needs=(Need(where="allowed", has=(True,), fields=("notice_days",)),))
EXTENSION = form_of(BulkExtension, {"note": told(FREE, "For people.")})
