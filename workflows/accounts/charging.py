"""What is charged for lateness, under the cap of the card, and what a row of fines and payments comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from workflows.accounts.account import (
    Account,
    BadAmount,
    Key,
    Kind,
    Overpayment,
    Posting,
    WrongCurrency,
    charged,
    pay,
)
from workflows.ids import LibraryCode, PatronId
from workflows.money import Money

#: how a payment that is taken is told; one that is not is told by the code of its refusal
ACCEPTED = "accepted"
_NEVER = datetime.max.replace(tzinfo=UTC)


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
class Reckoning:
    """What was charged for each loan, what became of each payment, and the account of each lender."""

    fines: tuple[Posting, ...]
    payments: tuple[str, ...]
    accounts: Mapping[str, Account]


def fined(account: Account, fine: Assessed, *, at: datetime, **about: Any) -> Posting:
    """Return what is charged for a loan: at most the cap of the card less what is unpaid there (R-JN-16)."""
    amount, cap = fine.raw, "item" if fine.item_capped else None
    if fine.cap_per_card is not None:
        room = max(account.zero, fine.cap_per_card - account.unpaid_fines())
        if amount > room:
            amount, cap = room, "card"
    return charged(Kind.FINE, amount, at=at, raw=fine.raw, cap=cap, **about)


def reckoned(
    fines: Sequence[Assessed], payments: Sequence[Payment], currencies: Mapping[str, str]
) -> Reckoning:
    """Return what comes of all fines and payments in time order; a fine goes first at the same instant.

    *currencies* holds the currency of each lender.
    """
    accounts = {
        code: Account(key=Key(PatronId(""), LibraryCode(code), currencies[code])) for code in currencies
    }
    charges, results = dict[int, Posting](), dict[int, str]()
    assessed = ((one.at or _NEVER, False, place) for place, one in enumerate(fines))
    paid = ((one.at, True, place) for place, one in enumerate(payments))
    for at, is_payment, place in sorted([*assessed, *paid]):
        lender = (payments if is_payment else fines)[place].policy
        if is_payment:
            accounts[lender], results[place] = _paid(accounts[lender], payments[place])
        else:
            charges[place] = fined(accounts[lender], fines[place], at=at)
            accounts[lender] = accounts[lender].plus(charges[place])
    return Reckoning(
        tuple(charges[place] for place in range(len(fines))),
        tuple(results[place] for place in range(len(payments))),
        accounts,
    )


def _paid(account: Account, payment: Payment) -> tuple[Account, str]:
    """Return the account after a payment, and what became of that."""
    if payment.currency != account.currency:
        return account, WrongCurrency.code
    try:
        posting = pay(account, payment.amount, at=payment.at, method="", text=None)
    except (BadAmount, Overpayment) as error:
        return account, error.code
    return account.plus(posting), ACCEPTED
