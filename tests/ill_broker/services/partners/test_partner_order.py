"""A partner's messages out of order, doubled, wrong or in vain: nothing is lost and nothing counts twice."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import httpx
import pytest

from connectors.failures import NotAuthentic, Objection
from connectors.iso18626 import codec
from connectors.iso18626 import messages as m
from connectors.iso18626.dialogue import IsoDialogue
from connectors.iso18626.messages import Action, Revision
from connectors.ports import Connectors
from ill_broker.services.partners.iso_messages import Shown
from ill_broker.storage import inbox, outbox
from ill_broker.storage.inbox import MessageState
from ill_broker.storage.store import Store
from tests.factories import BHU, BJTU, DAY, HOUR, SHLIB, START
from tests.ill_broker.services.asking_partner import (
    OURS,
    SHOWN,
    Asking,
    acting,
    asking,
    confirming,
)
from workflows.requests.commands import ReportedStatus
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


# ---------------------------------------------------------------- out of order, and wrong


def test_what_is_sent_back_before_it_was_received_waits(partner: Asking) -> None:
    partner.asked()
    partner.lender_says(SAID.LOANED)
    partner.now += 5 * DAY
    received, returned = partner.now - 3 * DAY, partner.now - DAY
    partner.act(Action.SHIPPED_RETURN, at=returned)
    assert [MessageState.QUARANTINED] == [one for one in partner.stored() if one is not MessageState.APPLIED]

    partner.act(Action.RECEIVED, at=received)
    partner.go_on()
    instants = partner.ours().instants

    assert Status.RETURNING is partner.ours().status
    assert (received, returned) == (instants.handover, instants.returned)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_in_which_a_partner_is_heard_makes_no_difference(
    partner: Asking, order: tuple[int, ...]
) -> None:
    partner.asked()
    partner.lender_says(SAID.LOANED)
    received, returned = partner.now + DAY, partner.now + 9 * DAY
    said = (
        acting(Action.RECEIVED, at=received),
        acting(Action.SHIPPED_RETURN, at=returned),
        acting(Action.NOTIFICATION, at=returned, note="thank you"),
    )
    partner.now += 10 * DAY
    for place in (*order, *order):
        partner.say(said[place])
        partner.go_on()
    partner.lender_says(SAID.LOAN_COMPLETED)
    request = partner.ours()

    assert (received, returned, Outcome.COMPLETED) == (
        request.instants.handover,
        request.instants.returned,
        request.outcome,
    )
    assert [MessageState.APPLIED] * 4 == partner.stored()


def test_what_is_said_of_a_request_that_waits_is_taken_and_waits_as_well(partner: Asking) -> None:
    partner.ask()
    confirmed = partner.say(acting(Action.CANCEL, at=partner.now))
    (cancelling,) = partner.inbound.waiting(10)
    assert MessageState.QUARANTINED is partner.inbound.apply(cancelling, now=partner.now)

    partner.go_on()
    partner.go_on()

    assert m.MessageStatus.OK is confirmed.header.status
    assert "CancelResponse Y: Cancelled" == partner.told()[-1]


def test_a_request_that_must_be_searched_for_keeps_nobody_waiting(partner: Asking) -> None:
    partner.ask()
    partner.say(acting(Action.CANCEL, at=partner.now))
    asked, others = partner.inbound.waiting(10, asking=True), partner.inbound.waiting(10)

    assert (["request"], ["cancel"]) == ([each.status for each in asked], [each.status for each in others])


def test_steps_that_are_known_change_nothing(partner: Asking) -> None:
    partner.lent()
    version = partner.ours().version
    partner.act(Action.RECEIVED)
    partner.act(Action.NOTIFICATION, note="a page is torn")

    assert version == partner.ours().version
    assert {MessageState.APPLIED} == set(partner.stored())


def test_a_note_is_kept_with_the_request(partner: Asking) -> None:
    request = partner.asked()
    partner.act(Action.NOTIFICATION, note="for a seminar")
    with partner.store.reading() as conn:
        notes = [each.reason for each in inbox.listed(conn, states=[*MessageState], request_id=request.id)]

    assert "for a seminar" in notes


def test_a_loss_is_noted_and_a_parcel_may_be_lost_too(partner: Asking) -> None:
    partner.revision = Revision.V2021
    partner.lent()
    partner.act(Action.LOST)

    assert partner.ours().instants.lost_reported is not None


def test_what_the_rules_refuse_and_no_answer_exists_for_is_left_to_the_desk(partner: Asking) -> None:
    partner.asked(SHLIB)
    partner.lender_says(SAID.LOANED)
    partner.lender_says(SAID.RECALLED)
    partner.act(Action.RECEIVED)

    assert MessageState.REFUSED in partner.stored()
    assert Status.NOTIFIED is partner.ours().status

    partner.act(Action.SHIPPED_RETURN)

    assert Status.RETURNING is partner.ours().status


def test_a_book_sent_back_on_the_day_it_came_is_taken_even_where_the_lender_does_not_like_it(
    partner: Asking,
) -> None:
    partner.asked(BHU)
    partner.lender_says(SAID.LOANED)
    partner.act(Action.RECEIVED)
    partner.act(Action.SHIPPED_RETURN)

    assert Status.RETURNING is partner.ours().status
    assert partner.ours().staff_override


def test_a_request_that_was_never_made_is_unknown(partner: Asking) -> None:
    confirmed = partner.say(acting(Action.STATUS_REQUEST, "R-9"))

    assert m.MessageStatus.ERROR is confirmed.header.status
    assert m.ErrorType.UNRECOGNISED_VALUE is confirmed.errors[0].type
    assert [] == partner.stored()


@pytest.mark.parametrize("action", [Action.SHIPPED_FORWARD, Action.HOLD_RETURN])
def test_what_cannot_be_followed_is_refused_by_its_name(store: Store, action: Action) -> None:
    partner = Asking(store, Revision.V2021)
    partner.asked()
    confirmed = partner.say(acting(action, at=partner.now))

    assert m.ErrorType.UNSUPPORTED_ACTION is confirmed.errors[0].type


def test_nobody_asks_in_anothers_name(partner: Asking) -> None:
    other = m.Header(supplying=OURS, requesting=m.AgencyId("CN-other"), request_id="R-1", timestamp=START)
    body = codec.encode(replace(asking(), header=other), Revision.V1_2)

    with pytest.raises(NotAuthentic):
        partner.conversations.hear(body, SHOWN, now=START, machine_now=START)
    with pytest.raises(NotAuthentic):
        partner.conversations.hear(
            codec.encode(asking(), Revision.V1_2), Shown(), now=START, machine_now=START
        )


def test_refused_requests_answer_what_they_are_asked(partner: Asking) -> None:
    partner.holdings = ()
    partner.ask()
    partner.go_on()
    for action in (Action.STATUS_REQUEST, Action.CANCEL, Action.RENEW, Action.RECEIVED):
        partner.act(action, at=partner.now)

    assert [
        "StatusRequestResponse: Unfilled",
        "CancelResponse N: Unfilled",
        "RenewResponse N: Unfilled",
    ] == partner.told()[1:]


# ---------------------------------------------------------------- a partner that does not listen


def test_a_message_sent_again_is_the_same_letter_by_letter_and_the_next_one_waits(partner: Asking) -> None:
    partner.answer = lambda _: httpx.Response(503)
    partner.asked()
    partner.lender_says(SAID.WILL_SUPPLY)
    partner.answer = confirming
    partner.now += HOUR
    partner.deliver()

    assert partner.posted[0] == partner.posted[1]
    assert "StatusChange: WillSupply" == partner.told()[-1]


def test_a_message_that_is_refused_is_set_aside(partner: Asking) -> None:
    partner.answer = lambda request: httpx.Response(
        200, content=IsoDialogue().read(request.content).answer(now=START, objection=Objection.NOT_OFFERED)
    )
    partner.asked()
    with partner.store.reading() as conn:
        (dead,) = outbox.dead_letters(conn)

    assert ("requester", BJTU) == (dead.kind, dead.library)
    assert "UnsupportedReasonForMessageType" in (dead.last_failure or "")


def test_one_whose_system_cannot_be_reached_any_more_is_tried_again_later(partner: Asking) -> None:
    partner.lenders.by_hand[BJTU] = Connectors(BJTU)
    request = partner.asked()
    (entry,) = [each for each in partner.entries(request) if each.kind == "requester"]

    assert (outbox.EntryState.WAITING, 1) == (entry.state, entry.attempts)
