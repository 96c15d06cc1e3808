"""A patron's account: fines as they are charged, caps of the card, and payments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workflows.errors import NotMoney
from workflows.money import Money

PaymentResult = Literal["accepted", "currency_mismatch", "bad_amount", "overpayment"]


@dataclass(frozen=True, slots=True)
class Assessed:
    """The fine of one loan and when it is assessed; without a time it comes after all others."""

    policy: str
    raw: Money
    item_capped: bool
    cap_per_card: Money | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Payment:
    policy: str
    currency: str
    amount: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Charged:
    raw: Money
    charged: Money
    cap: Literal["item", "card"] | None


@dataclass(frozen=True, slots=True)
class Account:
    """What was charged for each loan, what is still open at each lender, and what became of each payment."""

    items: tuple[Charged, ...]
    payments: tuple[PaymentResult, ...]
    charged: dict[str, Money]
    balance: dict[str, Money]


def account(fines: Sequence[Assessed], payments: Sequence[Payment], currencies: dict[str, str]) -> Account:
    """Return the account after all fines and payments in time order; a fine goes first at the same instant.

    *currencies* holds the currency of each lender.
    """
    balance = {one.policy: Money.zero(currencies[one.policy]) for one in fines}
    items: dict[int, Charged] = {}
    results: dict[int, PaymentResult] = {}
    for is_payment, index in _in_time_order(fines, payments):
        if is_payment:
            payment = payments[index]
            unpaid = balance.get(payment.policy, Money.zero(currencies[payment.policy]))
            results[index] = payment_result(payment, unpaid)
            if results[index] == "accepted":
                balance[payment.policy] = unpaid - Money.parse(payment.amount, payment.currency)
        else:
            fine = fines[index]
            items[index] = charge(fine, balance[fine.policy])
            balance[fine.policy] += items[index].charged
    in_order = tuple(items[n] for n in range(len(fines)))
    return Account(in_order, tuple(results[n] for n in range(len(payments))), _totals(in_order), balance)


def charge(fine: Assessed, unpaid: Money) -> Charged:
    """Return what is charged for a loan: at most the cap of the card less what is unpaid there."""
    if fine.cap_per_card is not None:
        room = max(Money.zero(fine.raw.currency), fine.cap_per_card - unpaid)
        if fine.raw > room:
            return Charged(fine.raw, room, "card")
    return Charged(fine.raw, fine.raw, "item" if fine.item_capped else None)


def _in_time_order(fines: Sequence[Assessed], payments: Sequence[Payment]) -> list[tuple[bool, int]]:
    """Return (is a payment, place in its list); what has no time yet comes last."""
    known = [(fine.at, False, n) for n, fine in enumerate(fines) if fine.at is not None]
    paid = [(payment.at, True, n) for n, payment in enumerate(payments)]
    timeless = [(False, n) for n, fine in enumerate(fines) if fine.at is None]
    return [(kind, n) for _, kind, n in sorted([*known, *paid])] + timeless


def payment_result(payment: Payment, unpaid: Money) -> PaymentResult:
    """Return whether a payment is taken against what is unpaid at that lender."""
    if payment.currency != unpaid.currency:
        return "currency_mismatch"
    try:
        amount = Money.parse(payment.amount, payment.currency)
    except NotMoney:
        return "bad_amount"
    if amount.minor <= 0:
        return "bad_amount"
    return "overpayment" if amount > unpaid else "accepted"


def _totals(items: Sequence[Charged]) -> dict[str, Money]:
    totals: dict[str, Money] = {}
    for item in items:
        currency = item.charged.currency
        totals[currency] = totals.get(currency, Money.zero(currency)) + item.charged
    return totals
