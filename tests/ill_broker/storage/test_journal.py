from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.exc import IntegrityError

from ill_broker.storage import journal
from ill_broker.storage.store import Store
from tests.ill_broker.storage.samples import ANNA, NLC, NOW
from tests.support.stored import balance
from workflows.accounts.account import Account, Book, Key, Kind, PlacedPosting, Posting, charged, reverse
from workflows.actors import SYSTEM, Actor, Role
from workflows.ids import LibraryCode, PatronId, PostingId
from workflows.money import Money

KEY = Key(ANNA, NLC, "CNY")
DESK = Actor(Role.STAFF, "stf_1", LibraryCode("bjtu"))


def fine(amount: str = "5.00", currency: str = "CNY") -> Posting:
    return charged(
        Kind.FINE, Money.parse(amount, currency), at=NOW, raw=Money.parse(amount, currency), cap="item"
    )


def post(store: Store, *postings: Posting, key: Key = KEY, actor: Actor = SYSTEM) -> list[PlacedPosting]:
    with store.writing() as conn:
        account = journal.hold(conn, key)
        entries = [
            PlacedPosting(
                id=PostingId(f"pst_{key.lender}{key.currency}{len(account.entries) + place}"),
                seq=len(account.entries) + place,
                posting=posting,
                posted_at=NOW,
                actor=actor,
                name="Li" if actor is DESK else None,
                balance=account.plus(*postings[:place]).balance,
            )
            for place, posting in enumerate(postings, 1)
        ]
        journal.post(conn, account, entries)
    return entries


def account(store: Store, key: Key = KEY) -> Account:
    with store.writing() as conn:
        return journal.hold(conn, key)


def test_what_was_posted_is_read_as_it_was(store: Store) -> None:
    entries = post(store, fine(), charged(Kind.PAYMENT, Money("CNY", 100), at=NOW, method="cash"), actor=DESK)

    with store.reading() as conn:
        page = journal.page(conn, ANNA, after=None, limit=9)
        found = journal.find(conn, ANNA, entries[0].id)
    assert [journal.Posted(lender=NLC, entry=entry) for entry in reversed(entries)] == page
    assert page[-1] == found
    assert tuple((entry.id, entry.posting) for entry in entries) == account(store).entries


def test_a_page_begins_behind_the_one_before(store: Store) -> None:
    first, second, _ = post(store, fine(), fine(), fine())

    with store.reading() as conn:
        page = journal.page(conn, ANNA, after=second.id, limit=9)
    assert [first.id] == [posted.entry.id for posted in page]


def test_an_account_that_is_only_looked_at_is_empty(store: Store) -> None:
    post(store)

    with store.reading() as conn:
        assert (True, Money("CNY", 0), []) == (
            journal.has(conn, KEY),
            balance(conn, KEY),
            journal.standings(conn, ANNA),
        )
        assert False is journal.has(conn, replace(KEY, currency="INR"))
        assert Money("INR", 0) == balance(conn, replace(KEY, currency="INR"))


def test_another_patrons_posting_is_not_found(store: Store) -> None:
    (entry,) = post(store, fine())

    with store.reading() as conn:
        assert None is journal.find(conn, PatronId("pat_other"), entry.id)
        assert [] == journal.page(conn, PatronId("pat_other"), after=None, limit=9)


def test_accounts_are_kept_apart_by_lender_and_currency(store: Store) -> None:
    rupees = Key(ANNA, LibraryCode("bhu"), "INR")
    post(store, fine("5.00"))
    post(store, fine("7.00", "INR"), key=rupees)

    with store.reading() as conn:
        standings = journal.standings(conn, ANNA)
        balances = [balance(conn, key) for key in (rupees, KEY)]
    assert [Money("INR", 700), Money("CNY", 500)] == [each.of(Book.PATRON) for each in standings] == balances


def test_the_books_add_up_to_zero(store: Store) -> None:
    (entry,) = post(store, fine("5.00"))
    post(
        store,
        charged(Kind.PAYMENT, Money("CNY", 100), at=NOW),
        *reverse(account(store), entry.id, at=NOW, reason="x"),
    )

    with store.reading() as conn:
        (standing,) = journal.standings(conn, ANNA)
        assert (Money("CNY", 0), Money("CNY", -100)) == (standing.of(*Book), standing.of(Book.PATRON))
        assert Money("CNY", -100) == balance(conn, KEY)
        assert None is not journal.reversal_of(conn, entry.id)


def test_the_database_lets_nothing_be_taken_back_twice(store: Store) -> None:
    (entry,) = post(store, fine())
    (back,) = reverse(account(store), entry.id, at=NOW, reason="wrong")
    post(store, back)

    with pytest.raises(IntegrityError):
        post(store, back)


def test_two_postings_have_no_one_place(store: Store) -> None:
    (entry,) = post(store, fine())

    again = replace(entry, id=PostingId("pst_other"))
    with pytest.raises(IntegrityError), store.writing() as conn:
        journal.post(conn, journal.hold(conn, KEY), [again])


@pytest.mark.parametrize(
    "change", [text("UPDATE postings SET minor = -1"), text("UPDATE postings SET debit = credit")], ids=str
)
def test_the_database_holds_no_posting_out_of_balance(store: Store, change: TextClause) -> None:
    post(store, fine())

    with pytest.raises(IntegrityError), store.writing() as conn:
        conn.execute(change)
