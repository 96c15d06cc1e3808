"""What has happened to loan cards, over all of them, as reports count it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, or_, select, tuple_

from ill_broker.storage.records import from_json
from ill_broker.storage.rows import loan_card_events, loan_cards
from workflows.cards.card import CardReturned
from workflows.ids import CardId, LibraryCode


class CardDeed(StrEnum):
    """What reports count of loan cards."""

    ISSUED = "issued"
    RETURNED = "returned"
    #: of those that were returned
    RETURNED_LATE = "returned_late"
    LOST = "lost"


_TYPES = {"CardIssued": CardDeed.ISSUED, "CardReturned": CardDeed.RETURNED, "CardLost": CardDeed.LOST}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardHappening:
    """One thing that happened to one card."""

    card_id: CardId
    seq: int
    barcode: str
    #: whose desk lends it, to readers of its own
    home: LibraryCode
    #: that it belongs to and admits to
    lender: LibraryCode
    at: datetime
    deed: CardDeed
    #: None unless it was returned
    late_days: int | None

    def is_a(self, deed: CardDeed) -> bool:
        """Tell whether a count of *deed* has this in it."""
        return deed is self.deed or (deed is CardDeed.RETURNED_LATE and (self.late_days or 0) > 0)


def happened(
    conn: Connection,
    since: datetime,
    until: datetime,
    library: LibraryCode | None,
    *,
    after: tuple[CardId, int] | None = None,
) -> Iterator[CardHappening]:
    """Yield what happened between two instants, newest first, from behind one happening on.

    :param library: only to cards that its desk lends, or that belong to it
    """
    events, cards = loan_card_events.c, loan_cards.c
    told = (events.card_id, events.seq, events.type, events.at, events.body)
    found = select(*told, cards.barcode, cards.desk, cards.library).join(
        loan_cards, cards.id == events.card_id
    )
    found = found.where(events.type.in_(_TYPES), events.at >= since, events.at < until)
    if library is not None:
        found = found.where(or_(cards.desk == library, cards.library == library))
    if after is not None:
        at = conn.execute(
            select(events.at).where(events.card_id == after[0], events.seq == after[1])
        ).scalar()
        if at is None:
            return
        found = found.where(tuple_(events.at, events.card_id, events.seq) < (at, *after))
    for row in conn.execute(found.order_by(events.at.desc(), events.card_id.desc(), events.seq.desc())):
        deed = _TYPES[row.type]
        yield CardHappening(
            card_id=row.card_id,
            seq=row.seq,
            barcode=row.barcode,
            home=row.desk,
            lender=row.library,
            at=row.at,
            deed=deed,
            late_days=_late_days(row.body) if deed is CardDeed.RETURNED else None,
        )


def _late_days(body: str) -> int:
    charge = from_json(CardReturned, body).charge
    return 0 if charge is None else charge.overdue_days
