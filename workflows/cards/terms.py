"""Loan cards: how many, how long, and what lateness costs."""

from dataclasses import dataclass
from datetime import date, datetime

from workflows.errors import InvalidCase
from workflows.loan_clock.due_dates import period_end
from workflows.loan_clock.transit import CLEAR
from workflows.money import Money
from workflows.policies.policy import Policy
from workflows.policies.sections import CardTerms
from workflows.reasons import Refusal


@dataclass(frozen=True, slots=True)
class CardLateness:
    days: int
    #: None where the consortium states no rate
    amount: Money | None


def card_terms(policy: Policy) -> CardTerms:
    """Return the terms on which this consortium lends cards.

    :raises InvalidCase: ``no_loan_cards``
    """
    if policy.loan_cards is None:
        raise InvalidCase("no_loan_cards", policy=policy.id)
    return policy.loan_cards


def card_refusal(policy: Policy, *, cards_held: int) -> str | None:
    """Return why a reader who holds *cards_held* cards gets no further one, None if they do."""
    return Refusal.CARD_LIMIT if cards_held >= card_terms(policy).max_per_reader else None


def card_due(policy: Policy, issued: datetime) -> date:
    """Return the last day on which a card issued then is not late.

    :raises InvalidCase: ``no_loan_cards``, ``calendar_gap``
    """
    start = policy.calendar.local_day(issued)
    return period_end(card_terms(policy).period, start, road=CLEAR, calendar=policy.calendar)


def card_lateness(policy: Policy, due: date, until: datetime) -> CardLateness:
    """Return the lateness of a card given back, or still out, at *until*."""
    terms = card_terms(policy)
    days = max(0, (policy.calendar.local_day(until) - due).days)
    days = max(0, days - terms.fine.full_days)
    return CardLateness(days, None if terms.fine.rate is None else terms.fine.rate * days)
