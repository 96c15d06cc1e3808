# ruff: noqa: E501 - a table reads best with one row for each case
"""Fujian Medical University Library: periods by category, fines for pieces, and compensation by factor."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import DAY, FJMU, journey_to
from tests.workflows.rules.table import Case, asked, at, damaged, lent, ruled, told
from workflows.decisions.receiving import NotHandedOver
from workflows.requests.commands import HandOver, TakeBack
from workflows.requests.events import HandedOver
from workflows.requests.lifecycle import Status

PRICE = {"price": "40.00"}
BOUND = {"type": "bound_periodical", "price": "100.00", "binding_fee": "8.50"}
RECALL = {"at": at("2026-03-20")}


def months(category: str, day: str = "2026-03-10", **more: Any) -> Case:
    return lent("fjmu", day, category=category, **more)


@ruled(
    ("R-FJMU-2", "one month for undergraduates", "loan", months("undergraduate"), {"due": "2026-04-10"}),
    ("R-FJMU-2", "two for postgraduates", "loan", months("postgraduate"), {"due": "2026-05-10"}),
    ("R-FJMU-2", "four for staff", "loan", months("staff"), {"due": "2026-07-10"}),
    ("R-FJMU-2", "a month ends with the month", "loan", months("undergraduate", "2026-03-31"), {"due": "2026-04-30"}),
    ("R-FJMU-2", "nobody else", "loan", months("alumni"), {"error": "unknown_category"}),
    ("R-FJMU-3", "nothing is renewed", "loan", months("staff", renewals=[{"at": at("2026-03-20")}]), {"events": [{"renewal": "refused", "reason": "policy_no_renewal"}]}),
    ("R-FJMU-4", "a second item for other schools", "limits", asked("fjmu", state={"open_at_lender": {"general": 1}}), {"allowed": True}),
    ("R-FJMU-4", "no third", "limits", asked("fjmu", state={"open_at_lender": {"general": 2}}), {"reasons": ["lender_limit"]}),
    ("R-FJMU-4", "own readers have no limit", "limits", asked("fjmu", category="staff", state={"open_at_lender": {"general": 50}}), {"allowed": True}),
    ("R-FJMU-4", "one month for other schools", "loan", lent("fjmu", "2026-03-10"), {"due": "2026-04-10"}),
    ("R-FJMU-5", "nothing on the last day", "loan", lent("fjmu", "2026-03-10", "2026-04-10", hour="23:59"), {"fine.amount": "0.00"}),
    ("R-FJMU-5", "ten fen for a part of a day", "loan", lent("fjmu", "2026-03-10", "2026-04-11", hour="00:00"), {"fine.amount": "0.10"}),
    ("R-FJMU-5", "and no cap", "loan", lent("fjmu", "2026-03-10", "2027-01-05"), {"overdue_days": 270, "fine.amount": "27.00", "fine.cap": None}),
    ("R-FJMU-6", "a late disc is fined by itself", "loan", lent("fjmu", "2026-03-10", "2026-04-10", accompanying=[{"returned": at("2026-04-13")}]), {"overdue_days": 0, "fine.amount": "0.30"}),
    ("R-FJMU-6", "one that came in time is not", "loan", lent("fjmu", "2026-03-10", "2026-04-12", accompanying=[{"returned": at("2026-04-10")}]), {"overdue_days": 2, "fine.amount": "0.20"}),
    ("R-FJMU-6", "one of which nothing is said came with the book", "loan", lent("fjmu", "2026-03-10", "2026-04-12", accompanying=[{}, {}]), {"fine.amount": "0.60"}),
    ("R-FJMU-7", "borrowed before the end of term, back in the second week of the next", "loan", months("undergraduate", "2026-06-20"), {"due": "2026-09-20"}),
    ("R-FJMU-7", "borrowed on its last day", "loan", months("undergraduate", "2026-07-12"), {"due": "2026-09-20"}),
    ("R-FJMU-7", "not in the vacation", "loan", months("undergraduate", "2026-07-13"), {"due": "2026-08-13"}),
    ("R-FJMU-7", "not if it is due on the last day", "loan", months("undergraduate", "2026-06-12"), {"due": "2026-07-12"}),
    ("R-FJMU-7", "but on the day after", "loan", months("undergraduate", "2026-06-13"), {"due": "2026-09-20"}),
    ("R-FJMU-7", "a longer period stays", "loan", months("staff", "2026-06-20"), {"due": "2026-10-20"}),
    ("R-FJMU-9", "a week, its last day included", "hold", {"policy": "fjmu", "notified": at("2026-03-10"), "at": at("2026-03-17", "23:59")}, {"hold_until": "2026-03-17", "state": "held"}),
    ("R-FJMU-9", "then it is cancelled", "hold", {"policy": "fjmu", "notified": at("2026-03-10"), "at": at("2026-03-18", "00:00")}, {"state": "expired"}),
    ("R-FJMU-9", "a last day on which the desk is closed is the next one", "hold", {"policy": "fjmu", "notified": at("2026-03-08")}, {"hold_until": "2026-03-16"}),
    ("R-FJMU-10", "called back within seven days", "loan", months("staff", recall=RECALL), {"first_due": "2026-07-10", "due": "2026-03-27"}),
    ("R-FJMU-10", "never for longer", "loan", months("undergraduate", recall={"at": at("2026-04-09")}), {"due": "2026-04-10"}),
    ("R-FJMU-10", "nothing that is back", "loan", months("staff", recall={"at": at("2026-03-09")}), {"error": "event_outside_loan"}),
    ("R-FJMU-11", "periodicals are read there", "limits", asked("fjmu", {"type": "current_periodical"}), {"reasons": ["reading_room_only"]}),
    ("R-FJMU-11", "books are lent", "limits", asked("fjmu", {"type": "book"}), {"allowed": True}),
    ("R-FJMU-12", "bound ones too, whoever asks", "limits", asked("fjmu", {"type": "bound_periodical"}, category="staff"), {"reasons": ["reading_room_only"]}),
    ("R-FJMU-14", "a lost book is a case", "compensation", damaged("fjmu", "loss", item=PRICE), {"amount": None, "currency": "CNY"}),
    ("R-FJMU-14", "what is no loss and no damage is none", "compensation", damaged("fjmu", "noise", item=PRICE), {"error": "case_not_covered"}),
    ("R-FJMU-15", "ten to twenty times, as staff choose", "compensation", damaged("fjmu", "loss", item=PRICE), {"amount": None, "min": "400.00", "max": "800.00"}),
    ("R-FJMU-15", "ten", "compensation", damaged("fjmu", "loss", item=PRICE, factor="10"), {"amount": "400.00"}),
    ("R-FJMU-15", "twenty", "compensation", damaged("fjmu", "loss", item=PRICE, factor="20"), {"amount": "800.00"}),
    ("R-FJMU-15", "not nine", "compensation", damaged("fjmu", "loss", item=PRICE, factor="9.99"), {"error": "factor_out_of_range"}),
    ("R-FJMU-15", "not more than twenty", "compensation", damaged("fjmu", "loss", item=PRICE, factor="20.01"), {"error": "factor_out_of_range"}),
    ("R-FJMU-15", "the price is needed", "compensation", damaged("fjmu", "loss", item={"reference_price": "40.00"}), {"error": "price_missing"}),
    ("R-FJMU-15", "or the same book", "compensation", damaged("fjmu", "loss", resolution="replacement"), {"amount": "0.00"}),
    ("R-FJMU-15", "no other edition", "compensation", damaged("fjmu", "loss", resolution="replacement", edition="newer_agreed"), {"error": "edition_not_accepted"}),
    ("R-FJMU-15", "what cannot be used is lost", "compensation", damaged("fjmu", "unreadable", item=PRICE, factor="10"), {"amount": "400.00", "treated_as": "loss"}),
    ("R-FJMU-16", "a current periodical's year", "compensation", damaged("fjmu", "loss", item={"type": "current_periodical", "year_price": "240.00"}, available=False), {"amount": "240.00"}),
    ("R-FJMU-16", "not while it can be had", "compensation", damaged("fjmu", "loss", item={"type": "current_periodical", "year_price": "240.00"}), {"error": "replacement_required"}),
    ("R-FJMU-16", "not without its price", "compensation", damaged("fjmu", "loss", item={"type": "current_periodical"}, available=False), {"error": "year_price_missing"}),
    ("R-FJMU-16", "five times a bound volume, and the binding once", "compensation", damaged("fjmu", "loss", item=BOUND, factor="5", available=False), {"amount": "508.50", "min": "508.50", "max": "2008.50"}),
    ("R-FJMU-16", "not less", "compensation", damaged("fjmu", "loss", item=BOUND, factor="4", available=False), {"error": "factor_out_of_range"}),
    ("R-FJMU-16", "not without the binding fee", "compensation", damaged("fjmu", "loss", item=BOUND | {"binding_fee": None}, factor="5", available=False), {"error": "binding_fee_missing"}),
    ("R-FJMU-17", "a fifth of the price", "compensation", damaged("fjmu", "stain", item=PRICE, factor="0.2"), {"amount": "8.00", "min": "8.00", "max": "800.00"}),
    ("R-FJMU-17", "to twenty times", "compensation", damaged("fjmu", "cut", item=PRICE, factor="20"), {"amount": "800.00"}),
    ("R-FJMU-17", "not less", "compensation", damaged("fjmu", "stain", item=PRICE, factor="0.19"), {"error": "factor_out_of_range"}),
    ("R-FJMU-17", "not more", "compensation", damaged("fjmu", "cut", item=PRICE, factor="20.1"), {"error": "factor_out_of_range"}),
    ("R-FJMU-19", "ten times for theft, and the book", "compensation", damaged("fjmu", "theft", item=PRICE, factor="10"), {"amount": "400.00", "recover_item": True}),
    ("R-FJMU-19", "to a hundred", "compensation", damaged("fjmu", "theft", item=PRICE, factor="100"), {"amount": "4000.00", "min": "400.00", "max": "4000.00"}),
    ("R-FJMU-19", "not less", "compensation", damaged("fjmu", "theft", item=PRICE, factor="9"), {"error": "factor_out_of_range"}),
    ("R-FJMU-19", "not more", "compensation", damaged("fjmu", "theft", item=PRICE, factor="101"), {"error": "factor_out_of_range"}),
    ("R-FJMU-19", "nobody is suspended", "compensation", damaged("fjmu", "theft", item=PRICE, factor="10"), {"suspended_from": None}),
)  # fmt: skip
def test_a_rule_of_fjmu(kind: str, case: Case, expected: Case) -> None:
    assert expected == told(kind, case, expected)


@pytest.mark.rule("R-FJMU-1")
def test_the_card_that_was_shown_is_recorded_at_hand_over() -> None:
    journey = journey_to(Status.NOTIFIED, FJMU, card_number="20250001").do(HandOver(card="20250001"))

    assert ["20250001"] == [event.card for event in journey.events if isinstance(event, HandedOver)]
    assert journey.do(TakeBack(), DAY).status is Status.RETURNED


@pytest.mark.rule("R-FJMU-18")
def test_nothing_is_handed_out_on_another_persons_card() -> None:
    refused = journey_to(Status.NOTIFIED, FJMU, card_number="20250001").refusal(HandOver(card="found-card"))

    assert isinstance(refused, NotHandedOver)
    assert ["not_the_patrons_card"] == refused.facts["reasons"]
