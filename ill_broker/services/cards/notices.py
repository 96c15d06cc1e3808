"""Notices to holders of loan cards: how they come into the outbox, and whether they still make sense."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ill_broker.storage import cards, people
from ill_broker.storage.outbox import Entry, partner_of
from workflows.cards.card import CardLoan, CardNotice, CardStatus, LoanCard
from workflows.ids import CardId, PatronId
from workflows.patrons import Patron
from workflows.policies.book import PolicyBook
from workflows.requests.effects import Channel

#: the kind of the outbox entry; its body is card, patron, notice, channel
KIND = "card_notice"


@dataclass(frozen=True, slots=True)
class CardNews:
    """A notice with what it tells of."""

    notice: CardNotice
    card: LoanCard
    loan: CardLoan
    patron: Patron
    channel: Channel


def orders(
    card: LoanCard, patron: PatronId, notice: CardNotice, now: datetime, *, by_sms: bool = False
) -> list[Entry]:
    """Return the entries of a notice; the same decision about the same card gives them the same names."""
    return [
        Entry(
            id=f"{card.id}.{card.version}.{notice}:{KIND}:{channel}",
            kind=KIND,
            library=partner_of(channel),
            body={"card": card.id, "patron": patron, "notice": notice.value, "channel": channel.value},
            created_at=now,
            due_at=now,
        )
        for channel in ((Channel.EMAIL, Channel.SMS) if by_sms else (Channel.EMAIL,))
    ]


def news(conn: Connection, entry: Entry, book: PolicyBook, *, now: datetime) -> CardNews | None:
    """Return what an entry tells; None if it would no longer tell the patron anything true."""
    body: Mapping[str, Any] = entry.body
    card = cards.load(conn, CardId(body["card"]))
    patron = people.patron(conn, PatronId(body["patron"]))
    if card is None or patron is None or not patron.email or card.loan is None:
        return None
    if card.status is not CardStatus.ISSUED or card.loan.patron != patron.id:
        return None
    notice = CardNotice(body["notice"])
    is_late = book.calendar(card.consortium).local_day(now) > card.loan.due
    if notice is not CardNotice.ISSUED and is_late is not (notice is CardNotice.OVERDUE):
        return None
    return CardNews(notice, card, card.loan, patron, Channel(body["channel"]))
