"""What comes of the requests that a partner's system makes: lent, refused, asked again."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.iso18626 import messages as m
from connectors.iso18626.messages import Action, RequestType
from ill_broker.storage import outbox, people
from ill_broker.storage.people import Enrolment
from ill_broker.storage.store import Store
from tests.factories import BJTU, PKU, START, SZUTL, a_patron, held
from tests.ill_broker.services.asking_partner import (
    Asking,
    acting,
    asking,
    in_short,
)
from workflows.ids import PatronId
from workflows.requests.commands import ReportedStatus
from workflows.requests.lifecycle import Status

SAID = ReportedStatus


@pytest.fixture
def database_url(migrated_file: Path, tmp_path: Path) -> str:
    """Return an empty database on SQLite alone: the rows have tests of their own on both."""
    shutil.copy(migrated_file, tmp_path / "test.db")
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def partner(store: Store) -> Asking:
    return Asking(store)


# ---------------------------------------------------------------- what comes of a request


def test_it_is_for_a_reader_known_by_number_alone_whom_we_do_not_write_to(partner: Asking) -> None:
    partner.complete()
    request = partner.ours()
    with partner.store.reading() as conn:
        patron = people.patron(conn, request.patron)
        notices = [each for each in outbox.of_request(conn, request.id) if each.kind == "notice"]

    assert patron is not None
    assert ("iso18626:reader-7", "", BJTU) == (patron.card_number, patron.email, patron.home)
    assert {"not timely"} == {each.result for each in notices}
    assert [] == partner.mails.letters


def test_two_requests_of_one_reader_count_against_one_limit(partner: Asking) -> None:
    partner.ask("R-1")
    partner.ask("R-2", isbn="9787020008735")
    partner.ask("R-3", patron=None)
    partner.ask("R-4", patron="x" * 201)
    partner.go_on()
    readers = [partner.ours(name).patron for name in ("R-1", "R-2", "R-3", "R-4")]

    assert readers[0] == readers[1]
    assert 3 == len(set(readers))


def test_nobody_who_has_registered_is_taken_for_a_partners_reader(partner: Asking) -> None:
    somebody = replace(a_patron(card_number="iso18626:reader-7"), id=PatronId("pat_x"))
    with partner.store.writing() as conn:
        people.enrol(conn, Enrolment(patron=somebody, created_at=START))

    assert somebody.id != partner.asked().patron


def test_what_nobody_has_is_unfilled_and_no_error(partner: Asking) -> None:
    partner.holdings = ()
    confirmed = partner.ask()
    partner.go_on()
    (message,) = partner.heard()

    assert m.MessageStatus.OK is confirmed.header.status
    assert ("RequestResponse: Unfilled", "NotHeld", "no_holding") == (
        in_short(message),
        message.info.reason_unfilled,
        message.info.note,
    )


def test_what_only_its_own_library_has_is_unfilled_with_the_reason(partner: Asking) -> None:
    partner.holdings = (held(BJTU),)
    partner.ask()
    partner.go_on()

    assert ("PolicyProblem", "own_library") == (
        partner.heard()[0].info.reason_unfilled,
        partner.heard()[0].info.note,
    )


def test_a_copy_is_not_made(partner: Asking) -> None:
    partner.ask(service_type=m.ServiceType.COPY)
    partner.go_on()

    assert "copies_only" == partner.heard()[0].info.note


def test_the_same_work_for_the_same_reader_is_not_lent_twice(partner: Asking) -> None:
    partner.asked()
    partner.ask("R-2")
    partner.go_on()

    assert ("R-2", "asked_twice") == (
        partner.heard()[-1].header.request_id,
        partner.heard()[-1].info.note,
    )


def test_the_request_again_is_answered_by_where_it_stands(partner: Asking) -> None:
    partner.asked()
    partner.lender_says(SAID.WILL_SUPPLY)
    partner.ask(request_type=RequestType.REMINDER)
    partner.go_on()
    partner.ask()
    partner.go_on()

    assert ["RequestResponse: WillSupply"] * 2 == partner.told()[-2:]


def test_a_refused_request_again_is_refused_again_but_a_retry_is_looked_at(partner: Asking) -> None:
    partner.holdings = ()
    partner.ask()
    partner.go_on()
    partner.holdings = (held(PKU),)
    partner.ask(request_type=RequestType.REMINDER)
    partner.go_on()
    partner.ask(request_type=RequestType.RETRY)
    partner.go_on()

    assert ["Unfilled", "Unfilled", "ExpectToSupply"] == [each.status_info.status for each in partner.heard()]


def test_a_message_that_comes_twice_counts_once(partner: Asking) -> None:
    request = asking(at=partner.now)
    confirmed = [partner.say(request) for _ in range(2)]
    partner.go_on()
    question = acting(Action.STATUS_REQUEST, at=partner.now)
    for _ in range(2):
        partner.say(question)
        partner.go_on()

    assert confirmed[0] == confirmed[1]
    assert ["RequestResponse: ExpectToSupply", "StatusRequestResponse: ExpectToSupply"] == partner.told()


# ---------------------------------------------------------------- conditions and retries


def conditional(partner: Asking) -> None:
    partner.asked()
    partner.lender_says(SAID.RETRY_POSSIBLE, reason="LoanCondition", note="in the reading room")


def test_conditions_are_told(partner: Asking) -> None:
    conditional(partner)
    info = partner.heard()[-1].info

    assert ("StatusChange: RetryPossible", "LoanCondition", "in the reading room") == (
        partner.told()[-1],
        info.reason_retry,
        info.note,
    )


@pytest.mark.parametrize("new_id", ["R-1", "R-2"])
def test_to_ask_again_is_to_agree_under_the_old_id_or_a_new_one(partner: Asking, new_id: str) -> None:
    conditional(partner)
    partner.ask(new_id, request_type=RequestType.RETRY, previous_request_id="R-1")
    partner.go_on()
    partner.lender_says(SAID.LOANED, new_id)

    assert ["RequestResponse: WillSupply", "StatusChange: Loaned"] == partner.told()[-2:]
    assert {new_id} == {each.header.request_id for each in partner.heard()[-2:]}
    assert Status.IN_TRANSIT is partner.ours(new_id).status


def test_conditions_that_do_not_suit_are_answered_by_a_cancellation(partner: Asking) -> None:
    conditional(partner)
    partner.act(Action.CANCEL)

    assert "CancelResponse Y: Cancelled" == partner.told()[-1]


@pytest.mark.parametrize("new_id", ["R-1", "R-2"])
def test_what_was_unfilled_can_be_asked_for_again(partner: Asking, new_id: str) -> None:
    before = partner.asked(SZUTL)
    partner.lender_says(SAID.UNFILLED)
    partner.holdings = (held(PKU),)
    partner.ask(new_id, request_type=RequestType.RETRY, previous_request_id="R-1")
    partner.go_on()

    assert before.id != partner.ours(new_id).id
    assert PKU == partner.ours(new_id).lender
    assert (new_id, "RequestResponse: ExpectToSupply") == (
        partner.heard()[-1].header.request_id,
        partner.told()[-1],
    )


def test_a_retry_of_what_is_still_open_is_the_same_request_under_its_new_name(partner: Asking) -> None:
    before = partner.asked()
    partner.ask("R-2", request_type=RequestType.RETRY, previous_request_id="R-1")
    partner.go_on()
    partner.lender_says(SAID.WILL_SUPPLY, "R-2")

    assert before.id == partner.ours("R-2").id
    assert ["R-2", "R-2"] == [each.header.request_id for each in partner.heard()[-2:]]
