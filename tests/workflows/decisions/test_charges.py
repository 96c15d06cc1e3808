from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

import pytest

from tests.factories import DAY, JINAN, PKU, SZUTL, Journey, a_request, journey_to, the_book
from tests.workflows.books import documents
from tests.workflows.test_worked_examples import EXAMPLES
from tests.workflows.till import NOW, Till, kinds
from workflows.accounts.account import Kind, pay, waive
from workflows.decisions.charges import FineIs, assessed, bookings, postings
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode, PostingId, RequestId
from workflows.losses.settlement import Settling
from workflows.policies.book import PolicyBook
from workflows.requests import loan_terms
from workflows.requests.commands import (
    Renew,
    ReportDamage,
    ReportLoss,
    ReportParcelLost,
    SettleLoss,
    ShipBack,
    TakeBack,
    Undo,
)
from workflows.requests.events import ReceivedByLender, TakenBack
from workflows.requests.lifecycle import Status
from workflows.requests.request import Alarm, Deadline, Instants

ACCOUNTS = [one for one in EXAMPLES if one["kind"] == "account"]


def lent(*lenders: LibraryCode) -> Journey:
    return journey_to(Status.ON_LOAN, *(lenders or (SZUTL,)))


def test_a_late_return_is_charged_what_the_loan_clock_says() -> None:
    till, journey = Till(), lent()
    (fine,) = till.do(journey, TakeBack(), 41 * DAY)
    answer = loan_terms.loan_answer(journey.request, the_book(), as_of=journey.now)

    assert (Kind.FINE, answer.fine.amount) == (fine.kind, fine.amount)
    assert (journey.request.id, journey.now, "2.00") == (fine.request, fine.at, fine.amount.amount)
    assert "szutl@" == (fine.policy or "")[:6]


def test_a_return_in_time_is_charged_nothing() -> None:
    assert [] == Till().do(lent(), TakeBack(), 31 * DAY)


def test_a_lender_without_a_stated_rate_is_owed_nothing() -> None:
    assert [] == Till().do(lent(PKU), TakeBack(), 90 * DAY)


def test_a_book_that_is_out_is_not_charged() -> None:
    till, journey = Till(), lent()

    assert [] == till.do(journey, Renew(), 20 * DAY)
    assert None is assessed(journey.request, the_book(), now=journey.now + 90 * DAY)


def test_an_undone_return_takes_the_fine_back() -> None:
    till, journey = Till(), lent()
    till.do(journey, TakeBack(), 41 * DAY)
    (back,) = till.do(journey, Undo(), timedelta(hours=1))

    assert (Kind.REVERSAL, PostingId("p1"), "0.00") == (
        back.kind,
        back.concerns,
        till.account().balance.amount,
    )


def test_a_fine_that_was_paid_before_its_return_was_undone_is_not_paid_twice() -> None:
    till, journey = Till(), lent(JINAN)
    till.do(journey, TakeBack(), 300 * DAY)
    till.add(JINAN, pay(till.account(JINAN), "10.00", at=NOW, method="cash", text=None))
    till.do(journey, Undo())
    till.do(journey, TakeBack())

    assert "0.00" == till.account(JINAN).balance.amount


def test_an_undone_shipment_changes_no_fine() -> None:
    till, journey = Till(), lent()
    till.do(journey, TakeBack(), 41 * DAY)
    till.do(journey, ShipBack())

    assert [] == till.do(journey, Undo())


def test_a_reported_loss_is_charged_up_to_the_day_of_the_report() -> None:
    till, journey = Till(), lent()

    assert [(Kind.FINE, "2.00")] == kinds(till.do(journey, ReportLoss(), 41 * DAY))
    assert [] == till.do(journey, SettleLoss(), 10 * DAY)


def test_a_lost_book_that_is_found_is_an_ordinary_return() -> None:
    till, journey = Till(), lent()
    till.do(journey, ReportLoss(), 41 * DAY)
    posted = till.do(journey, TakeBack(), 5 * DAY)

    assert [(Kind.REVERSAL, "-2.00"), (Kind.FINE, "3.00")] == kinds(posted)
    assert "3.00" == till.account().balance.amount


def test_a_lost_book_found_the_same_day_costs_what_it_did() -> None:
    till, journey = Till(), lent()
    till.do(journey, ReportLoss(), 41 * DAY)

    assert [] == till.do(journey, TakeBack(), timedelta(hours=1))


def test_a_waiver_goes_with_the_fine_that_is_assessed_anew() -> None:
    till, journey = Till(), lent()
    till.do(journey, ReportLoss(), 41 * DAY)
    till.add(SZUTL, *waive(till.account(), PostingId("p1"), "0.50", at=NOW, reason="illness"))
    posted = till.do(journey, TakeBack(), 5 * DAY)

    assert [(Kind.REVERSAL, "0.50"), (Kind.REVERSAL, "-2.00"), (Kind.FINE, "3.00")] == kinds(posted)


def test_the_fine_of_one_book_leaves_that_of_another_alone() -> None:
    till, one, other = Till(), lent(), lent()
    other.request = replace(other.request, id=RequestId("req_2"))
    till.do(one, TakeBack(), 41 * DAY)
    till.do(other, TakeBack(), 36 * DAY)
    till.do(other, Undo())

    assert "2.00" == till.account().balance.amount


def test_a_card_is_charged_up_to_its_cap_and_again_once_it_is_paid() -> None:
    till = Till()
    charged = []
    for number in range(3):
        journey = lent(JINAN)
        journey.request = replace(journey.request, id=RequestId(f"req_{number}"))
        (fine,) = till.do(journey, TakeBack(), 200 * DAY)
        charged.append((fine.raw and fine.raw.amount, fine.amount.amount, fine.cap))
        if number == 1:
            till.add(JINAN, pay(till.account(JINAN), "3.00", at=NOW, method="cash", text=None))

    assert [("7.00", "7.00", None), ("7.00", "3.00", "card"), ("7.00", "3.00", "card")] == charged


def test_the_cap_of_an_item_is_told() -> None:
    (fine,) = Till().do(lent(), TakeBack(), 200 * DAY)

    assert ("10.00", "item") == (fine.amount.amount, fine.cap)


def test_a_settled_loss_is_charged_as_the_lender_asks() -> None:
    till, journey = Till(), lent()
    till.do(journey, ReportLoss())
    posted = till.do(journey, SettleLoss(settling=Settling(case="loss", price="20.00")))

    assert [(Kind.COMPENSATION, "60.00")] == kinds(posted)
    assert journey.request.compensation is not None


def test_a_replaced_book_costs_its_processing() -> None:
    till, journey = Till(), lent()
    till.do(journey, ReportLoss())
    settling = Settling(case="loss", by_replacement=True, volumes=2)

    assert [(Kind.PROCESSING_FEE, "20.00")] == kinds(till.do(journey, SettleLoss(settling=settling)))


def test_a_damage_that_was_stamped_at_hand_over_costs_nothing() -> None:
    till, journey = Till(), lent(JINAN)
    settling = Settling(case="stain", damage_stamp=True)

    assert [] == till.do(journey, ReportDamage(note="stained", settling=settling))


def test_a_damage_is_charged_beside_the_fine() -> None:
    till, journey = Till(), lent()
    till.do(journey, TakeBack(), 41 * DAY)
    till.do(journey, ReportDamage(note="stained", settling=Settling(case="stain", amount="7.00")))

    assert "9.00" == till.account().balance.amount


def test_a_damage_that_is_only_noted_is_charged_nothing() -> None:
    assert [] == Till().do(lent(), ReportDamage(note="stained"))


def test_a_parcel_lost_on_the_way_back_is_nobodys_fine() -> None:
    till, journey = Till(), lent()
    till.do(journey, TakeBack())
    till.do(journey, ShipBack())

    assert [] == till.do(journey, ReportParcelLost(), 90 * DAY)


def test_a_request_without_a_lender_owes_nothing() -> None:
    assert None is assessed(a_request(), the_book(), now=NOW)
    assert () == bookings(a_request(), a_request(), [], the_book(), now=NOW)


def test_a_loan_that_cannot_be_judged_any_more_keeps_what_was_posted() -> None:
    journey = lent()
    before = journey.request
    after = journey.do(TakeBack(), 41 * DAY).request
    broken = replace(after, instants=replace(after.instants, handover=journey.now + DAY))
    event = TakenBack(
        at=journey.now, condition=None, staff_override=False, alarm=Alarm(at=NOW, what=Deadline.DESK_RETURN)
    )

    assert () == bookings(before, broken, [event], the_book(), now=journey.now)


def a_book_where_the_road_counts() -> PolicyBook:
    policies = {name: dict(document) for name, document in documents("policies").items()}
    clock = policies["szutl.yaml"]["clock"]
    policies["szutl.yaml"]["clock"] = {**clock, "logistics": "included"}
    return PolicyBook.load(policies, documents("calendars"))


def test_where_the_road_back_counts_the_fine_is_charged_when_the_lender_has_the_book() -> None:
    journey, book = lent(), a_book_where_the_road_counts()
    on_loan = replace(journey.request, terms=book.policy(SZUTL).edition)
    at_desk = replace(journey.do(TakeBack(), 31 * DAY).request, terms=on_loan.terms)
    later = journey.now + 9 * DAY
    there = replace(at_desk, instants=replace(at_desk.instants, lender_received=later))
    at_return = bookings(on_loan, at_desk, journey.events[-1:], book, now=journey.now)
    (at_receipt,) = bookings(at_desk, there, [ReceivedByLender(at=later, lender=SZUTL)], book, now=later)

    assert (later, True) == (at_receipt.at, isinstance(at_receipt, FineIs))
    assert () == at_return


def _brought_back(till: Till, loan: dict[str, Any]) -> dict[str, Any]:
    """Bring a loan of a worked example back, and return what the journal holds of it."""
    lender = LibraryCode(loan["policy"])
    at = {name: datetime.fromisoformat(told).astimezone(UTC) for name, told in loan["timeline"].items()}
    journey = journey_to(Status.ON_LOAN, lender)
    instants = Instants(submitted=at["handover"], handover=at["handover"])
    # the example names no borrower: the lender's own terms count alone
    out = replace(
        journey.request, id=RequestId(f"req_{loan['id']}"), home=lender, desk=lender, instants=instants
    )
    back = replace(out, instants=replace(instants, returned=at["returned"]))
    (booking,) = bookings(out, back, (), the_book(), now=at["returned"])
    (fine,) = postings(till.account(lender), booking)
    till.add(lender, fine)
    return {
        "id": loan["id"],
        "raw": fine.raw and fine.raw.amount,
        "charged": fine.amount.amount,
        "cap": fine.cap,
    }


def _paid(till: Till, payment: dict[str, Any]) -> str:
    lender = LibraryCode(payment["policy"])
    at = datetime.fromisoformat(payment["at"])
    try:
        till.add(lender, pay(till.account(lender), payment["amount"], at=at, method="cash", text=None))
    except WorkflowError as error:
        return error.code
    return "accepted"


@pytest.mark.parametrize("example", ACCOUNTS, ids=itemgetter("id"))
def test_the_journal_charges_as_the_worked_example_says(example: dict[str, Any]) -> None:
    case, till = example["input"], Till()
    items, payments = [], []
    for _, facts in sorted(
        [(loan["timeline"]["returned"], loan) for loan in case["loans"]]
        + [(paid["at"], paid) for paid in case.get("payments", ())],
        key=itemgetter(0),
    ):
        if "timeline" in facts:
            items.append(_brought_back(till, facts))
        else:
            payments.append(_paid(till, facts))

    expected = example["expected"]
    assert (expected["items"], expected["payments"]) == (items, payments)
    assert expected["balance"] == {code: one.balance.amount for code, one in till.accounts.items()}


def test_there_are_worked_examples_of_accounts() -> None:
    assert len(ACCOUNTS) >= 2
