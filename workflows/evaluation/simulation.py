"""Simulation: the same loans under today's rules and under others, and what that changes, group by group."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal, Self

from workflows.errors import InvalidCase
from workflows.evaluation.loan_json import read_loan
from workflows.evaluation.reading import Case
from workflows.ids import LibraryCode
from workflows.loan_clock.case import Fine, LoanCase
from workflows.loan_clock.clock import loan_answer, loan_road
from workflows.loan_clock.transit import Road, road
from workflows.money import Money
from workflows.policies.book import PolicyBook
from workflows.requests import loan_terms
from workflows.requests.request import Request

Side = Literal["today", "candidate"]
#: reads a loan under a book
Reader = Callable[[PolicyBook], LoanCase]

#: more lenders, categories and currencies together than any consortium has; loans beyond are not judged
MAX_GROUPS = 10_000
#: names what is counted over all groups
ALL = "all"


@dataclass(frozen=True, slots=True)
class Judged:
    """A loan under one book."""

    due: date
    #: came back, or is out still, after the due date; what a fine forgives is late all the same
    overdue: bool
    #: not back: late and fined as far as that has come by the day it is looked at
    still_out: bool
    fine: Fine
    #: days from the hand-over to the due date, those on the road left out
    usable_days: int


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """What loans are counted by; the category is the one under today's rules."""

    lender: str
    category: str
    #: in which today's rules, and the candidate, count fines
    currency: str
    new_currency: str


@dataclass(slots=True)
class Tally:
    """What the loans of a group come to under one book."""

    fines: Money
    overdue: int = 0
    #: loans that are late where the lender states no rate: what they cost is open
    open_fines: int = 0
    usable_days: int = 0
    least_usable: int | None = None

    def count(self, one: Judged) -> None:
        """Add a loan."""
        self.overdue += one.overdue
        if one.fine.amount is not None:
            self.fines += one.fine.amount
        else:
            self.open_fines += one.overdue
        self.usable_days += one.usable_days
        if self.least_usable is None or one.usable_days < self.least_usable:
            self.least_usable = one.usable_days

    def join(self, other: Self) -> None:
        """Add the loans of another group."""
        self.overdue += other.overdue
        self.fines += other.fines
        self.open_fines += other.open_fines
        self.usable_days += other.usable_days
        known = (self.least_usable, other.least_usable)
        self.least_usable = min((days for days in known if days is not None), default=None)


@dataclass(slots=True)
class Row:
    """The loans of one group, under today's rules and under the candidate."""

    group: Group
    today: Tally
    candidate: Tally
    loans: int = 0
    #: under today's rules
    still_out: int = 0
    due_earlier: int = 0
    due_later: int = 0

    @classmethod
    def of(cls, group: Group) -> Self:
        """Return the row of a group that has no loans yet."""
        zero, new_zero = Money.zero(group.currency), Money.zero(group.new_currency)
        return cls(group, Tally(zero), Tally(new_zero))

    def count(self, today: Judged, candidate: Judged) -> None:
        """Add a loan as both books see it."""
        self.loans += 1
        self.still_out += today.still_out
        self.due_earlier += candidate.due < today.due
        self.due_later += candidate.due > today.due
        self.today.count(today)
        self.candidate.count(candidate)

    def join(self, other: Self) -> None:
        """Add the loans of another group."""
        self.loans += other.loans
        self.still_out += other.still_out
        self.due_earlier += other.due_earlier
        self.due_later += other.due_later
        self.today.join(other.today)
        self.candidate.join(other.candidate)


@dataclass(slots=True)
class Simulation:
    """Counts loans under today's book and a candidate; its size does not grow with their number.

    What people did is taken as it was: when a book came back, and which renewals were asked for.
    """

    today: PolicyBook
    candidate: PolicyBook
    as_of: datetime
    #: requests that never came to a loan
    not_lent: int = 0
    #: loans that one of the books cannot judge, by which and why; they are counted on neither side
    unjudged: Counter[tuple[Side, str]] = field(default_factory=Counter)
    _groups: dict[Group, Row] = field(default_factory=dict)

    def add(self, read: Reader) -> str | None:
        """Count a loan, and return why it cannot be judged, None if it can."""
        found: list[tuple[LoanCase, Judged | None]] = []
        books: tuple[tuple[Side, PolicyBook], ...] = (("today", self.today), ("candidate", self.candidate))
        for side, book in books:
            try:
                case = read(book)
                found.append((case, judged(case)))
            except InvalidCase as error:
                return self._refuse(side, error.code)
            except OverflowError:
                # a date beyond the last year there is
                return self._refuse(side, "bad_timestamp")
        (case, today), (_, candidate) = found
        if today is None or candidate is None:
            self.not_lent += 1
            return None
        return self._count(case, today, candidate)

    @property
    def loans(self) -> int:
        """How many loans were counted."""
        return sum(row.loans for row in self._groups.values())

    def rows(self) -> list[Row]:
        """Return every group with what its loans come to, by lender and category."""
        return [self._groups[group] for group in sorted(self._groups)]

    def totals(self) -> list[Row]:
        """Return all loans together, by currency."""
        found: dict[Group, Row] = {}
        for row in self.rows():
            group = replace(row.group, lender=ALL, category=ALL)
            found.setdefault(group, Row.of(group)).join(row)
        return list(found.values())

    def _count(self, case: LoanCase, today: Judged, candidate: Judged) -> str | None:
        group = Group(case.lender.id, case.category, today.fine.currency, candidate.fine.currency)
        if group not in self._groups and len(self._groups) >= MAX_GROUPS:
            return self._refuse("today", "too_many_groups")
        self._groups.setdefault(group, Row.of(group)).count(today, candidate)
        return None

    def _refuse(self, side: Side, code: str) -> str:
        self.unjudged[side, code] += 1
        return f"{side}: {code}"


def of_request(request: Request, lender: LibraryCode, as_of: datetime) -> Reader:
    """Return how a request of the broker's is read: under a book as it is, not under the terms it keeps."""
    free = replace(request, terms=None)
    return lambda book: loan_terms.loan_case(free, lender, book, as_of=as_of)


def of_case(case: Case, as_of: datetime) -> Reader:
    """Return how a written loan case is read; one that names no day of its own is looked at *as_of*."""

    def read(book: PolicyBook) -> LoanCase:
        loan = read_loan(case, book)
        return loan if loan.as_of is not None else replace(loan, as_of=as_of)

    return read


def judged(case: LoanCase) -> Judged | None:
    """Return what a book makes of a loan, None if the patron never had the book.

    :raises InvalidCase: if the book cannot judge it
    """
    answer = loan_answer(case)
    started_at = case.timeline.handover or case.started_at
    if not case.was_lent or answer.due is None or started_at is None:
        return None
    local_day = case.lender.calendar.local_day
    ended_at = answer.ended_at or case.as_of
    until = answer.due if ended_at is None else local_day(ended_at)
    moved = road(case.transfers, case.lender.calendar)
    return Judged(
        due=answer.due,
        overdue=_days(loan_road(case), after=answer.due, until=until) > 0,
        still_out=answer.ended_at is None,
        fine=answer.fine,
        usable_days=_days(moved, after=local_day(started_at), until=answer.due),
    )


def _days(out: Road, *, after: date, until: date) -> int:
    """Return how many days lie between that were not spent on the road."""
    spent = sum((last - first).days + 1 for first, last in out.within(after=after, until=until))
    return max(0, (until - after).days - spent)
