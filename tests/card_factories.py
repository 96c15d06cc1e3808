"""Loan cards and what decides about them, each ordinary but for the facts that a test is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tests.factories import ANNA, BJTU, PKU, START, a_patron, the_book
from workflows.cards.card import CardCommand, CardEvent, CardLoan, CardStatus, LoanCard
from workflows.cards.decide import CardKnown, decide_card
from workflows.ids import CardId
from workflows.libraries import Watches

BULC = "bulc"
#: thirty days after START
DUE = date(2026, 4, 1)


def a_card(**facts: Any) -> LoanCard:
    """Return a card for Peking University in the stock of the desk at Jiaotong University."""
    plain = LoanCard(
        id=CardId("card_00000001"), barcode="C1", library=PKU, desk=BJTU, consortium=BULC, version=1
    )
    return replace(plain, **facts)


def an_issued_card(**facts: Any) -> LoanCard:
    loan = CardLoan(patron=ANNA, issued=START, due=DUE)
    facts = {"status": CardStatus.ISSUED, "loan": loan, "remind_at": START + timedelta(days=26), **facts}
    return a_card(**facts)


def card_known(**facts: Any) -> CardKnown:
    """Return what is known when Anna, who has no card, stands at the desk."""
    plain = CardKnown(now=START, policy=the_book().policy(BULC), watches=Watches(), patron=a_patron())
    return replace(plain, **facts)


def happened(card: LoanCard, command: CardCommand, **facts: Any) -> CardEvent:
    """Return the event that *command* leads to."""
    (event,) = decide_card(card, command, card_known(**facts)).events
    return event
