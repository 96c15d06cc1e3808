"""What is seldom said: a correction without a reason, a lender that was not told and need not be."""

from __future__ import annotations

from tests.factories import PKU, journey_to
from workflows.refusals import ReasonMissing
from workflows.requests.commands import CorrectItem
from workflows.requests.lifecycle import Status
from workflows.requests.message_commands import RecordNotTold


def test_a_kind_of_item_is_not_corrected_without_a_reason() -> None:
    assert isinstance(
        journey_to(Status.ARRIVED).refusal(CorrectItem(item_type="thesis", reason=" ")), ReasonMissing
    )


def test_a_lender_that_was_never_asked_is_not_marked_as_not_told() -> None:
    before = journey_to(Status.SUBMITTED)
    after = before.do(RecordNotTold(lender=PKU, reason="unreachable"))

    assert before.request.rota == after.request.rota
