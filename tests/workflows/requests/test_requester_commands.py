from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.factories import at_status, journey_to
from workflows.refusals import TooEarly
from workflows.requests import requester_commands
from workflows.requests.commands import ReportLoss
from workflows.requests.lifecycle import Status, may
from workflows.requests.request import Request
from workflows.requests.requester_commands import Steps

ALL = tuple(Status)
S = Status


def kinds(steps: Steps) -> list[str]:
    return [type(step).__name__ for step in steps]


def some(*names: str) -> list[str]:
    return list(names)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *((status, some("Arrive", "RecordCall", "HandOver")) for status in ALL[:4]),
        (S.ARRIVED, some("RecordCall", "HandOver")),
        (S.NOTIFIED, some("HandOver")),
        *((status, []) for status in ALL[6:]),
    ],
)
def test_what_is_received_is_handed_over_at_once(status: Status, expected: list[str]) -> None:
    assert expected == kinds(requester_commands.received(at_status(status)))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (S.ARRIVED, some("Cancel", "ShipBack")),
        (S.NOTIFIED, some("Cancel", "ShipBack")),
        (S.ON_LOAN, some("TakeBack", "ShipBack")),
        (S.RETURNED, some("ShipBack")),
        (S.RETURNING, []),
        (S.CLOSED, []),
    ],
)
def test_what_is_sent_back_was_returned_first(status: Status, expected: list[str]) -> None:
    assert expected == kinds(requester_commands.sent_back(at_status(status)))


@pytest.mark.parametrize("status", ALL[:4])
def test_what_was_never_received_is_not_sent_back(status: Status) -> None:
    with pytest.raises(TooEarly):
        requester_commands.sent_back(at_status(status))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (S.IN_TRANSIT, some("ReportParcelLost")),
        (S.ARRIVED, some("RecordCall", "HandOver", "ReportLoss")),
        (S.ON_LOAN, some("ReportLoss")),
        (S.RETURNED, some("ReportLoss")),
        (S.RETURNING, some("ReportParcelLost")),
        (S.CLOSED, []),
    ],
)
def test_a_loss_is_a_parcel_s_on_the_road_and_a_reader_s_else(status: Status, expected: list[str]) -> None:
    assert expected == kinds(requester_commands.lost(at_status(status)))


def test_a_loss_is_noted_once() -> None:
    request = journey_to(S.ON_LOAN).do(ReportLoss()).request

    assert () == requester_commands.lost(request)


@pytest.mark.parametrize("status", ALL)
def test_nothing_is_cancelled_once_a_book_was_sent(status: Status) -> None:
    expected = ["Cancel"] if status in ALL[:3] else []

    assert expected == kinds(requester_commands.cancelled(at_status(status)))


def test_what_is_given_up_is_not_given_up_again() -> None:
    request = at_status(S.ACCEPTED)

    assert () == requester_commands.cancelled(
        replace(request, cancellation_requested=request.instants.submitted)
    )


@pytest.mark.parametrize("status", [S.SUBMITTED, S.ARRIVED, S.ON_LOAN, S.RETURNED, S.RETURNING])
@pytest.mark.parametrize("follow", [requester_commands.received, requester_commands.cancelled])
def test_the_first_step_is_one_that_the_life_cycle_knows(
    status: Status, follow: Callable[[Request], Steps]
) -> None:
    assert all(may(status, step.step) for step in follow(at_status(status))[:1])
