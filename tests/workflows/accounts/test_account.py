from __future__ import annotations

import pytest

from tests.factories import ANNA, JINAN
from tests.workflows.till import NOW
from workflows.accounts.account import (
    SIDES,
    Account,
    AlreadyDisputed,
    AlreadyProposed,
    BadAmount,
    Book,
    Key,
    Kind,
    NotACharge,
    NotReversible,
    Overpayment,
    Posting,
    charged,
    chosen,
    dispute,
    pay,
    propose_waiver,
    reverse,
    waive,
)
from workflows.errors import CurrencyMismatch
from workflows.ids import PostingId
from workflows.money import Money


def yuan(amount: str) -> Money:
    return Money.parse(amount, "CNY")


def an_account(*postings: Posting) -> Account:
    entries = tuple((PostingId(f"p{place}"), one) for place, one in enumerate(postings, 1))
    return Account(key=Key(ANNA, JINAN, "CNY"), entries=entries)


def posted(account: Account, *postings: Posting) -> Account:
    return an_account(*(one for _, one in account.entries), *postings)


def fine(amount: str) -> Posting:
    return charged(Kind.FINE, yuan(amount), at=NOW, raw=yuan(amount))


def paid(account: Account, amount: str) -> Account:
    return posted(account, pay(account, amount, at=NOW, method="cash", text=None))


P1, P2, P3 = PostingId("p1"), PostingId("p2"), PostingId("p3")


@pytest.mark.parametrize(
    ("amount", "credit"), [(Money("CNY", -1), Book.FINES), (Money("CNY", 1), Book.PATRON)]
)
def test_a_posting_out_of_balance_cannot_be_made(amount: Money, credit: Book) -> None:
    with pytest.raises(ValueError, match="CNY"):
        Posting(kind=Kind.FINE, debit=Book.PATRON, credit=credit, amount=amount, at=NOW)


def test_every_kind_but_a_reversal_has_its_two_sides() -> None:
    assert set(Kind) - {Kind.REVERSAL} == SIDES.keys()


def test_an_account_never_holds_two_currencies() -> None:
    account = an_account(fine("1.00"), charged(Kind.FINE, Money("INR", 100), at=NOW))

    with pytest.raises(CurrencyMismatch):
        _ = account.balance


def test_what_is_paid_is_owed_no_longer() -> None:
    account = paid(an_account(fine("3.00"), fine("2.00")), "4.00")

    assert yuan("1.00") == account.balance
    assert {P1: yuan("0.00"), P2: yuan("1.00")} == account.unpaid()


@pytest.mark.parametrize("amount", ["", "one", "1.001", "-1.00", "0", "0.00", "NaN", "1e2", "١", "1,00"])
def test_only_an_amount_above_zero_with_two_decimals_is_taken(amount: str) -> None:
    with pytest.raises(BadAmount):
        pay(an_account(fine("9.00")), amount, at=NOW, method="cash", text=None)


def test_more_than_is_owed_is_not_taken() -> None:
    with pytest.raises(Overpayment) as refused:
        pay(an_account(fine("1.00")), "1.01", at=NOW, method="cash", text=None)

    assert {"owed": "1.00", "currency": "CNY"} == refused.value.facts


def test_nothing_is_taken_where_the_lender_owes() -> None:
    account = paid(an_account(fine("1.00")), "1.00")
    account = posted(account, *reverse(account, P1, at=NOW, reason="wrong"))

    with pytest.raises(Overpayment) as refused:
        pay(account, "0.01", at=NOW, method="cash", text=None)
    assert (yuan("-1.00"), "0.00") == (account.balance, refused.value.facts["owed"])


def test_a_waiver_lets_off_all_that_is_open_of_a_charge() -> None:
    account = paid(an_account(fine("3.00"), fine("2.00")), "1.00")

    (waiver,) = waive(account, P1, None, at=NOW, reason="illness")
    assert (yuan("2.00"), P1, "illness") == (waiver.amount, waiver.concerns, waiver.reason)
    assert yuan("2.00") == posted(account, waiver).balance


def test_a_waiver_lets_off_a_part() -> None:
    account = an_account(fine("3.00"))

    account = posted(account, *waive(account, P1, "0.50", at=NOW, reason="illness"))
    assert {P1: yuan("2.50")} == account.unpaid()


@pytest.mark.parametrize("amount", ["2.01", None])
def test_no_more_is_let_off_than_is_open(amount: str | None) -> None:
    account = an_account(fine("3.00"), fine("1.00"))
    account = paid(account, "1.00" if amount else "3.00")

    with pytest.raises(Overpayment):
        waive(account, P1, amount, at=NOW, reason="illness")


@pytest.mark.parametrize("amount", ["0.00", "0.001", "-1"])
def test_what_is_let_off_is_an_amount(amount: str) -> None:
    with pytest.raises(BadAmount):
        waive(an_account(fine("3.00")), P1, amount, at=NOW, reason="illness")


@pytest.mark.parametrize("wanted", ["p2", "p3", "elsewhere"])
def test_only_a_charge_that_stands_is_let_off_or_disputed(wanted: str) -> None:
    account = paid(an_account(fine("3.00")), "1.00")
    account = posted(account, fine("1.00"))
    account = posted(account, *reverse(account, P3, at=NOW, reason="wrong"))

    with pytest.raises(NotACharge):
        waive(account, PostingId(wanted), None, at=NOW, reason="illness")
    with pytest.raises(NotACharge):
        dispute(account, PostingId(wanted), at=NOW, reason="not mine")


def test_a_disputed_charge_is_owed_all_the_same_and_disputed_once() -> None:
    account = an_account(fine("3.00"))
    account = posted(account, dispute(account, P1, at=NOW, reason="not mine"))

    assert yuan("3.00") == account.balance
    with pytest.raises(AlreadyDisputed):
        dispute(account, P1, at=NOW, reason="not mine")


def test_a_dispute_that_was_taken_back_may_be_raised_again() -> None:
    account = an_account(fine("3.00"), fine("1.00"))
    account = posted(account, dispute(account, P1, at=NOW, reason="not mine"))
    account = posted(account, *reverse(account, P3, at=NOW, reason="it was"))

    assert P1 == dispute(account, P1, at=NOW, reason="but no").concerns


@pytest.mark.parametrize(("amount", "proposed"), [(None, "3.00"), ("0.50", "0.50")])
def test_a_proposal_to_let_off_moves_no_money(amount: str | None, proposed: str) -> None:
    account = an_account(fine("3.00"))
    proposal = propose_waiver(account, P1, amount, at=NOW, reason="she was ill")

    assert (yuan(proposed), P1, "she was ill") == (proposal.proposed, proposal.concerns, proposal.reason)
    assert {P1: yuan("3.00")} == posted(account, proposal).unpaid()


def test_a_charge_is_proposed_once_until_the_lender_has_answered() -> None:
    account = an_account(fine("3.00"))
    account = posted(account, propose_waiver(account, P1, None, at=NOW, reason="illness"))

    with pytest.raises(AlreadyProposed):
        propose_waiver(account, P1, "1.00", at=NOW, reason="illness")
    answered = posted(account, *waive(account, P1, "1.00", at=NOW, reason="a part of it"))
    assert ({P1: yuan("2.00")}, yuan("2.00")) == (answered.unpaid(), answered.balance)
    assert yuan("2.00") == propose_waiver(answered, P1, None, at=NOW, reason="the rest as well").proposed


def test_no_more_is_proposed_than_is_open() -> None:
    with pytest.raises(Overpayment):
        propose_waiver(an_account(fine("3.00")), P1, "3.01", at=NOW, reason="illness")


def test_a_reversal_is_the_mirror_of_what_it_takes_back() -> None:
    account = an_account(fine("3.00"))

    (mirror,) = reverse(account, P1, at=NOW, reason="wrong")
    assert (Book.FINES, Book.PATRON, yuan("-3.00"), P1) == (
        mirror.debit,
        mirror.credit,
        mirror.effect,
        mirror.concerns,
    )


def test_a_payment_that_is_taken_back_is_owed_again() -> None:
    account = paid(an_account(fine("3.00")), "2.00")
    account = posted(account, *reverse(account, P2, at=NOW, reason="the cheque bounced"))

    assert (yuan("3.00"), {P1: yuan("3.00")}) == (account.balance, account.unpaid())


def test_with_a_charge_go_its_waivers_and_disputes() -> None:
    account = an_account(fine("3.00"))
    account = posted(account, *waive(account, P1, "1.00", at=NOW, reason="illness"))
    account = posted(account, dispute(account, P1, at=NOW, reason="not mine"))
    back = reverse(account, P1, at=NOW, reason="wrong")

    assert [P2, P3, P1] == [one.concerns for one in back]
    assert (yuan("0.00"), {}) == (posted(account, *back).balance, posted(account, *back).standing())


@pytest.mark.parametrize("wanted", ["p1", "p2", "elsewhere"])
def test_nothing_is_taken_back_twice(wanted: str) -> None:
    account = an_account(fine("3.00"))
    account = posted(account, *reverse(account, P1, at=NOW, reason="wrong"))

    with pytest.raises(NotReversible):
        reverse(account, PostingId(wanted), at=NOW, reason="right after all")


def test_the_cap_of_a_card_looks_at_fines_alone() -> None:
    account = an_account(charged(Kind.COMPENSATION, yuan("30.00"), at=NOW), fine("4.00"))

    assert yuan("4.00") == account.unpaid_fines()


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "much", "100000.01"])
def test_an_amount_set_by_hand_is_above_zero_and_no_slip(amount: str) -> None:
    with pytest.raises(BadAmount):
        chosen(an_account(), amount)

    assert str(chosen(an_account(), "100000.00").minor) == "10000000"
