"""What lenders say, in any order and any number of times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import (
    DAY,
    HOUR,
    NLC,
    SHLIB,
    START,
    SZUTL,
    Journey,
    a_request,
    held_by,
    journey_to,
    report,
)
from tests.workflows.said import (
    ARRIVAL,
    CANCELLED,
    COMPLETED,
    COMPLETED_LATER,
    CONDITION,
    EXPECTED,
    GIVEN_UP,
    LENDING,
    LOANED,
    LOANED_AGAIN,
    NOT_NOW,
    NOTHING,
    OVERDUE,
    RECALLED,
    RECALLED_AGAIN,
    RECEIVED,
    UNFILLED,
    WILL_SUPPLY,
    Inbox,
    asked,
    cancelled_early,
    lent,
    of,
    passed,
)
from workflows.requests.commands import (
    Cancel,
    Command,
    Report,
    ReportedStatus,
    ReportLoss,
    ReportParcelLost,
    ShipBack,
    TakeBack,
)
from workflows.requests.lifecycle import Status

_R = ReportedStatus


def facts(journey: Journey) -> dict[str, Any]:
    """Return what does not depend on the order in which things were heard."""
    r = journey.request
    names = ("status", "outcome", "lender", "category", "due", "lender_due", "claim", "instants", "quota")
    others = ("recalled_at", "hold_until", "conditions", "item_barcode", "cancellation_requested")
    entries = {entry.lender: (entry.claim, entry.lender_request_id) for entry in r.rota}
    return {name: getattr(r, name) for name in (*names, *others)} | {"entries": entries}


def orders(said: Sequence[Report]) -> Iterator[tuple[Report, ...]]:
    """Yield every order of *said*, each plain, with each report at once repeated, and told all over again."""
    for order in permutations(said):
        yield order
        yield tuple(one for one in order for _ in range(2))
        yield (*order, *reversed(order))


def told(start: Journey, said: Sequence[Report], desk: Sequence[Command], cut: int) -> dict[str, Any]:
    """Return how it ends if *said* is heard with the desk's steps after the first *cut* of it."""
    inbox = Inbox(start)
    inbox.take(said[:cut])
    inbox.act(desk)
    inbox.take(said[cut:])
    return facts(start)


def _cancelled_late() -> Journey:
    return Journey().do(WILL_SUPPLY).do(Cancel())


def _quota() -> Journey:
    return Journey(a_request(holdings=held_by(NLC, SHLIB)))


_at_nlc = [of(NLC, one) for one in (WILL_SUPPLY, UNFILLED, LOANED)]
_at_szutl = [of(SZUTL, one, item_barcode="b2") for one in (WILL_SUPPLY, LOANED)]

CASES = {
    "the usual way": (asked, (RECEIVED, WILL_SUPPLY, LOANED)),
    "expecting": (asked, (RECEIVED, EXPECTED, WILL_SUPPLY)),
    "withdrawn": (asked, (WILL_SUPPLY, UNFILLED)),
    "sent although declined": (asked, (UNFILLED, LOANED)),
    "accepted, declined, sent": (asked, (WILL_SUPPLY, UNFILLED, LOANED)),
    "conditions": (asked, (CONDITION, WILL_SUPPLY)),
    "conditions and sent": (asked, (CONDITION, WILL_SUPPLY, LOANED)),
    "conditions and declined": (asked, (CONDITION, UNFILLED)),
    "not now, after all": (asked, (NOT_NOW, WILL_SUPPLY, LOANED)),
    "sent twice": (asked, (WILL_SUPPLY, LOANED, LOANED_AGAIN)),
    "recalled on the way": (asked, (LOANED, RECALLED)),
    "declined, sent and recalled": (asked, (UNFILLED, LOANED, RECALLED)),
    "a passed lender": (passed, (WILL_SUPPLY, LOANED, RECALLED)),
    "cancelled before": (cancelled_early, (WILL_SUPPLY, LOANED, CANCELLED)),
    "cancelled before and recalled": (cancelled_early, (LOANED, RECALLED)),
    "cancelled and agreed": (_cancelled_late, (CANCELLED, UNFILLED)),
    "cancelled and sent": (_cancelled_late, (CANCELLED, LOANED)),
    "cancelled, sent and recalled": (_cancelled_late, (CANCELLED, LOANED, RECALLED)),
    "a quota": (_quota, tuple(_at_nlc)),
    "two lenders": (passed, (WILL_SUPPLY, LOANED, *_at_szutl)),
    "two lenders, one recalls": (passed, (LOANED, of(SZUTL, LOANED), of(SZUTL, RECALLED))),
    "two lenders, the other recalls": (passed, (LOANED, of(SZUTL, LOANED), RECALLED)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_order_in_which_lenders_are_heard_does_not_matter(case: str) -> None:
    start, said = CASES[case]
    expected = told(start(), said, NOTHING, len(said))

    for order in orders(said):
        assert expected == told(start(), order, NOTHING, 0), [str(one.status) for one in order]


DESK_CASES = {
    "arrival": (ARRIVAL, (RECEIVED, WILL_SUPPLY, LOANED)),
    "arrival of a book sent twice": (ARRIVAL, (LOANED_AGAIN, LOANED)),
    "arrival with conditions": (ARRIVAL, (CONDITION, LOANED)),
    "a loan": (LENDING, (WILL_SUPPLY, LOANED)),
    "a loan of a book sent twice": (LENDING, (LOANED, LOANED_AGAIN)),
    "a loan that is declined afterwards": (LENDING, (LOANED, UNFILLED)),
}


@pytest.mark.parametrize("case", DESK_CASES)
def test_a_report_may_come_before_or_after_the_desk_has_the_book(case: str) -> None:
    desk, said = DESK_CASES[case]
    expected = told(Journey(), said, desk, len(said))
    heard = [
        told(Journey(), order, desk, cut)
        for order in orders(said)
        for cut in range(len(order) + 1)
        if UNFILLED not in order[:cut] or LOANED in order[:cut]
    ]

    assert heard
    assert [] == [one for one in heard if one != expected]


def _handed_in() -> Journey:
    return lent().do(TakeBack(), 30 * DAY)


def _on_its_way_back() -> Journey:
    return _handed_in().do(ShipBack(), DAY)


def _not_fetched() -> Journey:
    return journey_to(Status.ARRIVED, SHLIB).do(Cancel())


def _lost_parcel() -> Journey:
    return _on_its_way_back().do(ReportParcelLost(), 40 * DAY)


LATER_CASES = {
    "recalled twice": (lent, (RECALLED, RECALLED_AGAIN, OVERDUE)),
    "recalled when lost": (lambda: lent().do(ReportLoss(), DAY), (RECALLED, OVERDUE, RECALLED_AGAIN)),
    "back and overdue": (_handed_in, (OVERDUE, COMPLETED, COMPLETED_LATER)),
    "back and recalled": (_on_its_way_back, (RECALLED, COMPLETED)),
    "back and given up": (_on_its_way_back, (GIVEN_UP, COMPLETED)),
    "unused and given up": (_not_fetched, (GIVEN_UP, COMPLETED)),
    "lost on the way and found": (_lost_parcel, (COMPLETED, GIVEN_UP, COMPLETED_LATER)),
    "given up in use": (lent, (GIVEN_UP, COMPLETED)),
}


@pytest.mark.parametrize("case", LATER_CASES)
def test_the_order_does_not_matter_later_either(case: str) -> None:
    start, said = LATER_CASES[case]
    said = tuple(of(SHLIB, one, lender_due_date=one.lender_due_date) for one in said)
    expected = told(start(), said, NOTHING, len(said))

    for order in orders(said):
        assert expected == told(start(), order, NOTHING, 0), [str(one.status) for one in order]


_ANY = (
    RECEIVED,
    EXPECTED,
    WILL_SUPPLY,
    UNFILLED,
    LOANED,
    LOANED_AGAIN,
    RECALLED,
    OVERDUE,
    NOT_NOW,
    CANCELLED,
)


@given(data=st.data(), said=st.lists(st.sampled_from(_ANY), max_size=6, unique=True))
def test_any_reports_of_a_lender_come_to_the_same_end(data: st.DataObject, said: list[Report]) -> None:
    order = data.draw(st.permutations(said * 2))

    assert told(Journey(), said, NOTHING, 0) == told(Journey(), order, NOTHING, 0)


_OTHERS = tuple(
    of(SZUTL, one, item_barcode="b2")
    for one in (WILL_SUPPLY, UNFILLED, LOANED, LOANED_AGAIN, RECALLED, OVERDUE)
)


@given(data=st.data(), said=st.lists(st.sampled_from(_ANY + _OTHERS), max_size=6, unique=True))
def test_any_reports_of_two_lenders_come_to_the_same_end(data: st.DataObject, said: list[Report]) -> None:
    order = data.draw(st.permutations(said))

    one, other = told(passed(), said, NOTHING, 0), told(passed(), order, NOTHING, 0)
    del one["entries"], other["entries"]  # what a lender that is not followed says may still wait
    assert one == other


_VALUES = st.builds(
    report,
    st.sampled_from([_R.LOANED, _R.WILL_SUPPLY]),
    at=st.integers(1, 4).map(lambda hours: START + hours * HOUR),
    item_barcode=st.sampled_from([None, "b1", "b2"]),
    tracking=st.sampled_from([None, "t1", "t2"]),
    lender_due_date=st.sampled_from([None, date(2026, 4, 1), date(2026, 4, 2)]),
)


@given(data=st.data(), said=st.lists(_VALUES, max_size=5))
def test_the_newest_word_of_a_lender_counts_whenever_it_is_heard(
    data: st.DataObject, said: list[Report]
) -> None:
    order = data.draw(st.permutations(said))

    assert told(Journey(), said, NOTHING, 0) == told(Journey(), order, NOTHING, 0)
