"""Limits that were reached: lenders that were not asked, and requests that were refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from ill_broker.services.office.report_counting import ReportCounting
from ill_broker.services.office.reports import Asked, By, Report, Reports
from ill_broker.services.requests.refused import SECONDS, RefusedCounts
from ill_broker.storage.failures import Busy
from ill_broker.storage.limit_reports import Refused
from ill_broker.storage.report_rows import report_marks, report_requests
from ill_broker.storage.reports import Narrowed, Span
from ill_broker.storage.rows import tallies
from ill_broker.storage.store import Store
from tests.factories import BJTU, NLC, SZUTL
from tests.ill_broker.services.lending import OFFICE, Lending
from workflows.actors import Actor, Role
from workflows.ids import RequestId
from workflows.reasons import Refusal
from workflows.refusals import NotEligible

YEAR = Span(first="2026-01", last="2026-12")
QUOTA = Refused("2026-03-09", BJTU, NLC, Refusal.QUOTA_EXHAUSTED)


class World:
    """Lending while one library has lent all that it lends in a month, and reports on it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.lending = Lending(store)
        with store.writing() as conn:
            conn.execute(insert(tallies), {"key": "quota:nlc:2026-03", "used": 500})
        self.anna = self.lending.patron()
        self.request = self.lending.submit(self.anna, self.lending.wish(self.anna, lenders=(NLC, SZUTL)))
        with pytest.raises(NotEligible):
            self.lending.submit(self.anna, self.lending.wish(self.anna, "9787020002238", lenders=(NLC,)))
        self.reports = Reports(store, self.lending.directory)
        self.count()

    def count(self) -> None:
        ReportCounting(self.store, self.lending.directory).go_on(self.lending.now)

    def told(self, by: By = By.LANE, actor: Actor = OFFICE) -> list[tuple[Any, ...]]:
        asked = Asked(report=Report.LIMITS, span=YEAR, by=by)
        return list(self.reports.table(asked, actor, now=self.lending.now).rows)

    def listed(self, **narrowed: Any) -> list[RequestId]:
        found = self.reports.rows(YEAR, Narrowed(**narrowed), OFFICE, after=None, limit=5)
        return [row.request_id for row in found.items]


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def test_a_limit_counts_where_a_lender_was_not_asked_and_where_a_request_was_refused(world: World) -> None:
    assert [("nlc", "bjtu", "quota_exhausted", 1, 1)] == world.told()
    assert [("2026-03", "quota_exhausted", 1, 1)] == world.told(By.MONTH)
    assert [] == world.told(actor=Actor(Role.STAFF, "stf_s", SZUTL))
    assert 1 == len(world.told(actor=Actor(Role.STAFF, "stf_n", NLC)))


def test_behind_the_lenders_that_were_not_asked_stand_the_requests(world: World) -> None:
    assert [world.request.id] == world.listed(reached="quota_exhausted", reached_at=NLC)
    assert [world.request.id] == world.listed(reached="quota_exhausted", lender=SZUTL)
    assert [] == world.listed(reached="quota_exhausted", reached_at=SZUTL)
    assert [] == world.listed(reached="suspended")


def test_the_limit_of_the_readers_own_library_is_nobody_elses(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ill_broker.services.requests.refused.SECONDS", 0)
    world.lending.requests._refused = RefusedCounts(world.store)
    first, *others = (
        world.lending.wish(world.anna, f"97870200022{number}", lenders=(SZUTL,))
        for number in (14, 21, 45, 52, 69)
    )
    for wish in others:
        world.lending.submit(world.anna, wish)
    with pytest.raises(NotEligible):
        world.lending.submit(world.anna, first)

    assert ("", "bjtu", "borrower_limit", 0, 1) in world.told()
    assert {"borrower_limit", "quota_exhausted"} == {row[2] for row in world.told()}


def test_what_is_counted_anew_stands_in_place_of_what_stood_there(world: World) -> None:
    with world.store.writing() as conn:
        conn.execute(update(report_requests).values(version=-1))
        conn.execute(report_marks.delete())
    world.count()

    assert [("nlc", "bjtu", "quota_exhausted", 1, 1)] == world.told()


def test_a_flood_of_refusals_is_no_flood_of_writes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    at, written = [100.0], list[int]()
    counts = RefusedCounts(store, timer=lambda: at[0])
    write = store.write

    def counted(work: Callable[[Connection], None]) -> None:
        written.append(1)
        write(work)

    monkeypatch.setattr(store, "write", counted)
    reports = Reports(store, Lending(store).directory)

    def told() -> int:
        asked = Asked(report=Report.LIMITS, span=YEAR, by=By.LENDER)
        return sum(row[-1] for row in reports.table(asked, OFFICE, now=Lending(store).now).rows)

    for _ in range(50):
        counts.note([QUOTA])
    assert (1, 1) == (len(written), told())

    at[0] += SECONDS
    counts.note([QUOTA])
    assert (2, 51) == (len(written), told())
    counts.note([])
    assert 2 == len(written)


def test_what_could_not_be_written_is_written_later_and_refuses_nobody(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = RefusedCounts(store, timer=iter((100.0, 200.0)).__next__)
    lending = Lending(store)
    with monkeypatch.context() as broken:
        broken.setattr(store, "write", lambda _: (_ for _ in ()).throw(Busy("others write")))
        counts.note([QUOTA])
    counts.note([QUOTA])

    asked = Asked(report=Report.LIMITS, span=YEAR, by=By.MONTH)
    table = Reports(store, lending.directory).table(asked, OFFICE, now=lending.now)
    assert [("2026-03", "quota_exhausted", 0, 2)] == list(table.rows)
