from __future__ import annotations

from typing import get_args

import pytest

from tests.factories import (
    BARCODE,
    DAY,
    HOUR,
    PKU,
    START,
    Journey,
    an_amendment,
    journey_to,
    known,
    report,
)
from workflows.decisions.decide import DECIDED_BY, decide
from workflows.errors import WorkflowError
from workflows.ids import MessageId
from workflows.losses.cases import CaseKind
from workflows.losses.settlement import Settling
from workflows.reasons import Attention
from workflows.refusals import (
    LossNotReported,
    NoSuchCase,
    NothingToUndo,
    RenewalRefused,
    TooEarly,
    UnknownPickupSite,
    WrongState,
)
from workflows.requests import commands as c
from workflows.requests import message_commands as messages
from workflows.requests.commands import Command, ReportedStatus
from workflows.requests.events import Event, Noted
from workflows.requests.evolve import _apply
from workflows.requests.lifecycle import COUNTED, TABLE, Status, Step, may, steps_from

_R = ReportedStatus
_REPORTED = {
    Step.NOTE_RECEIPT: report(_R.REQUEST_RECEIVED),
    Step.ACCEPT: report(_R.WILL_SUPPLY),
    Step.OFFER_CONDITIONS: report(_R.RETRY_POSSIBLE, reason="LoanCondition", note="by courier"),
    Step.DECLINE: report(_R.UNFILLED),
    Step.SHIP: report(_R.LOANED),
    Step.CLAIM_OVERDUE: report(_R.OVERDUE),
    Step.RECALL: report(_R.RECALLED),
    Step.CONFIRM_RECEIPT: report(_R.LOAN_COMPLETED),
    Step.COMPLETE_WITHOUT_RETURN: report(_R.COMPLETED_WITHOUT_RETURN),
    Step.CONFIRM_CANCELLATION: report(_R.CANCELLED),
}
COMMANDS: dict[Step, Command] = {
    **_REPORTED,
    Step.CANCEL: c.Cancel(),
    Step.ANSWER_CONDITIONS: c.AnswerConditions(accept=True),
    Step.RENEW: c.Renew(),
    Step.ARRIVE: c.Arrive(barcode=BARCODE),
    Step.CALL: c.RecordCall(result=c.CallResult.REACHED),
    Step.HAND_OVER: c.HandOver(),
    Step.TAKE_BACK: c.TakeBack(),
    Step.SHIP_BACK: c.ShipBack(),
    Step.REPORT_LOSS: c.ReportLoss(),
    Step.REPORT_PARCEL_LOST: c.ReportParcelLost(),
    Step.SETTLE_LOSS: c.SettleLoss(),
    Step.REPORT_DAMAGE: c.ReportDamage(note="a wet page"),
    Step.TRANSFER: c.Transfer(starts=True),
    Step.CHECK_PIECES: c.CheckPieces(),
    Step.CORRECT_ITEM: c.CorrectItem(item_type="book", reason="seen"),
    Step.CHOOSE_PICKUP: c.ChoosePickup(site="information_desk"),
    Step.OPEN_CASE: c.OpenCase(kind=CaseKind.STAIN),
    Step.SETTLE_CASE: c.SettleCase(number=1, settling=Settling(case="stain")),
    Step.FIND: c.RecordFound(),
    Step.UNDO: c.Undo(),
    Step.SEE_TO: c.SeeTo(what=(Attention.DAMAGED,)),
    Step.AMEND: c.Amend(amendment=an_amendment()),
    Step.REVOKE_AMENDMENT: c.RevokeAmendment(amendment=an_amendment().id),
    Step.DELIVERED: messages.RecordDelivered(message=MessageId("req_1.1.ask-pku")),
    Step.UNDELIVERABLE: messages.RecordUndeliverable(message=MessageId("req_1.1.ask-pku"), reason="refused"),
    Step.RING: c.Ring(),
}
_NEVER_REFUSED = (messages.RecordDelivered, messages.RecordUndeliverable, c.Ring)
#: refused by a rule, in a status that takes the step: the policy of a plain loan says so
_BY_RULE = (NothingToUndo, LossNotReported, RenewalRefused, NoSuchCase, UnknownPickupSite)
ALL = [(status, step) for status in Status for step in Step]


def _in(status: Status) -> Journey:
    """Return a journey to *status* at a lender that is the only one, so that every way out is short."""
    return journey_to(status, PKU)


def _try(journey: Journey, step: Step) -> WorkflowError | None:
    alarm = journey.request.alarm
    wait = alarm.at - journey.now if step is Step.RING and alarm else DAY
    try:
        journey.do(COMMANDS[step], wait)
    except WorkflowError as error:
        return error
    return None


@pytest.mark.parametrize(("status", "step"), [pair for pair in ALL if may(*pair)])
def test_a_step_of_the_table_leads_where_the_table_says(status: Status, step: Step) -> None:
    journey = _in(status)

    error = _try(journey, step)

    if step is Step.FIND:
        # nothing that is missing was paid for
        assert isinstance(error, WrongState)
        return
    assert error is None or isinstance(error, _BY_RULE)
    assert error is not None or journey.status in TABLE[status].get(step, ())


@pytest.mark.parametrize(("status", "step"), [pair for pair in ALL if not may(*pair)])
def test_a_step_that_the_table_does_not_have_changes_nothing(status: Status, step: Step) -> None:
    journey = _in(status)
    before, count = journey.request, len(journey.events)

    error = _try(journey, step)

    new = journey.events[count:]
    if isinstance(COMMANDS[step], c.Report):
        assert isinstance(error, TooEarly) or {type(event) for event in new} == {Noted}
    elif isinstance(COMMANDS[step], _NEVER_REFUSED):
        assert (None, before) == (error, journey.request)
    else:
        assert type(error) is WrongState
    assert status == journey.status


@pytest.mark.parametrize("status", Status)
def test_every_status_that_the_table_names_is_reached_by_some_step(status: Status) -> None:
    named = {to for steps in TABLE.values() for targets in steps.values() for to in targets}

    assert status in named


#: the second way that a step may lead: with another lender waiting, or an earlier sign
_OTHERWISE = {
    (Status.SUBMITTED, Step.DECLINE),
    (Status.SUBMITTED, Step.CONFIRM_CANCELLATION),
    (Status.SUBMITTED, Step.UNDELIVERABLE),
    (Status.SUBMITTED, Step.RING),
    (Status.CONDITIONAL, Step.DECLINE),
    (Status.CONDITIONAL, Step.CONFIRM_CANCELLATION),
    (Status.CONDITIONAL, Step.RING),
    (Status.ACCEPTED, Step.DECLINE),
    (Status.ACCEPTED, Step.CONFIRM_CANCELLATION),
    (Status.ACCEPTED, Step.RING),
}


@pytest.mark.parametrize(("status", "step"), sorted(_OTHERWISE))
def test_a_lender_that_falls_away_gives_its_turn_to_the_next_one(status: Status, step: Step) -> None:
    journey = journey_to(status)

    _try(journey, step)

    assert (Status.SUBMITTED, "szutl") == (journey.status, journey.lender)
    assert Status.CLOSED in TABLE[status].get(step, ())


def test_conditions_that_are_rejected_give_the_turn_to_the_next_one() -> None:
    journey = journey_to(Status.CONDITIONAL).do(c.AnswerConditions(accept=False))

    assert (Status.SUBMITTED, "szutl") == (journey.status, journey.lender)


@pytest.mark.parametrize("step", Step)
def test_every_step_has_a_command_that_names_it(step: Step) -> None:
    assert step == COMMANDS[step].step


#: commands that share the step of another one
_SHARING: dict[type, Step] = {
    messages.RecordLocally: Step.DELIVERED,
    messages.RecordSetAside: Step.DELIVERED,
    messages.RecordNotTold: Step.UNDELIVERABLE,
}


@pytest.mark.parametrize("kind", get_args(Command))
def test_every_command_has_a_step_that_is_in_the_table(kind: type) -> None:
    steps = {step for step, command in COMMANDS.items() if type(command) is kind}
    steps |= {_SHARING[kind]} if kind in _SHARING else set()

    assert steps
    assert steps <= {step for status in Status for step in steps_from(status)}


def test_every_command_is_decided_and_nothing_else() -> None:
    assert set(get_args(Command)) == set(DECIDED_BY)


@pytest.mark.parametrize("status", ReportedStatus)
def test_every_reported_status_is_a_step(status: ReportedStatus) -> None:
    assert report(status).step in _REPORTED


@pytest.mark.parametrize(
    ("reason", "step"),
    [("LoanCondition", Step.OFFER_CONDITIONS), ("OnLoan", Step.DECLINE), (None, Step.DECLINE)],
)
def test_a_retry_is_an_offer_only_for_a_reason_that_a_patron_can_accept(
    reason: str | None, step: Step
) -> None:
    assert step == report(_R.RETRY_POSSIBLE, reason=reason).step


@pytest.mark.parametrize("kind", get_args(Event))
def test_every_event_changes_a_request_in_a_way_of_its_own(kind: type) -> None:
    assert _apply.dispatch(kind) is not _apply.dispatch(object)


def test_what_is_no_event_is_a_fault() -> None:
    with pytest.raises(TypeError, match="str"):
        _apply("not an event", journey_to(Status.SUBMITTED).request)


def test_a_request_counts_until_the_book_is_handed_in() -> None:
    assert {Status.RETURNED, Status.RETURNING, Status.CLOSED} == set(Status) - COUNTED


def test_a_refusal_names_the_status_and_the_step() -> None:
    request = journey_to(Status.ON_LOAN).request

    with pytest.raises(WrongState) as refused:
        decide(request, c.Cancel(), known(START + HOUR))

    assert {"status": "on_loan", "step": "cancellation"} == refused.value.facts
