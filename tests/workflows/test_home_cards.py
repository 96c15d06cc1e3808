"""A card that is not good at home is good for nothing elsewhere; one that nobody could check is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.card_factories import a_card, card_known
from tests.factories import Journey, a_patron
from workflows.cards.card import CardIssued, CardRefused, IssueCard
from workflows.cards.decide import decide_card
from workflows.home_cards import HomeCard, home_card, refusal
from workflows.refusals import NotEligible
from workflows.requests.events import Submitted
from workflows.requests.lifecycle import Status

TODAY = date(2026, 3, 2)
GOOD = (None, HomeCard.VALID, HomeCard.NOT_CHECKED)
BAD = tuple(card for card in HomeCard if card not in GOOD)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, HomeCard.VALID),
        ({"valid_until": TODAY, "password_is_right": True}, HomeCard.VALID),
        ({"valid_until": date(2026, 3, 1)}, HomeCard.EXPIRED),
        ({"blocks": ("owes 5.00",)}, HomeCard.BLOCKED),
        ({"valid_until": date(2026, 3, 1), "blocks": ("expired",)}, HomeCard.EXPIRED),
        ({"password_is_right": False, "blocks": ("owes 5.00",)}, HomeCard.WRONG_PASSWORD),
    ],
)
def test_a_card_is_what_its_library_says_it_is(said: dict[str, Any], expected: HomeCard) -> None:
    silent: dict[str, Any] = {"valid_until": None, "blocks": (), "password_is_right": None}

    assert expected is home_card(today=TODAY, **{**silent, **said})


@pytest.mark.parametrize("card", GOOD)
def test_nothing_stands_against_a_card_that_is_good_or_that_nobody_could_check(card: HomeCard | None) -> None:
    assert refusal(card) is None


@pytest.mark.parametrize("card", BAD)
def test_a_bad_card_is_a_reason_against_a_request(card: HomeCard) -> None:
    with pytest.raises(NotEligible) as caught:
        Journey(home_card=card)

    assert [f"home_card_{card}"] == caught.value.facts["reasons"]


@pytest.mark.parametrize("card", GOOD)
def test_a_request_keeps_what_was_said_of_the_card(card: HomeCard | None) -> None:
    journey = Journey(home_card=card)
    submitted = journey.events[0]

    assert Status.SUBMITTED is journey.status
    assert isinstance(submitted, Submitted)
    assert card is submitted.home_card


@pytest.mark.parametrize("card", BAD)
def test_a_bad_card_is_a_reason_against_a_loan_card(card: HomeCard) -> None:
    with pytest.raises(CardRefused) as caught:
        decide_card(a_card(), IssueCard(), card_known(patron=a_patron(), home_card=card))

    assert [f"home_card_{card}"] == caught.value.facts["reasons"]


@pytest.mark.parametrize("card", GOOD)
def test_a_loan_card_that_is_handed_out_keeps_what_was_said_of_the_home_card(card: HomeCard | None) -> None:
    (issued,) = decide_card(a_card(), IssueCard(), card_known(patron=a_patron(), home_card=card)).events

    assert isinstance(issued, CardIssued)
    assert card is issued.home_card
