"""What an explanation says, statement by statement, with its facts as people write them."""

from collections.abc import Mapping
from datetime import date

from ill_broker.texts.catalogue import say, say_count
from workflows.languages import said_amount, said_day
from workflows.money import Money

#: every statement that may stand in an explanation, by its subject; each has its sentence
CODES: Mapping[str, tuple[str, ...]] = {
    "place": ("shelf", "outbound", "desk", "hold_shelf", "use", "transfer", "return"),
    "day": ("counted", "before_the_clock", "on_the_road", "after_the_end"),
    "step": (
        "period", "borrower_period", "before_holiday", "holiday_grace", "term_grace", "bulk_extension",
        "next_open_day",
    ),
    "renewal": (
        "accepted", "policy_no_renewal", "item_not_renewable", "suspended", "recalled", "limit_reached",
        "overdue", "too_late", "on_hold", "no_gain",
    ),
    "amendment": ("accepted",),
    "recall": ("accepted", "recall_not_allowed"),
    "late": ("counted", "on_the_road", "desk_closed", "not_completed", "forgiven", "capped"),
    "fine": ("none", "amount", "capped", "not_stated"),
    "warning": ("outside_coverage", "sample_calendar"),
    # what starts a lender's clock
    "began": ("shipped", "arrived", "notified", "handover"),
}  # fmt: skip


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
