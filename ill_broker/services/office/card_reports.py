"""Reports on loan cards, counted when they are asked for: cards are few beside requests."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ill_broker.services.office.report_months import Zone, bounds
from ill_broker.storage.card_reports import CardDeed, CardHappening, happened
from ill_broker.storage.reports import Span
from workflows.ids import CardId, LibraryCode
from workflows.requests.measures import month_of

CARD_COLUMNS = ("issued", "returned", "returned_late", "late_rate", "lost")
#: which happening: the card, and the how manieth of it
CARD_MARK = r"card_[0-9a-z]{8,40}\.[0-9]{1,9}"
#: how far the clocks of two libraries may be apart
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardsNarrowed:
    """Which happenings are meant."""

    home: LibraryCode | None = None
    lender: LibraryCode | None = None
    deed: CardDeed | None = None

    def has(self, one: CardHappening) -> bool:
        """Tell whether it is meant."""
        return (
            self.home in {None, one.home}
            and self.lender in {None, one.lender}
            and (self.deed is None or one.is_a(self.deed))
        )


@dataclass(frozen=True, slots=True)
class CardRows:
    """What happened to cards, newest first, and from behind which the next page begins."""

    items: tuple[CardHappening, ...]
    next: tuple[CardId, int] | None


def card_mark(place: tuple[CardId, int]) -> str:
    """Return a happening's name, from behind which a page begins."""
    return f"{place[0]}.{place[1]}"


def read_card_mark(mark: str) -> tuple[CardId, int]:
    """Return what `card_mark` has named so."""
    card, _, seq = mark.partition(".")
    return CardId(card), int(seq)


def counted_cards(conn: Connection, span: Span, by: Sequence[str], zone: Zone) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each group of *by*: its names, and what became of its cards."""
    groups: defaultdict[tuple[str, ...], Counter[CardDeed]] = defaultdict(Counter)
    for month, one in _in_months(conn, span, zone):
        named = {"month": month, "home": one.home, "lender": one.lender}
        groups[tuple(named[name] for name in by)].update(deed for deed in CardDeed if one.is_a(deed))
    for group, counted in sorted(groups.items()):
        late, returned = counted[CardDeed.RETURNED_LATE], counted[CardDeed.RETURNED]
        rate = round(late / returned, 3) if returned else None
        yield (*group, counted[CardDeed.ISSUED], returned, late, rate, counted[CardDeed.LOST])


def page_of_cards(
    conn: Connection,
    span: Span,
    narrowed: CardsNarrowed,
    zone: Zone,
    *,
    after: tuple[CardId, int] | None,
    limit: int,
) -> CardRows:
    """Return a page of what a figure counts."""
    every = (one for _, one in _in_months(conn, span, zone, after=after) if narrowed.has(one))
    found = tuple(islice(every, limit + 1))
    last = found[limit - 1] if len(found) > limit else None
    return CardRows(found[:limit], (last.card_id, last.seq) if last else None)


def _in_months(
    conn: Connection, span: Span, zone: Zone, *, after: tuple[CardId, int] | None = None
) -> Iterator[tuple[str, CardHappening]]:
    """Yield what happened with its month, as the library counts it whose desk lends the card."""
    since, until = bounds(span, ZoneInfo("UTC"))
    for one in happened(conn, since - _DAY, until + _DAY, span.library, after=after):
        month = month_of(one.at, zone(one.home))
        if span.first <= month <= span.last:
            yield month, one
