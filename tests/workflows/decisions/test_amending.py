from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories import (
    DAY,
    NLC,
    PKU,
    SHLIB,
    START,
    SZUTL,
    Journey,
    a_request,
    an_amendment,
    journey_to,
    known,
    the_book,
)
from workflows.decisions.amending import amended, with_standing
from workflows.ids import AmendmentId
from workflows.refusals import WrongState
from workflows.requests import loan_terms
from workflows.requests.commands import (
    Amend,
    HandOver,
    Renew,
    ReportedStatus,
    RevokeAmendment,
    Transfer,
    Undo,
)
from workflows.requests.lifecycle import Status

#: the book was handed over on 4 March, so its 28 days end on 1 April
DUE, AMENDED = date(2026, 4, 1), date(2026, 5, 7)


def on_loan(**facts: Any) -> Journey:
    return journey_to(Status.ON_LOAN, PKU, **facts)


def amend(journey: Journey, **facts: Any) -> Journey:
    return journey.do(Amend(amendment=an_amendment(**facts)))


def test_an_amendment_moves_the_due_date_and_tells_patron_and_lender() -> None:
    journey = on_loan()
    told, notices = len(journey.told), len(journey.notices)

    amend(journey)

    assert (DUE, AMENDED) == (journey.before.due, journey.request.due)
    assert journey.request.lender_due == AMENDED + timedelta(days=the_book().policy(PKU).clock.return_days)
    assert journey.happened[-1] == "DueAmended"
    assert [("due_date", PKU)] == journey.told[told:]
    assert ["due_changed"] == journey.notices[notices:]
    assert journey.request.alarm is not None
    assert journey.request.alarm.what == "due"


def test_an_amendment_that_is_applied_twice_changes_nothing() -> None:
    once = amend(on_loan()).request
    journey = amend(on_loan())
    amend(journey)
    amend(journey, id=AmendmentId("amd_00000002"))

    assert (once.due, once.version, once.amendments) == (
        journey.request.due,
        journey.request.version,
        journey.request.amendments,
    )


@pytest.mark.parametrize(
    ("facts", "moves"),
    [
        ({}, True),
        ({"issued_after": date(2026, 3, 3)}, True),
        ({"issued_after": date(2026, 3, 4)}, False),
        ({"issued_after": None, "issued_from": date(2026, 3, 4)}, True),
        ({"issued_after": None, "issued_from": date(2026, 3, 5)}, False),
        ({"issued_until": date(2026, 3, 4)}, True),
        ({"issued_until": date(2026, 3, 3)}, False),
        ({"lenders": (PKU, SZUTL)}, True),
        ({"lenders": (SZUTL,)}, False),
        ({"exclude_lenders": (NLC, SHLIB)}, True),
        ({"exclude_lenders": (PKU,)}, False),
        ({"new_due": DUE}, False),
        ({"new_due": date(2026, 4, 2)}, True),
        ({"new_due": date(2026, 1, 1)}, False),
    ],
)
def test_an_amendment_touches_the_loans_it_speaks_of_and_never_shortens(
    facts: dict[str, Any], *, moves: bool
) -> None:
    journey = amend(on_loan(), **facts)

    assert journey.request.due == (facts.get("new_due", AMENDED) if moves else DUE)
    assert (journey.happened[-1] == "DueAmended") is moves


def test_a_recall_beats_an_amendment_whichever_comes_first() -> None:
    journey = journey_to(Status.ON_LOAN, NLC).hear(ReportedStatus.RECALLED)
    due = journey.request.due

    assert amend(journey).request.due == due

    other = amend(journey_to(Status.ON_LOAN, NLC)).hear(ReportedStatus.RECALLED, wait=-1 * DAY / 24)

    assert other.request.due == due


def test_an_amendment_lengthens_a_renewed_loan_too() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).do(Renew(), 20 * DAY)
    renewed = journey.request.due
    assert renewed is not None

    later = renewed + timedelta(days=30)

    assert amend(journey, new_due=later).request.due is not None
    assert journey.request.due >= later  # type: ignore[operator]  # it is not None


def test_a_revocation_takes_the_amendment_back_and_tells_so() -> None:
    journey = amend(on_loan())
    notices = len(journey.notices)

    journey.do(RevokeAmendment(amendment=an_amendment().id))

    assert (DUE, ()) == (journey.request.due, journey.request.amendments)
    assert journey.happened[-1] == "AmendmentRevoked"
    assert ["due_changed"] == journey.notices[notices:]


def test_the_revocation_of_what_a_loan_does_not_have_changes_nothing() -> None:
    journey = amend(on_loan())
    version = journey.request.version

    journey.do(RevokeAmendment(amendment=AmendmentId("amd_other")))

    assert version == journey.request.version


def test_a_revocation_that_moves_no_date_writes_to_nobody() -> None:
    journey = amend(on_loan())
    amend(journey, id=AmendmentId("amd_2"), new_due=date(2026, 6, 1))
    notices = len(journey.notices)

    journey.do(RevokeAmendment(amendment=an_amendment().id))

    assert journey.request.due == date(2026, 6, 1)
    assert notices == len(journey.notices)


def test_a_loan_that_begins_later_has_the_standing_amendment() -> None:
    journey = journey_to(Status.NOTIFIED, PKU, amendments=(an_amendment(), an_amendment(lenders=(SZUTL,))))

    journey.do(HandOver())

    assert (AMENDED, (an_amendment(),)) == (journey.request.due, journey.request.amendments)


def test_undoing_the_hand_over_forgets_terms_and_amendments() -> None:
    journey = journey_to(Status.ON_LOAN, PKU, amendments=(an_amendment(),)).do(Undo())

    assert (None, ()) == (journey.request.terms, journey.request.amendments)


def test_nothing_is_undone_across_an_amendment() -> None:
    assert amend(on_loan()).refusal(Undo()) is not None


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.ON_LOAN])
def test_only_a_loan_under_way_is_amended(status: Status) -> None:
    assert isinstance(journey_to(status).refusal(Amend(amendment=an_amendment())), WrongState)


def test_a_request_without_a_lender_is_not_touched() -> None:
    assert amended(a_request(), an_amendment(), the_book(), as_of=known().now) is None


def test_a_dry_run_says_what_the_command_does() -> None:
    journey = on_loan()
    late = journey.now + 40 * DAY

    found = amended(journey.request, an_amendment(), the_book(), as_of=late)

    assert found is not None
    assert (DUE, AMENDED) == (found.before.due, found.after.due)
    assert found.before.overdue_days > 0 == found.after.overdue_days


@pytest.mark.rule("R-BALIS-2")
def test_an_amendment_after_a_renewal_leaves_the_date_that_the_renewal_gave() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).do(Renew(), 20 * DAY)
    renewed = journey.request.due
    # later than the 31 days of the loan, earlier than those of the renewal
    amend(journey, new_due=date(2026, 4, 20))

    assert renewed == journey.request.due == date(2026, 5, 5)
    assert journey.happened[-1] == "Renewed"


def test_a_renewal_after_an_amendment_starts_from_the_amended_date() -> None:
    journey = amend(journey_to(Status.ON_LOAN, SZUTL), new_due=date(2026, 4, 20)).do(Renew(), DAY)

    assert journey.request.due == date(2026, 5, 21)


def test_an_amendment_that_takes_days_to_reach_a_loan_leaves_what_was_renewed_meanwhile() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL)
    made = an_amendment(new_due=date(2026, 5, 20), since=journey.now)
    journey.do(Renew(), 20 * DAY).do(Amend(amendment=made), 2 * DAY)

    assert journey.request.due == date(2026, 5, 20)
    assert journey.request.amendments == (replace(made, since=journey.now),)
    # the clock was set back: what is known already came before
    earlier = Journey.do(journey, Amend(amendment=replace(made, id=AmendmentId("amd_2"))), -30 * DAY)

    assert earlier.request.due == date(2026, 5, 20)


def test_a_renewal_accepted_under_an_amendment_keeps_its_date_when_that_is_taken_back() -> None:
    journey = amend(journey_to(Status.ON_LOAN, SZUTL), new_due=date(2026, 4, 20))
    journey.do(Renew(), 40 * DAY)

    assert journey.request.due == date(2026, 5, 21)
    journey.do(RevokeAmendment(amendment=an_amendment().id))

    assert (date(2026, 5, 21), ()) == (journey.request.due, journey.request.amendments)
    assert [date(2026, 4, 20)] == [one.base for one in journey.request.renewals]

    # it is a period of days as any other: days on the road still do not count
    journey.do(Transfer(starts=True), 10 * DAY).do(Transfer(starts=False), 3 * DAY)

    assert journey.request.due == date(2026, 5, 24)


def test_a_renewal_before_an_amendment_is_as_it_was_when_that_is_taken_back() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).do(Renew(), DAY)
    amend(journey, new_due=date(2026, 6, 1)).do(RevokeAmendment(amendment=an_amendment().id))

    assert journey.request.due == date(2026, 5, 5)
    assert [None] == [one.base for one in journey.request.renewals]


def test_a_loan_of_an_earlier_release_has_its_amendments_from_the_start() -> None:
    journey = amend(journey_to(Status.ON_LOAN, SZUTL), new_due=date(2026, 4, 20)).do(Renew(), DAY)
    old = tuple(replace(one, since=None) for one in journey.request.amendments)

    assert loan_terms.dates(replace(journey.request, amendments=old), the_book(), as_of=journey.now)[
        0
    ] == date(2026, 5, 21)
    journey.request = replace(journey.request, amendments=old)
    journey.do(RevokeAmendment(amendment=an_amendment().id))

    assert journey.request.due == date(2026, 5, 21)


def test_an_amendment_that_lay_beneath_another_counts_when_that_is_taken_back() -> None:
    lesser = an_amendment(id=AmendmentId("amd_2"), new_due=date(2026, 4, 20), since=START)
    journey = amend(on_loan(amendments=(lesser,)))
    journey.do(Amend(amendment=lesser))

    assert journey.request.due == AMENDED
    journey.do(RevokeAmendment(amendment=an_amendment().id))

    assert (date(2026, 4, 20), (lesser,)) == (journey.request.due, journey.request.amendments)


def test_of_standing_amendments_a_loan_takes_those_that_move_it_further() -> None:
    lent = replace(on_loan().request, amendments=())
    first, earlier = an_amendment(), an_amendment(id=AmendmentId("amd_2"), new_due=date(2026, 4, 20))
    further = an_amendment(id=AmendmentId("amd_3"), new_due=date(2026, 6, 1))

    found = with_standing(lent, (first, earlier, further), the_book(), as_of=known().now + 5 * DAY)

    assert (first, further) == found.amendments
    assert loan_terms.dates(found, the_book(), as_of=known().now + 5 * DAY)[0] == date(2026, 6, 1)
