# ruff: noqa: E501 - a table reads best with one row for each case
"""Jinan Library: cards with their limits, one renewal for Chinese books, ten yuan at most on a card."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import JINAN, START, a_patron, a_request, held_by, journey_to, known
from tests.workflows.rules.table import Case, asked, at, damaged, lent, ruled, told
from workflows.decisions.receiving import NotHandedOver
from workflows.decisions.submission import submit
from workflows.eligibility.privileges import CardNoted, Privileges
from workflows.ids import LibraryCode, PrivilegeId
from workflows.refusals import NotEligible
from workflows.requests.commands import HandOver
from workflows.requests.lifecycle import Status

PRICE = {"price": "40.00"}
ENGLISH = {"language": "en"}


def renewed(day: str, hour: str = "10:00", **more: Any) -> Case:
    return lent("jinan", "2026-03-10", renewals=[{"at": at(day, hour)}], **more)


def fined(*returns: str, payments: tuple[Case, ...] = ()) -> Case:
    loans = [lent("jinan", "2026-01-05", day, id=day) for day in returns]
    return {"loans": loans, "payments": list(payments)}


def payment(amount: object, currency: str = "CNY", day: str = "2026-12-01") -> Case:
    return {"at": at(day), "policy": "jinan", "currency": currency, "amount": amount}


@ruled(
    ("R-JN-2", "a third book on a personal card", "limits", asked("jinan", state={"open_at_lender": {"general": 2}}), {"allowed": True}),
    ("R-JN-2", "no fourth", "limits", asked("jinan", state={"open_at_lender": {"general": 3}}), {"reasons": ["lender_limit"]}),
    ("R-JN-2", "a tenth on a family card", "limits", asked("jinan", category="family", state={"open_at_lender": {"general": 9}}), {"allowed": True}),
    ("R-JN-2", "no eleventh", "limits", asked("jinan", category="family", state={"open_at_lender": {"general": 10}}), {"reasons": ["lender_limit"]}),
    ("R-JN-3", "60 days", "loan", lent("jinan", "2026-03-10"), {"due": "2026-05-09"}),
    ("R-JN-3", "nobody returns before borrowing", "loan", lent("jinan", "2026-03-10", "2026-03-09"), {"error": "timeline_order"}),
    ("R-JN-4", "newspapers are read there", "limits", asked("jinan", {"type": "newspaper"}), {"reasons": ["reading_room_only"]}),
    ("R-JN-4", "works of reference", "limits", asked("jinan", {"type": "reference"}), {"reasons": ["reading_room_only"]}),
    ("R-JN-4", "local literature", "limits", asked("jinan", {"type": "local_literature"}), {"reasons": ["reading_room_only"]}),
    ("R-JN-4", "feature literature", "limits", asked("jinan", {"type": "feature_literature"}), {"reasons": ["reading_room_only"]}),
    ("R-JN-4", "books are lent", "limits", asked("jinan", {"type": "book"}), {"allowed": True}),
    ("R-JN-5", "30 days from the day of renewal", "loan", renewed("2026-04-20"), {"due": "2026-05-20"}),
    ("R-JN-5", "which may be no gain", "loan", renewed("2026-04-09"), {"due": "2026-05-09", "events": [{"renewal": "refused", "reason": "no_gain"}]}),
    ("R-JN-5", "one day more is one", "loan", renewed("2026-04-10"), {"due": "2026-05-10"}),
    ("R-JN-5", "a renewal without gain is not used up", "loan", lent("jinan", "2026-03-10", renewals=[{"at": at("2026-04-09")}, {"at": at("2026-04-20")}]), {"due": "2026-05-20"}),
    ("R-JN-5", "once", "loan", lent("jinan", "2026-03-10", renewals=[{"at": at("2026-04-20")}, {"at": at("2026-04-25")}]), {"events": [{"renewal": "accepted", "due": "2026-05-20"}, {"renewal": "refused", "reason": "limit_reached"}]}),
    ("R-JN-5", "Chinese books alone", "loan", renewed("2026-04-20", item=ENGLISH), {"events": [{"renewal": "refused", "reason": "item_not_renewable"}]}),
    ("R-JN-6", "the day before it is due", "loan", renewed("2026-05-08", "23:59"), {"due": "2026-06-07"}),
    ("R-JN-6", "not on the day itself", "loan", renewed("2026-05-09", "00:00"), {"events": [{"renewal": "refused", "reason": "too_late"}]}),
    ("R-JN-8", "not the day after", "loan", renewed("2026-05-10", "00:00"), {"events": [{"renewal": "refused", "reason": "overdue"}]}),
    ("R-JN-8", "not while another waits", "loan", lent("jinan", "2026-03-10", renewals=[{"at": at("2026-04-20"), "on_hold": True}]), {"events": [{"renewal": "refused", "reason": "on_hold"}]}),
    ("R-JN-11", "no amount is stated for carrying out", "compensation", damaged("jinan", "theft", item=PRICE), {"error": "case_not_covered"}),
    ("R-JN-15", "a stamped damage costs nothing", "compensation", damaged("jinan", "stain", item={"damage_stamp": True}), {"amount": "0.00", "waived": True}),
    ("R-JN-15", "one without a stamp is for others to judge", "compensation", damaged("jinan", "stain", item={"damage_stamp": False}), {"amount": None, "refer": "relevant_regulations", "waived": None}),
    ("R-JN-16", "five fen the day after", "loan", lent("jinan", "2026-03-10", "2026-05-10"), {"fine.amount": "0.05"}),
    ("R-JN-16", "no cap on a book", "loan", lent("jinan", "2026-01-05", "2026-11-02"), {"overdue_days": 241, "fine.amount": "12.05", "fine.cap": None}),
    ("R-JN-16", "200 days fill the card", "account", fined("2026-09-22"), {"charged": {"CNY": "10.00"}, "items": [{"id": "2026-09-22", "raw": "10.00", "charged": "10.00", "cap": None}]}),
    ("R-JN-16", "the next is not charged", "account", fined("2026-09-23"), {"charged": {"CNY": "10.00"}, "items": [{"id": "2026-09-23", "raw": "10.05", "charged": "10.00", "cap": "card"}]}),
    ("R-JN-16", "all books of the card together", "account", fined("2026-06-14", "2026-09-13"), {"charged": {"CNY": "10.00"}}),
    ("R-JN-16", "paying makes room", "account", fined("2026-09-22", "2026-12-05", payments=(payment("10.00", day="2026-10-01"),)), {"charged": {"CNY": "20.00"}, "payments": ["accepted"]}),
    ("R-JN-16", "nobody pays more than is owed", "account", fined("2026-09-22", payments=(payment("10.01"),)), {"payments": ["overpayment"]}),
    ("R-JN-16", "nor nothing", "account", fined("2026-09-22", payments=(payment("0.00"),)), {"payments": ["bad_amount"]}),
    ("R-JN-16", "nor in rupees", "account", fined("2026-09-22", payments=(payment("1.00", "INR"),)), {"payments": ["currency_mismatch"]}),
    ("R-JN-17", "the same book and 3 RMB", "compensation", damaged("jinan", "loss", resolution="replacement"), {"amount": "3.00", "replacement_deadline": None}),
    ("R-JN-17", "a newer one by agreement", "compensation", damaged("jinan", "loss", resolution="replacement", edition="newer_agreed"), {"amount": "3.00"}),
    ("R-JN-17", "no older one", "compensation", damaged("jinan", "loss", resolution="replacement", edition="older"), {"error": "edition_not_accepted"}),
    ("R-JN-17", "no cash while it is on sale", "compensation", damaged("jinan", "loss", item=PRICE, factor="3"), {"error": "replacement_required"}),
    ("R-JN-17", "else three times", "compensation", damaged("jinan", "loss", item=PRICE, factor="3", available=False), {"amount": "120.00", "min": "120.00", "max": "400.00"}),
    ("R-JN-17", "to ten times", "compensation", damaged("jinan", "loss", item=PRICE, factor="10", available=False), {"amount": "400.00"}),
    ("R-JN-17", "not less", "compensation", damaged("jinan", "loss", item=PRICE, factor="2.9", available=False), {"error": "factor_out_of_range"}),
    ("R-JN-17", "not more", "compensation", damaged("jinan", "loss", item=PRICE, factor="10.1", available=False), {"error": "factor_out_of_range"}),
    ("R-JN-17", "nobody is suspended", "compensation", damaged("jinan", "loss", resolution="replacement"), {"suspended_from": None}),
    ("R-JN-18", "nor for a hidden one", "compensation", damaged("jinan", "theft", item=PRICE, factor="10"), {"error": "case_not_covered"}),
    ("R-JN-19", "ripped pages are a lost book", "compensation", damaged("jinan", "cut", item=PRICE, factor="3", available=False), {"amount": "120.00", "treated_as": "loss"}),
    ("R-JN-19", "to be replaced first", "compensation", damaged("jinan", "cut", item=PRICE, factor="3"), {"error": "replacement_required"}),
)  # fmt: skip
def test_a_rule_of_jinan(kind: str, case: Case, expected: Case) -> None:
    assert expected == told(kind, case, expected)


def card(*, lends: bool) -> Privileges:
    noted = CardNoted(id=PrivilegeId("prv_1"), library=LibraryCode("bjtu"), at=START, lends=lends)
    return Privileges((noted,))


@pytest.mark.rule("R-JN-1")
def test_a_card_without_loan_function_gets_nothing() -> None:
    wish = a_request(holdings=held_by(JINAN))
    with pytest.raises(NotEligible) as refused:
        submit(wish, a_patron(), known(privileges=card(lends=False)))
    at_the_desk = journey_to(Status.NOTIFIED, JINAN)
    at_the_desk.facts["privileges"] = card(lends=False)
    kept = at_the_desk.refusal(HandOver())

    assert ["card_without_loan_function"] == refused.value.facts["reasons"]
    assert isinstance(kept, NotHandedOver)
    assert ["card_without_loan_function"] == kept.facts["reasons"]
    assert submit(wish, a_patron(), known(privileges=card(lends=True))).request.lender == JINAN
