"""What libraries allow one patron: what holds now is read from all that was recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories import BHU, BJTU, JINAN, START, SZUTL, a_request, known, the_book
from workflows.decisions.draft import Draft
from workflows.decisions.receiving import NotHandedOver, check_receiver, stops
from workflows.eligibility.eligibility import Standing
from workflows.eligibility.privileges import (
    AgentNamed,
    CardNoted,
    CategoryRecorded,
    PermissionGiven,
    PrivilegeEnded,
    PrivilegeEvent,
    Privileges,
    SuspensionImposed,
    imposed,
)
from workflows.errors import InvalidCase
from workflows.ids import LibraryCode, PrivilegeId, RequestId
from workflows.requests.commands import HandOver
from workflows.requests.lifecycle import Status
from workflows.requests.loan_terms import category_of
from workflows.requests.request import Category, Request

DAY = date(2026, 3, 2)
SUS = PrivilegeId("sus_1")


def of(*events: PrivilegeEvent) -> Privileges:
    return Privileges(events)


def a_suspension(**facts: Any) -> SuspensionImposed:
    plain = SuspensionImposed(id=SUS, library=SZUTL, at=START, reason="x", case="theft", since=DAY)
    return replace(plain, **facts)


def ended(entry: str = "sus_1", library: LibraryCode = SZUTL) -> PrivilegeEnded:
    return PrivilegeEnded(id=PrivilegeId(entry), library=library, at=START)


def a_category(category: str, library: LibraryCode = BHU) -> CategoryRecorded:
    return CategoryRecorded(id=PrivilegeId("cat_1"), library=library, at=START, category=category)


def lost(lender: LibraryCode | None = SZUTL, status: Status = Status.ON_LOAN, **instants: Any) -> Request:
    request = a_request(status=status, lender=lender)
    instants = {"handover": START, "lost_reported": START, **instants}
    return replace(request, instants=replace(request.instants, **instants))


def test_a_suspension_holds_from_its_first_day_to_the_last_before_the_first_free_one() -> None:
    until = of(a_suspension(until=DAY + timedelta(days=2)))
    days = [DAY + timedelta(days=offset) for offset in range(-1, 3)]

    assert [False, True, True, False] == [bool(until.suspended(SZUTL, day)) for day in days]
    assert not until.suspended(BHU, DAY)


def test_one_that_was_lifted_does_not_hold_but_is_kept() -> None:
    known_ = of(a_suspension(), ended())

    assert ((), 1) == (known_.running(DAY), len(known_.suspensions))


@pytest.mark.parametrize(
    ("request_", "count"),
    [
        (lost(), 1),
        (lost(JINAN), 0),
        (lost(None), 0),
        (lost(lost_reported=None), 0),
        (lost(status=Status.RETURNED), 0),
    ],
)
def test_a_loss_suspends_by_itself_where_the_lender_says_so(request_: Request, count: int) -> None:
    assert count == len(Privileges().with_losses([request_], the_book()).suspended(SZUTL, DAY))


def test_the_suspension_of_a_loss_has_the_same_id_each_time_and_can_be_lifted() -> None:
    first, again = (Privileges().with_losses([lost()], the_book()).losses for _ in range(2))

    assert first == again
    assert () == of(ended(first[0].id)).with_losses([lost()], the_book()).running(DAY)


def test_a_permission_is_for_one_library_and_one_work_until_it_is_withdrawn() -> None:
    given = PermissionGiven(
        id=PrivilegeId("prm_1"), library=BHU, at=START, work="isbn:1:", title="T", authority="Dean"
    )

    assert [True, False, False, False] == [
        of(given).permits(BHU, "isbn:1:"),
        of(given).permits(BHU, "isbn:2:"),
        of(given).permits(SZUTL, "isbn:1:"),
        of(given, ended("prm_1", BHU)).permits(BHU, "isbn:1:"),
    ]


def test_the_category_recorded_last_counts_if_the_policy_has_it() -> None:
    bhu = the_book().policy(BHU)

    assert ["alumni", "faculty", "alumni", "alumni"] == [
        of().category_at(bhu),
        of(a_category("ug"), a_category("faculty")).category_at(bhu),
        of(a_category("faculty"), a_category("gone")).category_at(bhu),
        of(a_category("family", JINAN)).category_at(bhu),
    ]


def test_a_loan_is_judged_by_the_category_that_its_lender_was_asked_for() -> None:
    bhu = the_book().policy(BHU)
    asked = a_request(lender=BHU, category=Category("faculty"))

    assert ["faculty", "alumni", "alumni"] == [
        category_of(asked, BHU, bhu),
        category_of(replace(asked, category=Category("gone")), BHU, bhu),
        category_of(replace(asked, lender=SZUTL), BHU, bhu),
    ]


def test_the_card_lends_unless_it_was_said_last_that_it_does_not() -> None:
    notes = [
        CardNoted(id=PrivilegeId("crd_1"), library=BJTU, at=START, lends=lends) for lends in (False, True)
    ]

    assert [True, False, True] == [of(*notes[:count]).card_lends for count in range(3)]


def test_the_agent_named_last_for_the_request_counts_however_the_name_is_spaced() -> None:
    one, two = RequestId("req_1"), RequestId("req_2")

    def named(agent: str | None) -> AgentNamed:
        return AgentNamed(id=PrivilegeId("agt_1"), library=BJTU, at=START, request=one, agent=agent)

    assert [False, True, False, False, False] == [
        of().is_agent(one, "Wang Fang"),
        of(named("Li"), named("Wang Fang")).is_agent(one, "wang  ＦＡＮＧ"),
        of(named("Wang Fang"), named("Li")).is_agent(one, "Wang Fang"),
        of(named("Wang Fang"), named(None)).is_agent(one, "Wang Fang"),
        of(named("Wang Fang")).is_agent(two, "Wang Fang"),
    ]


def imposed_by(library: LibraryCode, case: str, months: int | None) -> SuspensionImposed:
    return imposed(the_book().policy(library), case, months, id_=SUS, at=START, reason="x")


@pytest.mark.parametrize(
    ("library", "case", "months", "made"),
    [
        (SZUTL, "serious_damage", 6, {"until": date(2026, 9, 2)}),
        (SZUTL, "refusal_to_pay", None, {"card_cancelled": True}),
        (BHU, "misbehaviour", None, {}),
    ],
)
def test_staff_suspend_as_the_policy_lets_them(
    library: LibraryCode, case: str, months: int | None, made: dict[str, Any]
) -> None:
    assert a_suspension(library=library, case=case, **made) == imposed_by(library, case, months)


@pytest.mark.parametrize(
    ("library", "case", "months", "code"),
    [
        (SZUTL, "theft", 7, "months_out_of_range"),
        (SZUTL, "theft", None, "months_out_of_range"),
        (BHU, "misbehaviour", 2, "months_out_of_range"),
        (SZUTL, "loss", None, "case_not_covered"),
        (JINAN, "theft", 1, "case_not_covered"),
    ],
)
def test_and_not_otherwise(library: LibraryCode, case: str, months: int | None, code: str) -> None:
    with pytest.raises(InvalidCase) as refused:
        imposed_by(library, case, months)

    assert code == refused.value.code


def test_without_a_lender_nothing_stops_a_renewal_and_only_the_patrons_own_affairs_a_hand_over() -> None:
    nobodys = Draft(a_request(), known(privileges=of(a_suspension()), card_number="1"))
    check_receiver(nobodys, HandOver(card="1"))
    with pytest.raises(NotHandedOver):
        check_receiver(nobodys, HandOver(card="2"))

    assert () == stops(nobodys)


def test_what_suspends_at_the_lender_stops_a_renewal_there() -> None:
    draft = Draft(a_request(lender=SZUTL), known(privileges=of(a_suspension(), a_suspension(library=BHU))))

    assert [(SZUTL, DAY)] == [(stop.policy, stop.start) for stop in stops(draft)]


def test_an_overdue_book_blocks_the_hand_over_where_the_lender_says_so() -> None:
    standings = {lender: Standing(overdue_at_lender=1) for lender in (BHU, SZUTL)}
    check_receiver(Draft(a_request(lender=SZUTL), known(standings=standings)), HandOver())
    with pytest.raises(NotHandedOver) as refused:
        check_receiver(Draft(a_request(lender=BHU), known(standings=standings)), HandOver())

    assert ["overdue_block"] == refused.value.facts["reasons"]
