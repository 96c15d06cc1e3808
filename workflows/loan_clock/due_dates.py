"""From a period to a due date: the counting, and the rules that move a date afterwards."""

from datetime import date, timedelta

from workflows.calendars import LibraryCalendar
from workflows.errors import InvalidCase
from workflows.loan_clock.case import DueStep, LoanCase, StepName
from workflows.loan_clock.transit import Road
from workflows.policies.conditions import Period
from workflows.policies.policy import Policy
from workflows.policies.sections import BulkExtension, HolidayGrace, TermGrace
from workflows.timestamps import ONE_DAY, add_months


def period_end(period: Period, start: date, *, road: Road, calendar: LibraryCalendar) -> date:
    """Return the last day of *period*, not counting days on the road; *start* is day 0.

    A semester and a night end on fixed dates, which no time on the road moves.

    :raises InvalidCase: ``calendar_gap`` if the calendar does not reach that far
    """
    if period.unit == "days":
        return road.nth_day(start, period.count)
    if period.unit == "months":
        return road.nth_day(start, (add_months(start, period.count) - start).days)
    if period.unit == "semesters":
        end = calendar.nth_term_end(start, period.count)
    else:
        end = calendar.add_opening_days(start, period.count)
    if end is None:
        raise InvalidCase("calendar_gap", calendar=calendar.almanac.id, day=start.isoformat())
    return end


def first_steps(case: LoanCase, start: date, road: Road) -> tuple[DueStep, ...]:
    """Return how the first due date of a loan that starts on *start* comes about; the last step holds it.

    :raises InvalidCase: ``no_loan_rule`` or ``calendar_gap``
    """
    name, period = loan_period(case)
    almanac = case.lender.calendar.almanac
    if start < almanac.coverage.first:
        raise InvalidCase("calendar_gap", calendar=almanac.id, day=start.isoformat())
    steps = [DueStep("period", period_end(period, start, road=road, calendar=case.lender.calendar), name)]
    shorter = _borrower_period(case)
    if shorter is not None:
        due = period_end(shorter, start, road=road, calendar=case.lender.calendar)
        if due < steps[0].due:
            steps.append(DueStep("borrower_period", due))
    steps += moved(case, start, issued=start, due=steps[-1].due)
    return tuple(steps)


def loan_period(case: LoanCase) -> tuple[str, Period]:
    """Return the name of the period rule and the period: the lender's, else the borrower's default.

    :raises InvalidCase: ``no_loan_rule`` if neither has one
    """
    rule = case.lender.loan_rule(case.item, case.category)
    if rule is not None:
        return rule.id, rule.period
    if case.home is None or case.home.borrowing.default_period is None:
        raise InvalidCase("no_loan_rule", policy=case.lender.id)
    return "default_period", case.home.borrowing.default_period


def moved(case: LoanCase, start: date, *, issued: date, due: date) -> list[DueStep]:
    """Return the steps that move a due date counted from *start*: holiday, grace, extension, closed day."""
    lender = case.lender
    steps: list[DueStep] = []

    def step(name: StepName, new: date, rule: str | None = None) -> None:
        nonlocal due
        if new != due:
            due = new
            steps.append(DueStep(name, due, rule))

    if lender.due_before_holidays:
        step("before_holiday", _before_holiday(lender, start, due))
    for grace in lender.grace:
        if isinstance(grace, HolidayGrace):
            step("holiday_grace", _holiday_grace(lender, grace, case.category, due))
        else:
            step("term_grace", _term_grace(lender, grace, start, due))
    for extension in lender.bulk_extensions:
        if applies(extension, lender.id, issued):
            step("bulk_extension", max(due, extension.new_due), extension.id or None)
    for amendment in case.amended_before:
        step("bulk_extension", max(due, amendment.due))
    if lender.clock.moves_to_open_day:
        step("next_open_day", case.desk.calendar.opening_day_from(due) or due)
    return steps


def _borrower_period(case: LoanCase) -> Period | None:
    """Return the term that the reader's own library sets for books of this lender."""
    if case.home is None:
        return None
    for entry in case.home.borrowing.lender_periods:
        if entry.lender == case.lender.id and entry.when.holds(case.item, case.category):
            return entry.period
    return None


def _before_holiday(lender: Policy, start: date, due: date) -> date:
    back = timedelta(days=lender.clock.return_days) + ONE_DAY
    for holiday in lender.calendar.almanac.holidays:
        if holiday.label in lender.due_before_holidays and holiday.first > start:
            due = min(due, max(holiday.first - back, start))
    return due


def _holiday_grace(lender: Policy, grace: HolidayGrace, category: str, due: date) -> date:
    if grace.categories is not None and category not in grace.categories:
        return due
    holiday = lender.calendar.holiday_on(due, grace.holidays)
    return due if holiday is None else holiday.last + timedelta(days=grace.days_after)


def _term_grace(lender: Policy, grace: TermGrace, start: date, due: date) -> date:
    """Return the n-th day of the next term for a loan of the old term that runs out between the two."""
    term = lender.calendar.term_on(start)
    if term is None or due <= term.last:
        return due
    following = lender.calendar.term_after(term)
    if following is None:
        return due
    return max(due, following.first + timedelta(days=grace.days_into_next_term - 1))


def applies(extension: BulkExtension, lender: str, issued: date) -> bool:
    """Tell whether it speaks of a loan of *lender* that began on *issued*."""
    return not (
        lender in extension.exclude_lenders
        or (extension.issued_after is not None and issued <= extension.issued_after)
        or (extension.issued_from is not None and issued < extension.issued_from)
        or (extension.issued_until is not None and issued > extension.issued_until)
    )
