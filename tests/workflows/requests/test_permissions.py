from __future__ import annotations

import pytest

from tests.factories import ANNA, BJTU, NLC, PKU, SHLIB, SZUTL, a_request, journey_to
from workflows.actors import SYSTEM, Actor, Role
from workflows.ids import LibraryCode
from workflows.requests.commands import ReportedStatus
from workflows.requests.lifecycle import Status, Step, steps_from
from workflows.requests.permissions import TABLE, Relation, actions, has_occasion, may_take, relations

PATRON = Actor(Role.PATRON, ANNA, BJTU)
STRANGER = Actor(Role.PATRON, "pat_other", BJTU)
OFFICE = Actor(Role.OFFICE, "sta_office")


def staff(library: LibraryCode) -> Actor:
    return Actor(Role.STAFF, "sta_1", library)


def partner(library: LibraryCode) -> Actor:
    return Actor(Role.PARTNER, library, library)


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (PATRON, {Relation.PATRON}),
        (STRANGER, set()),
        (staff(BJTU), {Relation.DESK}),
        (staff(PKU), {Relation.LENDER}),
        (staff(SZUTL), set()),
        (staff(NLC), set()),
        (partner(PKU), {Relation.LENDER}),
        (partner(SZUTL), set()),
        (partner(BJTU), set()),
        (Actor(Role.PARTNER, "nobody"), set()),
        (OFFICE, {Relation.OFFICE}),
        (SYSTEM, {Relation.SYSTEM}),
    ],
)
def test_what_somebody_is_to_a_request_that_pku_is_asked_for(actor: Actor, expected: set[Relation]) -> None:
    assert expected == relations(actor, journey_to(Status.SUBMITTED).request)


def test_a_lender_that_was_asked_stays_one() -> None:
    journey = journey_to(Status.SUBMITTED).hear(ReportedStatus.UNFILLED)

    assert {Relation.LENDER} == relations(partner(PKU), journey.request)


def test_the_system_that_asks_for_its_own_patron_is_their_desk() -> None:
    request = a_request(by_partner=True)

    assert {Relation.REQUESTER} == relations(partner(BJTU), request)
    assert not relations(partner(SHLIB), request)
    assert may_take(partner(BJTU), request, Step.HAND_OVER)
    assert not may_take(partner(BJTU), request, Step.UNDO)


def test_a_desk_of_another_library_is_the_one_that_is_named() -> None:
    request = a_request(desk=SHLIB)

    assert not relations(staff(BJTU), request)
    assert {Relation.DESK} == relations(staff(SHLIB), request)


def test_a_library_may_be_desk_and_lender_at_once() -> None:
    journey = journey_to(Status.SUBMITTED, SZUTL)
    request = journey.request
    at_szutl = staff(SZUTL)

    both = relations(at_szutl, a_request(desk=SZUTL, rota=request.rota))

    assert {Relation.DESK, Relation.LENDER} == both


def test_every_step_is_somebodys() -> None:
    assert set(Step) == frozenset().union(*TABLE.values())


def test_only_the_service_itself_rings_and_delivers() -> None:
    its_own = {Step.RING, Step.DELIVERED, Step.UNDELIVERABLE}

    assert its_own == TABLE[Relation.SYSTEM]
    assert all(not its_own & steps for who, steps in TABLE.items() if who is not Relation.SYSTEM)


@pytest.mark.parametrize(
    "step",
    [Step.ARRIVE, Step.CALL, Step.HAND_OVER, Step.TAKE_BACK, Step.SHIP_BACK, Step.UNDO, Step.SETTLE_LOSS],
)
def test_a_patron_does_not_do_the_desks_work(step: Step) -> None:
    request = journey_to(Status.SUBMITTED).request

    assert (False, True) == (may_take(PATRON, request, step), may_take(staff(BJTU), request, step))


def test_a_lender_does_not_speak_for_the_desk_nor_the_desk_for_a_lender() -> None:
    request = journey_to(Status.SUBMITTED).request

    assert not may_take(partner(PKU), request, Step.ARRIVE)
    assert not may_take(staff(BJTU), request, Step.SHIP)


@pytest.mark.parametrize("step", Step)
def test_a_stranger_may_take_no_step(step: Step) -> None:
    assert not may_take(STRANGER, journey_to(Status.SUBMITTED).request, step)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.SUBMITTED, (Step.CANCEL,)),
        (Status.CONDITIONAL, (Step.CANCEL, Step.ANSWER_CONDITIONS)),
        (Status.IN_TRANSIT, ()),
        (Status.ON_LOAN, (Step.RENEW, Step.REPORT_LOSS)),
        (Status.RETURNED, ()),
        (Status.CLOSED, ()),
    ],
)
def test_a_patron_is_offered_what_the_status_allows(status: Status, expected: tuple[Step, ...]) -> None:
    assert expected == actions(PATRON, journey_to(status).request)


@pytest.mark.parametrize("status", Status)
def test_everybody_together_is_offered_the_whole_row_of_the_table(status: Status) -> None:
    request = journey_to(status).request

    offered = {step for actor in (OFFICE, SYSTEM) for step in actions(actor, request)}

    assert {step for step in steps_from(status) if has_occasion(request, step)} == offered


def test_the_desk_may_do_all_that_people_ask_for_and_nothing_of_lenders_the_office_or_the_clock() -> None:
    others = TABLE[Relation.SYSTEM] | {Step.AMEND, Step.REVOKE_AMENDMENT}
    answers = TABLE[Relation.LENDER] - {Step.CORRECT_ITEM}

    assert set(Step) - others - answers == TABLE[Relation.DESK]
