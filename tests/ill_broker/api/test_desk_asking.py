"""A request on a reader's behalf: by the reader's own rules, and recorded as asked by the desk."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from ill_broker.storage.store import Store
from tests.ill_broker.api.client import a_patron
from tests.ill_broker.api.desk import AtTheDesk
from tests.ill_broker.api.lending import a_find
from tests.ill_broker.api.reader_desk import LENT, app, clerk, desk, services
from tests.ill_broker.api.reading import FORM
from workflows.actors import Role
from workflows.patrons import Patron

__all__ = ["app", "clerk", "desk", "services"]


def _clerks(desk: AtTheDesk, reader: Patron) -> Patron:
    """Return the clerk as the owner of a search."""
    return Patron(**{name: getattr(reader, name) for name in _FACTS} | {"id": "stf_atbjtu"})


_FACTS = ("home", "name", "card_number", "mobile", "email")


def test_a_desk_asks_for_its_reader_and_the_timeline_says_so(desk: AtTheDesk, store: Store) -> None:
    desk.on(LENT)
    found = a_find(store, _clerks(desk, desk.who), "szutl")
    asked = desk.as_(Role.STAFF).post("/requests", json={**found, "patron": desk.who.id})
    timeline = desk.as_(Role.STAFF).get(f"/requests/{asked.json['id']}/timeline").json["items"]
    mine = desk.as_(Role.PATRON).get("/requests").json["items"]

    assert (201, "submitted") == (asked.status_code, asked.json["status"])
    assert ("Submitted", "staff", "bjtu", "王老师") == _told(timeline[0])
    assert [asked.json["id"]] == [each["id"] for each in mine]


def test_nobody_asks_for_the_reader_of_another_library(desk: AtTheDesk, store: Store) -> None:
    desk.on(LENT)
    work = {"citation": {"title": "红楼梦"}}
    other = desk.as_(Role.STAFF, "pku").post("/requests", json={**work, "patron": desk.who.id})
    reader = desk.as_(Role.PATRON).post("/requests", json={**work, "patron": a_patron(store, "2").id})

    assert [404, 404] == [one.status_code for one in (other, reader)]


def test_a_clerk_looks_for_a_book_and_submits_it(clerk: FlaskClient, desk: AtTheDesk, store: Store) -> None:
    path = f"/desk/readers/{desk.who.id}"
    begun = clerk.post(f"{path}/searches", data={**FORM, "text": "红楼梦"})
    found = a_find(store, _clerks(desk, desk.who), "szutl")
    work = f"{path}/searches/{found['search']}/works/{found['work']}"
    offered, listed = clerk.get(work).text, clerk.get(f"{path}/searches/{found['search']}").text
    made = clerk.post(work, data=FORM)
    again = clerk.post(work, data=FORM)
    page = clerk.get(made.location).text

    assert (303, 200) == (begun.status_code, clerk.get(begun.location).status_code)
    assert ("为读者提交申请" in offered, "红楼梦" in listed) == (True, True)
    assert (303, made.location) == (made.status_code, again.location)
    assert ('class="notice good"' in page, page.count("/cancellation")) == (True, 1)
    assert 422 == clerk.post(f"{path}/searches", data=FORM).status_code


def test_the_readers_own_limits_hold(clerk: FlaskClient, desk: AtTheDesk, store: Store) -> None:
    stranger = a_patron(store, "3", verified_at=None)
    found = a_find(store, _clerks(desk, desk.who), "szutl")
    refused = clerk.post(
        f"/desk/readers/{stranger.id}/searches/{found['search']}/works/{found['work']}", data=FORM
    )

    assert (409, True) == (refused.status_code, 'class="refusal"' in refused.text)


def _told(item: dict[str, Any]) -> tuple[str, ...]:
    return tuple(item[name] for name in ("event", "by", "by_library", "by_name"))
