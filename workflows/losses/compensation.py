"""What a lost or damaged book costs, and until when its reader is suspended."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

from workflows.errors import InvalidCase, NotMoney
from workflows.losses.prices import NO_PRICES, Prices, Rate
from workflows.money import Money
from workflows.policies.compensation_terms import Charge, CompensationTerms
from workflows.policies.conditions import PLAIN_BOOK, Item
from workflows.policies.policy import Policy
from workflows.timestamps import add_months


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageCase:
    """A loss or damage as it was reported, and how it is to be settled."""

    policy: Policy
    case: str
    item: Item = PLAIN_BOOK
    #: the patron's; None: that of readers through the brokerage
    category: str | None = None
    prices: Prices = NO_PRICES
    #: conditions recorded at hand-over that may excuse the reader
    flags: frozenset[str] = frozenset()
    reported: datetime
    settled: datetime | None = None
    by_replacement: bool = False
    edition: str = "same"
    volumes: object = 1
    #: chosen by staff within the library's range
    factor: object = None
    amount: object = None
    #: still on sale
    available: bool = True
    rates: tuple[Rate, ...] = field(default=())

    @property
    def settled_day(self) -> date:
        """The date whose rate counts: that of the settlement, else that of the report."""
        return self.policy.calendar.local_day(self.settled or self.reported)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compensation:
    """What is to be paid; *amount* is None where staff must choose or another body decides."""

    currency: str
    amount: Money | None = None
    least: Money | None = None
    most: Money | None = None
    treated_as: str | None = None
    suspended_from: date | None = None
    suspended_until: date | None = None
    replacement_deadline: date | None = None
    price_basis: Literal["reference_price"] | None = None
    refer: str | None = None
    waived: bool = False
    remainder_belongs_to: str | None = None
    recover_item: bool = False


def compensation(case: DamageCase) -> Compensation:
    """Return what the lender asks for.

    :raises InvalidCase: with the code of the first thing that is wrong with the case
    """
    name, terms = _terms(case)
    if case.settled is not None and case.settled < case.reported:
        raise InvalidCase("timeline_order")
    frame = _frame(case, terms, name)
    if terms.waived_if is not None and terms.waived_if in case.flags:
        return replace(frame, amount=case.policy.zero, waived=True)
    if case.by_replacement:
        return replace(frame, amount=_replacement_fee(case, terms, frame.replacement_deadline))
    return _cash(case, terms, frame)


def terms_of(policy: Policy, name: str) -> CompensationTerms | None:
    """Return the terms of a case, or of the one it is treated as; None if it is not covered."""
    terms = policy.compensation.get(name)
    return policy.compensation[terms.treated_as] if terms and terms.treated_as else terms


def charge_of(
    policy: Policy, terms: CompensationTerms, item: Item, category: str | None = None
) -> Charge | None:
    """Return the first charge whose conditions the item and its reader meet."""
    reader = policy.default_category if category is None else category
    return next((rule for rule in terms.charges if rule.when.holds(item, reader)), None)


def _terms(case: DamageCase) -> tuple[str, CompensationTerms]:
    """Return the case whose terms hold, and the terms."""
    terms = case.policy.compensation.get(case.case)
    if terms is not None and terms.treated_as is not None:
        return terms.treated_as, case.policy.compensation[terms.treated_as]
    if terms is None:
        raise InvalidCase("case_not_covered", case=case.case)
    return case.case, terms


def _frame(case: DamageCase, terms: CompensationTerms, name: str) -> Compensation:
    """Return all that does not depend on how the case is settled."""
    local_day = case.policy.calendar.local_day
    reported = local_day(case.reported)
    months = terms.replacement.deadline_months if terms.replacement else None
    settled = None if case.settled is None else local_day(case.settled)
    return Compensation(
        currency=case.policy.currency,
        treated_as=None if name == case.case else name,
        suspended_from=reported if terms.suspends else None,
        suspended_until=settled if terms.suspends else None,
        replacement_deadline=None if months is None else add_months(reported, months),
        recover_item=terms.recover_item,
    )


def _replacement_fee(case: DamageCase, terms: CompensationTerms, deadline: date | None) -> Money:
    if terms.replacement is None:
        raise InvalidCase("replacement_not_offered")
    if case.edition not in terms.replacement.editions:
        raise InvalidCase("edition_not_accepted", accepted=sorted(terms.replacement.editions))
    if deadline is not None and case.settled_day > deadline:
        raise InvalidCase("replacement_too_late", deadline=deadline.isoformat())
    if not isinstance(case.volumes, int) or isinstance(case.volumes, bool) or case.volumes < 1:
        raise InvalidCase("bad_count", volumes=repr(case.volumes))
    return terms.replacement.fee_per_volume * case.volumes


def _cash(case: DamageCase, terms: CompensationTerms, frame: Compensation) -> Compensation:
    rule = charge_of(case.policy, terms, case.item, case.category)
    if rule is None:
        raise InvalidCase("case_not_covered", case=case.case)
    needs_replacement = (
        terms.cash_if_unavailable if rule.cash_if_unavailable is None else rule.cash_if_unavailable
    )
    if needs_replacement and case.available:
        raise InvalidCase("replacement_required")
    if rule.refer is not None:
        return replace(frame, refer=rule.refer)
    if rule.amount_min is not None and rule.amount_max is not None:
        chosen = _chosen_amount(case, rule.amount_min, rule.amount_max)
        return replace(frame, least=rule.amount_min, most=rule.amount_max, amount=chosen)
    return _multiple(case, terms, rule, frame)


def _chosen_amount(case: DamageCase, least: Money, most: Money) -> Money | None:
    if case.amount is None:
        return None
    try:
        amount = Money.parse(case.amount, case.policy.currency)
    except NotMoney as error:
        raise InvalidCase("amount_out_of_range", amount=repr(case.amount)) from error
    if not least <= amount <= most:
        raise InvalidCase("amount_out_of_range", least=least.amount, most=most.amount)
    return amount


def _multiple(case: DamageCase, terms: CompensationTerms, rule: Charge, frame: Compensation) -> Compensation:
    """Return a multiple of a price, plus what the rule adds to it."""
    currency = case.policy.currency
    price, is_reference = case.prices.basis(
        rule.basis or "price",
        currency=currency,
        on=case.settled_day,
        rates=case.rates,
        reference=terms.reference_price,
    )
    extra = sum((case.prices.addition(name) * factor for name, factor in rule.plus), Decimal(0))

    def times(factor: Decimal) -> Money:
        return Money.rounded(price * factor + extra, currency)

    frame = replace(
        frame,
        price_basis="reference_price" if is_reference else None,
        remainder_belongs_to=rule.keep_remainder,
    )
    if rule.factor_min == rule.factor_max:
        return replace(frame, amount=times(rule.factor_min))
    factor = _chosen_factor(case.factor, rule)
    return replace(
        frame,
        least=times(rule.factor_min),
        most=times(rule.factor_max),
        amount=None if factor is None else times(factor),
    )


def _chosen_factor(chosen: object, rule: Charge) -> Decimal | None:
    if chosen is None:
        return None
    try:
        factor = Decimal(str(chosen))
    except InvalidOperation as error:
        raise InvalidCase("factor_out_of_range", factor=repr(chosen)) from error
    if (
        isinstance(chosen, (bool, float))
        or not factor.is_finite()
        or not rule.factor_min <= factor <= rule.factor_max
    ):
        raise InvalidCase("factor_out_of_range", least=str(rule.factor_min), most=str(rule.factor_max))
    return factor


def suspended_until(policy: Policy, case: str, start: date, months: object) -> date:
    """Return the first free day of a suspension that staff decided.

    :raises InvalidCase: ``case_not_covered``, ``months_out_of_range``
    """
    terms = policy.suspensions.get(case)
    if terms is None or terms.months_min is None or terms.months_max is None:
        raise InvalidCase("case_not_covered", case=case)
    if (
        not isinstance(months, int)
        or isinstance(months, bool)
        or not terms.months_min <= months <= terms.months_max
    ):
        raise InvalidCase("months_out_of_range", least=terms.months_min, most=terms.months_max)
    return add_months(start, months)
