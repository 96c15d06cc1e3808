"""What stands in the tables, for tests: read as the service itself has no need to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from ill_broker.storage.account_rows import accounts
from ill_broker.storage.cards import RecordedCardEvent
from ill_broker.storage.records import from_json
from ill_broker.storage.rows import libraries, loan_card_events
from workflows.accounts.account import Key
from workflows.actors import Actor, Role
from workflows.cards.card import CardEvent
from workflows.ids import CardId, LibraryCode
from workflows.money import Money


def connectors_of(conn: Connection, code: LibraryCode) -> dict[str, Any]:
    """Return how a library is reached; nothing of one that is not known."""
    found = select(libraries.c.connectors).where(libraries.c.code == code)
    return dict(conn.execute(found).scalar_one_or_none() or {})


def balance(conn: Connection, key: Key) -> Money:
    """Return what a patron owes, as the account's own row has it."""
    where = (accounts.c.patron == key.patron, accounts.c.lender == key.lender)
    found = select(accounts.c.balance).where(*where, accounts.c.currency == key.currency)
    return Money(key.currency, conn.execute(found).scalar_one_or_none() or 0)


def events_of(conn: Connection, card_id: CardId) -> list[RecordedCardEvent]:
    """Return what has happened to a loan card, in order."""
    found = select(loan_card_events).where(loan_card_events.c.card_id == card_id)
    return [
        RecordedCardEvent(
            seq=row.seq,
            actor=Actor(
                Role(row.actor_role), row.actor_id, row.actor_library and LibraryCode(row.actor_library)
            ),
            event=from_json(CardEvent, row.body),  # type: ignore[arg-type]  # a union is no class to mypy
        )
        for row in conn.execute(found.order_by(loan_card_events.c.seq))
    ]
