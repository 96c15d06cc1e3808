"""Reports: counted after the fact, each request once and as it is now, and a desk sees its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, replace
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert

from ill_broker.services.office import report_counting
from ill_broker.services.office.report_counting import ReportCounting
from ill_broker.services.office.reports import Asked, By, Report, Reports, Table, as_csv
from ill_broker.storage import reports
from ill_broker.storage.migrations import migrate
from ill_broker.storage.report_rows import report_requests
from ill_broker.storage.reports import Narrowed, Span
from ill_broker.storage.store import Store
from tests.factories import BJTU, DAY, PKU, SZUTL
from tests.ill_broker.services.lending import DESK, OFFICE, Lending
from tests.ill_broker.services.rulebooks import Office
from workflows.actors import Actor, Role
from workflows.ids import RequestId
from workflows.requests.commands import ReportedStatus, TakeBack

SPAN = Span(first="2026-01", last="2026-12")


class World:
    """Lending, and reports on it."""

    def __init__(self, store: Store, lending: Any) -> None:
        self.office = Office(lending)
        self.lending = lending
        self.counting = ReportCounting(store, lending.directory)
        self.reports = Reports(store, lending.directory)

    def count(self) -> int:
        return self.counting.go_on(self.lending.now)

    def table(self, report: Report, by: By = By.LENDER, actor: Actor = OFFICE, span: Span = SPAN) -> Table:
        return self.reports.table(Asked(report=report, span=span, by=by), actor, now=self.lending.now)

    def told(self, report: Report, **named: Any) -> list[dict[str, Any]]:
        table = self.table(report, **named)
        return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


@pytest.fixture
def world(store: Store) -> World:
    return World(store, Lending(store))


def test_a_late_loan_and_a_refusal_stand_in_every_report(world: World) -> None:
    lent = world.office.lent(SZUTL)
    world.lending.now += 60 * DAY
    world.lending.do(lent, TakeBack())
    refused = world.lending.asked(PKU)
    world.lending.hear(refused, ReportedStatus.UNFILLED, PKU)
    assert world.count() == 2

    (fill_pku, fill_szutl) = world.told(Report.FILL)
    assert (fill_pku["lender"], fill_pku["unfilled"], fill_pku["fill_rate"]) in {
        ("pku", 1, 0.0),
        ("", 1, 0.0),
    }
    assert (fill_szutl["requests"], fill_szutl["open"], fill_szutl["fill_rate"]) == (1, 1, None)
    assert world.told(Report.REASONS) == [{"lender": "pku", "reason": "unfilled", "asked": 1}]
    late = {row["lender"]: row for row in world.told(Report.OVERDUE)}["szutl"]
    assert (late["lent"], late["late"], late["late_rate"], late["late_days"] > 20) == (1, 1, 1.0, True)
    cards = {row["lender"]: row for row in world.told(Report.LENDERS)}
    assert (cards["szutl"]["supplied"], cards["pku"]["passed"], cards["pku"]["fill_rate"]) == (1, 1, 0.0)
    assert world.told(Report.BALANCE) == [
        {"library": "bjtu", "lent": 0, "borrowed": 1, "difference": -1},
        {"library": "szutl", "lent": 1, "borrowed": 0, "difference": 1},
    ]
    stages = {row["stage"]: row for row in world.told(Report.TURNAROUND, by=By.LANE)}
    assert (stages["loan"]["home"], stages["loan"]["requests"], stages["loan"]["median_hours"]) == (
        "bjtu", 1, 60 * 24 + 1,
    )  # fmt: skip
    (fine,) = world.told(Report.MONEY)
    assert ("szutl", "fine", 1) == (fine["lender"], fine["kind"], fine["postings"])
    assert float(fine["amount"]) > 0


def test_a_request_is_counted_anew_once_it_has_changed(world: World) -> None:
    loan = world.office.lent(SZUTL)
    assert (1, 0) == (world.count(), world.count())
    before = world.table(Report.OVERDUE)

    world.lending.do(loan, TakeBack())
    assert 1 == world.count()

    assert [("szutl", 0, 0, None, 0)] == list(before.rows)
    assert [("szutl", 1, 0, 0.0, 0)] == list(world.table(Report.OVERDUE).rows)


def test_nothing_is_left_out_between_two_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_counting, "BATCH", 2)
    for _ in range(3):
        world.office.lent(SZUTL)

    assert 3 == world.count()
    assert 3 == world.told(Report.FILL)[0]["requests"]


def test_a_run_ends_when_its_time_is_up_and_the_next_one_goes_on(
    store: Store, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_counting, "BATCH", 2)
    for _ in range(4):
        world.lending.asked(SZUTL)
        world.lending.now += DAY
    ticking = ReportCounting(store, world.lending.directory, timer=count().__next__)

    runs = [ticking.go_on(world.lending.now, seconds=4) for _ in range(8)]

    assert (4, True) == (sum(runs), max(runs) < 4)


def test_before_anything_is_counted_a_report_says_so(world: World) -> None:
    world.office.lent(SZUTL)

    assert (None, ()) == (world.table(Report.FILL).as_of, world.table(Report.FILL).rows)


def test_a_desk_sees_what_it_lends_and_borrows_whatever_it_asks_for(world: World) -> None:
    world.office.lent(SZUTL)
    world.count()
    strangers = Actor(Role.STAFF, "stf_pku", PKU)
    asked = replace(SPAN, library=BJTU)

    assert [] == world.told(Report.FILL, actor=strangers, span=asked)
    assert 1 == len(world.told(Report.FILL, actor=DESK, span=replace(SPAN, library=PKU)))
    assert 1 == len(world.told(Report.FILL, actor=Actor(Role.STAFF, "stf_szutl", SZUTL)))


def test_the_rows_behind_a_figure_are_listed_by_page(world: World) -> None:
    loans = [world.office.lent(SZUTL) for _ in range(3)]
    world.count()

    def rows(narrowed: Narrowed, **named: Any) -> list[str]:
        found = world.reports.rows(SPAN, narrowed, OFFICE, **({"after": None, "limit": 2} | named))
        return [row.request_id for row in found.items]

    first = world.reports.rows(SPAN, Narrowed(lender=SZUTL), OFFICE, after=None, limit=2)
    assert [loans[2].id, loans[1].id] == [row.request_id for row in first.items]
    assert [loans[0].id] == rows(Narrowed(lender=SZUTL), after=first.next)
    assert [] == rows(Narrowed(lender=PKU)) == rows(Narrowed(is_late=True)) == rows(Narrowed(outcome="lost"))


def test_a_library_pages_through_what_it_lends_and_borrows_from_the_newest_on(world: World) -> None:
    lent = []
    for lender in (SZUTL, PKU, SZUTL, PKU):
        lent.append(world.office.lent(lender))
        world.lending.now += 40 * DAY
    world.count()

    def pages(span: Span) -> Iterator[list[str]]:
        page = world.reports.rows(span, Narrowed(), OFFICE, after=None, limit=1)
        yield [row.request_id for row in page.items]
        while page.next:
            page = world.reports.rows(span, Narrowed(), OFFICE, after=page.next, limit=1)
            yield [row.request_id for row in page.items]

    newest = [[loan.id] for loan in reversed(lent)]
    assert newest == list(pages(replace(SPAN, library=BJTU))) == list(pages(SPAN))
    assert [newest[1], newest[3]] == list(pages(replace(SPAN, library=SZUTL)))


def test_behind_a_request_that_is_not_counted_nothing_is_listed(world: World) -> None:
    world.office.lent(SZUTL)
    world.count()
    unknown = RequestId("req_zzzzzzzzzzzz")

    assert ((), None) == astuple(world.reports.rows(SPAN, Narrowed(), OFFICE, after=unknown, limit=5))


def test_a_page_is_read_off_an_index_and_nothing_is_sorted_for_it(tmp_path: Path) -> None:
    url, asked = f"sqlite:///{tmp_path}/plans.db", list[tuple[str, Any]]()
    figures = (Narrowed(), Narrowed(is_late=True), Narrowed(lender=PKU), Narrowed(outcome="lost"))
    counted = RequestId("req_00000001")
    known = {"request_id": counted, "version": 1, "month": "2026-03", "home": BJTU, "status": "closed"}
    migrate(url)
    with Store.open(url) as store, store.writing() as conn:
        conn.execute(insert(report_requests), known)
        event.listen(conn, "before_cursor_execute", lambda *told: asked.append(told[2:4]))
        for narrowed, library, after in product(figures, (None, BJTU, PKU), (None, counted)):
            reports.rows(conn, replace(SPAN, library=library), narrowed, after=after, limit=5)
        plans = [
            str(conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", told).all())
            for statement, told in asked.copy()
            if statement.startswith("SELECT")
        ]

    # one for the office; two for a library, but for what it lends itself; half of them behind a request
    pages = 2 * (len(figures) * (1 + 2 + 2) - 1)
    assert pages / 2 == len([plan for plan in plans if "(month,request_id)<(?,?)" in plan])
    assert pages <= len(plans)
    assert not [plan for plan in plans if "TEMP B-TREE" in plan or "SEARCH report_requests" not in plan]


def test_months_outside_are_not_counted(world: World) -> None:
    world.office.lent(SZUTL)
    world.count()

    assert [] == world.told(Report.FILL, span=Span(first="2027-01", last="2027-12"))
    assert [] == world.told(Report.MONEY, span=Span(first="2027-12", last="2027-12"))


def test_a_report_is_a_table_for_a_spreadsheet(world: World) -> None:
    world.office.lent(SZUTL)
    world.count()

    assert as_csv(world.table(Report.BALANCE)) == (
        "library,lent,borrowed,difference\r\nbjtu,0,1,-1\r\nszutl,1,0,1\r\n"
    )
