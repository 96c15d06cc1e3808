# ruff: noqa: E501 - a table reads best with one row for each case
"""Shenzhen University Town Library: what it lends, for how long, and what losses and damages cost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import DAY, SZUTL, journey_to
from tests.workflows.rules.table import Case, asked, at, damaged, lent, ruled, told
from workflows.refusals import RenewalRefused
from workflows.requests.commands import Renew
from workflows.requests.lifecycle import Status

SWAP = {"type": "swap_book"}
CASH = {"price": "30.00"}


def paid(item: Case, **more: Any) -> Case:
    return damaged("szutl", "loss", item=item, **more)


def replaced(**more: Any) -> Case:
    return damaged("szutl", "loss", **{"resolution": "replacement", **more})


def suspension(case: str, months: object, **more: Any) -> Case:
    return {"policy": "szutl", "case": case, "from": "2026-03-31", "months": months, **more}


@ruled(
    ("R-SZUTL-2", "holders of any public library's card", "limits", asked("szutl", category="public"), {"allowed": True}),
    ("R-SZUTL-2", "and readers through the brokerage as many as they like", "limits", asked("szutl", state={"open_at_lender": {"general": 99}}), {"allowed": True}),
    ("R-SZUTL-2", "other categories there are none", "limits", asked("szutl", category="faculty"), {"error": "unknown_category"}),
    ("R-SZUTL-3", "bound past periodicals are lent", "limits", asked("szutl", {"type": "bound_periodical"}), {"allowed": True}),
    ("R-SZUTL-3", "foreign books are lent", "limits", asked("szutl", {"language": "en"}), {"allowed": True}),
    ("R-SZUTL-3", "current ones are for reading", "limits", asked("szutl", {"type": "current_periodical"}), {"reasons": ["reading_room_only"]}),
    ("R-SZUTL-3", "so are newspapers", "limits", asked("szutl", {"type": "newspaper"}), {"reasons": ["reading_room_only"]}),
    ("R-SZUTL-3", "and works of reference", "limits", asked("szutl", {"type": "reference"}), {"reasons": ["reading_room_only"]}),
    ("R-SZUTL-3", "books for exchange stay", "limits", asked("szutl", SWAP), {"reasons": ["not_lendable"]}),
    ("R-SZUTL-4", "a coloured label forbids what is lent else", "limits", asked("szutl", {"restricted_label": True}), {"reasons": ["not_lendable"]}),
    ("R-SZUTL-4", "above every other rule", "limits", asked("szutl", {"type": "reference", "restricted_label": True}), {"reasons": ["not_lendable"]}),
    ("R-SZUTL-4", "no label forbids nothing", "limits", asked("szutl", {"restricted_label": False}), {"allowed": True}),
    ("R-SZUTL-6", "31 days", "loan", lent("szutl", "2026-03-10"), {"due": "2026-04-10"}),
    ("R-SZUTL-6", "the last day is in time", "loan", lent("szutl", "2026-03-10", "2026-04-10", hour="23:59"), {"overdue_days": 0}),
    ("R-SZUTL-6", "the next is not", "loan", lent("szutl", "2026-03-10", "2026-04-11", hour="00:00"), {"overdue_days": 1}),
    ("R-SZUTL-6", "no loan ends before it began", "loan", lent("szutl", "2026-03-10", "2026-03-09"), {"error": "timeline_order"}),
    ("R-SZUTL-7", "31 days more, whenever it is asked", "loan", lent("szutl", "2026-03-10", renewals=[{"at": at("2026-03-11")}]), {"due": "2026-05-11"}),
    ("R-SZUTL-7", "until the last minute", "loan", lent("szutl", "2026-03-10", renewals=[{"at": at("2026-04-10", "23:59")}]), {"due": "2026-05-11"}),
    ("R-SZUTL-7", "not the day after", "loan", lent("szutl", "2026-03-10", renewals=[{"at": at("2026-04-11", "00:00")}]), {"events": [{"renewal": "refused", "reason": "overdue"}]}),
    ("R-SZUTL-7", "once", "loan", lent("szutl", "2026-03-10", renewals=[{"at": at("2026-03-11")}, {"at": at("2026-03-12")}]), {"events": [{"renewal": "accepted", "due": "2026-05-11"}, {"renewal": "refused", "reason": "limit_reached"}]}),
    ("R-SZUTL-7", "not while another reader waits", "loan", lent("szutl", "2026-03-10", renewals=[{"at": at("2026-03-11"), "on_hold": True}]), {"events": [{"renewal": "refused", "reason": "on_hold"}]}),
    ("R-SZUTL-8", "a week after the holiday", "loan", lent("szutl", "2026-06-10", category="campus"), {"first_due": "2026-09-06"}),
    ("R-SZUTL-8", "from its first day", "loan", lent("szutl", "2026-06-05", category="campus"), {"first_due": "2026-09-06"}),
    ("R-SZUTL-8", "not the day before", "loan", lent("szutl", "2026-06-04", category="campus"), {"first_due": "2026-07-05"}),
    ("R-SZUTL-8", "to its last", "loan", lent("szutl", "2026-07-30", category="campus"), {"first_due": "2026-09-06"}),
    ("R-SZUTL-8", "not the day after", "loan", lent("szutl", "2026-07-31", category="campus"), {"first_due": "2026-08-31"}),
    ("R-SZUTL-8", "for campus readers alone", "loan", lent("szutl", "2026-06-10"), {"first_due": "2026-07-11"}),
    ("R-SZUTL-11", "the next opening day", "pickup", {"policy": "szutl", "site": "information_desk", "applied": at("2026-03-11", "15:00")}, {"delivered_by": "2026-03-12", "after_cutoff": False}),
    ("R-SZUTL-11", "the second after three", "pickup", {"policy": "szutl", "site": "information_desk", "applied": "2026-03-11T15:00:01+08:00"}, {"delivered_by": "2026-03-13", "after_cutoff": True}),
    ("R-SZUTL-11", "Monday is no opening day", "pickup", {"policy": "szutl", "site": "information_desk", "applied": at("2026-03-15")}, {"delivered_by": "2026-03-17"}),
    ("R-SZUTL-11", "nowhere else", "pickup", {"policy": "szutl", "site": "cafeteria", "applied": at("2026-03-15")}, {"error": "unknown_pickup_site"}),
    ("R-SZUTL-12", "on Thursday if it is ready that day", "pickup", {"policy": "szutl", "site": "service_station", "applied": at("2026-03-11")}, {"delivered_by": "2026-03-12"}),
    ("R-SZUTL-12", "else on the next", "pickup", {"policy": "szutl", "site": "service_station", "applied": at("2026-03-11", "15:01")}, {"delivered_by": "2026-03-19"}),
    ("R-SZUTL-12", "a closed Thursday is passed over", "pickup", {"policy": "szutl", "site": "service_station", "applied": at("2026-02-12")}, {"delivered_by": "2026-02-26"}),
    ("R-SZUTL-12", "only where there is a station", "pickup", {"policy": "fjmu", "site": "service_station", "applied": at("2026-03-11")}, {"error": "unknown_pickup_site"}),
    ("R-SZUTL-13", "two opening days", "hold", {"policy": "szutl", "notified": at("2026-03-14"), "at": at("2026-03-17", "23:59")}, {"hold_until": "2026-03-17", "state": "held"}),
    ("R-SZUTL-13", "then it goes back", "hold", {"policy": "szutl", "notified": at("2026-03-14"), "at": at("2026-03-18", "00:00")}, {"state": "expired"}),
    ("R-SZUTL-13", "and no loan comes of it", "loan", {"policy": "szutl", "timeline": {"notified": at("2026-03-14")}, "as_of": at("2026-03-18", "00:00")}, {"status": "hold_expired", "due": None, "fine.amount": "0.00"}),
    ("R-SZUTL-17", "suspended from the report on", "compensation", paid(CASH), {"suspended_from": "2026-03-09", "suspended_until": None}),
    ("R-SZUTL-17", "until it is settled", "compensation", paid(CASH, settled=at("2026-05-09")), {"suspended_until": "2026-05-09"}),
    ("R-SZUTL-17", "who is suspended borrows nothing", "limits", asked("szutl", state={"suspended": [{"policy": "szutl", "from": "2026-03-01"}]}), {"reasons": ["suspended"]}),
    ("R-SZUTL-17", "and renews nothing", "loan", lent("szutl", "2026-03-10", renewals=[{"at": at("2026-03-20")}], suspended=[{"policy": "szutl", "from": "2026-03-20"}]), {"events": [{"renewal": "refused", "reason": "suspended"}]}),
    ("R-SZUTL-17", "until the first free day", "loan", lent("szutl", "2026-03-10", renewals=[{"at": at("2026-03-20")}], suspended=[{"policy": "szutl", "from": "2026-03-15", "until": "2026-03-20"}]), {"due": "2026-05-11"}),
    ("R-SZUTL-17", "elsewhere it does not count", "loan", lent("szutl", "2026-03-10", renewals=[{"at": at("2026-03-20")}], suspended=[{"policy": "nlc", "from": "2026-03-20"}]), {"due": "2026-05-11"}),
    ("R-SZUTL-18", "0.20 for the first day", "loan", lent("szutl", "2026-03-10", "2026-04-11"), {"fine.amount": "0.20", "fine.cap": None}),
    ("R-SZUTL-18", "50 days reach 10.00 uncapped", "loan", lent("szutl", "2026-03-10", "2026-05-30"), {"overdue_days": 50, "fine.amount": "10.00", "fine.cap": None}),
    ("R-SZUTL-18", "the 51st is capped", "loan", lent("szutl", "2026-03-10", "2026-05-31"), {"overdue_days": 51, "fine.amount": "10.00", "fine.cap": "item"}),
    ("R-SZUTL-18", "each book by itself", "account", {"loans": [lent("szutl", "2026-03-10", "2026-05-31", id=name) for name in "ab"]}, {"charged": {"CNY": "20.00"}}),
    ("R-SZUTL-19", "the fine runs to the report", "loan", lent("szutl", "2026-03-10", timeline={"lost_reported": at("2026-04-12")}, as_of=at("2026-06-01")), {"status": "lost", "overdue_days": 2}),
    ("R-SZUTL-19", "found before it is settled it was only late", "loan", lent("szutl", "2026-03-10", "2026-04-20", timeline={"lost_reported": at("2026-04-12"), "settled": at("2026-04-21")}), {"status": "returned", "overdue_days": 10, "found_after_settlement": None}),
    ("R-SZUTL-19", "found after that is recorded", "loan", lent("szutl", "2026-03-10", "2026-04-22", timeline={"lost_reported": at("2026-04-12"), "settled": at("2026-04-21")}), {"status": "settled", "overdue_days": 2, "found_after_settlement": True}),
    ("R-SZUTL-19", "nothing is lost before it is lent", "loan", lent("szutl", "2026-03-10", timeline={"lost_reported": at("2026-03-09")}), {"error": "timeline_order"}),
    ("R-SZUTL-20", "10 for the work on the same edition", "compensation", replaced(), {"amount": "10.00"}),
    ("R-SZUTL-20", "for each volume", "compensation", replaced(volumes=4), {"amount": "40.00"}),
    ("R-SZUTL-20", "a newer one by agreement", "compensation", replaced(edition="newer_agreed"), {"amount": "10.00"}),
    ("R-SZUTL-20", "no older one", "compensation", replaced(edition="older"), {"error": "edition_not_accepted"}),
    ("R-SZUTL-20", "no fewer than one volume", "compensation", replaced(volumes=0), {"error": "bad_count"}),
    ("R-SZUTL-20", "the work is not paid with cash", "compensation", paid(CASH), {"amount": "90.00"}),
    ("R-SZUTL-21", "within the month", "compensation", replaced(settled=at("2026-04-09", "23:59")), {"amount": "10.00", "replacement_deadline": "2026-04-09"}),
    ("R-SZUTL-21", "not the day after", "compensation", replaced(settled=at("2026-04-10", "00:00")), {"error": "replacement_too_late"}),
    ("R-SZUTL-21", "a month ends with the month", "compensation", replaced(day="2026-01-31"), {"replacement_deadline": "2026-02-28"}),
    ("R-SZUTL-21", "suspended beyond it", "compensation", paid(CASH, settled=at("2026-06-09")), {"suspended_until": "2026-06-09"}),
    ("R-SZUTL-22", "three times the price", "compensation", paid({"price": "12.34"}), {"amount": "37.02"}),
    ("R-SZUTL-22", "a price is above nothing", "compensation", paid({"price": "0.00"}), {"error": "bad_price"}),
    ("R-SZUTL-23", "five times for an imported one", "compensation", paid({"price": "12.34", "origin": "foreign"}), {"amount": "61.70"}),
    ("R-SZUTL-23", "its language does not matter", "compensation", paid({"price": "12.34", "language": "en"}), {"amount": "37.02"}),
    ("R-SZUTL-23", "converted and rounded, then multiplied", "compensation", paid({"price": "9.99", "price_currency": "USD", "origin": "foreign"}, fx=[{"from": "USD", "to": "CNY", "date": "2026-03-09", "rate": "7.1234"}]), {"amount": "355.80"}),
    ("R-SZUTL-23", "at a rate of the day or before", "compensation", paid({"price": "9.99", "price_currency": "USD", "origin": "foreign"}, fx=[{"from": "USD", "to": "CNY", "date": "2026-03-10", "rate": "7.1234"}]), {"error": "fx_rate_missing"}),
    ("R-SZUTL-24", "the whole set once, and the rest stays", "compensation", paid({"part_of_set": True, "set_price": "188.00", "price": "80.00"}), {"amount": "188.00", "remainder_belongs_to": "library"}),
    ("R-SZUTL-24", "before the origin is looked at", "compensation", paid({"part_of_set": True, "set_price": "188.00", "origin": "foreign"}), {"amount": "188.00"}),
    ("R-SZUTL-24", "not without its price", "compensation", paid({"part_of_set": True, "price": "80.00"}), {"error": "set_price_missing"}),
    ("R-SZUTL-25", "a periodical's year", "compensation", paid({"type": "bound_periodical", "year_price": "366.00", "part_of_set": True, "set_price": "1.00"}), {"amount": "366.00", "remainder_belongs_to": "library"}),
    ("R-SZUTL-25", "not without its price", "compensation", paid({"type": "current_periodical", "price": "20.00"}), {"error": "year_price_missing"}),
    ("R-SZUTL-26", "a comparable book's price", "compensation", paid({"reference_price": "21.00"}), {"amount": "63.00", "price_basis": "reference_price"}),
    ("R-SZUTL-26", "times five for an imported one", "compensation", paid({"reference_price": "21.00", "origin": "foreign"}), {"amount": "105.00"}),
    ("R-SZUTL-26", "only if there is no other", "compensation", paid({"reference_price": "21.00", "price": "10.00"}), {"amount": "30.00", "price_basis": None}),
    ("R-SZUTL-26", "not without any", "compensation", paid({}), {"error": "reference_price_missing"}),
    ("R-SZUTL-26", "a price below nothing is no missing one", "compensation", paid({"price": "-1.00", "reference_price": "21.00"}), {"error": "bad_price"}),
    ("R-SZUTL-27", "an umbrella is paid once", "compensation", paid({"type": "other_item", "price": "45.50"}), {"amount": "45.50"}),
    ("R-SZUTL-27", "whatever its origin", "compensation", paid({"type": "other_item", "price": "45.50", "origin": "foreign"}), {"amount": "45.50"}),
    ("R-SZUTL-27", "at a price", "compensation", paid({"type": "other_item", "price": "much"}), {"error": "bad_price"}),
    ("R-SZUTL-28", "from 5", "compensation", damaged("szutl", "stain", amount="5.00"), {"amount": "5.00", "min": "5.00", "max": "20.00"}),
    ("R-SZUTL-28", "to 20", "compensation", damaged("szutl", "stain", amount="20.00"), {"amount": "20.00"}),
    ("R-SZUTL-28", "no less", "compensation", damaged("szutl", "stain", amount="4.99"), {"error": "amount_out_of_range"}),
    ("R-SZUTL-28", "no more", "compensation", damaged("szutl", "stain", amount="20.01"), {"error": "amount_out_of_range"}),
    ("R-SZUTL-28", "staff choose", "compensation", damaged("szutl", "stain"), {"amount": None, "min": "5.00", "max": "20.00"}),
    ("R-SZUTL-29", "the price once for what cannot be read", "compensation", damaged("szutl", "unreadable", item={"price": "33.30", "origin": "foreign"}), {"amount": "33.30"}),
    ("R-SZUTL-29", "if it has one", "compensation", damaged("szutl", "unreadable", item={"price": "0"}), {"error": "bad_price"}),
    ("R-SZUTL-30", "a rare book is for others to judge", "compensation", damaged("szutl", "stain", item={"type": "rare_book"}, amount="20.00"), {"amount": None, "refer": "cultural_relics_regulations"}),
    ("R-SZUTL-31", "cut out is lost", "compensation", damaged("szutl", "cut", item=CASH), {"amount": "90.00", "treated_as": "loss"}),
    ("R-SZUTL-31", "and may be replaced", "compensation", damaged("szutl", "cut", resolution="replacement"), {"amount": "10.00", "treated_as": "loss"}),
    ("R-SZUTL-32", "six months at least", "suspension", suspension("serious_damage", 6), {"from": "2026-03-31", "until": "2026-09-30"}),
    ("R-SZUTL-32", "not five", "suspension", suspension("serious_damage", 5), {"error": "months_out_of_range"}),
    ("R-SZUTL-32", "twelve at most", "suspension", suspension("serious_damage", 12), {"until": "2027-03-31"}),
    ("R-SZUTL-32", "not thirteen", "suspension", suspension("serious_damage", 13), {"error": "months_out_of_range"}),
    ("R-SZUTL-33", "who does not pay is judged by staff, for no set time", "suspension", suspension("refusal_to_pay", 6), {"error": "case_not_covered"}),
    ("R-SZUTL-34", "one month at least", "suspension", suspension("theft", 1), {"until": "2026-04-30"}),
    ("R-SZUTL-34", "not none", "suspension", suspension("theft", 0), {"error": "months_out_of_range"}),
    ("R-SZUTL-34", "six at most", "suspension", suspension("theft", 6), {"until": "2026-09-30"}),
    ("R-SZUTL-34", "not seven", "suspension", suspension("theft", 7), {"error": "months_out_of_range"}),
    ("R-SZUTL-34", "no amount is stated", "compensation", damaged("szutl", "theft", item=CASH), {"error": "case_not_covered"}),
    ("R-SZUTL-35", "a disc that belongs to a book is lent", "limits", asked("szutl", {"type": "dvd"}), {"allowed": True}),
    ("R-SZUTL-35", "one that belongs to none is not", "limits", asked("szutl", {"type": "cd"}), {"reasons": ["not_lendable"]}),
    ("R-SZUTL-35", "a copy replaces it", "compensation", replaced(item={"type": "dvd"}), {"amount": "10.00"}),
    ("R-SZUTL-35", "else it is paid like a book", "compensation", paid({"type": "dvd", "price": "15.00"}), {"amount": "45.00"}),
)  # fmt: skip
def test_a_rule_of_szutl(kind: str, case: Case, expected: Case) -> None:
    assert expected == told(kind, case, expected)


@pytest.mark.rule("R-SZUTL-10")
def test_a_reservation_by_another_reader_is_recorded_and_stops_a_renewal() -> None:
    loan = journey_to(Status.ON_LOAN, SZUTL)
    refused = loan.refusal(Renew(on_hold=True), DAY)

    assert isinstance(refused, RenewalRefused)
    assert "on_hold" in str(refused.facts)
    assert loan.refusal(Renew(), DAY) is None
