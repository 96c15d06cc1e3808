"""Offers: on what terms each library would lend a work that was found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from workflows.citation import Citation, Holding
from workflows.discovery.works import Work
from workflows.eligibility.eligibility import comes_last
from workflows.eligibility.rota_order import Candidate, exclusion
from workflows.errors import InvalidCase
from workflows.ids import LibraryCode
from workflows.loan_clock import clock
from workflows.loan_clock.case import LoanCase, Timeline
from workflows.money import Money
from workflows.policies.book import PolicyBook
from workflows.policies.item_types import item_of
from workflows.policies.policy import Item, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """On what terms one library would lend a work; nothing of it is a promise."""

    lender: LibraryCode
    holding: Holding
    #: why this library would not be asked; None if it would
    reason: str | None
    #: when the book is likely to be at the desk, by the allowance for the way
    expected: date | None = None
    #: the last day of a loan that starts on that day; None where no period is stated
    due: date | None = None
    #: false if the due date lies where the lender's holidays and terms are not known
    is_sure: bool = True
    #: for each day that is late; None where it is not stated
    fine_rate: Money | None = None
    #: the most that lateness costs for one item; None where no cap is stated
    fine_cap: Money | None = None
    currency: str | None = None

    @property
    def is_lendable(self) -> bool:
        return self.reason is None


def offers(
    work: Work, book: PolicyBook, *, home: LibraryCode | None, now: datetime, resting: Iterable[str] = ()
) -> tuple[Offer, ...]:
    """Return one offer of each library that holds the work, in the order in which they would be asked.

    :param resting: libraries that do not lend at present
    """
    idle, best = frozenset(resting), dict[LibraryCode, Offer]()
    for copy in work.holdings:
        one = offer(copy, work.citation, book, home=home, now=now, rests=copy.library in idle)
        best[one.lender] = min(best.get(one.lender, one), one, key=_preference)
    item = Item(language=work.citation.language)
    ranked = {code: _turn(one, _policy(book, code), item) for code, one in best.items()}
    return tuple(best[code] for code in sorted(ranked, key=lambda code: ranked[code]))


def offer(
    holding: Holding,
    citation: Citation,
    book: PolicyBook,
    *,
    home: LibraryCode | None,
    now: datetime,
    rests: bool = False,
) -> Offer:
    """Return on what terms the library of *holding* would lend it to a reader of *home* at *now*."""
    policy = _policy(book, holding.library)
    if policy is None:
        return Offer(lender=holding.library, holding=holding, reason="no_policy")
    item = item_of(citation, holding)
    expected = policy.calendar.local_day(now) + timedelta(days=policy.clock.outbound_days)
    due = _due(policy, _policy(book, home), item, expected)
    return Offer(
        lender=holding.library,
        holding=holding,
        reason=_reason(policy, holding, item, home=home, now=now, rests=rests),
        expected=expected,
        due=due,
        is_sure=due is None or policy.calendar.covers(due),
        fine_rate=policy.fine.rate,
        fine_cap=policy.fine.cap_per_item,
        currency=policy.currency,
    )


def _policy(book: PolicyBook, library: LibraryCode | None) -> Policy | None:
    """Return the library's terms, None where nobody has stated any."""
    try:
        return book.policy(library)
    except InvalidCase:
        return None


def _reason(
    policy: Policy, holding: Holding, item: Item, *, home: LibraryCode | None, now: datetime, rests: bool
) -> str | None:
    """Return the first reason not to ask this library for this copy, None if there is none."""
    if holding.library == home:
        return "own_library"
    if rests:
        return "does_not_lend_now"
    return exclusion(item, Candidate(policy, available=holding.available is not False), at=now)


def _due(policy: Policy, home: Policy | None, item: Item, start: date) -> date | None:
    category = policy.default_category
    case = LoanCase(lender=policy, home=home, category=category, item=item, timeline=Timeline())
    try:
        return clock.provisional_due(case, start)
    except InvalidCase:
        return None


def _preference(one: Offer) -> tuple[bool, bool]:
    return not one.is_lendable, one.holding.available is not True


def _turn(one: Offer, policy: Policy | None, item: Item) -> tuple[object, ...]:
    """Return the key of the order of asking: as for a request, with those that would not be asked behind."""
    days = 0 if policy is None else policy.clock.outbound_days
    last = policy is not None and comes_last(policy, item)
    return not one.is_lendable, last, one.holding.available is not True, days, one.lender
