"""The lists of a desk and a request as pages: rows with what to do, a call in one press, every step."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.pages.desk.step_forms import FORMS, GUIDED
from ill_broker.storage import inbox, people
from ill_broker.storage.inbox import Message, MessageState
from ill_broker.storage.people import Staff
from tests.ill_broker.api.at_desk import AtDesk
from tests.ill_broker.api.client import HOME, NOW, logged_in
from tests.ill_broker.api.reading import FORM
from tests.ill_broker.api.test_desk_lists import app, desk, give_everything_up, services
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode, MessageId, RequestId, StaffId
from workflows.requests.lifecycle import TABLE as MAY_FOLLOW
from workflows.requests.permissions import TABLE, Relation

__all__ = ["app", "desk", "services"]
DAY = timedelta(days=1)


def clerk_of(app: Flask, services: list[object], desk: AtDesk, library: str = HOME) -> FlaskClient:
    """Return a browser in which somebody of a library's desk has logged in."""
    code = LibraryCode(library)
    member = Staff(id=StaffId(f"stf_page{library}"), library=code, login=f"d@{library}", name="王老师")
    with desk.store.writing() as conn:
        people.add_staff(conn, member)
    browser = app.test_client()
    opened = logged_in(services, Actor(Role.STAFF, member.id, code), NOW)
    with browser.session_transaction() as kept:
        kept["session"], kept["form"] = opened.token, FORM["form_token"]
    return browser


@pytest.fixture
def clerk(app: Flask, services: list[object], desk: AtDesk) -> FlaskClient:
    return clerk_of(app, services, desk)


def arrived(desk: AtDesk, number: int = 1, **citation: Any) -> str:
    made = str(desk.wish("szutl", number=number, **citation).json["id"])
    desk.step(made, "arrival")
    return made


def test_a_list_shows_whom_to_call_and_leads_on(clerk: FlaskClient, desk: AtDesk) -> None:
    for number, title in enumerate(("红楼梦", "西游记")):
        arrived(desk, number, title=title)
    page = clerk.get("/desk/lists/to-call").text
    narrowed = clerk.get("/desk/lists/to-call?title=西游&until=2026-03-02").text

    assert 0 < page.index("红楼梦") < page.index("西游记")
    assert 'href="tel:+8613812345678"' in page
    assert 2 == page.count('class="call"') == page.count('data-key="r"')
    assert 1 == narrowed.count('class="call"')
    assert "没有符合的" in clerk.get("/desk/lists/to-call?reader=nobody").text
    assert 422 == clerk.get("/desk/lists/to-call?since=x").status_code
    assert "没有在途的书" in clerk.get("/desk/lists/to-arrive").text


def test_a_call_goes_back_to_its_list_and_can_be_undone(clerk: FlaskClient, desk: AtDesk) -> None:
    request = arrived(desk)
    address, here = (
        f"/desk/requests/{request}/notification",
        "/desk/lists/to-call?lender=szutl&done=req_00000000",
    )
    answer = clerk.post(address, data={**FORM, "here": here, "result": "reached"})

    assert (303, f"/desk/lists/to-call?lender=szutl&done={request}") == (answer.status_code, answer.location)
    page = clerk.get(answer.location).text
    assert ("在预约架上" in page, f"/desk/requests/{request}/undo" in page) == (True, True)
    assert f"/desk/requests/{request}/handover" in clerk.get("/desk/lists/on-shelf").text
    clerk.post(f"/desk/requests/{request}/undo", data=FORM)
    assert 1 == clerk.get("/desk/lists/to-call").text.count('class="call"')


def test_what_was_seen_to_leaves_its_list(clerk: FlaskClient, desk: AtDesk) -> None:
    request = arrived(desk)
    clerk.post(f"/desk/requests/{request}/damage", data={**FORM, "note": "水渍"})
    page = clerk.get("/desk/lists/to-look-at").text
    shown = clerk.get(f"/desk/requests/{request}").text
    brought = re.findall(r'<input type="hidden" name="what" value="(\w+)">', page)
    sent = {**FORM, "here": "/desk/lists/to-look-at", "what": brought}
    answer = clerk.post(f"/desk/requests/{request}/attention", data=sent)
    over = clerk.get("/desk/lists/to-look-at").text

    assert ["damaged"] == brought
    assert '<input type="checkbox" name="what" value="damaged">' in shown
    assert (303, True, False) == (answer.status_code, "图书有损坏" in page, "图书有损坏" in over)
    assert "已处理" in clerk.get(f"/desk/requests/{request}").text


def test_a_call_that_is_clicked_twice_is_counted_once(clerk: FlaskClient, desk: AtDesk) -> None:
    request = arrived(desk)
    here, address = "/desk/lists/to-call", f"/desk/requests/{request}/notification"
    form = {**FORM, "here": here, "key": _key(clerk.get(here).text), "result": "no_answer"}
    first, second = (clerk.post(address, data=form) for _ in range(2))
    alone = clerk.post(address, data=form, headers={"HX-Request": "true"}).text
    other = clerk.post(address, data={**form, "result": "reached"}).status_code
    on_its_page = {**form, "key": _key(clerk.get(f"/desk/requests/{request}").text)}
    for _ in range(2):
        clerk.post(address, data=on_its_page)
    timeline = desk.staff().get(f"/requests/{request}/timeline").json["items"]

    assert (303, 303) == (first.status_code, second.status_code)
    assert first.location == second.location == f"{here}?done={request}"
    assert ("已联系 1 次" in alone, 409) == (True, other)
    assert ["no_answer"] * 2 == [one["facts"]["result"] for one in timeline if one["event"] == "Called"]


def _key(page: str) -> str:
    """Return the key of the first form that has one."""
    return str(re.findall(r'name="key" value="([^"]+)"', page)[0])


def test_a_row_is_answered_alone_where_the_page_asked_for_it(clerk: FlaskClient, desk: AtDesk) -> None:
    request = arrived(desk)
    address = f"/desk/requests/{request}/notification"
    sent: dict[str, Any] = {"headers": {"HX-Request": "true"}}
    first = clerk.post(address, data={**FORM, "result": "no_answer"}, **sent).text
    clerk.post(f"/desk/requests/{request}/handover", data=FORM)
    clerk.post(f"/desk/requests/{request}/return", data=FORM)
    refused = clerk.post(address, data={**FORM, "result": "reached"}, **sent).text

    assert first.lstrip().startswith('<li class="row-of-list taken"')
    assert "已联系 1 次" in first
    assert (True, True) == ("not-taken" in refused, 'role="alert"' in refused)


def test_a_request_shows_its_next_step_and_all_that_has_happened(clerk: FlaskClient, desk: AtDesk) -> None:
    request = desk.lent("szutl")
    page = clerk.get(f"/desk/requests/{request}").text

    assert 1 == page.count('class="primary"')
    assert 7 == len(re.findall(r'<li( class="reached")?><svg', page))
    assert page.index("<p>借给读者") < page.index("<p>读者已知晓") < page.index("<p>提交申请")
    assert f'action="/desk/requests/{request}/return"' in page
    faulty = clerk.post(f"/desk/requests/{request}/damage", data=FORM)
    assert (422, True) == (faulty.status_code, 'id="e-damage-note"' in faulty.text)
    refused = clerk.post(f"/desk/requests/{request}/arrival", data=FORM)
    assert (409, True) == (refused.status_code, 'role="alert"' in refused.text)
    assert 404 == clerk.post(f"/desk/requests/{request}/nothing", data=FORM).status_code


def test_every_step_that_a_desk_may_take_has_its_form(clerk: FlaskClient, desk: AtDesk) -> None:
    steps = {step for after in MAY_FOLLOW.values() for step in after} & TABLE[Relation.DESK]
    request = desk.lent("szutl")
    told = desk.staff().get(f"/requests/{request}").json["actions"]
    page = clerk.get(f"/desk/requests/{request}").text

    assert steps == {*FORMS, *GUIDED}
    assert [] == [step for step in told if f'/{request}/{step.replace("_", "-")}"' not in page]


def test_a_form_wants_what_the_api_wants(clerk: FlaskClient, desk: AtDesk) -> None:
    request = str(desk.wish("szutl").json["id"])
    desk.step(request, "arrival", pieces=["cd"])
    desk.step(request, "notification", result="reached")
    desk.step(request, "handover")
    nothing = clerk.post(f"/desk/requests/{request}/pieces", data=FORM)

    assert 422 == desk.staff().post(f"/requests/{request}/pieces", json={}).status_code
    assert (422, True) == (nothing.status_code, 'id="e-pieces-returned"' in nothing.text)


def test_somebody_is_named_to_fetch_it(clerk: FlaskClient, desk: AtDesk) -> None:
    request = arrived(desk)
    answer = clerk.post(f"/desk/requests/{request}/agent", data={**FORM, "agent": "王敏"})

    assert 303 == answer.status_code
    clerk.post(f"/desk/requests/{request}/handover", data={**FORM, "agent": "王敏"})
    assert "on_loan" == desk.staff().get(f"/requests/{request}").json["status"]


def test_a_lenders_desk_does_not_see_whose_wish_it_is(
    app: Flask, services: list[object], desk: AtDesk
) -> None:
    request = arrived(desk)
    lender = clerk_of(app, services, desk, "szutl")

    assert 404 == lender.get(f"/desk/requests/{request}").status_code
    assert 404 == lender.post(f"/desk/requests/{request}/handover", data=FORM).status_code
    assert 'class="call"' not in lender.get("/desk/lists/to-call").text


def test_what_went_astray_is_shown_and_tried_again(
    app: Flask, services: list[object], clerk: FlaskClient, desk: AtDesk
) -> None:
    request = str(desk.wish("szutl").json["id"])
    give_everything_up(desk)
    said = Message(
        library=LibraryCode("szutl"),
        message_id=MessageId("m1"),
        body="{}",
        received_at=NOW,
        state=MessageState.REFUSED,
        request_id=RequestId(request),
        status="Recalled",
        reason="not on its way",
    )
    with desk.store.writing() as conn:
        inbox.put(conn, said)
    page = clerk.get("/desk/astray").text
    letter = str(re.search(r'name="id" value="([^"]+)"', page)[1])  # type: ignore[index]
    sent = [
        clerk.post("/desk/astray/message", data={**FORM, "library": "szutl", "message_id": "m1"}),
        clerk.post("/desk/astray/letter", data={**FORM, "id": letter}),
    ]
    after = clerk.get(sent[1].location).text

    assert [] == [
        words for words in ("not on its way", "unreachable: szutl", "Recalled") if words not in page
    ]
    assert ([303, 303], "正在重试") == (
        [answer.status_code for answer in sent],
        after[after.index("正在重试") :][:4],
    )
    assert "都已送达" in after
    stranger = clerk_of(app, services, desk, "pku")
    assert 404 == stranger.post("/desk/astray/letter", data={**FORM, "id": letter}).status_code
