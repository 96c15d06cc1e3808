"""Announcements: what still holds, page by page, and changed by one at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ill_broker.storage import announcements
from ill_broker.storage.announcements import Announcement, Audience, Weight
from ill_broker.storage.failures import Stale
from ill_broker.storage.store import Store
from tests.ill_broker.storage.samples import NOW
from workflows.ids import LibraryCode

BJTU = LibraryCode("bjtu")


def said(number: int, **facts: Any) -> Announcement:
    told: dict[str, Any] = {"library": None, "first": date(2026, 3, 1), "last": date(2026, 3, 9)}
    return Announcement(
        id=f"ann_0000000{number}",
        audience=Audience.BOTH,
        weight=Weight.INFO,
        zh="搬迁",
        en=None,
        author="stf_wang",
        created_at=NOW,
        **(told | facts),
    )


def test_what_is_over_or_withdrawn_holds_no_more_and_stays_to_be_seen(store: Store) -> None:
    holds, over, gone = said(1), said(2, last=date(2026, 3, 4)), said(3, withdrawn_at=NOW, library=BJTU)
    with store.writing() as conn:
        for one in (holds, over, gone):
            announcements.add(conn, one)

    with store.reading() as conn:
        assert [holds] == announcements.current(conn, day=date(2026, 3, 5))
        assert [gone, over] == announcements.page(conn, library=None, after=None, limit=2)
        assert [holds] == announcements.page(conn, library=None, after=over.id, limit=2)
        assert [gone] == announcements.page(conn, library=BJTU, after=None, limit=2)


def test_of_two_changes_of_the_same_version_one_is_refused(store: Store) -> None:
    with store.writing() as conn:
        announcements.add(conn, said(1))
        announcements.save(conn, replace(said(1), en="We move", version=2))
    with pytest.raises(Stale), store.writing() as conn:
        announcements.save(conn, replace(said(1), en="We stay", version=2))

    with store.reading() as conn:
        assert announcements.load(conn, said(1).id) == replace(said(1), en="We move", version=2)
