"""Ringing alarms: whatever waits longer than it may is seen to, and one that fails keeps no other waiting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ill_broker.jobs import deadlines
from ill_broker.jobs.deadlines import ring_alarms
from ill_broker.storage.store import Store
from tests.factories import PKU, SZUTL
from tests.ill_broker.services.lending import Lending
from workflows.requests.commands import Arrive, CallResult, RecordCall
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Request

LATER = timedelta(days=30)


@pytest.fixture
def lending(store: Store) -> Lending:
    return Lending(store)


def ring(lending: Lending) -> int:
    return ring_alarms(lending.store, lending.requests, lending.now)


def test_nothing_rings_before_its_time(lending: Lending) -> None:
    lending.asked()

    assert 0 == ring(lending)


def test_a_silent_lender_is_passed_over(lending: Lending) -> None:
    request = lending.asked(SZUTL, PKU)
    silent = request.lender
    alarm = request.alarm
    assert alarm is not None
    lending.at(alarm.at)

    assert (1, 0) == (ring(lending), ring(lending))
    assert {silent, lending.load(request).lender} == {SZUTL, PKU}


def test_a_book_nobody_fetches_goes_back(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    for step in (Arrive(), RecordCall(result=CallResult.REACHED)):
        request = lending.do(request, step)
    lending.now += LATER
    ring(lending)
    seen = lending.load(request)

    assert Status.RETURNED is seen.status
    assert "SentBackUnused" in lending.happened(request)
    assert seen.outcome in {None, Outcome.NOT_COLLECTED}


def failing_for(lending: Lending, broken: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = lending.requests.handle

    def fail(request_id: str, *arguments: Any, **named: Any) -> Request:
        if request_id == broken.id:
            raise KeyError("a bug")
        return handle(request_id, *arguments, **named)  # type: ignore[arg-type]  # a text does for an id

    monkeypatch.setattr(lending.requests, "handle", fail)


def test_a_request_that_fails_keeps_no_other_from_its_turn(
    lending: Lending, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = (lending.asked(SZUTL, PKU) for _ in range(5))
    failing_for(lending, first, monkeypatch)
    monkeypatch.setattr(deadlines, "_BATCH", 1)
    lending.now += LATER

    assert 4 <= ring(lending)
    assert {2} == {lending.happened(one).count("AskedLender") for one in others}
    assert first == lending.load(first)


def test_an_alarm_that_still_rings_is_left_for_the_next_time(
    lending: Lending, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = lending.asked(SZUTL, PKU)
    rung: list[Request] = []

    def nothing(*_: Any, **__: Any) -> Request:
        rung.append(request)
        return request

    monkeypatch.setattr(lending.requests, "handle", nothing)
    lending.now += LATER

    assert (0, [request]) == (ring(lending), rung)
