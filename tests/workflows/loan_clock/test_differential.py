"""Loans calculated twice: by the clock, and day by day straight from the files."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

from tests.workflows.books import builtin
from tests.workflows.loan_cases import CALENDARS, LENDERS, loan_cases
from tests.workflows.naive import NaiveLoan
from workflows.evaluation.evaluate import evaluate

#: a thousand loans each; ILL_SEEDS=20 compares 20,000, as CI does
SEEDS = int(os.environ.get("ILL_SEEDS", "2"))
EACH = 1_000


def answer(case: dict[str, Any]) -> dict[str, Any]:
    found = evaluate("loan", case, builtin())
    found.pop("steps", None)
    return found


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_clock_agrees_with_the_slow_calculation(seed: int) -> None:
    differ = [
        (case, slow, quick)
        for case in loan_cases(seed, EACH)
        if (slow := NaiveLoan(case, builtin(), CALENDARS).answer()) != (quick := answer(case))
    ]

    assert differ[:1] == []


def test_the_loans_reach_every_lender_and_every_answer() -> None:
    said: Counter[str | None] = Counter()
    for seed in range(4):
        for case in loan_cases(seed, EACH):
            found = evaluate("loan", case, builtin())
            said.update((case["policy"], found.get("status"), found.get("error"), found.get("return")))
            said.update(step["step"] for step in found.get("steps", []))
            said.update(step.get("rule") for step in found.get("steps", []))
            said.update(event.get("reason", "accepted") for event in found.get("events", []))
            said["amended"] += any("amendment" in event for event in found.get("events", []))
            said["item"] += found.get("fine", {}).get("cap") == "item"
            said["found late"] += found.get("found_after_settlement", False)

    assert {*LENDERS, *PERIODS, *STEPS, *ENDS, *REASONS} <= {
        name for name, times in said.items() if times >= 3
    }


PERIODS = {
    rule["id"] for lender in LENDERS for rule in builtin().resolved(lender)["loan_rules"]
} | {"default_period"}  # fmt: skip
STEPS = {
    *("period", "borrower_period", "before_holiday", "holiday_grace", "term_grace", "bulk_extension"),
    "next_open_day",
}
ENDS = {
    *("on_loan", "returned", "lost", "settled", "accepted", "refused_same_day", "found late", "item"),
    *("no_loan_rule", "event_outside_loan", "calendar_gap", "amended"),
}
REASONS = {
    *("policy_no_renewal", "item_not_renewable", "suspended", "recalled", "limit_reached", "overdue"),
    *("too_late", "on_hold", "no_gain", "recall_not_allowed"),
}
