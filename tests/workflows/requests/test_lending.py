"""What a lender's desk is shown of a request, and what it may answer."""

from __future__ import annotations

import pytest

from tests.factories import PKU, SZUTL, at_status
from workflows.requests.lending import LISTS, Answer, answers, list_of, shelf_order
from workflows.requests.lifecycle import Status


def test_each_status_stands_in_one_list_until_it_is_closed() -> None:
    listed = [status for statuses in LISTS.values() for status in statuses]

    assert sorted(set(Status) - {Status.CLOSED}) == sorted(listed)
    assert list_of(at_status(Status.CLOSED)) is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.SUBMITTED, [Answer.WILL_SEND, Answer.SENT, Answer.ON_CONDITION, Answer.CANNOT]),
        (Status.CONDITIONAL, [Answer.WILL_SEND, Answer.SENT, Answer.ON_CONDITION, Answer.CANNOT]),
        (Status.ACCEPTED, [Answer.SENT, Answer.CANNOT]),
        (Status.IN_TRANSIT, [Answer.WANTS_BACK]),
        (Status.ON_LOAN, [Answer.WANTS_BACK]),
        (Status.RETURNED, [Answer.IS_BACK]),
        (Status.RETURNING, [Answer.IS_BACK]),
        (Status.CLOSED, []),
    ],
)
def test_what_a_lender_may_say_follows_from_where_the_book_is(status: Status, expected: list[Answer]) -> None:
    request = at_status(status)
    lender = request.lender or PKU

    assert expected == list(answers(request, lender))
    assert () == answers(request, SZUTL if lender != SZUTL else PKU)


def test_books_are_listed_as_they_stand() -> None:
    told = ["I25/1", None, "i242.4/9", "I242.4/36", "H31", "I242.4/36=2", ""]

    assert ["H31", "i242.4/9", "I242.4/36", "I242.4/36=2", "I25/1", None, ""] == sorted(told, key=shelf_order)
