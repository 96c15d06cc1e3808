# ruff: noqa: E501 - a table reads best with one row for each case
"""BALIS, Peking University, the National Library and Shanghai Library, as their notices say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import NLC, PKU, SHLIB, START, SZUTL, a_patron, a_request, held_by, known
from tests.workflows.books import builtin
from tests.workflows.rules.table import Case, asked, at, lent, ruled, told
from workflows.decisions.submission import submit
from workflows.requests.lifecycle import Status
from workflows.requests.limits import Limit, Slot, ceiling, slots_of

FOREIGN = {"language": "en"}
ROAD = {"from": at("2026-03-20"), "to": at("2026-03-25")}
BULK = {"bulk_extensions": [{"issued_after": "2026-03-10"}]}


def candidates(*names: str, **facts: int) -> list[Case]:
    return [{"policy": name, **facts} for name in names]


@ruled(
    ("R-BALIS-1", "28 days from a university", "loan", lent("bjtu", "2026-09-14"), {"due": "2026-10-12"}),
    ("R-BALIS-1", "late from the day after", "loan", lent("bjtu", "2026-09-14", "2026-10-13"), {"overdue_days": 1}),
    ("R-BALIS-1", "returned before it was handed over", "loan", lent("bjtu", "2026-09-14", "2026-09-13"), {"error": "timeline_order"}),
    ("R-BALIS-2", "a loan of 4 January is not made after it", "loan", lent("pku", "2026-01-04"), {"due": "2026-02-01"}),
    ("R-BALIS-2", "one of the day after is extended", "loan", lent("pku", "2026-01-05"), {"due": "2026-03-07"}),
    ("R-BALIS-2", "it never shortens", "loan", lent("pku", "2026-02-08"), {"due": "2026-03-08"}),
    ("R-BALIS-2", "a date that is none is a fault", "validate", {"policy": "balis", "patch": {"bulk_extensions": [{"issued_after": "4 January", "new_due": "2026-03-07"}]}}, {"errors": [{"path": "bulk_extensions[0].issued_after", "code": "bad_date"}]}),
    ("R-BALIS-2", "so is an extension to no date", "validate", {"policy": "balis", "patch": BULK}, {"errors": [{"path": "bulk_extensions[0].new_due", "code": "missing_field"}]}),
    ("R-BALIS-3", "the National Library's loans are not extended", "loan", lent("nlc", "2026-01-05"), {"due": "2026-01-16"}),
    ("R-BALIS-3", "nor are Shanghai's", "loan", lent("shlib", "2026-01-05"), {"due": "2026-02-19"}),
    ("R-BALIS-4", "a recall beats an extension", "loan", lent("pku", "2026-01-05", recall={"at": at("2026-01-20")}, patch={"recall": {"allowed": True, "notice_days": 7}}), {"first_due": "2026-03-07", "due": "2026-01-27"}),
    ("R-BALIS-4", "a recall after the return is none of this loan", "loan", lent("nlc", "2026-03-09", "2026-03-20", recall={"at": at("2026-03-21")}), {"error": "event_outside_loan"}),
    ("R-PKU-1", "a tenth book is lent", "limits", asked("szutl", borrower="pku", state={"open_total": 9}), {"allowed": True}),
    ("R-PKU-1", "an eleventh is not", "limits", asked("szutl", borrower="pku", state={"open_total": 10}), {"reasons": ["borrower_limit"]}),
    ("R-PKU-2", "four weeks as a lender", "loan", lent("pku", "2026-04-08", borrower="bjtu"), {"due": "2026-05-06"}),
    ("R-PKU-2", "four weeks for its readers where the lender states no term", "loan", lent("shlib", "2026-04-08", borrower="pku", patch={"loan_rules": []}), {"due": "2026-05-06"}),
    ("R-PKU-3", "three weeks for books of the National Library", "loan", lent("nlc", "2026-04-08", borrower="pku"), {"due": "2026-04-29"}),
    ("R-PKU-3", "readers of others keep the month", "loan", lent("nlc", "2026-04-08", borrower="bjtu"), {"due": "2026-05-08"}),
    ("R-PKU-4", "two weeks for new books of Shanghai", "loan", lent("shlib", "2026-04-08", borrower="pku", item={"new_book": True}), {"due": "2026-04-22"}),
    ("R-PKU-4", "a book that nobody calls new keeps its term", "loan", lent("shlib", "2026-04-08", borrower="pku"), {"due": "2026-05-23"}),
    ("R-PKU-4", "a term for books of nobody is a fault", "validate", {"policy": "pku", "patch": {"borrowing": {"lender_periods": [{"lender": "x", "when": {}, "period": {"days": 1}}]}}}, {"errors": [{"path": "borrowing.lender_periods[0].lender", "code": "bad_reference"}]}),
    ("R-NLC-1", "one month", "loan", lent("nlc", "2026-04-15"), {"due": "2026-05-15"}),
    ("R-NLC-1", "a month ends with the month", "loan", lent("nlc", "2026-03-31"), {"due": "2026-04-30"}),
    ("R-NLC-1", "days on the road are left out", "loan", lent("nlc", "2026-03-10", transfers=[ROAD]), {"due": "2026-04-15"}),
    ("R-NLC-1", "handed over before it arrived", "loan", lent("nlc", "2026-03-10", timeline={"arrived": at("2026-03-11")}), {"error": "timeline_order"}),
    ("R-NLC-2", "seven days after the recall", "loan", lent("nlc", "2026-04-15", recall={"at": at("2026-04-20")}), {"due": "2026-04-27"}),
    ("R-NLC-2", "a recall in the last week changes nothing", "loan", lent("nlc", "2026-04-15", recall={"at": at("2026-05-08")}), {"due": "2026-05-15"}),
    ("R-NLC-3", "nothing on the last day", "loan", lent("nlc", "2026-04-15", "2026-05-15", hour="23:59"), {"fine.amount": "0.00"}),
    ("R-NLC-3", "5 RMB the day after", "loan", lent("nlc", "2026-04-15", "2026-05-16", hour="00:00"), {"fine.amount": "5.00"}),
    ("R-NLC-3", "and no cap", "loan", lent("nlc", "2026-04-15", "2026-08-23"), {"overdue_days": 100, "fine.amount": "500.00", "fine.cap": None}),
    ("R-NLC-4", "the 500th volume of the month is lent", "limits", asked("nlc", FOREIGN, state={"quota_used": 499}), {"allowed": True}),
    ("R-NLC-4", "the next one is not", "limits", asked("nlc", FOREIGN, state={"quota_used": 500}), {"reasons": ["quota_exhausted"]}),
    ("R-NLC-4", "and another lender is asked", "route", {"item": FOREIGN, "at": at("2026-03-09"), "candidates": [*candidates("nlc", quota_used=500), *candidates("shlib")]}, {"order": ["shlib"], "excluded": [{"policy": "nlc", "reason": "quota_exhausted"}]}),
    ("R-NLC-5", "comes last for a Chinese book", "route", {"item": {}, "at": at("2026-03-09"), "candidates": candidates("nlc", "pku")}, {"order": ["pku", "nlc"]}),
    ("R-NLC-5", "but in its turn for a foreign one", "route", {"item": FOREIGN, "at": at("2026-03-09"), "candidates": candidates("nlc", "szutl")}, {"order": ["nlc", "szutl"]}),
    ("R-NLC-5", "which is told, not refused", "limits", asked("nlc"), {"allowed": True, "advice": ["lender_prefers_foreign"]}),
    ("R-NLC-6", "back two days before the summer holiday", "loan", lent("nlc", "2026-06-15"), {"due": "2026-07-10"}),
    ("R-NLC-6", "a loan that ends before that is not cut", "loan", lent("nlc", "2026-06-10"), {"due": "2026-07-10", "steps": [{"step": "period", "rule": "nlc-one-month", "due": "2026-07-10"}]}),
    ("R-NLC-6", "never before the hand-over", "loan", lent("nlc", "2026-07-12"), {"due": "2026-07-12"}),
    ("R-NLC-6", "a loan of the holiday is not cut by it", "loan", lent("nlc", "2026-07-13"), {"due": "2026-08-13"}),
    ("R-NLC-7", "the day before the winter break is a day", "limits", asked("nlc", FOREIGN, day="2026-01-18"), {"allowed": True}),
    ("R-NLC-7", "nothing from its first day", "limits", asked("nlc", FOREIGN, day="2026-01-19"), {"reasons": ["processing_stopped"]}),
    ("R-NLC-7", "to its last", "limits", asked("nlc", FOREIGN, day="2026-03-01"), {"reasons": ["processing_stopped"]}),
    ("R-NLC-7", "and again from the next", "limits", asked("nlc", FOREIGN, day="2026-03-02"), {"allowed": True}),
    ("R-NLC-7", "the summer stops nothing", "limits", asked("nlc", FOREIGN, day="2026-07-20"), {"allowed": True}),
    ("R-SHLIB-1", "45 days", "loan", lent("shlib", "2026-03-10"), {"due": "2026-04-24"}),
    ("R-SHLIB-1", "without the postage", "loan", lent("shlib", "2026-03-10", transfers=[ROAD]), {"due": "2026-04-29"}),
    ("R-SHLIB-1", "of both ways", "loan", lent("shlib", "2026-03-10", "2026-04-24", timeline={"shipped": at("2026-02-01"), "lender_received": at("2026-06-01")}), {"overdue_days": 0}),
    ("R-SHLIB-2", "nothing is renewed", "loan", lent("shlib", "2026-03-10", renewals=[{"at": at("2026-03-20")}]), {"due": "2026-04-24", "events": [{"renewal": "refused", "reason": "policy_no_renewal"}]}),
    ("R-SHLIB-3", "recalled at any time", "loan", lent("shlib", "2026-03-10", recall={"at": at("2026-03-10", "11:00")}), {"due": "2026-03-17"}),
    ("R-SHLIB-3", "but not before the loan", "loan", lent("shlib", "2026-03-10", recall={"at": at("2026-03-09")}), {"error": "event_outside_loan"}),
    ("R-SHLIB-4", "half a yuan the day after", "loan", lent("shlib", "2026-03-10", "2026-04-25"), {"fine.amount": "0.50"}),
    ("R-SHLIB-4", "and no cap", "loan", lent("shlib", "2026-03-10", "2026-08-02"), {"overdue_days": 100, "fine.amount": "50.00"}),
    ("R-SHLIB-5", "the 800th of the month is lent", "limits", asked("shlib", FOREIGN, state={"quota_used": 799}), {"allowed": True}),
    ("R-SHLIB-5", "the next one is not", "limits", asked("shlib", FOREIGN, state={"quota_used": 800}), {"reasons": ["quota_exhausted"]}),
    ("R-SHLIB-6", "comes last for a Chinese book", "route", {"item": {"language": "zho"}, "at": at("2026-03-09"), "candidates": candidates("shlib", "fjmu")}, {"order": ["fjmu", "shlib"]}),
    ("R-SHLIB-6", "which is told", "limits", asked("shlib"), {"advice": ["lender_prefers_foreign"]}),
    ("R-SHLIB-6", "and says nothing of a foreign one", "limits", asked("shlib", FOREIGN), {"advice": []}),
)  # fmt: skip
def test_a_rule_of_the_consortium(kind: str, case: Case, expected: Case) -> None:
    assert expected == told(kind, case, expected)


@pytest.mark.parametrize(
    ("lender", "most"),
    [pytest.param(NLC, 500, id="R-NLC-4"), pytest.param(SHLIB, 800, id="R-SHLIB-5")],
)
def test_a_request_takes_one_of_the_quota_of_the_month_in_which_it_is_sent(lender: str, most: int) -> None:
    sent = submit(a_request(holdings=held_by(lender)), a_patron(), known(START)).request  # type: ignore[arg-type]  # a code
    slot = Slot(Limit.QUOTA, f"{lender}:2026-03")

    assert sent.status is Status.SUBMITTED
    assert slot in slots_of(sent)
    assert most == ceiling(slot, sent, builtin())
    assert slot not in slots_of(replace(sent, quota=None))


@pytest.mark.parametrize("last", [pytest.param(NLC, id="R-NLC-5"), pytest.param(SHLIB, id="R-SHLIB-6")])
def test_members_are_asked_for_a_chinese_book_before_who_prefers_foreign_ones(last: str) -> None:
    wish = a_request(holdings=held_by(last, PKU, SZUTL))  # type: ignore[arg-type]  # a code
    rota = submit(wish, a_patron(), known()).request.rota

    assert (last, "prefers_foreign") == (rota[-1].lender, rota[-1].reason)
