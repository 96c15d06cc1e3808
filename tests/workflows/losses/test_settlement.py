from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.factories import DAY, FJMU, SZUTL, Journey, journey_to
from workflows.errors import InvalidCase
from workflows.ids import LibraryCode
from workflows.losses.settlement import AmountNotChosen, Settling, ToldRate
from workflows.money import Money
from workflows.refusals import WrongState
from workflows.requests.commands import ReportDamage, ReportLoss, SettleLoss
from workflows.requests.events import LossSettled
from workflows.requests.lifecycle import Outcome, Status


def lost(lender: LibraryCode = SZUTL) -> Journey:
    return journey_to(Status.ON_LOAN, lender).do(ReportLoss())


def settle(**facts: Any) -> SettleLoss:
    return SettleLoss(settling=Settling(**{"case": "loss", "price": "20.00", **facts}))


def asked(journey: Journey) -> Money | None:
    found = journey.request.compensation
    return None if found is None else found.amount


def usd(rate: str) -> ToldRate:
    return ToldRate(source="USD", target="CNY", day=date(2026, 3, 1), rate=rate)


@pytest.mark.parametrize(
    ("facts", "amount"),
    [
        ({}, "60.00"),
        ({"origin": "foreign"}, "100.00"),
        ({"price": None, "reference_price": "7.00"}, "21.00"),
        ({"price": "10.00", "price_currency": "USD", "rates": (usd("7.125"),)}, "213.75"),
        ({"by_replacement": True, "volumes": 3}, "30.00"),
    ],
)
def test_a_loss_is_settled_by_the_lenders_rules(facts: dict[str, Any], amount: str) -> None:
    journey = lost().do(settle(**facts))

    assert (amount, Outcome.LOST) == (getattr(asked(journey), "amount", None), journey.request.outcome)


def test_the_event_keeps_what_was_entered_and_what_was_asked() -> None:
    journey = lost().do(settle())
    (settled,) = (event for event in journey.events if isinstance(event, LossSettled))

    assert settle().settling == settled.settling
    assert settled.compensation == journey.request.compensation
    assert "szutl@" == (settled.because.policy or "")[:6]


def test_a_loss_that_is_settled_elsewhere_is_closed_by_a_note() -> None:
    journey = lost().do(SettleLoss(note="paid at the lender's"))

    assert (Status.CLOSED, None) == (journey.status, journey.request.compensation)


def test_where_staff_must_choose_nothing_is_closed_before_they_have() -> None:
    journey = lost(FJMU)
    refused = journey.refusal(settle())

    assert isinstance(refused, AmountNotChosen)
    assert {"least": "200.00", "most": "400.00", "currency": "CNY", "case": "loss"} == refused.facts
    assert Money("CNY", 24000) == asked(journey.do(settle(factor="12")))


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"case": "theft"}, "case_not_covered"),
        ({"price": "0.00"}, "bad_price"),
        ({"by_replacement": True, "edition": "older"}, "edition_not_accepted"),
        ({"price_currency": "USD"}, "fx_rate_missing"),
        ({"price_currency": "USD", "rates": (usd("many"), usd("0"), usd("NaN"))}, "fx_rate_missing"),
    ],
)
def test_what_cannot_be_computed_is_refused(facts: dict[str, Any], code: str) -> None:
    refused = lost().refusal(settle(**facts))

    assert isinstance(refused, InvalidCase)
    assert code == refused.code


def test_what_another_body_decides_is_closed_without_an_amount() -> None:
    rare = Settling(case="stain")
    journey = journey_to(Status.ON_LOAN, LibraryCode("jinan")).do(ReportDamage(note="wet", settling=rare))
    compensation = journey.request.compensation

    assert (None, "relevant_regulations") == (asked(journey), compensation and compensation.refer)


def test_a_damage_is_no_patrons_before_they_have_had_the_book() -> None:
    stain = ReportDamage(note="stained", settling=Settling(case="stain", amount="7.00"))

    assert isinstance(journey_to(Status.NOTIFIED, SZUTL).refusal(stain), WrongState)
    assert Money("CNY", 700) == asked(journey_to(Status.RETURNED, SZUTL).do(stain, DAY))


def test_a_later_note_of_damage_leaves_what_was_settled() -> None:
    stain = ReportDamage(note="stained", settling=Settling(case="stain", amount="7.00"))
    journey = journey_to(Status.RETURNED, SZUTL).do(stain).do(ReportDamage(note="and torn"))

    assert Money("CNY", 700) == asked(journey)
