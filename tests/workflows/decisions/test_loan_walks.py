"""Whatever is done with a book, its pieces and its cases, in whatever order: the account is what was done."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import (
    BHU,
    DAY,
    FJMU,
    HOUR,
    JINAN,
    SZUTL,
    Journey,
    a_request,
    journey_to,
    known,
    report,
    the_book,
)
from tests.workflows.till import Till
from workflows.accounts.account import Book, Kind, pay, waive
from workflows.decisions import charges as postings
from workflows.decisions.damages import item_of, tell_lost
from workflows.decisions.draft import Draft
from workflows.eligibility.privileges import imposed, same_suspension
from workflows.errors import WorkflowError
from workflows.explanations import explanation
from workflows.ids import LibraryCode, PrivilegeId
from workflows.losses.cases import CaseKind
from workflows.losses.settlement import Settling
from workflows.refusals import ReasonMissing
from workflows.requests import events, loan_terms
from workflows.requests.commands import (
    SELF_MACHINE,
    Arrive,
    CallResult,
    CheckPieces,
    Command,
    HandOver,
    OpenCase,
    RecordCall,
    RecordFound,
    ReportDamage,
    ReportedStatus,
    ReportLoss,
    SettleCase,
    SettleLoss,
    ShipBack,
    TakeBack,
    Transfer,
    Undo,
)
from workflows.requests.lifecycle import Status
from workflows.requests.request import Category, Request

LENDERS = (FJMU, SZUTL, JINAN, BHU)
#: what is known of a book, so that nearly every case can be settled
FACTS: dict[str, Any] = {"price": "10.00", "factor": "10", "pages": 100, "available": False}
#: what an undone step leaves behind: that it happened, and what others are told
_LEFT = {"version", "alarm", "undoable", "attention", "calls"}
_STATE = tuple(field.name for field in fields(Request) if field.name not in _LEFT)


def settling(case: str = "") -> Settling:
    return Settling(case=case, **FACTS)


COMMANDS: dict[str, Command | ReportedStatus] = {
    "call": RecordCall(result=CallResult.REACHED),
    "hand over": HandOver(),
    "hand over less": HandOver(pieces=("dvd",), damage_stamp=True),
    "take back": TakeBack(staff_override=True, reason="as asked"),
    "take back without the first": TakeBack(missing=(1,), staff_override=True, reason="as asked"),
    "machine": TakeBack(channel=SELF_MACHINE),
    "ship back": ShipBack(),
    "first piece comes": CheckPieces(returned=(1,)),
    "second piece comes": CheckPieces(returned=(2,)),
    "first piece is lost": CheckPieces(lost=(1,)),
    "lost": ReportLoss(),
    "settled": SettleLoss(settling=settling("loss")),
    "cut": OpenCase(kind=CaseKind.CUT),
    "stain": OpenCase(kind=CaseKind.STAIN),
    "first case": SettleCase(number=1, settling=settling()),
    "second case": SettleCase(
        number=2, settling=settling(), override_amount="3.00", override_reason="poor reader"
    ),
    "damage": ReportDamage(note="wet"),
    "damage to pay": ReportDamage(note="wet", settling=settling("loss")),
    "found": RecordFound(),
    "on the road": Transfer(starts=True),
    "off the road": Transfer(starts=False),
    "undo": Undo(),
    "given up": ReportedStatus.COMPLETED_WITHOUT_RETURN,
    "received": ReportedStatus.LOAN_COMPLETED,
}


class Walk:
    """One loan from the hold shelf on, with the account beside it; what is refused has not happened."""

    def __init__(self, lender: LibraryCode) -> None:
        self.till, self.journey = Till(), journey_to(Status.IN_TRANSIT, lender)
        self.lender = lender
        self.journey.do(Arrive(pieces=("cd", "dvd"))).do(RecordCall(result=CallResult.REACHED))
        self.earlier: tuple[Request, int] | None = None

    def take(self, name: str, days: int) -> None:
        """Take a step after some days, and look at all that must hold then."""
        before, owed = self.journey.request, self.owed
        now = self.journey.now
        told = COMMANDS[name]
        wait = timedelta(days=days) + HOUR
        command = report(told, self.lender, now + wait) if isinstance(told, ReportedStatus) else told
        try:
            self.till.do(self.journey, command, wait)
        except WorkflowError:
            self.journey.now = now
            return
        if name == "undo":
            self._is_as_it_was()
        else:
            self._nothing_got_cheaper(before)
        if before.undoable is not self.journey.request.undoable:
            self.earlier = (before, owed)
        self._account_is_explained()

    def pays(self, minor: int) -> None:
        """Pay a part of what is owed, or be let off a part of the first charge."""
        account = self.till.account(self.lender)
        amount = f"{minor // 100}.{minor % 100:02}"
        charges = list(account.unpaid())
        try:
            if minor % 2 and charges:
                made = waive(account, charges[0], amount, at=self.journey.now, reason="ill")
            else:
                made = (pay(account, amount, at=self.journey.now, method="cash", text=None),)
        except WorkflowError:
            return
        self.till.add(self.lender, *made)

    @property
    def owed(self) -> int:
        return self.till.account(self.lender).balance.minor

    def _is_as_it_was(self) -> None:
        assert self.earlier is not None
        request, owed = self.earlier
        after = self.journey.request

        assert {name: getattr(request, name) for name in _STATE} == {
            name: getattr(after, name) for name in _STATE
        }
        assert owed == self.owed

    def _nothing_got_cheaper(self, before: Request) -> None:
        was, now = self._costs(before), self._costs(self.journey.request)

        assert all(one <= other for one, other in zip(was, now, strict=len(was) == len(now))), (was, now)

    def _costs(self, request: Request) -> list[int]:
        """Return what book and pieces cost up to now, in hundredths."""
        if request.instants.handover is None:
            return []
        case = loan_terms.loan_case(request, self.lender, the_book(), as_of=self.journey.now)
        return [
            sum(day.amount.minor for day in piece.days if day.amount)
            for piece in explanation.explain(case).late
        ]

    def _account_is_explained(self) -> None:
        account, request, book = self.till.account(self.lender), self.journey.request, the_book()
        standing = list(account.standing().values())
        fines = sum((one.raw for one in standing if one.kind is Kind.FINE and one.raw), account.zero)
        due = postings.assessed(request, book, now=self.journey.now)
        sides = Counter[Book]()
        for _, one in account.entries:
            sides[one.debit] += one.amount.minor
            sides[one.credit] -= one.amount.minor

        assert 0 == sides.total()
        assert account.balance.minor == sides[Book.PATRON]
        assert fines == (due.raw if due else account.zero)
        asked = [
            happened.compensation.amount
            for happened in self.journey.events
            if isinstance(happened, events.LossSettled | events.CaseSettled | events.DamageRecorded)
            and happened.compensation
            and happened.compensation.amount
        ]
        assert asked == [
            one.amount for one in standing if one.kind in {Kind.COMPENSATION, Kind.PROCESSING_FEE}
        ]

    def book_was_paid_for(self) -> int:
        """Return how often the loss of the book was settled."""
        return sum(
            isinstance(one, events.LossSettled) or (isinstance(one, events.CaseSettled) and one.ends_the_loss)
            for one in self.journey.events
        )


walks = st.lists(st.tuples(st.sampled_from(sorted(COMMANDS)), st.integers(0, 60)), max_size=14)


@given(st.sampled_from(LENDERS), walks, st.lists(st.integers(1, 900), max_size=3))
def test_whatever_happens_the_account_is_explained_and_undo_restores(
    lender: LibraryCode, steps: list[tuple[str, int]], payments: list[int]
) -> None:
    walk, paid = Walk(lender), iter(payments)
    for name, days in [("hand over", 0), *steps]:
        walk.take(name, days)
        if name != "undo" and walk.journey.request.undoable is None and (minor := next(paid, None)):
            walk.pays(minor)

    assert walk.book_was_paid_for() <= 1


@given(st.sampled_from(LENDERS), st.lists(st.integers(1, 30), min_size=2, max_size=8), st.booleans())
def test_no_day_on_the_road_is_fined(lender: LibraryCode, gaps: list[int], lost: bool) -> None:  # noqa: FBT001 - drawn
    walk = Walk(lender)
    walk.take("hand over", 0)
    for place, days in enumerate(gaps):
        walk.take("off the road" if place % 2 else "on the road", days)
    walk.take("lost" if lost else "take back without the first", 40)
    case = loan_terms.loan_case(walk.journey.request, lender, the_book(), as_of=walk.journey.now + 5 * DAY)
    local_day = the_book().policy(lender).calendar.local_day
    fined = {day.day for piece in explanation.explain(case).late for day in piece.days if day.amount}
    road = [(local_day(one.start), local_day(one.end)) for one in case.transfers]

    assert [] == [day for day in fined for since, until in road if since < day <= until]


def walked(lender: LibraryCode, *steps: tuple[str, int]) -> Walk:
    walk = Walk(lender)
    for name, days in steps:
        walk.take(name, days)
    return walk


def test_a_hand_over_that_is_undone_leaves_the_pieces_that_came() -> None:
    walk = walked(FJMU, ("hand over less", 0), ("undo", 0))

    assert ["cd", "dvd"] == [piece.kind for piece in walk.journey.request.pieces]


def test_a_damage_that_was_charged_is_not_undone_with_the_hand_over() -> None:
    walk = walked(FJMU, ("hand over", 0), ("damage to pay", 0))

    assert (None, True) == (walk.journey.request.undoable, walk.owed > 0)


def test_a_loss_that_is_settled_at_the_desk_is_not_open_again() -> None:
    """R-BHU-13: the damaged book stays at the desk as evidence."""
    walk = walked(BHU, ("hand over", 0), ("cut", 9), ("take back", 1), ("first case", 1), ("undo", 0))

    assert (Status.RETURNED, True) == (walk.journey.status, walk.journey.request.instants.settled is not None)


def test_a_book_that_was_spoilt_and_then_lost_is_paid_for_once() -> None:
    walk = walked(BHU, ("hand over", 0), ("cut", 9), ("lost", 1), ("second case", 1))
    owed = walk.owed
    walk.take("first case", 1)

    assert (owed, []) == (walk.owed, [case for case in walk.journey.request.cases if case.is_open])


def test_a_book_that_its_lender_has_is_not_taken_back_into_the_patrons_hands() -> None:
    walk = walked(FJMU, ("hand over", 0), ("take back without the first", 3), ("received", 2), ("undo", 0))

    assert (Status.RETURNED, None) == (walk.journey.status, walk.journey.request.undoable)


@pytest.mark.parametrize("piece", ["first piece comes", "first piece is lost"])
def test_a_book_that_was_given_up_and_came_is_completed_by_its_last_piece(piece: str) -> None:
    walk = walked(
        FJMU,
        ("hand over", 0),
        ("take back without the first", 3),
        ("given up", 2),
        ("received", 2),
        (piece, 1),
    )

    assert "completed" == walk.journey.request.outcome


def test_a_book_found_after_it_was_paid_for_costs_what_it_did() -> None:
    walk = walked(FJMU, ("hand over", 0), ("lost", 50), ("settled", 2))
    owed = walk.owed
    walk.take("found", 30)

    assert (owed, owed) == (walk.owed, max(owed, 1))


def test_a_loss_that_is_told_twice_is_told_to_the_lender_once() -> None:
    journey = Walk(FJMU).journey.do(HandOver()).do(ReportLoss()).do(ReportLoss())

    assert [("lost", FJMU)] == [told for told in journey.told if told[0] == "lost"]


def test_a_card_that_was_shown_at_the_return_is_taken_down() -> None:
    """R-FJMU-1."""
    journey: Journey = Walk(FJMU).journey.do(HandOver()).do(TakeBack(card="2026001"), DAY)
    (taken,) = (event for event in journey.events if isinstance(event, events.TakenBack))

    assert "2026001" == taken.card


def test_a_case_is_charged_by_the_category_that_the_lender_was_asked_under() -> None:
    policy = the_book().policy(FJMU)
    other = next(name for name in policy.categories if name != policy.default_category)
    journey = Walk(FJMU).journey.do(HandOver()).do(ReportLoss())
    known = journey.request
    charge = {"when": {"category": [other]}, "basis": "price", "factor": "2"}
    patched = the_book().policy(FJMU, {"compensation": {"loss": {"charges": [charge]}}})
    book = the_book().with_former({(FJMU, patched.edition): patched})

    def asked(category: str) -> object:
        journey.request = replace(known, category=Category(category), terms=patched.edition)
        journey.facts["book"] = book
        command = SettleCase(number=1, settling=Settling(case="", price="10.00", available=False))
        try:
            return journey.do(command).request.compensation
        except WorkflowError as error:
            return error.code

    refused = asked(policy.default_category)
    paid = asked(other)

    assert "case_not_covered" == refused
    assert ("20.00", "CNY") == (paid.amount.amount, paid.currency)  # type: ignore[attr-defined]  # a payment alone has an amount


def test_a_piece_that_was_reported_and_is_then_found_missing_is_one_case() -> None:
    journey = Walk(FJMU).journey.do(HandOver()).do(OpenCase(kind=CaseKind.LOSS, piece=1))
    journey.do(CheckPieces(lost=(1,))).do(OpenCase(kind=CaseKind.LOSS, piece=1))

    assert [1] == [case.piece for case in journey.request.cases]


def test_a_stain_stays_open_when_the_loss_is_settled() -> None:
    walk = walked(SZUTL, ("hand over", 0), ("stain", 1), ("lost", 1), ("second case", 1))

    assert ["stain"] == [case.kind for case in walk.journey.request.cases if case.is_open]


def test_the_same_suspension_is_known_again_whoever_enters_it() -> None:
    policy = the_book().policy(SZUTL)
    at = journey_to(Status.SUBMITTED, SZUTL).now
    one, other, longer = (
        imposed(policy, "theft", months, id_=PrivilegeId(f"sus_{place}"), at=at, reason="x")
        for place, months in enumerate((1, 1, 2))
    )

    assert [True, False] == [same_suspension(one, each) for each in (other, longer)]


def test_an_amount_of_the_staffs_own_needs_its_reason() -> None:
    journey = Walk(SZUTL).journey.do(HandOver()).do(OpenCase(kind=CaseKind.STAIN))
    refused = journey.refusal(SettleCase(number=1, settling=settling(), override_amount="3.00"))

    assert isinstance(refused, ReasonMissing)


def test_a_request_without_a_lender_has_no_book_to_lose() -> None:
    nobodys = replace(a_request(), lender=None)
    draft = Draft(nobodys, known())
    tell_lost(draft, None)

    assert [] == draft.effects
    with pytest.raises(AssertionError):
        item_of(nobodys, CaseKind.STAIN, None)
