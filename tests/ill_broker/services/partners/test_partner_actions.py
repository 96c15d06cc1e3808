"""A partner's system acts on its requests, and each message it gets is the right one, in order."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from connectors.iso18626.messages import Action, Revision
from ill_broker.storage import events
from ill_broker.storage.store import Store
from tests.connectors.test_iso18626_codec import complaints
from tests.factories import DAY, HOUR, PKU, SHLIB, SZUTL, held
from tests.ill_broker.services.asking_partner import (
    Asking,
)
from workflows.actors import SYSTEM
from workflows.requests.commands import Cancel, ReportedStatus, Ring
from workflows.requests.lifecycle import Outcome, Status

SAID = ReportedStatus


@pytest.fixture
def database_url(migrated_file: Path, tmp_path: Path) -> str:
    """Return an empty database on SQLite alone: the rows have tests of their own on both."""
    shutil.copy(migrated_file, tmp_path / "test.db")
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def partner(store: Store) -> Asking:
    return Asking(store)


# ---------------------------------------------------------------- the usual way


def test_a_loan_is_told_step_by_step(partner: Asking) -> None:
    partner.complete()

    assert [
        "RequestResponse: ExpectToSupply",
        "StatusChange: WillSupply",
        "StatusChange: Loaned",
        "StatusChange: Loaned",
        "StatusChange: LoanCompleted",
    ] == partner.told()
    assert Outcome.COMPLETED is partner.ours().outcome


@pytest.mark.reference
@pytest.mark.parametrize("revision", Revision)
def test_all_that_is_told_is_valid(store: Store, revision: Revision) -> None:
    partner = Asking(store, revision)
    partner.complete()
    partner.act(Action.STATUS_REQUEST)

    assert [] == [each for body in partner.posted for each in complaints(body, revision)]
    assert {("R-1", partner.ours().id)} == {
        (each.header.request_id, each.header.supplier_request_id) for each in partner.heard()
    }


def test_a_loan_is_told_with_its_book_its_sending_and_its_due_date(partner: Asking) -> None:
    request = partner.lent()
    message = partner.heard()[-1]

    assert message.delivery is not None
    assert message.status_info.due is not None
    assert (request.instants.shipped, ("B1",)) == (message.delivery.sent_at, message.delivery.item_ids)
    assert str(request.due) == f"{message.status_info.due + timedelta(hours=8):%Y-%m-%d}"


def test_the_patrons_clock_runs_from_what_was_received_not_from_when_we_heard(partner: Asking) -> None:
    partner.asked()
    partner.lender_says(SAID.LOANED)
    partner.now += DAY
    received = partner.now
    partner.now += 3 * DAY
    partner.act(Action.RECEIVED, at=received)
    instants = partner.ours().instants
    with partner.store.reading() as conn:
        heard_at = events.all_of(conn, partner.ours().id)[-1].received_at

    assert (received,) * 3 == (instants.arrived, instants.notified, instants.handover)
    assert partner.now == heard_at


def test_what_is_said_to_have_happened_before_the_sending_happened_then(partner: Asking) -> None:
    partner.asked()
    partner.lender_says(SAID.LOANED)
    partner.act(Action.RECEIVED, at=partner.now - 30 * DAY)
    instants = partner.ours().instants

    assert instants.shipped == instants.handover


def test_what_is_said_to_have_happened_tomorrow_happened_when_it_was_heard(partner: Asking) -> None:
    partner.asked()
    partner.lender_says(SAID.LOANED)
    heard_at = partner.now
    partner.act(Action.RECEIVED, at=partner.now + DAY)

    assert heard_at == partner.ours().instants.handover


def test_a_day_too_long_is_overdue_and_then_over(partner: Asking) -> None:
    partner.lent()
    partner.at(partner.now + 400 * DAY)
    partner.requests.handle(partner.ours().id, Ring(), SYSTEM, now=partner.now)
    partner.act(Action.SHIPPED_RETURN)
    partner.lender_says(SAID.LOAN_COMPLETED)

    assert ["StatusChange: Overdue", "StatusChange: LoanCompleted"] == partner.told()[-2:]


def test_a_recall_is_passed_on(partner: Asking) -> None:
    partner.holdings = (held(SHLIB),)
    partner.lent()
    partner.lender_says(SAID.RECALLED)

    assert "StatusChange: Recalled" == partner.told()[-1]


def test_a_book_that_nobody_expects_back_is_completed_without_return(partner: Asking) -> None:
    partner.lent()
    partner.lender_says(SAID.COMPLETED_WITHOUT_RETURN)

    assert "StatusChange: CompletedWithoutReturn" == partner.told()[-1]


def test_the_next_lenders_turn_is_no_news(partner: Asking) -> None:
    partner.asked()
    partner.lender_says(SAID.UNFILLED)
    partner.lender_says(SAID.UNFILLED)

    assert ["RequestResponse: ExpectToSupply", "StatusChange: Unfilled"] == partner.told()
    assert "NotAvailableForILL" == partner.heard()[-1].info.reason_unfilled


# ---------------------------------------------------------------- cancelling and renewing


def test_what_nobody_has_agreed_to_is_cancelled_at_once(partner: Asking) -> None:
    partner.asked()
    partner.act(Action.CANCEL)
    partner.act(Action.CANCEL, at=partner.now + HOUR)

    assert ["CancelResponse Y: Cancelled"] * 2 == partner.told()[-2:]


def test_a_lender_that_has_agreed_must_agree_to_a_cancellation(partner: Asking) -> None:
    partner.asked()
    partner.lender_says(SAID.WILL_SUPPLY)
    partner.act(Action.CANCEL)
    waiting = partner.told()
    partner.act(Action.CANCEL, at=partner.now + HOUR)
    partner.lender_says(SAID.CANCELLED)

    assert "StatusChange: WillSupply" == waiting[-1]
    assert [*waiting, "CancelResponse Y: Cancelled"] == partner.told()


def test_a_book_that_is_sent_all_the_same_is_no_cancellation(partner: Asking) -> None:
    partner.asked()
    partner.lender_says(SAID.WILL_SUPPLY)
    partner.act(Action.CANCEL)
    partner.lender_says(SAID.LOANED)

    assert "CancelResponse N: Loaned" == partner.told()[-1]


def test_a_lender_that_says_no_is_heard_and_the_book_then_comes_as_usual(partner: Asking) -> None:
    partner.asked()
    partner.lender_says(SAID.WILL_SUPPLY)
    partner.act(Action.CANCEL)
    partner.lender_says(SAID.WILL_SUPPLY, answer=False)
    partner.lender_says(SAID.LOANED)

    assert ["CancelResponse N: WillSupply", "StatusChange: Loaned"] == partner.told()[-2:]


def test_what_is_on_its_way_is_not_cancelled(partner: Asking) -> None:
    partner.lent()
    partner.act(Action.CANCEL)

    assert "CancelResponse N: Loaned" == partner.told()[-1]
    assert Status.ON_LOAN is partner.ours().status


def test_a_cancellation_at_our_desk_is_no_answer(partner: Asking) -> None:
    request = partner.asked()
    partner.do(request, Cancel())
    partner.deliver()

    assert "StatusChange: Cancelled" == partner.told()[-1]


def test_a_renewal_is_granted_by_the_lenders_policy(partner: Asking) -> None:
    partner.holdings = (held(SZUTL),)
    request = partner.lent()
    assert request.due is not None
    zone = timedelta(hours=8)
    partner.at(datetime.combine(request.due, time(4), tzinfo=UTC))
    partner.act(Action.RENEW)
    message = partner.heard()[-1]

    assert "RenewResponse Y: Loaned" == partner.told()[-1]
    assert message.status_info.due is not None
    assert request.due < (message.status_info.due + zone).date()


def test_a_renewal_that_the_rules_refuse_is_answered_with_no(partner: Asking) -> None:
    partner.holdings = (held(PKU),)
    partner.lent()
    partner.act(Action.RENEW)

    assert "RenewResponse N: Loaned" == partner.told()[-1]
    assert "the lender's rules refuse: policy_no_renewal" == partner.heard()[-1].info.note
