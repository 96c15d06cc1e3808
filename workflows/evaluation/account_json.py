"""A patron's account as it is written: loans and payments in, charges and balances out."""

from typing import Any

from workflows.accounts.charging import Account, Assessed, Payment, account
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
    return _written([row.get("id") for row in rows(case, "loans")], account(fines, payments, currencies))


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


def _written(ids: list[object], found: Account) -> dict[str, Any]:
    return {
        "items": [
            {"id": name, "raw": item.raw.amount, "charged": item.charged.amount, "cap": item.cap}
            for name, item in zip(ids, found.items, strict=True)
        ],
        "charged": {currency: amount.amount for currency, amount in found.charged.items()},
        "balance": {policy: amount.amount for policy, amount in found.balance.items()},
        "payments": list(found.payments),
    }
