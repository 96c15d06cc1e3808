"""A request as its reader follows it: the next date in words, and before each step what it would come to."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.ill_broker.api.desk import AtTheDesk, app, desk, on, services
from tests.ill_broker.api.reading import FORM, reading
from workflows.actors import Role
from workflows.patrons import Patron

__all__ = ["app", "desk", "services"]


@pytest.fixture
def reader(app: Flask, services: list[object], patron: Patron) -> FlaskClient:
    return reading(app, services, patron)


@pytest.fixture
def later(app: Flask, services: list[object], desk: AtTheDesk, patron: Patron) -> Callable[[str], str]:
    """Return how the reader, who logs in on a day, sees the request."""

    def see(day: str) -> str:
        desk.on(day)
        return at(desk, reading(app, services, patron, now=desk.clock.time))

    return see


def at(desk: AtTheDesk, reader: FlaskClient) -> str:
    """Return the page of the request at hand."""
    return reader.get(f"/requests/{desk.id}").text


def test_the_next_date_stands_on_the_page_and_in_the_list(
    desk: AtTheDesk, reader: FlaskClient, later: Callable[[str], str]
) -> None:
    desk.on("2026-03-02").asked("szutl")
    asked = at(desk, reader)
    desk.step("answer", library="szutl", status="WillSupply")
    accepted = at(desk, reader)
    desk.step("answer", library="szutl", status="Loaned")
    on_its_way, listed = at(desk, reader), reader.get("/requests").text
    late = later("2026-03-09")

    assert "请它在2026年3月5日周四前答复" in asked
    assert "应在2026年3月7日周六前寄出" in accepted
    assert ("预计3月3–6日到馆" in on_its_way, "预计3月3–6日到馆" in listed) == (True, True)
    assert "比预计的晚" in late


def test_a_renewal_says_before_what_it_comes_to(desk: AtTheDesk, reader: FlaskClient) -> None:
    desk.on("2026-03-02").lent("szutl")
    possible = at(desk, reader)
    terms = desk.as_(Role.PATRON).get(f"/requests/{desk.id}/renewal-terms").json
    renewed = reader.post(f"/requests/{desk.id}/renewal", data=FORM)
    again = at(desk, reader)

    assert 303 == renewed.status_code
    due = desk.seen()["due"]
    assert ({"due": due, "reasons": [], "reasons_told": []}) == terms
    assert f"现在续借，可以留到{on(due).year}年{on(due).month}月{on(due).day}日" in possible
    assert (1, 0) == (possible.count('class="primary"'), again.count('class="primary"'))
    assert "现在不能续借：" in again
    assert "limit_reached" in desk.as_(Role.PATRON).get(f"/requests/{desk.id}/renewal-terms").json["reasons"]


def test_what_a_late_book_costs_so_far_is_an_amount(desk: AtTheDesk, later: Callable[[str], str]) -> None:
    desk.on("2026-03-02").lent("szutl")
    late = later("2026-04-12")

    assert re.search(r'目前费用 <span class="amount ">\d\.\d0 元', late)
    assert '<li class="patron">' in late


def test_somebody_else_is_named_to_fetch_it_until_it_is_handed_over(
    desk: AtTheDesk, reader: FlaskClient
) -> None:
    agent = f"/requests/{desk.on('2026-03-02').asked('szutl').id}/agent"
    named = reader.post(agent, data={**FORM, "agent": "王敏"})
    page, told = at(desk, reader), desk.as_(Role.PATRON).get(agent).json
    reader.post(agent, data={**FORM, "agent": ""})
    desk.step("arrival")
    desk.step("handover")

    assert 303 == named.status_code
    assert ('value="王敏"' in page, {"agent": "王敏"}) == (True, told)
    assert {"agent": None} == desk.as_(Role.PATRON).get(agent).json
    assert 'name="agent"' not in at(desk, reader)
    assert 409 == reader.post(agent, data={**FORM, "agent": "王敏"}).status_code


def test_a_loss_is_reported_behind_what_it_means(desk: AtTheDesk, reader: FlaskClient) -> None:
    desk.on("2026-03-02").lent("szutl")
    before = at(desk, reader)
    lost = reader.post(f"/requests/{desk.id}/loss", data={**FORM, "note": "地铁上"})
    after = at(desk, reader)

    assert ("报失后逾期费不再增加" in before, 303) == (True, lost.status_code)
    assert f'action="/requests/{desk.id}/loss"' not in after
