"""What a desk was paid, found by the desk and the hour: payments, and payments that were taken back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from ill_broker.storage.account_rows import TILL, postings
from ill_broker.storage.records import from_json
from workflows.accounts.account import Kind, Posting
from workflows.ids import LibraryCode
from workflows.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An amount that went into a till; below zero, out of it again."""

    lender: LibraryCode
    amount: Money
    method: str
    clerk_id: str
    #: how the clerk is called
    clerk: str | None


def taken(conn: Connection, desk: LibraryCode, *, begins: datetime, ends: datetime) -> Iterator[Taken]:
    """Yield what a desk took between two instants, the second excluded, as it was posted."""
    before = postings.alias()
    found = (
        select(postings, before.c.body.label("was"), before.c.kind.label("was_kind"))
        .outerjoin(before, before.c.id == postings.c.reverses)
        .where(TILL, postings.c.actor_library == desk)
        .where(postings.c.posted_at >= begins, postings.c.posted_at < ends)
        .order_by(postings.c.posted_at)
    )
    for row in conn.execute(found):
        if row.kind == Kind.REVERSAL and row.was_kind != Kind.PAYMENT:
            continue
        payment = from_json(Posting, row.was if row.kind == Kind.REVERSAL else row.body)
        yield Taken(
            lender=LibraryCode(row.lender),
            amount=-payment.amount if row.kind == Kind.REVERSAL else payment.amount,
            method=payment.method or "",
            clerk_id=row.actor_id,
            clerk=row.actor_name,
        )
