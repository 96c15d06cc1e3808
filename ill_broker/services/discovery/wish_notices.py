"""Notices to readers who wait for a work: how they come into the outbox, and whether they make sense."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ill_broker.storage import people, wishes
from ill_broker.storage.outbox import Entry, partner_of
from workflows.discovery.wishes import Wish, WishNotice
from workflows.ids import WishId
from workflows.patrons import Patron
from workflows.requests.effects import Channel

#: the kind of the outbox entry; its body is wish, notice, channel
KIND = "wish_notice"


@dataclass(frozen=True, slots=True)
class WishNews:
    """A notice with what it tells of."""

    notice: WishNotice
    wish: Wish
    patron: Patron
    channel: Channel


def orders(wish: Wish, notice: WishNotice, now: datetime, *, by_sms: bool) -> list[Entry]:
    """Return the entries of a notice; a wish has one end, so they have the same names for ever."""
    return [
        Entry(
            id=f"{wish.id}:{KIND}:{channel}",
            kind=KIND,
            library=partner_of(channel),
            body={"wish": wish.id, "notice": notice.value, "channel": channel.value},
            created_at=now,
            due_at=now,
        )
        for channel in ((Channel.EMAIL, Channel.SMS) if by_sms else (Channel.EMAIL,))
    ]


def news(conn: Connection, entry: Entry) -> WishNews | None:
    """Return what an entry tells; None if its reader has taken the wish back or is forgotten."""
    wish = wishes.load(conn, WishId(entry.body["wish"]))
    patron = None if wish is None else people.patron(conn, wish.patron)
    if wish is None or patron is None or not patron.email:
        return None
    return WishNews(WishNotice(entry.body["notice"]), wish, patron, Channel(entry.body["channel"]))
