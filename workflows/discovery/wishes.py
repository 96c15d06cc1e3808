"""Wishes: works that nobody could lend when a reader asked, and when somebody can."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from workflows.citation import Citation
from workflows.discovery.offers import Offer
from workflows.ids import LibraryCode, PatronId, WishId
from workflows.timestamps import ONE_DAY

#: how long a wish is looked after
TERM = timedelta(days=180)
#: so many wishes of one reader wait at the same time
MOST = 20
#: when members are asked for wishes, by the time of the reader's library: readers search by day
NIGHT_BEGINS, NIGHT = time(1), timedelta(hours=5)


class WishStatus(StrEnum):
    """How far a wish has come."""

    WAITING = "waiting"
    #: it can be had, and its reader is told
    FOUND = "found"
    #: its time was up
    EXPIRED = "expired"


class WishNotice(StrEnum):
    """What a reader is told of a wish, once."""

    FOUND = "found"
    ON_OWN_SHELF = "on_own_shelf"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A work that a reader waits for."""

    id: WishId
    patron: PatronId
    citation: Citation
    created_at: datetime
    #: when it ends by itself
    until: datetime
    #: from when on it is looked at again
    look_at: datetime
    #: when that was done last; as long as it was not, when it began
    looked_at: datetime
    status: WishStatus = WishStatus.WAITING
    ended_at: datetime | None = None
    #: who has it, once it can be had, and its shelf mark there
    library: LibraryCode | None = None
    call_number: str | None = None

    def notice(self, home: LibraryCode) -> WishNotice:
        """Return what a reader of *home* is told of it at its end."""
        if self.status is WishStatus.EXPIRED:
            return WishNotice.EXPIRED
        return WishNotice.ON_OWN_SHELF if self.library == home else WishNotice.FOUND

    def is_missed(self, now: datetime) -> bool:
        """Tell whether the night in which it was to be looked at is over."""
        return now - self.look_at >= NIGHT


def new_wish(wish_id: WishId, patron: PatronId, citation: Citation, *, now: datetime, zone: ZoneInfo) -> Wish:
    """Return a wish that begins *now*, of a reader whose library is in *zone*."""
    return Wish(
        id=wish_id,
        patron=patron,
        citation=citation,
        created_at=now,
        until=now + TERM,
        look_at=_next_night(now, zone),
        looked_at=now,
    )


def within_reach(offers: Iterable[Offer]) -> Offer | None:
    """Return by which offer a work can be had now: from the own shelf, or from who would lend it."""
    return next((one for one in offers if one.is_on_own_shelf or one.is_lendable), None)


def looked_at(wish: Wish, offers: Iterable[Offer], *, now: datetime, zone: ZoneInfo) -> Wish:
    """Return what a wish has come to, given on which terms each library would lend the work now."""
    found = within_reach(offers)
    if found is not None:
        return replace(
            wish,
            status=WishStatus.FOUND,
            looked_at=now,
            ended_at=now,
            library=found.lender,
            call_number=found.holding.call_number,
        )
    if now >= wish.until:
        return replace(wish, status=WishStatus.EXPIRED, looked_at=now, ended_at=now)
    return put_off(replace(wish, looked_at=now), now=now, zone=zone)


def put_off(wish: Wish, *, now: datetime, zone: ZoneInfo) -> Wish:
    """Return the wish as it waits for the next night."""
    return replace(wish, look_at=_next_night(now, zone))


def _next_night(now: datetime, zone: ZoneInfo) -> datetime:
    day = now.astimezone(zone).date()
    tonight = datetime.combine(day, NIGHT_BEGINS, zone).astimezone(UTC)
    return tonight if tonight > now else datetime.combine(day + ONE_DAY, NIGHT_BEGINS, zone).astimezone(UTC)
