"""The desk's page: a scan is answered by one line; without a script the page comes back with it on top."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ill_broker.storage import people
from ill_broker.storage.people import Staff
from tests.ill_broker.api.at_desk import AtDesk
from tests.ill_broker.api.client import HOME, NOW, logged_in
from tests.ill_broker.api.reading import FORM
from tests.ill_broker.api.test_scans import app, desk, services, settings, shipped, store
from workflows.actors import Actor, Role
from workflows.ids import StaffId

__all__ = ["app", "desk", "services", "settings", "store"]


class Clerk:
    """Somebody at the desk's page."""

    def __init__(self, browser: FlaskClient, desk: AtDesk) -> None:
        self.browser, self.desk, self.keys = browser, desk, 0

    def send(self, path: str = "/desk/scans", **fields: Any) -> TestResponse:
        """Send a form some minutes later, under a new key if none is told."""
        self.desk.clock.move(timedelta(minutes=3))
        self.keys += 1
        return self.browser.post(path, data={**FORM, "key": f"key-{self.keys}", **fields})

    def scan(self, code: str, **fields: str) -> str:
        """Return the line that a scan is answered with."""
        answer = self.send(code=code, line="1", **fields)

        assert 200 == answer.status_code, answer.text
        return answer.text


@pytest.fixture
def clerk(app: Flask, services: list[object], desk: AtDesk) -> Clerk:
    member = Staff(id=StaffId("stf_00000001"), library=HOME, login="desk@bjtu", name="王老师")
    with desk.store.writing() as conn:
        people.add_staff(conn, member)
    browser = app.test_client()
    opened = logged_in(services, Actor(Role.STAFF, member.id, HOME), NOW)
    with browser.session_transaction() as kept:
        kept["session"], kept["form"] = opened.token, FORM["form_token"]
    return Clerk(browser, desk)


def words(line: str) -> list[str]:
    return re.findall(r'data-word="(\w+)"', line)


def test_a_scan_is_answered_by_a_line_and_moves_the_book_once(clerk: Clerk) -> None:
    request = shipped(clerk.desk)
    first = clerk.scan("B-1", key="same")
    again = clerk.scan("B-1", key="same")
    other = clerk.send(code="B-2", line="1", key="same")

    assert ["done"] == words(first) == words(again)
    assert [] == [
        each for each in ("完成", "已登记到馆", "红楼梦", clerk.desk.patron.name) if each not in first
    ]
    assert (409, ["no"]) == (other.status_code, words(other.text))
    assert 1 == clerk.browser.get("/desk").text.count(f'data-id="{request}"')


def test_without_a_script_the_page_comes_back_with_the_line_on_top(clerk: Clerk) -> None:
    shipped(clerk.desk)
    card = clerk.desk.patron.card_number
    clerk.send(code="B-1")
    standing = clerk.send(code=card).location
    page = clerk.browser.get(standing).text
    lent = clerk.browser.get(clerk.send(code="B-1", reader=clerk.desk.patron.id).location).text
    empty = clerk.send(code="")

    assert f"reader={clerk.desk.patron.id}" in standing
    assert clerk.desk.patron.name in page.partition('id="standing"')[2].partition("</p>")[0]
    assert ["done", "look", "done"] == words(lent)[:3]
    assert (422, True) == (empty.status_code, 'id="e-code"' in empty.text)
    assert 1 == empty.text.count('class="primary"')


def test_what_a_scan_did_is_undone_as_long_as_nothing_was_done_since(clerk: Clerk) -> None:
    request = shipped(clerk.desk)
    line = clerk.scan("B-1")
    (version,) = re.findall(r'name="version" value="(\d+)"', line)
    told = {"path": "/desk/undo", "id": request, "version": version, "line": "1"}
    undone, twice = clerk.send(**told), clerk.send(**told)

    assert ["done", "no"] == [*words(undone.text), *words(twice.text)]
    assert "in_transit" == clerk.desk.staff().get(f"/requests/{request}").json["status"]
    assert 0 == clerk.browser.get("/desk").text.count('name="version"')


def test_a_line_leads_to_what_it_speaks_of(clerk: Clerk) -> None:
    request = shipped(clerk.desk)
    card = {"barcode": "C1", "library": "pku", "desk": "bjtu"}
    clerk.desk.staff().post("/loan-cards", json=card)
    lines = [clerk.scan(code) for code in ("B-1", clerk.desk.patron.card_number, "C1")]
    links = [re.findall(r'<p class="title"><a href="([^"]+)"', line) for line in lines]

    assert [[f"/desk/requests/{request}"], [f"/desk/readers/{clerk.desk.patron.id}"]] == links[:2]
    assert [True] == [link.startswith("/desk/cards/card_") for link in links[2]]
    assert f"/desk/requests/{request}/paper/hold-slip?print=1" in lines[0]


def test_what_somebody_has_moved_since_is_not_undone(clerk: Clerk) -> None:
    request = shipped(clerk.desk)
    (version,) = re.findall(r'name="version" value="(\d+)"', clerk.scan("B-1"))
    clerk.desk.step(request, "notification", result="reached")
    told = clerk.send("/desk/undo", id=request, version=version, line="1").text

    assert (["no"], 1) == (words(told), told.count('class="why"'))
    assert "notified" == clerk.desk.staff().get(f"/requests/{request}").json["status"]


def test_of_two_meanings_one_is_chosen(clerk: Clerk) -> None:
    both = {shipped(clerk.desk, "B-1", 1), shipped(clerk.desk, "B-1", 2)}
    line = clerk.scan("B-1")
    choices = re.findall(r'name="choice" value="([^"]+)"', line)
    done = clerk.scan("B-1", choice=choices[1])

    assert (["look"], {f"{one}:arrival" for one in both}) == (words(line), {*choices})
    assert f'data-id="{choices[1].partition(":")[0]}"' in done


def test_a_crate_keeps_its_step_and_takes_no_reader(clerk: Clerk) -> None:
    shipped(clerk.desk)
    shown = clerk.scan("B-1", action="return", reader=clerk.desk.patron.id)
    back = clerk.send(code="B-1", action="arrival").location

    assert (["look"], True) == (words(shown), "action=arrival" in back)
    assert re.search(r'value="arrival" checked', clerk.browser.get(back).text)


def test_a_refusal_says_its_own_sentence_in_the_language_of_who_reads(clerk: Clerk) -> None:
    told = clerk.scan("nothing")
    english = clerk.browser.get("/desk", headers={"Accept-Language": "en"}).text

    assert (["no"], True) == (words(told), "本馆没有这个号码" in told)
    assert "Nothing of this library has this number" in english


def test_who_is_logged_out_is_sent_to_log_in_and_a_strangers_form_is_refused(
    clerk: Clerk, app: Flask
) -> None:
    stranger = app.test_client()
    with stranger.session_transaction() as kept:
        kept["form"] = FORM["form_token"]
    known = stranger.post("/desk/scans", data={**FORM, "key": "1", "code": "B-1", "line": "1"})
    strange = clerk.send(code="B-1", line="1", form_token="of another session")

    assert (401, 400) == (known.status_code, strange.status_code)
