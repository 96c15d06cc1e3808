"""How staff settle a loss or a damage: what they enter, and what the lender asks for it."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from workflows.errors import WorkflowError
from workflows.losses.compensation import Compensation, DamageCase, compensation
from workflows.losses.prices import Prices, Rate
from workflows.policies.conditions import Item
from workflows.policies.policy import Policy


class AmountNotChosen(WorkflowError):
    """The lender leaves the amount to staff, within ``facts["least"]`` and ``facts["most"]``."""

    code = "amount_not_chosen"
    title = "Staff must choose the amount within the lender's range"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRate:
    """What one unit of a currency was worth in another from a day on, as it was entered."""

    source: str
    target: str
    day: date
    rate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What staff enter; amounts are decimal text."""

    case: str
    by_replacement: bool = False
    edition: str = "same"
    volumes: int = 1
    #: chosen within the lender's range
    factor: str | None = None
    amount: str | None = None
    #: still on sale
    available: bool = True
    #: "foreign": imported; None: as the citation has it
    origin: str | None = None
    #: the damage was stamped at hand-over
    damage_stamp: bool = False
    price: str | None = None
    #: None: the lender's own
    price_currency: str | None = None
    set_price: str | None = None
    year_price: str | None = None
    reference_price: str | None = None
    binding_fee: str | None = None
    pages: int | None = None
    rates: tuple[ToldRate, ...] = field(default=())


def asked_for(
    settling: Settling, policy: Policy, item: Item, *, category: str, reported: datetime, settled: datetime
) -> Compensation:
    """Return what the lender asks for; its amount is None only where another body decides.

    :raises AmountNotChosen: if staff must choose and have not
    :raises InvalidCase: with the code of the first thing that is wrong with the case
    """
    case = damage_case(settling, policy, item, category=category, reported=reported, settled=settled)
    answer = compensation(case)
    if answer.least is not None and answer.most is not None and answer.amount is None:
        raise AmountNotChosen(
            least=answer.least.amount, most=answer.most.amount, currency=answer.currency, case=settling.case
        )
    return answer


def damage_case(
    settling: Settling, policy: Policy, item: Item, *, category: str, reported: datetime, settled: datetime
) -> DamageCase:
    """Return what staff entered as the calculation reads it."""
    return DamageCase(
        policy=policy,
        case=settling.case,
        item=replace(item, origin=settling.origin or item.origin),
        category=category,
        prices=Prices(
            price=settling.price,
            set_price=settling.set_price,
            year_price=settling.year_price,
            reference_price=settling.reference_price,
            currency=settling.price_currency,
            pages=settling.pages,
            binding_fee=settling.binding_fee,
        ),
        flags=frozenset({"damage_stamp"} if settling.damage_stamp else ()),
        reported=reported,
        settled=settled,
        by_replacement=settling.by_replacement,
        edition=settling.edition,
        volumes=settling.volumes,
        factor=settling.factor,
        amount=settling.amount,
        available=settling.available,
        rates=tuple(rate for told in settling.rates for rate in _rate(told)),
    )


def _rate(told: ToldRate) -> tuple[Rate, ...]:
    """Return a rate, nothing if what was entered is none: it is then as good as missing."""
    try:
        rate = Decimal(told.rate)
    except InvalidOperation:
        return ()
    return (Rate(told.source, told.target, told.day, rate),) if rate.is_finite() and rate > 0 else ()
