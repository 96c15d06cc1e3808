"""Offers: on what terms each library would lend a work that was found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType

from workflows.citation import Citation, Holding, likelihood
from workflows.discovery.works import Work
from workflows.eligibility.lending_limits import why_not
from workflows.eligibility.rota_order import Candidate, rota
from workflows.errors import InvalidCase
from workflows.ids import LibraryCode
from workflows.libraries import LendingLimits, Watches
from workflows.loan_clock import clock
from workflows.loan_clock.arrivals import Between, if_asked
from workflows.loan_clock.case import LoanCase, Timeline
from workflows.money import Money
from workflows.policies.book import PolicyBook
from workflows.policies.conditions import Item
from workflows.policies.item_types import item_of
from workflows.policies.policy import Policy
from workflows.reasons import NotAsked, Refusal

_NO_WATCHES: Mapping[LibraryCode, Watches] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """On what terms one library would lend a work; nothing of it is a promise."""

    lender: LibraryCode
    holding: Holding
    #: why this library would not be asked; None if it would
    reason: NotAsked | None
    #: when the book is likely to be at the desk, by the allowance for the way, and the last day of it if the
    #: lender takes the time that it may
    expected: date | None = None
    expected_by: date | None = None
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
    work: Work,
    book: PolicyBook,
    *,
    home: LibraryCode | None,
    now: datetime,
    resting: Iterable[str] = (),
    watches: Mapping[LibraryCode, Watches] = _NO_WATCHES,
    limits: Mapping[LibraryCode, LendingLimits] = MappingProxyType({}),
) -> tuple[Offer, ...]:
    """Return one offer of each library that holds the work, in the order in which they would be asked.

    Before them stands the reader's own library where the work is in: that is a walk to the shelf. Those that
    would not be asked come behind, and at the end who has stated no terms.

    :param resting: libraries that do not lend at present
    :param watches: how long each may take, where that is not usual
    :param limits: what desks have said against being asked; who is full today is not known before asking
    """
    idle, unknown = frozenset(resting), dict[LibraryCode, Offer]()
    copies: list[Candidate] = []
    for copy in work.holdings:
        policy = _policy(book, copy.library)
        if policy is None:
            unknown[copy.library] = Offer(lender=copy.library, holding=copy, reason=Refusal.NO_POLICY)
        else:
            said = why_not(
                limits.get(copy.library, LendingLimits()),
                work.citation,
                today=policy.calendar.local_day(now),
                asked_today=0,
            )
            one = _candidate(copy, work.citation, policy, home, rests=copy.library in idle)
            copies.append(replace(one, desk_says=said))
    found, reader = rota(copies, at=now), _policy(book, home)
    asked = [(one, None) for one in found.asked]
    told = [
        _offer(one, reason, reader, if_asked(one.policy, watches.get(one.copy.library, Watches()), now))
        for one, reason in (*asked, *found.excluded)
    ]
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


def _offer(one: Candidate, reason: NotAsked | None, home: Policy | None, expected: Between) -> Offer:
    policy = one.policy
    due = _due(policy, home, one.item, expected.first)
    return Offer(
        lender=one.copy.library,
        holding=one.copy,
        reason=reason,
        expected=expected.first,
        expected_by=expected.last,
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
