# ruff: noqa: E501 - a table reads best with one row for each case
"""The consortium's inter-library loan cards: two at once, thirty days, ten fen a day."""

from __future__ import annotations

from typing import Any

import pytest

from tests.card_factories import a_card, an_issued_card, card_known
from tests.factories import DAY, START, a_patron
from tests.workflows.rules.table import Case, asked, at, lent, ruled, told
from workflows.cards.card import CardNotice, CardRefused, IssueCard, RemindHolder
from workflows.cards.decide import decide_card
from workflows.patrons import Patron


def card(issued: str = "2026-01-31", **more: Any) -> Case:
    return {"policy": "bulc", "issued": at(issued), **more}


@ruled(
    ("R-BULC-3", "nothing is late on the last day", "card", card(returned=at("2026-03-02", "23:59")), {"due": "2026-03-02", "overdue_days": 0, "fine.amount": "0.00"}),
    ("R-BULC-4", "Chinese books on a card", "limits", asked("bulc", {"language": "chi"}), {"allowed": True}),
    ("R-BULC-4", "no foreign ones", "limits", asked("bulc", {"language": "eng"}), {"reasons": ["language_not_lent"]}),
    ("R-BULC-4", "a card that says nothing of Chinese books is good for any", "limits", asked("bulc", {"language": "eng"}, patch={"loan_cards": {"rights": []}}), {"allowed": True}),
    ("R-BULC-5", "a second card", "card", card(cards_held=1), {"allowed": True}),
    ("R-BULC-5", "no third", "card", card(cards_held=2), {"allowed": False, "reason": "card_limit"}),
    ("R-BULC-5", "nobody has fewer than none", "card", card(cards_held=-1), {"error": "bad_count"}),
    ("R-BULC-6", "thirty days, no month", "card", card(), {"due": "2026-03-02"}),
    ("R-BULC-6", "in a leap year too", "card", card("2028-01-31"), {"due": "2028-03-01"}),
    ("R-BULC-7", "ten fen the day after", "card", card(returned=at("2026-03-03", "00:00")), {"overdue_days": 1, "fine.amount": "0.10"}),
    ("R-BULC-7", "and no cap", "card", card(returned=at("2026-12-27")), {"overdue_days": 300, "fine.amount": "30.00"}),
    ("R-BULC-7", "not before it was issued", "card", card(returned=at("2026-01-30")), {"error": "timeline_order"}),
    ("R-BULC-8", "the book's period is its owner's", "loan", lent("szutl", "2026-03-10", borrower="bjtu"), {"due": "2026-04-10"}),
    ("R-BULC-8", "a shorter one too", "loan", lent("fjmu", "2026-02-10", borrower="bjtu"), {"due": "2026-03-10"}),
    ("R-BULC-8", "the consortium has none itself", "loan", lent("bulc", "2026-03-10"), {"error": "no_loan_rule"}),
    ("R-BULC-8", "of a library that there is none of", "loan", lent("nowhere", "2026-03-10"), {"error": "unknown_policy"}),
)  # fmt: skip
def test_a_rule_of_the_loan_cards(kind: str, case: Case, expected: Case) -> None:
    assert expected == told(kind, case, expected)


def refusals(patron: Patron | None) -> object:
    with pytest.raises(CardRefused) as refused:
        decide_card(a_card(), IssueCard(), card_known(patron=patron))
    return refused.value.facts["reasons"]


@pytest.mark.rule("R-BULC-2")
def test_a_card_is_for_a_valid_home_card() -> None:
    issued = decide_card(a_card(), IssueCard(), card_known()).card

    assert ["unknown_home_card"] == refusals(None)
    assert ["email_not_verified"] == refusals(a_patron(verified_at=None))
    assert issued.loan is not None
    assert (a_patron().id, START) == (issued.loan.patron, issued.loan.issued)


@pytest.mark.rule("R-BULC-3")
def test_the_holder_is_reminded_before_and_after_the_day() -> None:
    card = an_issued_card()
    notices = [
        decide_card(card, RemindHolder(), card_known(now=START + days * DAY)).notices for days in (2, 27, 31)
    ]

    assert [(), (CardNotice.DUE_SOON,), (CardNotice.OVERDUE,)] == notices
