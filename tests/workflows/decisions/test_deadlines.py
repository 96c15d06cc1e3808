"""Whatever is done to a request, it stays sound: any walk of commands, with the deadlines ringing between."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import (
    ANNA,
    BARCODE,
    BHU,
    JINAN,
    NLC,
    PKU,
    SHLIB,
    START,
    SZUTL,
    Journey,
    a_request,
    evolve_all,
    held_by,
    journey_to,
    known,
    the_book,
)
from workflows.actors import Actor, Role
from workflows.decisions import deadlines
from workflows.decisions.consequences import Decision
from workflows.decisions.decide import decide
from workflows.decisions.draft import Draft
from workflows.errors import InvalidCase, WorkflowError
from workflows.ids import LibraryCode
from workflows.refusals import TooEarly, WrongState
from workflows.requests import loan_terms
from workflows.requests.commands import (
    AnswerConditions,
    Arrive,
    CallResult,
    Cancel,
    Command,
    HandOver,
    RecordCall,
    Renew,
    Report,
    ReportDamage,
    ReportedStatus,
    ReportLoss,
    ReportParcelLost,
    Ring,
    SettleLoss,
    ShipBack,
    TakeBack,
    Transfer,
    Undo,
)
from workflows.requests.events import AskedLender, LenderPassed, Noted
from workflows.requests.lifecycle import TABLE, Status, may
from workflows.requests.limits import Limit, slots_of
from workflows.requests.message_commands import RecordDelivered, RecordUndeliverable
from workflows.requests.permissions import actions
from workflows.requests.request import Request

LENDERS = (PKU, NLC, SHLIB, SZUTL, JINAN, BHU)
_BLIND: tuple[Command, ...] = (
    Cancel(),
    AnswerConditions(accept=True),
    AnswerConditions(accept=False),
    Renew(),
    Arrive(barcode=BARCODE),
    Arrive(),
    RecordCall(result=CallResult.REACHED),
    RecordCall(result=CallResult.NO_ANSWER),
    HandOver(),
    TakeBack(),
    TakeBack(staff_override=True, reason="closing"),
    ShipBack(),
    ReportLoss(),
    ReportParcelLost(),
    SettleLoss(),
    ReportDamage(note="a wet page"),
    Transfer(starts=True),
    Transfer(starts=False),
    Undo(),
    Ring(),
)


@st.composite
def reports(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    status = draw(st.sampled_from(list(ReportedStatus)))
    return "report", {
        "lender": draw(st.integers(0, 2)),
        "status": status,
        "earlier": draw(st.integers(-48, 24 * 20)),
        "reason": draw(st.sampled_from([None, "LoanCondition", "OnLoan"])),
        "item_barcode": draw(st.sampled_from([None, BARCODE])),
    }


_MESSAGES = st.builds(
    lambda kind, lender: (kind, {"lender": lender}),
    st.sampled_from(["delivered", "undeliverable"]),
    st.integers(0, 2),
)
_MOVES = st.one_of(
    st.sampled_from(_BLIND).map(lambda command: ("command", {"command": command})),
    st.integers(0, 99).map(lambda place: ("fitting", {"place": place})),
    st.integers(0, 99).map(lambda place: ("fitting", {"place": place})),
    reports(),
    _MESSAGES,
)
MOVES = st.lists(st.tuples(_MOVES, st.integers(0, 24 * 9)), max_size=12)
STARTS = st.tuples(st.sampled_from(Status), st.permutations(LENDERS).map(lambda order: order[:3]))


def _command(move: tuple[str, dict[str, Any]], journey: Journey) -> Command | None:
    """Return the command of a move; what a lender says is said by one that was asked."""
    kind, facts = move
    if kind == "command":
        command: Command = facts["command"]
        return command
    if kind == "fitting":
        fitting = [one for one in _BLIND if may(journey.status, one.step)]
        return fitting[facts["place"] % len(fitting)] if fitting else None
    asked = [entry for entry in journey.request.rota if entry.asked_at]
    entry = asked[facts["lender"] % len(asked)]
    if entry.message is None:
        return None
    if kind == "delivered":
        return RecordDelivered(message=entry.message, lender_request_id="L1")
    if kind == "undeliverable":
        return RecordUndeliverable(message=entry.message, reason="refused")
    return Report(
        lender=entry.lender,
        status=facts["status"],
        occurred_at=journey.now - timedelta(hours=facts["earlier"]),
        reason=facts["reason"],
        item_barcode=facts["item_barcode"],
    )


class Walk:
    """Takes a request through a walk and looks after each step whether it is sound."""

    def __init__(self, start: tuple[Status, list[LibraryCode]]) -> None:
        status, lenders = start
        self.journey = journey_to(status, *lenders)
        self.names: Counter[str] = Counter(str(effect.message) for effect in self.journey.effects)

    def go(self, moves: list[tuple[Any, int]]) -> None:
        for move, hours in moves:
            self.journey.now += timedelta(hours=hours)
            self._ring()
            command = _command(move, self.journey)
            if command is not None:
                self._try(command)

    def _ring(self) -> None:
        while (alarm := self.journey.request.alarm) is not None and alarm.at <= self.journey.now:
            self._try(Ring())

            assert alarm != self.journey.request.alarm

    def _try(self, command: Command) -> None:
        before = self.journey.request
        try:
            decision = decide(before, command, known(self.journey.now))
        except InvalidCase:
            raise
        except WorkflowError as error:
            self._refused(before, command, error)
        else:
            self._accepted(before, command, decision)

    def _refused(self, before: Request, command: Command, error: WorkflowError) -> None:
        assert isinstance(error, TooEarly) or not isinstance(command, Report | Ring)
        if type(error) is WrongState:
            assert not may(before.status, command.step)
            assert command.step not in actions(Actor(Role.OFFICE, "office"), before)
            assert command.step not in actions(Actor(Role.PATRON, ANNA), before)

    def _accepted(self, before: Request, command: Command, decision: Decision) -> None:
        after, now = decision.request, self.journey.now
        changed = [event for event in decision.events if not isinstance(event, Noted)]
        self.journey._keep(decision)
        self.names.update(str(effect.message) for effect in decision.effects)

        assert after == evolve_all(before, decision.events)
        assert after.version == before.version + len(decision.events)
        assert decision.events or not decision.effects
        assert not changed or after.status in {before.status, *TABLE[before.status].get(command.step, ())}
        assert (after.status is Status.CLOSED) == (after.alarm is None) == (after.instants.closed is not None)
        assert after.alarm is None or after.alarm == before.alarm or after.alarm.at > now
        self._is_sound(after)

    def _is_sound(self, after: Request) -> None:
        limits = {slot.limit for slot in slots_of(after)}

        assert set(self.names.values()) == {1}
        assert after.status is not Status.CLOSED or limits <= {Limit.QUOTA}
        assert (after.status in {Status.SUBMITTED, Status.CLOSED}) or after.lender is not None
        if after.instants.handover is None:
            assert after.due is None
            return
        answer = loan_terms.loan_answer(after, the_book(), as_of=self.journey.now)
        on_the_road = any(stretch.until is None for stretch in after.transfers)
        assert on_the_road or (after.due, after.lender_due) == (answer.due, answer.lender_due)


@settings(max_examples=150)
@given(start=STARTS, moves=MOVES)
def test_any_walk_leaves_a_request_sound_and_watched(start: Any, moves: Any) -> None:
    Walk(start).go(moves)


def _turns(journey: Journey) -> list[tuple[str, str]]:
    kinds = {AskedLender: "asked", LenderPassed: "passed"}
    return [(kinds[type(e)], e.lender) for e in journey.events if isinstance(e, AskedLender | LenderPassed)]


@settings(max_examples=100)
@given(start=STARTS, moves=MOVES)
def test_no_lender_is_asked_twice_and_none_while_another_may_ship(start: Any, moves: Any) -> None:
    walk = Walk(start)

    walk.go(moves)

    asked = [lender for turn, lender in _turns(walk.journey) if turn == "asked"]
    assert len(set(asked)) == len(asked)
    at_work: set[str] = set()
    for turn, lender in _turns(walk.journey):
        if turn == "asked":
            assert not at_work
            at_work.add(lender)
        else:
            at_work.discard(lender)


@settings(max_examples=60)
@given(start=STARTS, moves=MOVES)
def test_a_lender_that_may_be_at_work_is_told_before_it_is_passed(start: Any, moves: Any) -> None:
    walk = Walk(start)

    walk.go(moves)

    silently = {"silent", "not_shipped", "conditions_unanswered", "superseded"}
    passed = [e.lender for e in walk.journey.events if isinstance(e, LenderPassed) and e.reason in silently]
    assert {("cancel", lender) for lender in passed} <= set(walk.journey.told)


@pytest.mark.parametrize("days", range(0, 40, 3))
def test_the_next_look_at_a_loan_lies_ahead_on_every_day(days: int) -> None:
    now = START + timedelta(days=days)
    journey = Journey(a_request(holdings=held_by(SZUTL)))

    alarm = deadlines.due(Draft(journey.request, known(now)), START.date() + timedelta(days=20))

    assert alarm.at > now
