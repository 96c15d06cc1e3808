"""Money is posted with what causes it, once, and never more is taken or charged than is owed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection

from ill_broker.services.accounts.account import Accounts, NoSuchPosting, Receipt, Shown, UnknownLender
from ill_broker.services.refusals import Unknown
from ill_broker.storage import people
from ill_broker.storage import requests as request_rows
from ill_broker.storage.failures import Busy
from ill_broker.storage.people import Staff
from ill_broker.storage.store import Store
from tests.factories import BARCODE, BHU, DAY, JINAN, PKU, SZUTL
from tests.ill_broker.services.lending import DESK, OFFICE, Lending, as_patron
from tests.support.stored import balance
from workflows.accounts.account import Key, Kind, Overpayment, WrongCurrency
from workflows.actors import Actor, Role
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode, PostingId, StaffId
from workflows.losses.settlement import Settling
from workflows.patrons import Patron
from workflows.requests.commands import (
    Arrive,
    CallResult,
    Cancel,
    HandOver,
    RecordCall,
    ReportedStatus,
    ReportLoss,
    SettleLoss,
    TakeBack,
    Undo,
)
from workflows.requests.request import Request

#: at the desk of the library that owns the books
LENDER = Actor(Role.STAFF, "stf_lender", SZUTL)
ISBNS = ("9787020002207", "9787100000001")


class Money:
    """Books that were lent, and the account that they cost."""

    def __init__(self, lending: Lending) -> None:
        self.lending = lending
        self.accounts = Accounts(lending.store, lending.directory)
        self.patron = lending.patron()

    def lent(self, lender: LibraryCode = SZUTL, isbn: str = ISBNS[0]) -> Request:
        """Return a book that the patron has in their hands."""
        lending = self.lending
        request = lending.submit(self.patron, lending.wish(self.patron, isbn, (lender,)))
        lending.hear(request, ReportedStatus.LOANED, lender, item_barcode=BARCODE)
        lending.do(request, Arrive())
        lending.do(request, RecordCall(result=CallResult.REACHED))
        return lending.do(request, HandOver())

    def late(self, lender: LibraryCode = SZUTL, days: int = 41) -> Request:
        """Return a book that came back so many days after it was handed over."""
        request = self.lent(lender)
        self.lending.now += days * DAY - timedelta(hours=1)
        return self.lending.do(request, TakeBack())

    def shown(self, actor: Actor = OFFICE, **named: Any) -> Shown:
        named = {"limit": 25, **named}
        return self.accounts.show(self.patron.id, actor, now=self.lending.now, **named)

    def pay(self, amount: str, actor: Actor = DESK, **named: Any) -> Receipt:
        given: dict[str, Any] = {
            "lender": SZUTL,
            "currency": "CNY",
            "method": "cash",
            "text": None,
            "also": lambda *_: None,
            **named,
        }
        return self.accounts.pay(self.patron.id, actor, amount=amount, now=self.lending.now, **given)

    def balance(self, lender: LibraryCode = SZUTL, currency: str = "CNY") -> str:
        with self.lending.store.reading() as conn:
            return balance(conn, Key(self.patron.id, lender, currency)).amount


@pytest.fixture
def money(store: Store, database_url: str) -> Iterator[Money]:
    wide = Store.open(database_url, threads=8)
    yield Money(Lending(wide))
    wide.close()


def together(*works: Callable[[], Any]) -> list[Any]:
    """Do all at once, again while the database is busy; return what came of each."""
    start = Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        start.wait(timeout=60)
        for _ in range(20):
            try:
                return work()
            except Busy:
                continue
            except WorkflowError as error:
                return error
        return None

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def kinds(shown: Shown) -> list[tuple[Kind, str]]:
    return [(each.entry.posting.kind, each.entry.posting.effect.amount) for each in shown.postings]


def test_a_late_return_is_charged_in_the_same_breath(money: Money) -> None:
    request = money.late()
    (posted,) = money.shown().postings

    assert (Kind.FINE, request.id, "2.00") == (
        posted.entry.posting.kind,
        posted.entry.posting.request,
        posted.entry.balance.amount,
    )
    assert (DESK, SZUTL) == (posted.entry.actor, posted.lender)


def test_a_return_that_is_not_saved_is_not_charged(money: Money) -> None:
    request = money.lent()
    money.lending.now += 41 * DAY

    def fail(_conn: Connection, _request: Request) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        money.lending.requests.handle(request.id, TakeBack(), DESK, now=money.lending.now, also=fail)
    assert ((), "0.00") == (money.shown().postings, money.balance())


def test_an_undone_return_is_owed_no_longer(money: Money) -> None:
    request = money.late()
    money.lending.do(request, Undo())

    assert [(Kind.REVERSAL, "-2.00"), (Kind.FINE, "2.00")] == kinds(money.shown())
    assert "0.00" == money.balance()


def test_a_settled_loss_is_charged_with_its_fine(money: Money) -> None:
    request = money.lent()
    money.lending.now += 41 * DAY - timedelta(hours=1)
    money.lending.do(request, ReportLoss(), as_patron(money.patron))
    money.lending.do(request, SettleLoss(settling=Settling(case="loss", price="20.00")))
    (balance,) = money.shown().accounts

    assert [(Kind.COMPENSATION, "60.00"), (Kind.FINE, "2.00")] == kinds(money.shown())
    assert ("62.00", "0.00", "62.00") == (
        balance.charged.amount,
        balance.paid.amount,
        balance.balance.amount,
    )


def test_what_is_paid_and_let_off_is_told_apart(money: Money) -> None:
    money.late()
    (fine,) = money.shown().postings
    money.pay("0.50")
    money.accounts.waive(
        money.patron.id,
        LENDER,
        charge=fine.entry.id,
        amount="1.00",
        reason="ill",
        now=money.lending.now,
        also=lambda *_: None,
    )
    (balance,) = money.shown().accounts

    assert ("2.00", "0.50", "1.00", "0.50") == (
        balance.charged.amount,
        balance.paid.amount,
        balance.waived.amount,
        balance.balance.amount,
    )


def test_a_waiver_bears_the_name_of_who_let_it_off(money: Money) -> None:
    with money.lending.store.writing() as conn:
        people.add_staff(conn, Staff(id=StaffId(LENDER.id), library=SZUTL, login="li", name="Li Hua"))
    money.late()
    (fine,) = money.shown().postings
    waived = money.accounts.waive(
        money.patron.id,
        LENDER,
        charge=fine.entry.id,
        reason="ill",
        now=money.lending.now,
        also=lambda *_: None,
    )

    entry = waived.posted.entry
    assert ("Li Hua", "ill", "0.00") == (entry.name, entry.posting.reason, entry.balance.amount)


def test_what_still_grows_is_shown_and_not_stored(money: Money) -> None:
    money.lent()
    money.lending.now += 36 * DAY
    (accruing,) = money.shown().accruing

    assert ((), ()) == (money.shown().accounts, money.shown().postings)
    assert (5, "1.00", True) == (
        accruing.overdue_days,
        accruing.fine.amount and accruing.fine.amount.amount,
        accruing.is_running,
    )


def test_a_book_that_is_not_late_costs_nothing_yet(money: Money) -> None:
    money.lent()

    assert () == money.shown().accruing


def test_a_lost_book_grows_no_longer(money: Money) -> None:
    request = money.lent()
    money.lending.now += 41 * DAY
    money.lending.do(request, ReportLoss())
    money.lending.now += 9 * DAY

    assert () == money.shown().accruing


def test_a_fine_that_no_policy_states_is_shown_as_such(money: Money) -> None:
    money.late(PKU)
    (shown,) = money.shown().accruing

    assert ((), None, False) == (money.shown().postings, shown.fine.amount, shown.is_running)


def test_a_book_that_nobody_fetched_costs_nobody(money: Money) -> None:
    lending = money.lending
    request = lending.submit(money.patron, lending.wish(money.patron, lenders=(SZUTL,)))
    lending.hear(request, ReportedStatus.LOANED, SZUTL, item_barcode=BARCODE)
    lending.do(request, Arrive())
    lending.do(request, Cancel())
    lending.now += 90 * DAY

    assert ((), ()) == (money.shown().accruing, money.shown().postings)


def test_a_loan_that_cannot_be_judged_hides_no_other(money: Money) -> None:
    broken, _ = (money.lent(SZUTL, isbn) for isbn in ISBNS)
    now_is = money.lending.load(broken)
    with money.lending.store.writing() as conn:
        request_rows.save(conn, replace(now_is, terms="gone"), was_version=now_is.version)
    money.lending.now += 40 * DAY

    assert 1 == len(money.shown().accruing)


def test_two_who_take_the_same_money_give_one_receipt(money: Money) -> None:
    money.late()
    came = together(*[lambda: money.pay("2.00")] * 4)

    assert [1, 3] == [sum(isinstance(one, kind) for one in came) for kind in (Receipt, Overpayment)]
    assert "0.00" == money.balance()


def test_two_returns_at_once_do_not_pass_the_cap_of_the_card(money: Money) -> None:
    one, other = (money.lent(JINAN, isbn) for isbn in ISBNS)
    money.lending.now += 200 * DAY
    at, requests = money.lending.now, money.lending.requests
    together(
        lambda: requests.handle(one.id, TakeBack(), DESK, now=at),
        lambda: requests.handle(other.id, TakeBack(), DESK, now=at),
    )

    assert "10.00" == money.balance(JINAN)
    assert {"7.00", "3.00"} == {amount for _, amount in kinds(money.shown())}


def test_a_charge_is_taken_back_once_by_two_at_once(money: Money) -> None:
    money.late()
    (fine,) = money.shown().postings

    def back() -> Receipt:
        return money.accounts.reverse(
            money.patron.id,
            LENDER,
            posting=fine.entry.id,
            reason="wrong",
            now=money.lending.now,
            also=lambda *_: None,
        )

    came = together(back, back)

    assert 1 == sum(isinstance(one, Receipt) for one in came)
    assert "0.00" == money.balance()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"currency": "INR"}, WrongCurrency),
        ({"lender": LibraryCode("nowhere")}, UnknownLender),
        ({"lender": BHU}, WrongCurrency),
        ({"lender": JINAN}, Overpayment),
    ],
)
def test_money_is_taken_for_a_lender_that_is_owed_in_its_currency(
    money: Money, given: dict[str, Any], error: type[WorkflowError]
) -> None:
    money.late()

    with pytest.raises(error):
        money.pay("1.00", **given)
    assert "2.00" == money.balance()


def test_currencies_stand_beside_each_other(money: Money) -> None:
    money.late(BHU)
    money.late(SZUTL)

    assert ["INR", "CNY"] == [each.currency for each in money.shown().accounts]


def test_a_receipt_is_of_a_payment_and_tells_that_it_was_taken_back(money: Money) -> None:
    money.late()
    (fine,) = money.shown().postings
    paid = money.pay("2.00").posted.entry
    ours, at = money.patron.id, money.lending.now
    back = money.accounts.reverse(ours, DESK, posting=paid.id, reason="bounced", now=at, also=lambda *_: None)

    assert back.posted.entry.id == money.accounts.receipt(ours, paid.id, DESK).reversed_by
    with pytest.raises(Unknown):
        money.accounts.receipt(ours, fine.entry.id, DESK)
    with pytest.raises(NoSuchPosting):
        money.accounts.dispute(
            ours, DESK, charge=PostingId("pst_00000000"), reason="no", now=at, also=lambda *_: None
        )


def strangers(patron: Patron) -> list[Actor]:
    return [
        Actor(Role.PATRON, "pat_other", patron.home),
        Actor(Role.STAFF, "stf_other", JINAN),
        Actor(Role.PARTNER, "szutl", SZUTL),
    ]


def test_nobody_sees_anothers_money(money: Money) -> None:
    money.late()
    paid = money.pay("1.00").posted.entry
    for stranger in strangers(money.patron):
        with pytest.raises(Unknown):
            money.shown(stranger)
        with pytest.raises(Unknown):
            money.pay("1.00", stranger)
        with pytest.raises(Unknown):
            money.accounts.receipt(money.patron.id, paid.id, stranger)
    assert 1 == len(money.shown(as_patron(money.patron)).accounts)
    assert "1.00" == money.balance()


def test_postings_are_paged(money: Money) -> None:
    money.late()
    money.pay("1.00")
    first = money.shown(limit=1)
    second = money.shown(limit=1, after=first.next)

    assert [(Kind.PAYMENT, "-1.00"), (Kind.FINE, "2.00")] == kinds(first) + kinds(second)
    assert None is second.next
