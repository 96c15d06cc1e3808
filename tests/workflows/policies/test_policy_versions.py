from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.factories import DAY, PKU, journey_to, known, the_book
from tests.workflows.books import documents
from workflows.decisions.decide import decide
from workflows.errors import InvalidCase
from workflows.policies.book import PolicyBook, former_policy
from workflows.policies.merge_patch import patched
from workflows.policies.policy import Policy
from workflows.requests import loan_terms
from workflows.requests.commands import HandOver, TakeBack, Undo
from workflows.requests.events import HandedOver
from workflows.requests.lifecycle import Status

SHORTER = {
    "loan_rules": [{"id": "a-week", "when": {}, "period": {"days": 7}}],
    "fine": {"rate": "9.00", "day": "started"},
}


def a_book(policy_patch: dict[str, Any], calendar_patch: dict[str, Any] | None = None) -> PolicyBook:
    """Return the policies with another version of balis, from which pku inherits, and of its calendar."""
    policies, calendars = dict(documents("policies")), dict(documents("calendars"))
    policies["balis.yaml"] = patched(policies["balis.yaml"], policy_patch)
    name = f"{policies['pku.yaml']['calendar']}.yaml"
    calendars[name] = patched(calendars[name], calendar_patch or {})
    return PolicyBook.load(policies, calendars)


def kept(book: PolicyBook) -> Policy:
    """Return pku's policy as it is read from what is stored of it."""
    policy = book.policy(PKU)
    return former_policy(book.resolved(PKU), book.calendar_document(policy.calendar.almanac.id))


def with_history(book: PolicyBook) -> PolicyBook:
    old = kept(the_book())
    return book.with_former({(PKU, old.edition): old})


def test_a_version_that_was_stored_reads_as_it_was() -> None:
    assert the_book().policy(PKU) == kept(the_book())


def test_a_hand_over_says_which_version_the_loan_keeps() -> None:
    journey = journey_to(Status.ON_LOAN, PKU)
    handed_over = next(event for event in journey.events if isinstance(event, HandedOver))

    assert the_book().policy(PKU).edition == handed_over.terms == journey.request.terms


def test_a_request_keeps_no_version_before_the_hand_over() -> None:
    assert journey_to(Status.NOTIFIED, PKU).request.terms is None


@pytest.mark.parametrize(
    "book",
    [
        a_book(SHORTER),
        a_book({}, {"closures": [{"from": "2026-03-10", "to": "2026-03-20"}]}),
    ],
    ids=["policy", "calendar"],
)
def test_a_new_version_changes_nothing_for_a_loan_under_way(book: PolicyBook) -> None:
    request = journey_to(Status.ON_LOAN, PKU).request
    late = request.instants.submitted + 40 * DAY

    assert book.policy(PKU).edition != request.terms
    assert loan_terms.loan_answer(request, the_book(), as_of=late) == loan_terms.loan_answer(
        request, with_history(book), as_of=late
    )


def test_a_loan_that_begins_under_the_new_version_has_its_terms() -> None:
    journey = journey_to(Status.NOTIFIED, PKU)

    journey.facts["book"] = book = a_book(SHORTER)
    journey.do(HandOver())

    assert (date(2026, 3, 11), book.policy(PKU).edition) == (journey.request.due, journey.request.terms)


def test_what_is_decided_later_rests_on_the_version_that_the_loan_keeps() -> None:
    journey = journey_to(Status.ON_LOAN, PKU)
    book = with_history(a_book(SHORTER))

    back = decide(journey.request, TakeBack(), known(journey.now + DAY, book=book)).events[0]

    assert f"pku@{the_book().policy(PKU).version}" == back.because.policy


def test_after_an_undone_hand_over_the_version_in_force_counts_again() -> None:
    journey = journey_to(Status.ON_LOAN, PKU).do(Undo())
    journey.facts["book"] = a_book(SHORTER)

    journey.do(HandOver())

    assert journey.request.due == date(2026, 3, 11)


def test_a_loan_from_before_versions_were_kept_has_the_one_in_force() -> None:
    request = replace(journey_to(Status.ON_LOAN, PKU).request, terms=None)
    book = a_book(SHORTER)

    assert date(2026, 3, 11) == loan_terms.dates(request, book, as_of=request.instants.submitted + 9 * DAY)[0]


def test_a_version_that_nobody_kept_cannot_be_judged() -> None:
    book = a_book(SHORTER)
    edition = the_book().policy(PKU).edition

    assert (True, False) == (with_history(book).knows(PKU, edition), book.knows(PKU, edition))
    assert book.knows(PKU, book.policy(PKU).edition)
    with pytest.raises(InvalidCase) as refused:
        book.at(PKU, edition)

    assert refused.value.code == "unknown_version"


def test_a_calendar_is_told_as_written_or_not_at_all() -> None:
    calendar = the_book().policy(PKU).calendar.almanac.id

    assert calendar in the_book().calendar_ids
    assert calendar == the_book().calendar_document(calendar)["id"]
    with pytest.raises(InvalidCase, match="unknown_calendar"):
        the_book().calendar_document("nowhere")
