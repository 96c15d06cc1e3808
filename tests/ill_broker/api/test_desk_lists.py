"""What waits at a desk, list by list, and what went astray: for its clerks, and for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from ill_broker.settings import Settings
from ill_broker.storage import outbox
from ill_broker.storage.outbox import Entry, EntryState
from ill_broker.storage.store import Store
from tests.ill_broker.api.at_desk import AtDesk, with_accounts
from tests.ill_broker.api.client import NOW, Api, Hand
from tests.ill_broker.api.lending import lending_services, serving
from workflows.patrons import Patron

DAY = timedelta(days=1)


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    yield with_accounts(services, store)
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def desk(api: Api, services: list[object], store: Store, clock: Hand, patron: Patron) -> AtDesk:
    return AtDesk(api, services, store, clock, patron)


def rows(desk: AtDesk, name: str, query: str = "", library: str = "bjtu") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = desk.staff(library).get(f"/desk/lists/{name}{query}").json["items"]
    return items


def test_a_row_says_whom_to_call_since_when_and_what_to_do(desk: AtDesk, patron: Patron) -> None:
    asked = desk.wish("szutl").json["id"]
    desk.step(asked, "arrival")
    desk.step(asked, "notification", result="no_answer")
    (row,) = rows(desk, "to-call")

    assert (asked, "红楼梦", patron.name, patron.mobile) == (
        row["id"],
        row["title"],
        row["reader"]["name"],
        row["reader"]["mobile"],
    )
    assert ("arrived", "2026-03-02", 1, "notification") == (
        row["day_is"],
        row["day"],
        row["calls"],
        row["next_step"],
    )
    assert {"notification", "handover", "undo"} <= set(row["actions"])
    assert [] == rows(desk, "to-call", library="szutl") == rows(desk, "to-arrive")


def test_what_is_overdue_is_called_about_and_says_by_how_many_days(desk: AtDesk) -> None:
    lent = desk.lent("szutl")
    due = desk.staff().get(f"/requests/{lent}").json["due"]
    assert [] == rows(desk, "overdue")
    desk.clock.move(100 * DAY)
    (row,) = rows(desk, "overdue")

    assert (due, "due", "notification") == (row["day"], row["day_is"], row["next_step"])
    assert row["days_overdue"] > 50
    until = (NOW + 2 * DAY).date().isoformat()
    assert [1, 1, 0] == [
        len(rows(desk, "overdue", q)) for q in (f"?since={due}", f"?until={due}", f"?until={until}")
    ]
    assert 1 == desk.staff().get("/desk").json["overdue"]


def test_pages_and_filters(desk: AtDesk) -> None:
    for number, title in enumerate(("红楼梦", "三国演义", "西游记")):
        made = desk.wish("szutl", number=number, title=title).json["id"]
        desk.step(made, "arrival")
        desk.clock.move(DAY)
    clerk = desk.staff()
    first = clerk.get("/desk/lists/to-call?limit=2").json
    second = clerk.get(f"/desk/lists/to-call?limit=2&after={first['next']}").json

    assert ["红楼梦", "三国演义", "西游记"] == [row["title"] for row in first["items"] + second["items"]]
    assert second["next"] is None
    narrowed = ("title=西游", "reader=李", "lender=pku", "since=2026-03-04", "until=2026-03-02")
    assert [1, 3, 0, 1, 1] == [len(rows(desk, "to-call", f"?{query}")) for query in narrowed]
    far = f"/desk/lists/to-call?after={'9' * 18}-{first['items'][0]['id']}"
    assert [[], 422, 404] == [
        clerk.get(far).json["items"],
        clerk.get("/desk/lists/to-call?after=x").status_code,
        clerk.get("/desk/lists/nothing").status_code,
    ]


def give_everything_up(desk: AtDesk) -> None:
    """Let nothing be delivered that was ordered, nor a letter about an account."""
    letter = Entry(id="letter", kind="mail", body={}, created_at=NOW, due_at=NOW)
    with desk.store.writing() as conn:
        outbox.add(conn, [letter])
        for entry in outbox.claim(conn, owner="w", now=NOW + DAY, limit=99, lease=DAY):
            outbox.bury(conn, entry.id, owner="w", now=NOW + DAY, failure="unreachable: szutl")


def test_what_was_given_up_is_shown_to_those_it_concerns_and_tried_anew(desk: AtDesk) -> None:
    asked = desk.wish("szutl").json["id"]
    give_everything_up(desk)
    seen = {
        who: [each["kind"] for each in desk.staff(who).get("/dead-letters").json["items"]]
        for who in ("bjtu", "szutl", "pku", None)
    }

    assert {"bjtu": ["tell"], "szutl": ["tell"], "pku": [], None: ["mail", "tell"]} == seen
    clerk = desk.staff()
    (letter,) = clerk.get("/dead-letters").json["items"]
    assert (asked, "unreachable: szutl", "ask") == (letter["request"], letter["failure"], letter["what"])
    assert 1 == clerk.get("/desk").json["dead_letters"]
    replay = {"json": {"id": letter["id"]}}
    tried = [
        desk.staff(who).post("/dead-letters/replay", **replay).status_code for who in ("pku", "bjtu", "bjtu")
    ]
    assert [404, 202, 409] == tried
    with desk.store.reading() as conn:
        entry = outbox.find(conn, letter["id"])
    assert entry
    assert (EntryState.WAITING, 0) == (entry.state, entry.attempts)
    assert 0 == desk.staff().get("/desk").json["dead_letters"]
