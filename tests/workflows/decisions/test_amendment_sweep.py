"""An amendment laid over very many loans says of each what it says of that one alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import (
    BHU,
    BJTU,
    DAY,
    FJMU,
    HOUR,
    JINAN,
    NLC,
    PKU,
    SHLIB,
    START,
    SZUTL,
    a_citation,
    a_request,
    an_amendment,
    held_by,
    the_book,
)
from workflows.decisions import amendment_sweep as sweep_module
from workflows.decisions.amending import Touched, amended
from workflows.decisions.amendment_sweep import Sweep
from workflows.errors import InvalidCase
from workflows.ids import AmendmentId, LibraryCode
from workflows.loan_clock.amendments import Amendment
from workflows.losses.cases import CaseKind, opened
from workflows.requests.lifecycle import Status
from workflows.requests.pieces import marked, numbered
from workflows.requests.request import AskedRenewal, Instants, Interval, Request

LENDERS = (SZUTL, FJMU, PKU, BHU, JINAN, NLC, SHLIB)
EARLIER = an_amendment(id=AmendmentId("amd_00000009"), new_due=date(2026, 4, 20))


def a_loan(lender: LibraryCode = SZUTL, handover: datetime = START, **facts: Any) -> Request:
    instants = Instants(
        submitted=handover - 9 * DAY,
        shipped=handover - 3 * DAY,
        arrived=handover - 2 * HOUR,
        notified=handover - HOUR,
        handover=handover,
    )
    facts = {"instants": instants, "status": Status.ON_LOAN, "desk": BJTU, **facts}
    return replace(a_request(), lender=lender, holdings=held_by(lender), **facts)


@st.composite
def loans(draw: st.DrawFn) -> Request:
    handover = START + timedelta(minutes=draw(st.integers(0, 4 * 24 * 60)))
    loan = a_loan(draw(st.sampled_from(LENDERS)), handover, citation=a_citation())
    return replace(loan, **draw(st.sampled_from(FATES))(handover))


def ended(at: datetime, **days: int) -> Instants:
    """Return a loan that came to its ends so many days after the hand-over."""
    return Instants(submitted=at, handover=at, **{name: at + later * DAY for name, later in days.items()})


FATES = [
    lambda _: {},
    lambda _: {},
    lambda _: {"desk": PKU, "new_book": True},
    lambda _: {"amendments": (EARLIER,)},
    lambda _: {"amendments": (an_amendment(),)},
    # made before some of the loans began, and while others were under way
    lambda _: {"amendments": (replace(EARLIER, since=START + 36 * HOUR),)},
    lambda at: {"renewals": (AskedRenewal(at=at + 9 * DAY),)},
    lambda at: {"recalled_at": at + 5 * DAY},
    lambda at: {"transfers": (Interval(since=at + DAY, until=at + 6 * DAY),)},
    lambda at: {"instants": Instants(submitted=at, handover=at, lost_reported=at + 50 * DAY)},
    lambda at: {"instants": Instants(submitted=at, handover=at)},
    lambda at: {"instants": Instants(submitted=at, handover=at - DAY)},
    lambda _: {"terms": "gone"},
    lambda _: {"pieces": numbered(("cd", "dvd"))},
    lambda at: {"pieces": marked(numbered(("cd",)), {1}, at + 50 * DAY, what="returned")},
    # some of these came before their book was handed over, which cannot be
    lambda _: {"pieces": marked(numbered(("cd",)), {1}, START + DAY, what="lost")},
    lambda at: {"cases": opened((), CaseKind.STAIN, at + DAY)},
    lambda at: {"cases": opened((), CaseKind.CUT, at + DAY), "instants": ended(at, lost_reported=1)},
    lambda at: {
        "cases": opened((), CaseKind.CUT, at + DAY),
        "instants": ended(at, lost_reported=1, returned=40),
    },
    lambda at: {
        "pieces": numbered(("cd",)),
        "instants": ended(at, lost_reported=30, settled=35, returned=40),
    },
    lambda _: {"status": Status.CLOSED, "compensation": None, "damage_stamp": True},
]


def alone(loan: Request, amendment: Amendment, as_of: datetime) -> object:
    try:
        return said(amended(loan, amendment, the_book(), as_of=as_of))
    except InvalidCase as error:
        return error.code


def swept(sweep: Sweep, loan: Request) -> object:
    try:
        return said(sweep.found(loan, the_book()))
    except InvalidCase as error:
        return error.code


def said(found: Touched | None) -> object:
    """Return what was found, without what hangs on the day of shipping."""
    if found is None:
        return None
    answers = (replace(answer, lender_due_provisional=None) for answer in (found.before, found.after))
    return found.request, *answers


@given(st.lists(loans(), min_size=2, max_size=12), st.integers(0, 90), st.integers(1, 120))
def test_each_of_many_loans_is_answered_as_if_it_were_alone(
    many: list[Request], day: int, later: int
) -> None:
    amendment = an_amendment(
        new_due=START.date() + timedelta(days=day),
        issued_until=START.date() + timedelta(days=2),
        exclude_lenders=(NLC,),
    )
    as_of = START + later * DAY
    sweep = Sweep(amendment, as_of=as_of)

    assert [alone(loan, amendment, as_of) for loan in many] == [swept(sweep, loan) for loan in many]


def test_loans_whose_pieces_came_back_by_themselves_are_not_alike() -> None:
    gone = marked(numbered(("cd",)), {1}, START + HOUR, what="lost")
    many = [a_loan(FJMU, at, pieces=gone) for at in (START, START + 2 * HOUR)]
    amendment, as_of = an_amendment(), START + 9 * DAY
    sweep = Sweep(amendment, as_of=as_of)

    assert [alone(loan, amendment, as_of) for loan in many] == [swept(sweep, loan) for loan in many]


def test_loans_that_are_alike_are_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[str] = []
    judge = amended

    def counted(request: Request, *args: Any, **facts: Any) -> Touched | None:
        judged.append(request.id)
        return judge(request, *args, **facts)

    monkeypatch.setattr(sweep_module, "amended", counted)
    sweep = Sweep(an_amendment(), as_of=START + 9 * DAY)
    found = [swept(sweep, a_loan(handover=START + minutes * HOUR)) for minutes in range(3)]
    swept(sweep, a_loan(handover=START + DAY))

    assert 2 == len(judged)
    assert None not in found


def test_no_more_kinds_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_module, "REMEMBERED", 3)
    sweep = Sweep(an_amendment(), as_of=START + 9 * DAY)

    found = [swept(sweep, a_loan(handover=START + day * DAY)) for day in range(10)]

    assert None not in found
    assert len(sweep._known) <= 3


def test_other_policies_are_looked_at_anew() -> None:
    sweep = Sweep(an_amendment(), as_of=START + 9 * DAY)
    loan, book = a_loan(), the_book()
    again = book.with_former({})

    assert said(sweep.found(loan, book)) == said(sweep.found(loan, again))
    assert sweep._book is again


def test_a_loan_whose_clock_started_at_an_instant_nobody_knows_is_not_judged() -> None:
    loan = a_loan()
    book = the_book().with_former(
        {(SZUTL, "notified"): the_book().policy(SZUTL, {"clock": {"starts": "notified"}})}
    )
    unknown = replace(loan, terms="notified", instants=replace(loan.instants, notified=None))

    with pytest.raises(InvalidCase, match="timeline_incomplete"):
        Sweep(an_amendment(), as_of=START + 9 * DAY).found(unknown, book)


def test_a_request_without_a_lender_is_no_loan() -> None:
    assert Sweep(an_amendment(), as_of=START).found(a_request(), the_book()) is None
