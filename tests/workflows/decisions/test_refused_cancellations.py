"""A lender that says no to a cancellation: the desk learns of it, and the lender is not told twice."""

from __future__ import annotations

import pytest

from tests.factories import PKU, SZUTL, journey_to
from workflows.requests.commands import Cancel, ReportedStatus
from workflows.requests.lifecycle import Status


def test_the_desk_learns_that_a_lender_goes_on() -> None:
    journey = journey_to(Status.ACCEPTED, PKU)
    journey.do(Cancel())
    journey.hear(ReportedStatus.WILL_SUPPLY, answer=False)

    assert (Status.ACCEPTED, ("cancellation_refused",)) == (journey.status, journey.request.attention)


def test_an_answer_to_a_renewal_says_nothing_of_a_cancellation() -> None:
    journey = journey_to(Status.ON_LOAN, PKU)
    journey.hear(ReportedStatus.LOANED, answer=False)

    assert () == journey.request.attention


@pytest.mark.parametrize(("answer", "told"), [(None, 1), (False, 0)])
def test_a_lender_passed_over_is_told_to_stop_unless_it_has_refused_to(
    answer: bool | None,  # noqa: FBT001 - a parameter of the table
    told: int,
) -> None:
    journey = journey_to(Status.SUBMITTED, PKU, SZUTL)
    first = journey.request.lender
    assert first is not None
    journey.hear(ReportedStatus.UNFILLED, lender=first)
    before = len(journey.told)
    journey.hear(ReportedStatus.WILL_SUPPLY, lender=first, answer=answer)

    assert told == len([one for _, one in journey.told[before:] if one == first])
