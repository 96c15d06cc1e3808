"""Posting to patrons' accounts, in the transaction of what causes it."""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.services.audit import record
from ill_broker.storage import journal, people
from ill_broker.storage.audit import Action, Subject
from workflows.accounts.account import Account, Key, Kind, PlacedPosting, Posting
from workflows.actors import Actor
from workflows.decisions.charges import Booking, Owed, postings
from workflows.ids import PostingId, StaffId

#: what somebody decides about what is owed, and the policy does not
_ACTIONS = {
    Kind.WAIVER: Action.WAIVED,
    Kind.WAIVER_PROPOSAL: Action.WAIVER_PROPOSED,
    Kind.REVERSAL: Action.POSTING_REVERSED,
}


def book(conn: Connection, bookings: Iterable[Booking], actor: Actor, *, now: datetime) -> None:
    """Post what is owed, or owed no longer, to its accounts; what staff decided bears their name."""
    for booking in bookings:
        owing = booking.owing
        by_staff = isinstance(booking, Owed) and booking.reason is not None
        member = people.staff_member(conn, StaffId(actor.id)) if by_staff else None

        def wanted(account: Account, booking: Booking = booking) -> tuple[Posting, ...]:
            return postings(account, booking)

        key, name = Key(owing.patron, owing.lender, owing.currency), member.name if member else None
        post(conn, key, wanted, actor, now=now, name=name)


def post(
    conn: Connection,
    key: Key,
    wanted: Callable[[Account], tuple[Posting, ...]],
    actor: Actor,
    *,
    now: datetime,
    name: str | None = None,
) -> tuple[PlacedPosting, ...]:
    """Post what is *wanted* of an account that nobody else changes meanwhile, and return the entries."""
    account = journal.hold(conn, key)
    drafts = wanted(account)
    ids = sorted(mint.new_id("pst", now) for _ in drafts)
    entries = []
    for place, (posting_id, posting) in enumerate(zip(ids, drafts, strict=True), 1):
        entries.append(
            PlacedPosting(
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
    for entry in entries:
        action = _ACTIONS.get(entry.posting.kind)
        if action is not None:
            reader, facts = (Subject.READER, str(key.patron)), {"posting": entry.id}
            record(conn, action, reader, now=now, library=key.lender, by=actor, facts=facts)
    return tuple(entries)
