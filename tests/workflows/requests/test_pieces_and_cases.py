from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.factories import (
    BHU,
    DAY,
    FJMU,
    HOUR,
    SZUTL,
    Journey,
    a_citation,
    a_request,
    held_by,
    journey_to,
    the_book,
)
from workflows.decisions import charges
from workflows.decisions.settlement_options import options
from workflows.losses.cases import CaseEnd, CaseKind
from workflows.losses.settlement import Settling
from workflows.refusals import NoSuchPiece
from workflows.requests import loan_terms, pieces
from workflows.requests.commands import (
    Arrive,
    CallResult,
    CheckPieces,
    ChoosePickup,
    HandOver,
    OpenCase,
    RecordCall,
    Renew,
    ReportedStatus,
    ReportLoss,
    Ring,
    SettleCase,
    SettleLoss,
    ShipBack,
    TakeBack,
    Undo,
)
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Pickup


def with_pieces(*kinds: str) -> Journey:
    """Return a journey on loan from the library that fines each piece by itself (R-FJMU-6)."""
    journey = journey_to(Status.IN_TRANSIT, FJMU)
    journey.do(Arrive(pieces=kinds)).do(RecordCall(result=CallResult.REACHED))
    return journey.do(HandOver())


def settle(number: int = 1, **facts: Any) -> SettleCase:
    return SettleCase(number=number, settling=replace(Settling(case=""), **facts))


def test_what_is_handed_over_may_be_less_than_what_came() -> None:
    journey = journey_to(Status.ARRIVED, FJMU).do(RecordCall(result=CallResult.REACHED))
    request = journey.do(HandOver(pieces=("cd",))).request

    assert pieces.numbered(["cd"]) == request.pieces


def test_an_undone_arrival_has_brought_no_pieces_and_no_day_of_pickup() -> None:
    journey = Journey(a_request(holdings=held_by(SZUTL), desk=SZUTL)).do(
        ChoosePickup(site="information_desk")
    )
    arrived = journey.do(Arrive(pieces=("cd",))).request
    undone = journey.do(Undo()).request

    assert (1, True) == (len(arrived.pieces), arrived.ready_on is not None)
    assert ((), None) == (undone.pieces, undone.ready_on)


def test_an_undone_hand_over_has_stamped_nothing() -> None:
    journey = journey_to(Status.NOTIFIED, FJMU).do(HandOver(damage_stamp=True))

    assert journey.request.damage_stamp
    assert not journey.do(Undo()).request.damage_stamp


def test_a_site_that_the_desk_has_no_longer_has_no_day() -> None:
    journey = Journey(a_request(holdings=held_by(FJMU), desk=SZUTL)).do(ChoosePickup(site="information_desk"))
    gone = Pickup(site="gone", applied=journey.now)
    journey.request = replace(journey.request, pickup=gone)

    assert journey.do(Arrive()).request.ready_on is None


def test_a_request_that_waits_for_a_piece_says_so_again() -> None:
    journey = with_pieces("cd").do(TakeBack(missing=(1,)), 3 * DAY).do(ShipBack())
    journey.hear(ReportedStatus.LOAN_COMPLETED)
    alarm = journey.request.alarm
    assert alarm is not None
    journey.do(Ring(), alarm.at - journey.now)

    assert (Status.RETURNING, ("pieces_out",)) == (journey.status, journey.request.attention)
    assert (Status.CLOSED, Outcome.COMPLETED) == (
        journey.do(CheckPieces(lost=(1,))).status,
        journey.request.outcome,
    )


def test_a_piece_that_comes_when_all_is_closed_leaves_it_closed() -> None:
    journey = with_pieces("cd").do(ReportLoss()).do(SettleLoss()).do(CheckPieces(returned=(1,)))

    assert (Status.CLOSED, False) == (journey.status, any(one.is_out for one in journey.request.pieces))


def test_two_of_three_pieces_wait_for_the_third() -> None:
    journey = with_pieces("cd", "dvd").do(TakeBack(missing=(1, 2)), DAY)
    journey.hear(ReportedStatus.LOAN_COMPLETED).do(CheckPieces(returned=(1,)))

    assert Status.RETURNED is journey.status


def test_a_loss_is_reported_only_once() -> None:
    journey = with_pieces().do(ReportLoss()).do(OpenCase(kind=CaseKind.LOSS))

    assert 1 == len(journey.request.cases)


def test_a_settled_loss_ends_its_case() -> None:
    (case,) = with_pieces().do(ReportLoss()).do(SettleLoss()).request.cases

    assert CaseEnd.SETTLED is case.end


def test_an_undone_return_is_no_find() -> None:
    journey = with_pieces().do(ReportLoss()).do(TakeBack())
    found = journey.request.cases
    again = journey.do(Undo()).request.cases

    assert (CaseEnd.FOUND, None) == (found[0].end, again[0].end)


def test_a_damage_beside_another_case_keeps_the_attention_until_both_are_settled() -> None:
    journey = with_pieces().do(OpenCase(kind=CaseKind.STAIN)).do(OpenCase(kind=CaseKind.OTHER_ITEM))
    journey.do(settle(price="10.00", factor="1"))
    one_open = journey.request.attention
    journey.do(settle(2, price="10.00", factor="10"))

    assert (True, False) == ("case_open" in one_open, "case_open" in journey.request.attention)


def test_a_rare_book_is_referred_to_the_regulations_on_relics() -> None:
    """R-SZUTL-30."""
    journey = journey_to(Status.ON_LOAN, SZUTL)
    journey.request = replace(journey.request, citation=a_citation(item_type="rare_book"))
    asked = journey.do(OpenCase(kind=CaseKind.STAIN)).do(settle()).request.compensation

    assert asked is not None
    assert (None, "cultural_relics_regulations") == (asked.amount, asked.refer)


def test_a_part_of_a_set_that_is_a_piece_is_no_set() -> None:
    journey = with_pieces("dvd")
    found = options(
        journey.request, CaseKind.LOSS, 1, Settling(case=""), the_book().policy(FJMU), now=journey.now
    )

    assert "dvd" == found.item_type
    with pytest.raises(NoSuchPiece):
        options(
            journey.request, CaseKind.LOSS, 9, Settling(case=""), the_book().policy(FJMU), now=journey.now
        )


def test_the_open_case_dates_the_options() -> None:
    journey = with_pieces().do(OpenCase(kind=CaseKind.STAIN))
    reported = journey.now
    found = options(
        journey.request,
        CaseKind.STAIN,
        None,
        Settling(case=""),
        the_book().policy(FJMU),
        now=reported + 3 * DAY,
    )

    assert reported == found.reported


def test_a_lender_that_gives_up_a_book_reported_lost_adds_no_second_report() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).do(ReportLoss(), 40 * DAY)
    reported = journey.now
    journey.hear(ReportedStatus.COMPLETED_WITHOUT_RETURN, wait=9 * DAY)

    assert (reported, 1) == (journey.request.instants.lost_reported, len(journey.request.cases))


def test_what_a_lender_gave_up_is_counted_to_its_own_word_and_never_before_the_hand_over() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL)
    handover = journey.request.instants.handover
    journey.hear(ReportedStatus.COMPLETED_WITHOUT_RETURN, occurred_at=journey.now - 9 * DAY)

    assert handover == journey.request.instants.lost_reported


def test_what_a_lender_gave_up_before_it_was_renewed_is_counted_to_the_renewal() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).do(Renew(), DAY)
    renewed = journey.now
    journey.hear(ReportedStatus.COMPLETED_WITHOUT_RETURN, occurred_at=journey.now - DAY / 2)

    assert renewed == journey.request.instants.lost_reported
    assert loan_terms.loan_answer(journey.request, the_book(), as_of=journey.now).due is not None


def test_a_mutilated_book_costs_no_day_after_its_report() -> None:
    """R-BHU-13."""
    journey = journey_to(Status.ON_LOAN, BHU).do(OpenCase(kind=CaseKind.CUT), 40 * DAY)
    at_report = charges.assessed(journey.request, the_book(), now=journey.now)
    journey.do(TakeBack(), 9 * DAY)

    assert at_report == charges.assessed(journey.request, the_book(), now=journey.now + HOUR)


def test_the_settled_loss_of_a_book_leaves_what_else_was_reported_open() -> None:
    journey = with_pieces("cd").do(CheckPieces(lost=(1,))).do(ReportLoss()).do(SettleLoss())

    assert [(1, None), (None, CaseEnd.SETTLED)] == [(one.piece, one.end) for one in journey.request.cases]
