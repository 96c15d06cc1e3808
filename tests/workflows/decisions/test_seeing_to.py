"""What calls for somebody does so until they have seen to it."""

from __future__ import annotations

import pytest

from tests.factories import DAY, Journey, journey_to
from workflows.actors import Actor, Role
from workflows.losses.cases import CaseKind
from workflows.reasons import Attention
from workflows.refusals import WrongState
from workflows.requests.commands import OpenCase, ReportedStatus, SeeTo, TakeBack
from workflows.requests.desk_lists import DeskList, next_step
from workflows.requests.lifecycle import Status, Step
from workflows.requests.permissions import actions

#: what a recall comes to that the lender's rules do not allow
CALLING = Attention.RECALL_NOT_ALLOWED


@pytest.fixture
def recalled() -> Journey:
    journey = journey_to(Status.ON_LOAN)
    journey.hear(ReportedStatus.RECALLED)
    return journey


def clerk(journey: Journey) -> Actor:
    return Actor(Role.STAFF, "stf_00000001", journey.request.desk)


def test_what_was_seen_to_calls_for_nobody_any_more(recalled: Journey) -> None:
    listed = next_step(recalled.request, actions(clerk(recalled), recalled.request), DeskList.TO_LOOK_AT)
    recalled.do(SeeTo(what=(CALLING,), note="back on Friday"))

    assert (Step.SEE_TO, ()) == (listed, recalled.request.attention)
    assert Status.ON_LOAN is recalled.status
    assert Step.SEE_TO not in actions(clerk(recalled), recalled.request)


def test_what_came_meanwhile_still_calls(recalled: Journey) -> None:
    recalled.do(SeeTo(what=(Attention.DAMAGED,)))

    assert (CALLING,) == recalled.request.attention
    assert "SeenTo" not in recalled.happened


def test_seen_to_twice_is_once(recalled: Journey) -> None:
    for _ in range(2):
        recalled.do(SeeTo(what=(CALLING,)))

    assert 1 == recalled.happened.count("SeenTo")


def test_it_calls_again_when_it_happens_again(recalled: Journey) -> None:
    recalled.do(SeeTo(what=(CALLING,)))
    recalled.hear(ReportedStatus.RECALLED, wait=DAY)

    assert (CALLING,) == recalled.request.attention


def test_what_is_open_stays_until_it_is_settled(recalled: Journey) -> None:
    recalled.do(OpenCase(kind=CaseKind.STAIN))
    with pytest.raises(WrongState, match="case_open"):
        recalled.do(SeeTo(what=(Attention.CASE_OPEN, CALLING)))

    assert {CALLING, "case_open"} == set(recalled.request.attention)


def test_the_desks_last_step_can_still_be_taken_back(recalled: Journey) -> None:
    recalled.do(TakeBack())
    recalled.do(SeeTo(what=(CALLING,)))

    assert Step.TAKE_BACK is recalled.request.undoable
