"""Whatever happens in whatever order: an account is what its loans and payments explain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import BHU, DAY, JINAN, NLC, SZUTL, Journey, journey_to, the_book
from tests.workflows.till import Till
from workflows.accounts import charging
from workflows.accounts.account import (
    CHARGES,
    Account,
    Book,
    Kind,
    dispute,
    pay,
    propose_waiver,
    reverse,
    waive,
)
from workflows.errors import WorkflowError
from workflows.explanations import explanation
from workflows.ids import LibraryCode, PostingId, RequestId
from workflows.money import Money
from workflows.requests import loan_terms
from workflows.requests.commands import TakeBack, Undo
from workflows.requests.lifecycle import Status

LENDERS = (JINAN, SZUTL, NLC, BHU)


@dataclass(frozen=True)
class Act:
    """Return a book, perhaps undone and done again, or pay a part of what is owed in hundredths."""

    lender: LibraryCode
    pays: bool
    undone: bool
    minor: int


acts = st.builds(
    Act,
    lender=st.sampled_from(LENDERS),
    pays=st.booleans(),
    undone=st.booleans(),
    minor=st.integers(0, 1200),
)


class Walk:
    """Acts after one another, each a week after the one before, with what the rules alone make of them."""

    def __init__(self) -> None:
        self.till = Till()
        self.fines: list[charging.Assessed] = []
        self.payments: list[charging.Payment] = []
        self.taken: list[bool] = []
        self.journeys: list[Journey] = []
        self._late = timedelta(days=400)

    def act(self, act: Act) -> None:
        self._late += 7 * DAY
        if act.pays:
            self._pay(act)
        else:
            self._return(act.lender, undone=act.undone)

    def _return(self, lender: LibraryCode, *, undone: bool) -> None:
        journey = journey_to(Status.ON_LOAN, lender)
        journey.request = replace(journey.request, id=RequestId(f"req_{len(self.journeys)}"))
        self.till.do(journey, TakeBack(staff_override=True), self._late)
        if undone:
            self.till.do(journey, Undo(), timedelta())
            self.till.do(journey, TakeBack(staff_override=True), timedelta())
        self.journeys.append(journey)
        answer = loan_terms.loan_answer(journey.request, the_book(), as_of=journey.now)
        policy = the_book().policy(lender)
        raw = answer.fine.amount or policy.zero
        self.fines.append(
            charging.Assessed(lender, raw, answer.fine.capped, policy.fine.cap_per_card, answer.ended_at)
        )

    def _pay(self, act: Act) -> None:
        account, now = self.till.account(act.lender), self.journeys[-1].now if self.journeys else None
        if now is None:
            return
        now += DAY
        amount = Money(account.currency, act.minor).amount
        self.payments.append(charging.Payment(act.lender, account.currency, amount, now))
        try:
            posting = pay(account, amount, at=now, method="cash", text=None)
        except WorkflowError:
            self.taken.append(False)
        else:
            self.taken.append(True)
            self.till.add(act.lender, posting)


def walked(told: list[Act]) -> Walk:
    walk = Walk()
    for act in told:
        walk.act(act)
    return walk


def _charges(account: Account) -> list[str]:
    return [one.amount.amount for one in account.standing().values() if one.kind in CHARGES and one.raw]


@given(st.lists(acts, max_size=12))
def test_the_journal_and_the_rules_make_the_same_account(told: list[Act]) -> None:
    walk = walked(told)
    currencies = {str(lender): the_book().policy(lender).currency for lender in LENDERS}
    ruled = charging.reckoned(walk.fines, walk.payments, currencies)

    assert list(walk.taken) == [result == charging.ACCEPTED for result in ruled.payments]
    for lender in LENDERS:
        items = zip(walk.fines, ruled.fines, strict=True)
        charged = [item.amount.amount for fine, item in items if fine.policy == lender and item.raw]
        assert charged == _charges(walk.till.account(lender))
        assert ruled.accounts[lender].balance == walk.till.account(lender).balance


@given(st.lists(acts, max_size=6))
def test_every_fine_is_the_sum_of_its_explained_days(told: list[Act]) -> None:
    walk = walked(told)
    for journey in walk.journeys:
        lender = journey.lender
        case = loan_terms.loan_case(journey.request, lender, the_book(), as_of=journey.now)
        days = (day.amount for piece in explanation.explain(case).late for day in piece.days)
        explained = sum((amount for amount in days if amount), the_book().policy(lender).zero)
        standing = walk.till.account(lender).standing().values()
        posted = [one.raw for one in standing if one.request == journey.request.id]

        assert ([explained] if explained else []) == posted


@st.composite
def _steps(draw: st.DrawFn) -> tuple[str, int, int]:
    kind = draw(st.sampled_from(["pay", "waive", "propose", "dispute", "reverse"]))
    return kind, draw(st.integers(1, 30)), draw(st.integers(1, 900))


@given(st.lists(acts, min_size=1, max_size=6), st.lists(_steps(), max_size=15))
def test_the_books_add_up_to_zero_and_nobody_pays_for_nothing(
    told: list[Act], steps: list[tuple[str, int, int]]
) -> None:
    walk = walked(told)
    for lender in LENDERS:
        for step in steps:
            _try(walk.till, lender, step)
        account = walk.till.account(lender)
        books = dict.fromkeys({side for _, one in account.entries for side in (one.debit, one.credit)}, 0)
        for _, one in account.entries:
            books[one.debit] += one.amount.minor
            books[one.credit] -= one.amount.minor
        standing = account.standing().values()
        paid = sum((one.amount for one in standing if one.kind is Kind.PAYMENT), account.zero)
        open_charges = sum(account.unpaid().values(), account.zero)

        assert 0 == sum(books.values())
        assert account.balance.minor == books.get(Book.PATRON, 0)
        assert all(left >= account.zero for left in account.unpaid().values())
        assert account.balance == open_charges - (paid - _settled(account))


def _settled(account: Account) -> Money:
    """Return how much of the payments went to a charge."""
    standing = account.standing()
    charged = sum((one.amount for one in standing.values() if one.kind in CHARGES), account.zero)
    waived = sum((one.amount for one in standing.values() if one.kind is Kind.WAIVER), account.zero)
    return charged - waived - sum(account.unpaid().values(), account.zero)


def _try(till: Till, lender: LibraryCode, step: tuple[str, int, int]) -> None:
    kind, place, minor = step
    account, now = till.account(lender), journey_to(Status.ON_LOAN, lender).now
    amount, wanted = Money(account.currency, minor).amount, PostingId(f"p{place}")
    try:
        match kind:
            case "pay":
                till.add(lender, pay(account, amount, at=now, method="cash", text=None))
            case "waive":
                till.add(lender, *waive(account, wanted, amount, at=now, reason="illness"))
            case "propose":
                till.add(lender, propose_waiver(account, wanted, amount, at=now, reason="illness"))
            case "dispute":
                till.add(lender, dispute(account, wanted, at=now, reason="not mine"))
            case _:
                till.add(lender, *reverse(account, wanted, at=now, reason="wrong"))
    except WorkflowError:
        return
