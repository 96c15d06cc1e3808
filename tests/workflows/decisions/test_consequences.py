"""A decision names all that follows from it; one in which nothing happens names nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.factories import (
    BARCODE,
    DAY,
    JINAN,
    PKU,
    SZUTL,
    Journey,
    a_patron,
    a_request,
    held,
    journey_to,
    known,
    report,
    the_book,
)
from workflows.decisions.charges import FineIs
from workflows.decisions.consequences import Decision
from workflows.decisions.decide import decide
from workflows.decisions.submission import submit
from workflows.ids import MessageId
from workflows.reasons import Attention
from workflows.requests.commands import Arrive, Cancel, Command, HandOver, ReportedStatus, TakeBack, Undo
from workflows.requests.lifecycle import Status
from workflows.requests.message_commands import RecordDelivered
from workflows.requests.request import Request
from workflows.requests.requester_messages import Why


def decided(journey: Journey, command: Command, **facts: Any) -> Decision:
    return decide(journey.request, command, known(journey.now + 100 * DAY, **facts))


def made_by_partner(request: Request) -> Request:
    return replace(request, by_partner=True)


def test_where_nothing_happens_nothing_follows() -> None:
    journey = Journey()
    nothing = decided(journey, RecordDelivered(message=MessageId("of nobody")))

    assert Decision(request=journey.request) == nothing


def test_a_submission_takes_of_limits_what_there_is_and_no_more() -> None:
    slots = submit(a_request(holdings=(held(JINAN),)), a_patron(), known()).slots

    assert () == slots.given_back
    assert {"patron:pat_anna": 5, "lender:pat_anna:jinan": 3} == {
        key: most for key, most in slots.taken.items() if not key.startswith(("work:", "collection:"))
    }


def test_what_a_lender_reports_is_not_refused_for_a_limit() -> None:
    journey = Journey(a_request(holdings=(held(PKU), held(JINAN))))
    slots = decided(journey, report(ReportedStatus.UNFILLED, PKU, journey.now)).slots

    assert ("collection:pat_anna:pku:general", "lender:pat_anna:pku") == slots.given_back
    assert {"collection:pat_anna:jinan:general": None, "lender:pat_anna:jinan": None} == slots.taken


def test_a_loan_keeps_the_terms_that_it_begins_under() -> None:
    journey = journey_to(Status.NOTIFIED, SZUTL)
    terms = decided(journey, HandOver()).terms

    assert terms is not None
    assert (SZUTL, the_book().policy(SZUTL).edition) == (terms.policy, terms.edition)


@pytest.mark.parametrize("command", [TakeBack(), Undo()])
def test_a_step_by_which_no_loan_begins_keeps_no_terms(command: Command) -> None:
    assert None is decided(journey_to(Status.ON_LOAN, SZUTL), command).terms


def test_a_late_return_is_booked() -> None:
    (fine,) = decided(journey_to(Status.ON_LOAN, SZUTL), TakeBack()).bookings

    assert isinstance(fine, FineIs)


def test_what_a_lender_calls_the_request_is_noted_once() -> None:
    journey = Journey()
    first = decided(journey, report(ReportedStatus.WILL_SUPPLY, PKU, journey.now, lender_request_id="L1"))
    again = decide(first.request, Arrive(barcode=BARCODE), known(journey.now + 101 * DAY))

    assert ((PKU, "L1"),) == first.lender_ids
    assert ((), True) == (again.lender_ids, bool(again.events))


def test_the_system_that_made_a_request_hears_of_it_and_nobody_else_does() -> None:
    theirs = submit(made_by_partner(a_request()), a_patron(), known())

    assert Why.REQUEST is (theirs.news and theirs.news.why)
    assert None is submit(a_request(), a_patron(), known()).news


@pytest.mark.parametrize(("by_requester", "why"), [(True, Why.CANCELLATION), (False, Why.CHANGE)])
def test_the_system_that_gives_its_request_up_is_answered(*, by_requester: bool, why: Why) -> None:
    journey = Journey(made_by_partner(a_request()))
    said = decided(journey, Cancel(), by_requester=by_requester).news

    assert why is (said and said.why)


@pytest.mark.parametrize(("waits", "why"), [(True, Why.CANCELLATION), (False, None)])
def test_a_lender_that_will_not_cancel_answers_who_has_asked(*, waits: bool, why: Why | None) -> None:
    journey = journey_to(Status.ACCEPTED)
    asked = decide(made_by_partner(journey.request), Cancel(), known(journey.now + DAY)).request
    refusal = report(ReportedStatus.WILL_SUPPLY, PKU, journey.now + 2 * DAY, answer=False)
    told = decide(asked, refusal, known(journey.now + 2 * DAY, requester_cancels=waits))

    assert Attention.CANCELLATION_REFUSED in told.request.attention
    assert why is (told.news and told.news.why)
