"""What reports count of a request, and the middle of what is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import START, a_request
from workflows.ids import LibraryCode
from workflows.reasons import Refusal
from workflows.requests.measures import Ask, AskResult, Stage, measured, month_of, quantile, refused_by
from workflows.requests.request import Instants, LenderClaim, RotaEntry, Turn

HERE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


def test_each_stage_counts_from_the_end_of_the_one_before() -> None:
    names = (
        "accepted",
        "shipped",
        "arrived",
        "notified",
        "handover",
        "returned",
        "shipped_back",
        "lender_received",
    )
    way = {name: START + (2 ** (n + 1) - 1) * HOUR for n, name in enumerate(names)}
    request = replace(a_request(), instants=Instants(submitted=START, **way))

    counted = measured(request, HERE).hours

    in_order = [stage for stage in Stage if stage is not Stage.SUPPLY]
    assert [counted[stage] for stage in in_order] == [1, 2, 4, 8, 16, 32, 64, 128]
    assert counted[Stage.SUPPLY] == 7


def test_what_is_heard_in_another_order_takes_no_time_and_what_has_not_happened_is_not_counted() -> None:
    instants = Instants(submitted=START, accepted=START + 5 * HOUR, shipped=START + 3 * HOUR)

    assert measured(replace(a_request(), instants=instants), HERE).hours == {
        Stage.ANSWER: 5,
        Stage.SHIPPING: 0,
    }


def test_a_lender_counts_once_it_was_asked_with_its_reason_and_how_long_it_took() -> None:
    shipped = LenderClaim(shipped=START + HOUR)
    a, b, c, d = (LibraryCode(name) for name in "abcd")
    rota = (
        RotaEntry(lender=a, turn=Turn.PASSED, reason="silent", asked_at=START, passed_at=START + 48 * HOUR),
        RotaEntry(lender=b, turn=Turn.PASSED, reason="not_lendable", passed_at=START),
        RotaEntry(lender=c, turn=Turn.SUPPLIES, reason="", asked_at=START, claim=shipped),
        RotaEntry(lender=d, turn=Turn.ASKED, reason="available", asked_at=START),
    )

    assert measured(replace(a_request(), rota=rota), HERE).asks == (
        Ask(lender=a, result=AskResult.PASSED, reason="silent", hours=48),
        Ask(lender=c, result=AskResult.SUPPLIED, reason=None, hours=1),
        Ask(lender=d, result=AskResult.OPEN, reason=None, hours=None),
    )


@pytest.mark.parametrize(
    ("returned", "late"),
    [
        (datetime(2026, 3, 10, 15, 59, tzinfo=UTC), 0),
        # a minute later it is the next day there
        (datetime(2026, 3, 10, 16, 0, tzinfo=UTC), 1),
        (datetime(2026, 3, 1, tzinfo=UTC), 0),
        (None, None),
    ],
)
def test_lateness_counts_days_of_the_library(returned: datetime | None, late: int | None) -> None:
    instants = Instants(submitted=START, handover=START, returned=returned)

    assert measured(replace(a_request(), instants=instants, due=date(2026, 3, 10)), HERE).late_days == late


def test_what_was_never_lent_is_not_late() -> None:
    instants = Instants(submitted=START, returned=START)

    assert measured(replace(a_request(), instants=instants, due=date(2020, 1, 1)), HERE).late_days is None


def test_a_month_begins_at_midnight_of_the_library() -> None:
    assert month_of(datetime(2026, 2, 28, 16, 0, tzinfo=UTC), HERE) == "2026-03"


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.sampled_from((0.5, 0.9, 1.0)))
def test_a_quantile_is_the_least_value_that_reaches_the_share(values: list[int], share: float) -> None:
    found = quantile({value: values.count(value) for value in values}, share)

    assert found is not None
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


def test_nothing_has_no_middle() -> None:
    assert quantile({}, 0.5) is None


def test_a_lender_that_a_limit_kept_from_being_asked_is_kept_with_which() -> None:
    a, b, c = (LibraryCode(name) for name in "abc")
    rota = (
        RotaEntry(lender=a, turn=Turn.PASSED, reason="quota_exhausted", passed_at=START),
        RotaEntry(lender=b, turn=Turn.PASSED, reason="not_lendable", passed_at=START),
        RotaEntry(lender=c, turn=Turn.ASKED, reason="available", asked_at=START),
    )

    assert ((a, Refusal.QUOTA_EXHAUSTED),) == measured(replace(a_request(), rota=rota), HERE).limits


def test_a_refused_request_counts_for_each_limit_once_and_for_nothing_else() -> None:
    a, b, c = (LibraryCode(name) for name in "abc")
    lenders = {a: "suspended", b: "borrower_limit", c: "not_lendable"}

    told = [*refused_by(["suspended", "borrower_limit", "not_lendable"], lenders)]
    assert [(None, Refusal.BORROWER_LIMIT), (a, Refusal.SUSPENDED)] == told
    assert [] == [*refused_by(["not_lendable"], {c: "not_lendable"})]
