"""What an explanation says, statement by statement, with its facts as people write them."""

from collections.abc import Mapping
from datetime import date
from typing import get_args

from ill_broker.texts.catalogue import say, say_count
from ill_broker.texts.days_and_amounts import said_amount, said_day
from workflows.explanations.explanation import FineCode, WarningCode
from workflows.loan_clock.case import RecallRefusal, StepName
from workflows.loan_clock.custody import Place, Reason
from workflows.loan_clock.fines import LateReason
from workflows.money import Money
from workflows.policies.sections import ClockStart
from workflows.reasons import RenewalRefusal

#: every statement that may stand in an explanation, by its subject; each has its sentence
CODES: Mapping[str, tuple[str, ...]] = {
    "place": get_args(Place),
    "day": get_args(Reason),
    "step": get_args(StepName),
    "renewal": ("accepted", *get_args(RenewalRefusal)),
    "amendment": ("accepted",),
    "recall": ("accepted", *get_args(RecallRefusal)),
    "late": get_args(LateReason),
    "fine": get_args(FineCode),
    "warning": get_args(WarningCode),
    # what starts a lender's clock
    "began": get_args(ClockStart),
}


def text(code: str, language: str, facts: Mapping[str, object]) -> str:
    """Return the sentence for *code* in a language, with its facts filled in."""
    said = {name: _said(name, str(fact), language) for name, fact in facts.items()}
    return say(f"explanation.{code}", language, said)


def _said(name: str, fact: str, language: str) -> str:
    """Return a fact as people write it: days, amounts, numbers of days."""
    match name:
        case "due" | "day":
            return said_day(date.fromisoformat(fact), language)
        case "start":
            return said_day(date.fromisoformat(fact), language, short=True)
        case "began":
            return text(f"began.{fact}", language, {})
        case "days" | "period":
            return say_count("count.days", language, int(fact))
        case "amount" if " " in fact:
            amount, currency = fact.split()
            return said_amount(Money.parse(amount, currency), language)
        case _:
            return fact
