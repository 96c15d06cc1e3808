"""Whether a reader may have this item from this lender now, and every reason why not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from workflows.policies.conditions import Item
from workflows.policies.policy import Policy
from workflows.reasons import NotAsked, PolicyCode, Refusal

#: the right of a loan card's holder that speaks of books to take home
BORROWS_CHINESE = "borrow_chinese_books"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of the reader and the lender at the moment of asking."""

    #: items held at once from this lender, by collection
    open_at_lender: Mapping[str, int] = field(default_factory=dict)
    #: items held at once through the brokerage
    open_total: int = 0
    overdue_at_lender: int = 0
    #: requests that this lender has accepted this month
    quota_used: int = 0
    #: requests that this lender was asked today, by anybody
    asked_today: int = 0
    suspended: bool = False
    #: the competent authority has agreed
    permission: bool = False


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Every reason against a loan, in a fixed order, and what a person should know besides."""

    reasons: tuple[NotAsked, ...]
    advice: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        return not self.reasons


def eligibility(
    lender: Policy, home: Policy | None, item: Item, *, category: str, at: datetime, standing: Standing
) -> Eligibility:
    """Return whether the lender would lend *item* to a reader of *home* at *at*."""
    candidates: tuple[NotAsked | None, ...] = (
        lendability_code(lender, item, category, permission=standing.permission),
        Refusal.CATEGORY_NOT_ENTITLED if _is_closed_to(lender, item, category) else None,
        Refusal.SUSPENDED if standing.suspended else None,
        Refusal.OVERDUE_BLOCK if lender.block_when_overdue and standing.overdue_at_lender > 0 else None,
        Refusal.LENDER_LIMIT if _is_at_limit(lender, item, category, standing.open_at_lender) else None,
        Refusal.BORROWER_LIMIT if is_at_home_limit(home, standing.open_total) else None,
        Refusal.QUOTA_EXHAUSTED if is_quota_exhausted(lender, standing.quota_used) else None,
        Refusal.PROCESSING_STOPPED if is_processing_stopped(lender, at) else None,
    )
    reasons = tuple(dict.fromkeys(reason for reason in candidates if reason is not None))
    return Eligibility(reasons, ("lender_prefers_foreign",) if comes_last(lender, item) else ())


def comes_last(lender: Policy, item: Item) -> bool:
    """Tell whether the lender would rather be asked for foreign books than for this one (R-NLC-5)."""
    return lender.prefers_foreign and item.is_chinese


def lendability_code(
    lender: Policy, item: Item, category: str, *, permission: bool = False
) -> NotAsked | None:
    """Return why this kind of item is not lent to this kind of reader, None if it is."""
    rule = lender.lending_rule(item, category)
    if rule is None and _is_foreign_on_a_card(lender, item):
        return Refusal.LANGUAGE_NOT_LENT
    if rule is None or rule.lend == "yes" or (rule.lend == "permission" and permission):
        return None
    return PolicyCode(rule.code)


def _is_foreign_on_a_card(lender: Policy, item: Item) -> bool:
    """Tell whether loan cards are good for Chinese books alone, and this is none (R-BULC-4)."""
    cards = lender.loan_cards
    return cards is not None and BORROWS_CHINESE in cards.rights and not item.is_chinese


def is_quota_exhausted(lender: Policy, used: int) -> bool:
    return lender.monthly_quota is not None and used >= lender.monthly_quota


def is_processing_stopped(lender: Policy, at: datetime) -> bool:
    """Tell whether the lender takes no requests on the day of *at*."""
    return lender.calendar.holiday_on(lender.calendar.local_day(at), lender.processing_stops) is not None


def _is_closed_to(lender: Policy, item: Item, category: str) -> bool:
    return item.collection in lender.special_collections and item.collection not in _limits(lender, category)


def _is_at_limit(lender: Policy, item: Item, category: str, held: Mapping[str, int]) -> bool:
    limits = _limits(lender, category)
    total, here = limits.get("total"), limits.get(item.collection)
    return (total is not None and sum(held.values()) >= total) or (
        here is not None and held.get(item.collection, 0) >= here
    )


def is_at_home_limit(home: Policy | None, held: int) -> bool:
    return home is not None and home.borrowing.max_items is not None and held >= home.borrowing.max_items


def _limits(lender: Policy, category: str) -> Mapping[str, int]:
    return lender.categories[category].limits
