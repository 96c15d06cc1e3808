"""The lists of a desk: in their order, page by page, narrowed down; and each along an index."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from ill_broker.storage import desk_lists, people, requests
from ill_broker.storage.desk_lists import Place, Sought
from ill_broker.storage.store import Store
from tests.ill_broker.storage.samples import BJTU, NLC, NOW, STONE, enrolment, request
from workflows.ids import LibraryCode, PatronId, RequestId
from workflows.requests.desk_lists import DeskList
from workflows.requests.lifecycle import Status
from workflows.requests.request import Instants, Request

TODAY, DAY = date(2026, 3, 2), timedelta(days=1)
ALL = Sought()


def at(status: Status, number: int, days: int, **facts: Any) -> Request:
    """Return a request that came to be there, or whose day that matters is, so many days from today."""
    moment, day = NOW + days * DAY, TODAY + days * DAY
    there = Instants(submitted=NOW, shipped=moment, arrived=moment, returned=moment)
    known = {"instants": there, "due": day, "hold_until": day, "lender": NLC, **facts}
    return request(number, status=status, **known)


def listed(
    conn: Connection, wanted: DeskList, sought: Sought = ALL, after: Place | None = None, limit: int = 9
) -> tuple[list[int], Place | None]:
    found = desk_lists.page(conn, BJTU, wanted, sought, today=TODAY, after=after, limit=limit)
    return [int(each.id.removeprefix("req_")) for _, each in found], found[-1][0] if found else None


@pytest.fixture
def desk(store: Store) -> Store:
    """Everything three times: of today, of three days ago and of a day ago; and once at another desk."""
    made = [
        at(status, 10 * place + number, -days)
        for place, status in enumerate(Status)
        for number, days in enumerate((0, 3, 1))
    ]
    elsewhere = [
        replace(each, id=RequestId(f"{each.id}0"), number=f"B{each.number}", desk=NLC) for each in made[:30]
    ]
    troubled = [request(200 + n, attention=("lost",), status=Status.CLOSED) for n in range(3)]
    with store.writing() as conn:
        for each in (*made, *elsewhere, *troubled):
            requests.insert(conn, each, "work")
    return store


def test_each_list_has_what_waits_longest_or_ends_first_on_top(desk: Store) -> None:
    with desk.reading() as conn:
        found = {wanted.value: listed(conn, wanted)[0] for wanted in DeskList}
        counted = desk_lists.counts(conn, BJTU, today=TODAY)

    assert {
        "to_arrive": [31, 32, 30],
        "to_call": [41, 42, 40],
        "on_shelf": [51, 52, 50],
        "to_ship_back": [71, 72, 70],
        "overdue": [61, 62],
        "to_look_at": [200, 201, 202],
    } == found
    assert {name: len(rows) for name, rows in found.items()} | {"to_answer": 0} == counted


def test_pages_follow_one_another_although_their_rows_move_on(desk: Store) -> None:
    with desk.writing() as conn:
        first, mark = listed(conn, DeskList.TO_CALL, limit=1)
        seen = requests.by_number(conn, "A41")
        assert seen
        requests.save(conn, replace(seen, status=Status.NOTIFIED, version=2), was_version=1)
        rest, _ = listed(conn, DeskList.TO_CALL, after=mark)

    assert ([41], [42, 40]) == (first, rest)


def test_what_has_no_last_day_stands_at_the_end_of_the_shelf(desk: Store) -> None:
    with desk.writing() as conn:
        requests.insert(conn, at(Status.NOTIFIED, 99, 0, hold_until=None), "work")

        assert [51, 52, 50, 99] == listed(conn, DeskList.ON_SHELF)[0]


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        (Sought(title="红楼"), [2]),
        (Sought(title="紅樓"), [2]),
        (Sought(title="100%"), [1]),
        (Sought(reader="rui"), [1]),
        (Sought(reader="card-rui"), [1]),
        (Sought(reader="nobody"), []),
        (Sought(lender=LibraryCode("szutl")), [3]),
        (Sought(since=NOW - 2 * DAY), [3]),
        (Sought(until=NOW - 4 * DAY), [1]),
        (Sought(since=NOW - 4 * DAY, until=NOW - DAY, title="红楼梦"), [2]),
    ],
    ids=str,
)
def test_a_list_is_narrowed_down(store: Store, sought: Sought, found: list[int]) -> None:
    other = replace(STONE, title="100% Bio")
    szutl = {"lender": LibraryCode("szutl"), "citation": replace(STONE, title="三国")}
    with store.writing() as conn:
        people.enrol(conn, enrolment("rui"))
        people.enrol(conn, enrolment("anna"))
        requests.insert(conn, at(Status.ARRIVED, 1, -5, patron=PatronId("pat_rui"), citation=other), "w")
        requests.insert(conn, at(Status.ARRIVED, 2, -3), "w")
        requests.insert(conn, at(Status.ARRIVED, 3, -1, **szutl), "w")

        assert found == listed(conn, DeskList.TO_CALL, sought)[0]


def test_a_desks_lists_and_counts_read_no_whole_table(desk: Store) -> None:
    """Each is a stretch of an index, so that ten thousand rows and a million elsewhere stay fast."""
    explain = "EXPLAIN QUERY PLAN " if desk.engine.dialect.name == "sqlite" else "EXPLAIN "
    plans: list[list[str]] = []

    def look(conn: Connection, _: object, statement: str, values: Any, *__: object) -> None:
        if not statement.startswith("EXPLAIN"):
            told = [str(row[-1]) for row in conn.exec_driver_sql(explain + statement, values).all()]
            plans.extend([told] if told else [])

    with desk.reading() as conn:
        if explain == "EXPLAIN ":
            # with so few rows no index is worth its while
            conn.exec_driver_sql("SET enable_seqscan = off")
            conn.exec_driver_sql("SET enable_sort = off")
            conn.exec_driver_sql("SET enable_bitmapscan = off")
        event.listen(conn, "before_cursor_execute", look)
        for wanted in DeskList:
            listed(conn, wanted)
            listed(conn, wanted, after=Place(NOW, request(1).id))
        desk_lists.counts(conn, BJTU, today=TODAY)
    lines = [line for plan in plans for line in plan]

    assert len(plans) == 2 * len(DeskList) + 1
    assert not [line for line in lines if re.search(r"SCAN requests$|Seq Scan|Sort|TEMP B-TREE", line)]
    assert {"ix_requests_desk_attention", "ix_requests_desk_list"} <= set(
        re.findall(r"ix_\w+", " ".join(lines))
    )
