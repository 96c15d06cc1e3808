"""A patron's account as it is written: loans and payments in, charges and balances out."""

from typing import Any

from workflows.accounts.charging import Assessed, Payment, Reckoning, reckoned
from workflows.evaluation.loan_json import read_loan
from workflows.evaluation.reading import Case, rows, text_of
from workflows.loan_clock.clock import loan_answer
from workflows.money import Money
from workflows.policies.book import PolicyBook
from workflows.timestamps import instant


def account_answer(case: Case, book: PolicyBook) -> dict[str, Any]:
    currencies: dict[str, str] = {}
    fines = []
    for row in rows(case, "loans"):
        fines.append(_assessed(row, book))
        currencies.setdefault(fines[-1].policy, fines[-1].raw.currency)
    payments = []
    for row in rows(case, "payments"):
        policy = book.policy(row.get("policy"))
        currencies.setdefault(policy.id, policy.currency)
        amount = row.get("amount")
        payments.append(
            Payment(
                policy.id,
                text_of(row, "currency"),
                text_of(row, "amount") if isinstance(amount, str) else "",
                instant(row.get("at")),
            )
        )
    ids = [row.get("id") for row in rows(case, "loans")]
    return _written(ids, fines, reckoned(fines, payments, currencies))


def _assessed(row: Case, book: PolicyBook) -> Assessed:
    loan = read_loan(row, book)
    answer = loan_answer(loan)
    return Assessed(
        policy=loan.lender.id,
        raw=answer.fine.amount or Money.zero(answer.fine.currency),
        item_capped=answer.fine.capped,
        cap_per_card=loan.lender.fine.cap_per_card,
        at=answer.ended_at or loan.as_of,
    )


def _written(ids: list[object], fines: list[Assessed], found: Reckoning) -> dict[str, Any]:
    charged: dict[str, Money] = {}
    for fine in found.fines:
        currency = fine.amount.currency
        charged[currency] = charged.get(currency, Money.zero(currency)) + fine.amount
    return {
        "items": [
            {"id": name, "raw": fine.raw.amount, "charged": posted.amount.amount, "cap": posted.cap}
            for name, fine, posted in zip(ids, fines, found.fines, strict=True)
        ],
        "charged": {currency: amount.amount for currency, amount in charged.items()},
        "balance": {code: one.balance.amount for code, one in found.accounts.items() if one.entries},
        "payments": list(found.payments),
    }
