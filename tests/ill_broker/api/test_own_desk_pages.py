"""A desk's own data: hours, closures and contacts, tried first, saved as versions, seen by its readers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.services.members.directory import Directory
from ill_broker.services.members.rulebook import Rulebook
from ill_broker.storage import library_changes
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Hand
from tests.ill_broker.api.desk import AtTheDesk, app, desk
from tests.ill_broker.api.desk import services as desk_services
from tests.ill_broker.api.reading import FORM, reading, working
from workflows.actors import Role
from workflows.ids import LibraryCode

__all__ = ["app", "desk", "desk_services"]
DAYS = "/desk/library/days"


@pytest.fixture
def services(desk_services: list[object], store: Store) -> list[object]:
    directory = next(one for one in desk_services if isinstance(one, Directory))
    return [*desk_services, Rulebook(store, directory)]


@pytest.fixture
def clerk(app: Flask, services: list[object], store: Store, clock: Hand) -> FlaskClient:
    return working(app, services, store, now=clock.time)


def hidden(page: str) -> dict[str, str]:
    """Return what the last form of a page holds that is not to be filled in."""
    return FORM | dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.rpartition("<form")[2]))


def closing(clerk: FlaskClient, first: str, last: str = "", **more: str) -> Any:
    sent = {**hidden(clerk.get(f"{DAYS}/close").text), "first": first, "last": last, **more}
    return clerk.post(DAYS, data={**sent, **FORM})


def confirmed(clerk: FlaskClient, tried: Any, reason: str = "校办通知") -> Any:
    return clerk.post(f"{DAYS}/version", data={**hidden(tried.text), **FORM, "reason": reason})


def test_a_closure_is_tried_with_the_dates_that_move_and_becomes_a_version(
    desk: AtTheDesk, clerk: FlaskClient
) -> None:
    desk.lent("szutl")
    last = desk.seen()["last_desk_day"]
    tried = closing(clerk, last, label_zh="盘点")
    before = desk.as_(Role.OFFICE, None).get("/calendars/bjtu")
    told = desk.seen()["last_desk_day"]
    saved = confirmed(clerk, tried)
    calendar = desk.as_(Role.OFFICE, None).get("/calendars/bjtu").json

    assert ["新增闭馆", "还书的最后开馆日", "1 个日期会变"] == [
        each for each in ("新增闭馆", "还书的最后开馆日", "1 个日期会变") if each in tried.text
    ]
    assert (404, last) == (before.status_code, told)
    assert 303 == saved.status_code
    assert desk.seen()["last_desk_day"] < last
    assert {"from": last, "to": last, "label": {"zh": "盘点", "en": "盘点"}} in calendar["document"][
        "closures"
    ]
    assert [("校办通知", "stf_atbjtu")] == [(one["reason"], one["author"]) for one in calendar["versions"]]


def test_the_api_tries_the_same(desk: AtTheDesk) -> None:
    desk.lent("szutl")
    last = desk.seen()["last_desk_day"]
    stated = desk.as_(Role.STAFF).get("/libraries/bjtu").json["stated"]
    wanted = {**stated, "closures": [*stated["closures"], {"from": last, "to": last, "label": None}]}
    tried = desk.as_(Role.STAFF).post("/libraries/bjtu/dry-run", json={**wanted, "reason": "盘点"})
    elsewhere = desk.as_(Role.STAFF, "pku").post("/libraries/bjtu/dry-run", json={**wanted, "reason": "盘点"})
    faulty = {
        **wanted,
        "opening_hours": {**wanted["opening_hours"], "mon": ["25:00-26:00"]},
        "reason": "盘点",
    }
    refused = desk.as_(Role.STAFF).post("/libraries/bjtu/dry-run", json=faulty)
    (move,) = tried.json["moves"]

    assert (200, 1, 0) == (tried.status_code, tried.json["total"], tried.json["unjudged"])
    assert (desk.id, "last_to_bring", last) == (move["request"], move["what"], move["was"])
    assert move["becomes"] < last
    assert 1 == len(tried.json["changes"])
    assert (403, 422) == (elsewhere.status_code, refused.status_code)
    assert "/opening_hours/mon/0" == refused.json["errors"][0]["pointer"]


def test_a_closure_is_taken_back_by_one_button_and_a_day_has_hours_of_its_own(
    desk: AtTheDesk, clerk: FlaskClient
) -> None:
    first = hidden(clerk.get(f"{DAYS}/open").text)
    opened = clerk.post(
        DAYS, data={**first, **FORM, "first": "2026-03-14", "hours": "９：00至12:00，14:00～16:00"}
    )
    confirmed(clerk, opened)
    confirmed(clerk, closing(clerk, "2026-03-16", "2026-03-17"))
    shown = clerk.get("/desk/library").text
    stands = desk.as_(Role.STAFF).get("/libraries/bjtu").json
    back = clerk.post(
        DAYS, data={**FORM, "version": "0", "what": "reopen", "first": "2026-03-16", "last": "2026-03-17"}
    )
    late = confirmed(clerk, back)
    anew = hidden(clerk.get(f"{DAYS}/close").text)["version"]
    again = clerk.post(
        f"{DAYS}/version", data={**hidden(back.text), **FORM, "version": anew, "reason": "不盘点了"}
    )

    assert {"date": "2026-03-14", "hours": ["09:00-12:00", "14:00-16:00"], "label": None} in stands[
        "extra_open"
    ]
    assert "09:00–12:00、14:00–16:00" in shown
    assert "2026年3月16日" in shown
    assert "恢复开馆" in back.text
    assert (409, 303) == (late.status_code, again.status_code)
    assert "2026-03-16" not in str(desk.as_(Role.STAFF).get("/libraries/bjtu").json["closures"])


@pytest.mark.parametrize(
    ("what", "sent", "said"),
    [
        ("close", {"first": ""}, "e-first"),
        ("close", {"first": "2026-03-01"}, "已经过去"),
        ("close", {"first": "2026-03-20", "last": "2026-03-19"}, "e-last"),
        ("open", {"first": "2026-03-20"}, "e-hours"),
        ("open", {"first": "2026-03-20", "last": "2026-05-20", "hours": "08:00-12:00"}, "最多 31 天"),
        ("open", {"first": "2026-03-20", "hours": "9-12"}, "e-hours"),
        ("week", {"tue": "25:00-26:00"}, "e-tue"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_stays(
    clerk: FlaskClient, what: str, sent: dict[str, str], said: str
) -> None:
    form = hidden(clerk.get(f"{DAYS}/{what}").text)
    tried = clerk.post(DAYS, data={**form, "label_zh": "校庆", **sent, **FORM})

    assert 422 == tried.status_code
    assert said in tried.text
    assert what == "week" or "校庆" in tried.text


def test_contacts_are_a_version_and_stand_on_a_readers_request(
    desk: AtTheDesk, clerk: FlaskClient, app: Flask, services: list[object], clock: Hand
) -> None:
    desk.asked("szutl")
    confirmed(clerk, closing(clerk, "2026-03-16", label_zh="盘点"))
    form = hidden(clerk.get("/desk/library/contacts").text)
    typed = {
        **form,
        **FORM,
        "phone": "010-51680000\r\n010-51680001",
        "email": "ill@bjtu.example",
        "floor_zh": "三层",
    }
    nothing = clerk.post("/desk/library/contacts", data=typed)
    wrong = clerk.post("/desk/library/contacts", data={**typed, "email": "nobody", "reason": "搬家"})
    saved = clerk.post("/desk/library/contacts", data={**typed, "reason": "搬家"})
    page = reading(app, services, desk.who, clock.time).get(f"/requests/{desk.id}").text
    versions = desk.as_(Role.OFFICE, None).get("/policies/bjtu").json["versions"]

    assert (422, 422, 303) == (nothing.status_code, wrong.status_code, saved.status_code)
    assert "010-51680001" in nothing.text
    said = (
        "tel:010-51680000",
        "tel:010-51680001",
        "mailto:ill@bjtu.example",
        "三层",
        "2026年3月16日",
        "盘点",
    )
    assert [] == [each for each in said if each not in page]
    assert "搬家" == versions[0]["reason"]


def test_a_desk_says_nothing_of_another_library(clerk: FlaskClient, desk: AtTheDesk) -> None:
    page = clerk.get("/desk/library").text
    shown = desk.as_(Role.STAFF).get("/libraries/bjtu").json

    assert shown["name"] in page
    assert 403 == desk.as_(Role.PATRON).post("/libraries/bjtu/dry-run", json={}).status_code


def test_a_desk_says_what_it_and_its_library_are_called_and_the_office_reads_who_did(
    clerk: FlaskClient, desk: AtTheDesk
) -> None:
    form = hidden(clerk.get("/desk/library/names").text)
    said = {"name": "BJTU Library", "name_zh": "交大图书馆", "desk_zh": "主馆三层办证处"}
    empty = clerk.post("/desk/library/names", data={**form, **FORM, **said})
    saved = clerk.post("/desk/library/names", data={**form, **FORM, **said, "reason": "搬家"})
    late = clerk.post("/desk/library/names", data={**form, **FORM, **said, "name": "X", "reason": "搬家"})
    shown = desk.as_(Role.STAFF).get("/libraries/bjtu").json

    assert (422, 303, 409) == (empty.status_code, saved.status_code, late.status_code)
    assert ("交大图书馆", "主馆三层办证处") == (shown["name"], shown["desk"])
    assert "交大图书馆" in clerk.get("/desk/library").text
    with desk.store.reading() as conn:
        (change,) = library_changes.of(conn, LibraryCode("bjtu"))
    assert ("搬家", "stf_atbjtu") == (change.reason, change.author)
    assert "BJTU Library" == change.changed["name"][1]


def test_the_api_renames_a_library_for_its_desk_and_the_office_alone(desk: AtTheDesk) -> None:
    office, staff = desk.as_(Role.OFFICE, None), desk.as_(Role.STAFF)
    other = desk.as_(Role.STAFF, "pku")
    before = staff.get("/libraries/bjtu/names")
    names = {"name": {"zh": "交大图书馆", "en": "BJTU Library"}, "desk": None, "reason": "改名"}
    meant = {"If-Match": before.headers["ETag"]}
    changed = office.put("/libraries/bjtu/names", json=names, headers=meant)
    late = staff.put("/libraries/bjtu/names", json=names, headers=meant)
    elsewhere = [other.get("/libraries/bjtu/names"), other.put("/libraries/bjtu/names", json=names)]

    assert (200, 412) == (changed.status_code, late.status_code)
    assert {"name": names["name"], "desk": None} == changed.json == staff.get("/libraries/bjtu/names").json
    assert [403, 403] == [each.status_code for each in elsewhere]
