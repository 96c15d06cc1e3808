"""Posting to patrons' accounts, in the transaction of what causes it."""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.storage import journal
from workflows.accounts import Account, Entry, Key, Posting
from workflows.actors import Actor
from workflows.ids import PostingId
from workflows.postings import Booking, postings


def book(conn: Connection, bookings: Iterable[Booking], actor: Actor, *, now: datetime) -> None:
    """Post what is owed, or owed no longer, to the accounts that it is about."""
    for booking in bookings:
        owing = booking.owing

        def wanted(account: Account, booking: Booking = booking) -> tuple[Posting, ...]:
            return postings(account, booking)

        post(conn, Key(owing.patron, owing.lender, owing.currency), wanted, actor, now=now)


def post(
    conn: Connection,
    key: Key,
    wanted: Callable[[Account], tuple[Posting, ...]],
    actor: Actor,
    *,
    now: datetime,
    name: str | None = None,
) -> tuple[Entry, ...]:
    """Post what is *wanted* of an account that nobody else changes meanwhile, and return the entries."""
    account = journal.hold(conn, key)
    drafts = wanted(account)
    ids = sorted(mint.new_id("pst", now) for _ in drafts)
    entries = []
    for place, (posting_id, posting) in enumerate(zip(ids, drafts, strict=True), 1):
        entries.append(
            Entry(
                id=PostingId(posting_id),
                seq=len(account.entries) + place,
                posting=posting,
                posted_at=now,
                actor=actor,
                name=name,
                balance=account.plus(*drafts[:place]).balance,
            )
        )
    journal.post(conn, account, entries)
    return tuple(entries)
