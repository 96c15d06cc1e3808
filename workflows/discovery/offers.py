"""Offers: on what terms each library would lend a work that was found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from workflows.citation import Citation, Holding, likelihood
from workflows.discovery.works import Work
from workflows.eligibility.rota_order import Candidate, rota
from workflows.errors import InvalidCase
from workflows.ids import LibraryCode
from workflows.loan_clock import clock
from workflows.loan_clock.case import LoanCase, Timeline
from workflows.money import Money
from workflows.policies.book import PolicyBook
from workflows.policies.conditions import Item
from workflows.policies.item_types import item_of
from workflows.policies.policy import Policy
from workflows.reasons import NotAsked, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """On what terms one library would lend a work; nothing of it is a promise."""

    lender: LibraryCode
    holding: Holding
    #: why this library would not be asked; None if it would
    reason: NotAsked | None
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

    @property
    def is_on_own_shelf(self) -> bool:
        """Whether it is the reader's own library that says it is in: a walk to the shelf."""
        return self.reason == Refusal.OWN_LIBRARY and self.holding.available is True


def offers(
    work: Work, book: PolicyBook, *, home: LibraryCode | None, now: datetime, resting: Iterable[str] = ()
) -> tuple[Offer, ...]:
    """Return one offer of each library that holds the work, in the order in which they would be asked.

    Before them stands the reader's own library where the work is in: that is a walk to the shelf. Those that
    would not be asked come behind, and at the end who has stated no terms.

    :param resting: libraries that do not lend at present
    """
    idle, unknown = frozenset(resting), dict[LibraryCode, Offer]()
    copies: list[Candidate] = []
    for copy in work.holdings:
        policy = _policy(book, copy.library)
        if policy is None:
            unknown[copy.library] = Offer(lender=copy.library, holding=copy, reason=Refusal.NO_POLICY)
        else:
            copies.append(_candidate(copy, work.citation, policy, home, rests=copy.library in idle))
    found, reader = rota(copies, at=now), _policy(book, home)
    asked = [(one, None) for one in found.asked]
    told = [_offer(one, reason, reader, now) for one, reason in (*asked, *found.excluded)]
    return (*sorted(told, key=lambda one: not one.is_on_own_shelf), *unknown.values())


def own_copies(work: Work, home: LibraryCode | None) -> tuple[Holding, ...]:
    """Return the copies of the reader's own library, those said to be in first."""
    return tuple(sorted((copy for copy in work.holdings if copy.library == home), key=likelihood))


def _candidate(
    copy: Holding, citation: Citation, policy: Policy, home: LibraryCode | None, *, rests: bool
) -> Candidate:
    """Return the copy as anybody who comes through the brokerage may have it."""
    return Candidate(
        policy=policy,
        item=item_of(citation, copy),
        copy=copy,
        is_readers_own=copy.library == home,
        rests=rests,
        category=policy.default_category,
    )


def _offer(one: Candidate, reason: NotAsked | None, home: Policy | None, now: datetime) -> Offer:
    policy = one.policy
    expected = policy.calendar.local_day(now) + timedelta(days=policy.clock.outbound_days)
    due = _due(policy, home, one.item, expected)
    return Offer(
        lender=one.copy.library,
        holding=one.copy,
        reason=reason,
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


def _due(policy: Policy, home: Policy | None, item: Item, start: date) -> date | None:
    category = policy.default_category
    case = LoanCase(lender=policy, home=home, category=category, item=item, timeline=Timeline())
    try:
        return clock.provisional_due(case, start)
    except InvalidCase:
        return None
