"""A case of loss or damage as it is written, and its answer as it is given."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from workflows.errors import InvalidCase
from workflows.evaluation.reading import Case, as_of, flag_of, item_of, lender_of, rows, section, text_of
from workflows.losses.compensation import Compensation, DamageCase, compensation
from workflows.losses.prices import Prices, Rate
from workflows.money import Money
from workflows.policies.book import PolicyBook
from workflows.timestamps import instant, iso_day

_PRICES = ("price", "set_price", "year_price", "reference_price", "pages", "binding_fee")


def compensation_answer(case: Case, book: PolicyBook) -> dict[str, Any]:
    policy = lender_of(case, book)
    if text_of(case, "case") not in policy.compensation:
        raise InvalidCase("case_not_covered", case=text_of(case, "case"))
    item = section(case, "item")
    volumes = case.get("volumes")
    return _written(
        compensation(
            DamageCase(
                policy=policy,
                case=text_of(case, "case"),
                item=item_of(case),
                prices=Prices(
                    currency=item.get("price_currency"), **{name: item.get(name) for name in _PRICES}
                ),
                flags=frozenset(name for name, value in item.items() if value is True),
                reported=instant(case.get("reported")),
                settled=as_of(case, "settled"),
                by_replacement=case.get("resolution") == "replacement",
                edition="same" if case.get("edition") is None else text_of(case, "edition"),
                volumes=1 if volumes is None else volumes,
                factor=case.get("factor"),
                amount=case.get("amount"),
                available=flag_of(case, "available", default=True),
                rates=tuple(rate for row in rows(case, "fx") if (rate := _rate(row)) is not None),
            )
        )
    )


def _rate(row: Case) -> Rate | None:
    """Return a rate, None if what is written is none: it is then as good as missing."""
    try:
        day, rate = iso_day(row.get("date")), Decimal(str(row.get("rate")))
    except (ValueError, InvalidOperation):
        return None
    if not rate.is_finite() or rate <= 0:
        return None
    return Rate(text_of(row, "from"), text_of(row, "to"), day, rate)


def _written(answer: Compensation) -> dict[str, Any]:
    return {
        "amount": None if answer.amount is None else answer.amount.amount,
        "currency": answer.currency,
        **_given("min", answer.least, _amount),
        **_given("max", answer.most, _amount),
        **_given("treated_as", answer.treated_as, str),
        **_given("suspended_from", answer.suspended_from, date.isoformat),
        **_given("suspended_until", answer.suspended_until, date.isoformat),
        **_given("replacement_deadline", answer.replacement_deadline, date.isoformat),
        **_given("price_basis", answer.price_basis, str),
        **_given("refer", answer.refer, str),
        **_given("waived", answer.waived or None, bool),
        **_given("remainder_belongs_to", answer.remainder_belongs_to, str),
        **_given("recover_item", answer.recover_item or None, bool),
    }


def _given(key: str, value: Any, write: Callable[[Any], object]) -> dict[str, object]:
    return {} if value is None else {key: write(value)}


def _amount(money: Money) -> str:
    return money.amount
