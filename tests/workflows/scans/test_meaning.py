"""What a scan means, in every state of whatever a code may name."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from tests.card_factories import a_card, an_issued_card
from tests.factories import ANNA, BJTU, PKU, SHLIB, START, a_citation, a_patron, at_status
from workflows.actors import Actor, Role
from workflows.cards.card import CardStatus, CardStep
from workflows.ids import PatronId, RequestId, TypedRequestId
from workflows.requests.lifecycle import TABLE, Status, Step
from workflows.requests.request import Request
from workflows.requests.typed import TypedRequest
from workflows.scans.meaning import (
    BOOKS,
    CARDS,
    Choice,
    Circumstances,
    Kind,
    Reading,
    meaning,
    read_loan_card,
    read_reader,
    read_request,
    read_typed,
)

LATER, NOW = START + timedelta(days=300), START
CLERK = Actor(Role.STAFF, "stf_1", BJTU)
READER = PatronId(ANNA)

#: status -> what a scan does alone, what with a reader at the desk, what may be chosen where it does nothing
EXPECTED = {
    Status.SUBMITTED: (None, None, (Step.ARRIVE,)),
    Status.CONDITIONAL: (None, None, (Step.ARRIVE,)),
    Status.ACCEPTED: (Step.ARRIVE, Step.ARRIVE, ()),
    Status.IN_TRANSIT: (Step.ARRIVE, Step.ARRIVE, ()),
    Status.ARRIVED: (None, Step.HAND_OVER, (Step.HAND_OVER,)),
    Status.NOTIFIED: (None, Step.HAND_OVER, (Step.HAND_OVER,)),
    Status.ON_LOAN: (Step.TAKE_BACK, Step.TAKE_BACK, ()),
    Status.RETURNED: (Step.SHIP_BACK, Step.SHIP_BACK, ()),
    Status.RETURNING: (None, None, ()),
    Status.CLOSED: (None, None, ()),
}
CARD_EXPECTED = {
    CardStatus.IN_STOCK: (None, CardStep.ISSUE, ()),
    CardStatus.ISSUED: (CardStep.TAKE_BACK, CardStep.TAKE_BACK, ()),
    CardStatus.LOST: (None, None, (CardStep.RECORD_FOUND,)),
    CardStatus.WITHDRAWN: (None, None, ()),
}


def at(
    now: datetime = LATER, *, actor: Actor = CLERK, reader: bool = False, action: Step | None = None
) -> Circumstances:
    return Circumstances(actor=actor, now=now, reader=READER if reader else None, action=action)


def told(reading: Reading) -> tuple[object, tuple[object, ...]]:
    """Return the step taken, and what may be chosen instead."""
    meant = meaning([reading], None)
    return meant.step, tuple(choice.step for choice in meant.choices)


def test_every_state_has_its_row() -> None:
    assert set(Status) == set(EXPECTED) == set(BOOKS)
    assert set(CardStatus) == set(CARD_EXPECTED) == set(CARDS)


def test_each_state_of_a_book_leads_to_its_one_step() -> None:
    for kind in (Kind.BOOK, Kind.REQUEST):
        for status, (alone, with_reader, choices) in EXPECTED.items():
            request = at_status(status, PKU)
            for standing, step in ((False, alone), (True, with_reader)):
                reading = read_request(request, kind, at(reader=standing))

                assert (step, () if step else choices) == told(reading), (kind, status, standing)


def test_a_step_of_the_table_is_one_that_the_life_cycle_knows() -> None:
    for status, follows in BOOKS.items():
        for step in (follows.alone, follows.with_reader, follows.chosen):
            assert step is None or step in TABLE[status]


def test_a_crate_takes_one_step_and_shows_the_rest() -> None:
    for status, (alone, _, choices) in EXPECTED.items():
        for action in (Step.ARRIVE, Step.TAKE_BACK, Step.SHIP_BACK):
            reading = read_request(at_status(status, PKU), Kind.BOOK, at(action=action))
            taken = action if action in {alone, *choices} else None

            assert taken == meaning([reading], None).step, (status, action)


def test_each_state_of_a_loan_card_leads_to_its_one_step() -> None:
    for status, (alone, with_reader, choices) in CARD_EXPECTED.items():
        card = replace(an_issued_card() if status is CardStatus.ISSUED else a_card(), status=status)
        clerk = Actor(Role.STAFF, "stf_1", card.desk)
        for standing, step in ((False, alone), (True, with_reader)):
            reading = read_loan_card(card, None, at(actor=clerk, reader=standing))

            assert (step, () if step else choices) == told(reading), (status, standing)


def test_a_reader_is_only_shown() -> None:
    assert (None, ()) == told(read_reader(a_patron(), at()))
    assert meaning([read_reader(a_patron(), at())], None).readings[0].is_obvious


def test_a_typed_request_is_only_shown_and_has_no_place_in_a_crate() -> None:
    typed = TypedRequest(
        id=TypedRequestId("typ_1"),
        number="T1",
        patron=ANNA,
        library=BJTU,
        typed=a_citation(),
        citation=a_citation(),
        created_at=NOW,
        until=NOW,
    )

    assert (None, ()) == told(read_typed(typed, at()))
    assert read_typed(typed, at()).is_obvious
    assert not read_typed(typed, at(action=Step.ARRIVE)).is_obvious


def lent_at(
    request: Request, *, handover: datetime | None = None, returned: datetime | None = None
) -> Request:
    instants = replace(request.instants, handover=handover, returned=returned)
    return replace(request, instants=instants)


def test_what_was_moved_just_now_is_not_moved_on_by_the_same_scan() -> None:
    lent = lent_at(at_status(Status.ON_LOAN, PKU), handover=NOW)
    back = lent_at(at_status(Status.RETURNED, PKU), returned=NOW)
    for book, step in ((lent, Step.TAKE_BACK), (back, Step.SHIP_BACK)):
        soon, late = (read_request(book, Kind.BOOK, at(NOW + timedelta(seconds=s))) for s in (119, 120))

        assert ((None, (step,)), (step, ())) == (told(soon), told(late))
        assert step == meaning([soon], Choice(id=book.id, step=step)).step
    crate = read_request(lent, Kind.BOOK, at(NOW, action=Step.TAKE_BACK))

    assert Step.TAKE_BACK == meaning([crate], None).step


def test_a_loan_card_that_came_back_just_now_is_not_issued_by_the_same_scan() -> None:
    card = a_card()
    clerk = Actor(Role.STAFF, "stf_1", card.desk)

    assert (None, (CardStep.ISSUE,)) == told(read_loan_card(card, NOW, at(NOW, actor=clerk, reader=True)))


def test_a_strangers_step_is_not_taken() -> None:
    lender = Actor(Role.STAFF, "stf_2", PKU)
    reading = read_request(at_status(Status.IN_TRANSIT, PKU), Kind.REQUEST, at(actor=lender))

    assert (None, ()) == told(reading)


def test_two_meanings_are_two_choices_in_order() -> None:
    books = [replace(at_status(Status.IN_TRANSIT, one), id=RequestId(f"req_{one}")) for one in (PKU, SHLIB)]
    readings = [read_request(book, Kind.BOOK, at()) for book in books]
    meant = meaning(readings, None)

    assert (None, [book.id for book in books]) == (meant.step, [choice.id for choice in meant.choices])
    assert [Step.ARRIVE] * 2 == [choice.step for choice in meant.choices]
    assert Step.ARRIVE == meaning(readings, meant.choices[1]).step


def test_of_several_the_one_with_an_obvious_step_is_meant() -> None:
    gone = read_request(at_status(Status.RETURNING, PKU), Kind.BOOK, at())
    coming = read_request(at_status(Status.IN_TRANSIT, PKU), Kind.BOOK, at())

    assert coming == meaning([gone, coming], None).readings[0]
    assert Step.ARRIVE == meaning([gone, coming], None).step


def test_a_choice_that_came_too_late_moves_nothing() -> None:
    gone = at_status(Status.RETURNING, PKU)
    meant = meaning([read_request(gone, Kind.BOOK, at())], Choice(id=gone.id, step=Step.SHIP_BACK))

    assert ((), None) == (meant.choices, meant.step)
