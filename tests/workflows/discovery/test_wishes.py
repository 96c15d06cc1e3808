"""A wish waits until somebody can lend its work, or its time is up; it is looked at by night."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from workflows.citation import Citation, Holding
from workflows.discovery.offers import Offer
from workflows.discovery.wishes import (
    NIGHT,
    TERM,
    Wish,
    WishNotice,
    WishStatus,
    looked_at,
    new_wish,
    put_off,
    within_reach,
)
from workflows.ids import LibraryCode, PatronId, WishId
from workflows.reasons import NotAsked, Refusal

BEIJING = ZoneInfo("Asia/Shanghai")
#: a Monday, 10:00 in Beijing
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TONIGHT = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
HOME, SZUTL, PKU = LibraryCode("bjtu"), LibraryCode("szutl"), LibraryCode("pku")


def an_offer(library: LibraryCode, reason: NotAsked | None = None, *, available: bool | None = True) -> Offer:
    copy = Holding(library=library, record_id="1", call_number=f"I242/{library}", available=available)
    return Offer(lender=library, holding=copy, reason=reason)


def a_wish() -> Wish:
    wish = new_wish(WishId("wsh_1"), PatronId("pat_anna"), Citation(title="红楼梦"), now=NOW, zone=BEIJING)
    assert WishStatus.WAITING is wish.status
    return wish


OUT = an_offer(PKU, Refusal.NOT_AVAILABLE, available=False)
OWN = an_offer(HOME, Refusal.OWN_LIBRARY)


def test_a_wish_is_looked_at_in_the_next_night_at_its_readers_library() -> None:
    wish = a_wish()

    assert (TONIGHT, NOW + TERM) == (wish.look_at, wish.until)
    assert TONIGHT == put_off(wish, now=TONIGHT - timedelta(seconds=1), zone=BEIJING).look_at
    assert TONIGHT + timedelta(days=1) == put_off(wish, now=TONIGHT, zone=BEIJING).look_at


def test_a_wish_whose_night_is_over_has_missed_it() -> None:
    wish = a_wish()

    assert [False, False, True] == [
        wish.is_missed(wish.look_at + after) for after in (timedelta(), NIGHT - timedelta(seconds=1), NIGHT)
    ]


@pytest.mark.parametrize(
    ("offers", "library"),
    [
        ([], None),
        ([OUT], None),
        ([an_offer(HOME, Refusal.OWN_LIBRARY, available=False)], None),
        ([an_offer(HOME, Refusal.OWN_LIBRARY, available=None)], None),
        ([OUT, an_offer(SZUTL)], SZUTL),
        ([an_offer(SZUTL, available=None)], SZUTL),
        ([OWN, an_offer(SZUTL)], HOME),
        ([OWN, OUT], HOME),
    ],
)
def test_a_work_can_be_had_from_the_own_shelf_or_from_whoever_would_lend_it(
    offers: list[Offer], library: LibraryCode | None
) -> None:
    found = within_reach(offers)

    assert library == (found and found.lender)


def test_who_can_have_it_is_told_from_whom_and_once() -> None:
    found = looked_at(a_wish(), [OUT, an_offer(SZUTL)], now=TONIGHT, zone=BEIJING)

    assert (WishStatus.FOUND, SZUTL, "I242/szutl", TONIGHT) == (
        found.status,
        found.library,
        found.call_number,
        found.ended_at,
    )
    assert WishNotice.FOUND is found.notice(HOME)
    assert WishNotice.ON_OWN_SHELF is replace(found, library=HOME).notice(HOME)


def test_what_nobody_lends_waits_for_the_next_night_until_its_time_is_up() -> None:
    wish = a_wish()
    waits = looked_at(wish, [OUT], now=TONIGHT, zone=BEIJING)
    last = looked_at(wish, [OUT], now=wish.until, zone=BEIJING)

    assert (WishStatus.WAITING, TONIGHT + timedelta(days=1), TONIGHT) == (
        waits.status,
        waits.look_at,
        waits.looked_at,
    )
    assert (WishStatus.EXPIRED, wish.until, None) == (last.status, last.ended_at, last.library)
    assert WishNotice.EXPIRED is last.notice(HOME)


def test_what_can_be_had_on_the_last_day_is_not_over_in_vain() -> None:
    wish = a_wish()

    assert WishStatus.FOUND is looked_at(wish, [an_offer(SZUTL)], now=wish.until, zone=BEIJING).status
