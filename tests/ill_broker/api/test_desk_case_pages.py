"""A loss, a damage or a theft at the desk as pages: first the range, then the exact amount."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.pages.desk.step_forms import FORMS
from tests.ill_broker.api.desk import AtTheDesk, on
from tests.ill_broker.api.reader_desk import LATE, LENT, app, desk, services
from tests.ill_broker.api.reading import FORM, working
from tests.ill_broker.api.test_damage_rules import charges

__all__ = ["app", "desk", "services"]
LOST = {**FORM, "kind": "loss", "channel": "telephone", "note": "地铁上"}


@pytest.fixture
def clerk(app: Flask, services: list[object], desk: AtTheDesk) -> FlaskClient:
    return working(app, services, desk.store, now=on(LATE))


def lent(desk: AtTheDesk, lender: str) -> str:
    """Let the reader have a book of the lender, and return where the desk sees it."""
    desk.on(LENT).lent(lender).on(LATE)
    return f"/desk/requests/{desk.id}"


def hidden(page: str) -> dict[str, str]:
    """Return what a page would send on: the fields of its form that nobody sees."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


def opened(clerk: FlaskClient, book: str, **facts: str) -> str:
    """Go through the pages until a case is open, and return where it is."""
    shown = clerk.post(f"{book}/case/terms", data={**LOST, **facts})
    told = clerk.post(f"{book}/case", data=hidden(shown.text))

    assert (200, 303) == (shown.status_code, told.status_code), shown.text
    return f"{book}/cases/1"


def test_a_reader_with_one_loan_is_led_from_their_page_to_the_range_and_nothing_is_charged(
    clerk: FlaskClient, desk: AtTheDesk
) -> None:
    book, reader = lent(desk, "fjmu"), f"/desk/readers/{desk.who.id}"
    chosen = clerk.get(f"{reader}/cases/new")
    asked = clerk.get(chosen.location).text
    silent = clerk.post(f"{book}/case/terms", data=FORM)
    shown = clerk.post(f"{book}/case/terms", data=LOST).text

    assert f'href="{reader}/cases/new"' in clerk.get(reader).text
    assert (303, f"{book}/case") == (chosen.status_code, chosen.location)
    assert (10, 0) == (asked.count('type="radio"'), asked.count(" checked"))
    assert (422, True, True) == (
        silent.status_code,
        'id="e-kind"' in silent.text,
        'id="e-channel"' in silent.text,
    )
    told = ("书价的 10 至 20 倍", "可以赔一本新书：同一版本。", "逾期费算到报告那天为止", "地铁上", "立案")
    assert [] == [words for words in told if words not in shown]
    assert (1, []) == (shown.count('class="primary"'), desk.seen()["cases"])
    assert "compensation" not in charges(desk)


def test_of_several_books_one_is_chosen(clerk: FlaskClient, desk: AtTheDesk) -> None:
    book, first = lent(desk, "szutl"), desk.id
    desk.on(LENT).asked("jinan", title="围城", isbn="9787020024759")
    for step in ("arrival", "handover"):
        desk.step(step)
    new = f"/desk/readers/{desk.who.id}/cases/new"
    page = clerk.get(new).text

    assert (2, True) == (page.count('name="request"'), "围城" in page)
    assert book == clerk.get(f"{new}?request={first}").location.removesuffix("/case")
    assert 200 == clerk.get(f"{new}?request=req_00000000").status_code


def test_a_case_is_opened_once_however_often_it_is_sent(clerk: FlaskClient, desk: AtTheDesk) -> None:
    book = lent(desk, "szutl")
    sent = hidden(clerk.post(f"{book}/case/terms", data={**LOST, "kind": "stain"}).text)
    answers = [clerk.post(f"{book}/case", data=sent).status_code for _ in range(2)]
    other = clerk.post(f"{book}/case", data={**sent, "kind": "theft"})
    reader = clerk.get(f"/desk/readers/{desk.who.id}").text

    assert ([303, 303], 409, 1) == (answers, other.status_code, len(desk.seen()["cases"]))
    assert "这笔借阅刚刚有变" in other.text
    told = ("损坏：污损", "5.00 元 至 20.00 元", "由馆员在范围内选定金额", f"{book}/cases/1")
    assert [] == [words for words in told if words not in reader]


def test_the_exact_amount_is_shown_and_then_charged_once(clerk: FlaskClient, desk: AtTheDesk) -> None:
    case = opened(clerk, lent(desk, "fjmu"))
    facts = {**FORM, "number": "1", "resolution": "cash", "price": "30.00"}
    silent = clerk.post(f"{case}/amount", data={**FORM, "number": "1"})
    no_price = clerk.post(f"{case}/amount", data={**FORM, "number": "1", "resolution": "cash"})
    range_ = clerk.post(f"{case}/amount", data=facts)
    exact = clerk.post(f"{case}/amount", data={**facts, "factor": "12"})
    before = "compensation" in charges(desk)
    sent = hidden(exact.text)
    other = clerk.post(case, data={**sent, "price": "31.00"})
    answers = [clerk.post(case, data=sent).status_code for _ in range(2)]

    assert [422, 422, 422] == [one.status_code for one in (silent, no_price, range_)]
    assert ('id="e-resolution"' in silent.text, 'id="e-price"' in no_price.text) == (True, True)
    assert ('id="e-factor"' in range_.text, "300.00 元 至 600.00 元" in range_.text) == (True, True)
    assert ("应收 360.00 元" in exact.text, before, 1) == (True, False, exact.text.count('class="primary"'))
    assert (409, [303, 303]) == (other.status_code, answers)
    assert {"fine": "0.40", "compensation": "360.00"} == charges(desk)
    assert "已按丢失赔偿" in clerk.get(f"/desk/readers/{desk.who.id}").text


CASH, COPY = {"resolution": "cash"}, {"resolution": "replacement"}
BHU = {**CASH, "price": "10", "pages": "90"}
OWN = {**CASH, "override_amount": "9"}
#: what is entered, and what the page then says
COMES_TO: dict[str, list[tuple[dict[str, Any], str]]] = {
    "bhu loss": [
        (BHU, 'id="e-resolution"'),
        ({**BHU, "available": "false"}, "100.00"),
        ({**COPY, "edition": "latest"}, "不收费。"),
    ],
    "szutl loss": [
        ({**COPY, "volumes": "2"}, "20.00 元"),
        ({**CASH, "price": "10", "origin": "foreign"}, "50.00 元"),
        ({**CASH, "reference_price": "8"}, "按参考价计算"),
    ],
    "jinan theft": [
        (CASH, 'id="e-override_amount"'),
        (OWN, 'id="e-override_reason"'),
        ({**OWN, "override_reason": "x"}, "9.00 元"),
    ],
    "jinan stain": [(CASH, "金额由规则所指的机构决定")],
}


@pytest.mark.parametrize("which", COMES_TO)
def test_what_each_librarys_rules_come_to(clerk: FlaskClient, desk: AtTheDesk, which: str) -> None:
    lender, kind = which.split()
    case = opened(clerk, lent(desk, lender), kind=kind)
    pages = [
        (clerk.post(f"{case}/amount", data={**FORM, "number": "1", **facts}).text, told)
        for facts, told in COMES_TO[which]
    ]

    assert [] == [told for page, told in pages if told not in page]
    assert {1} == {page.count('class="primary"') for page, _ in pages}
    assert "compensation" not in charges(desk)


def test_what_was_lost_is_found_before_or_after(clerk: FlaskClient, desk: AtTheDesk) -> None:
    case, reader = opened(clerk, lent(desk, "szutl")), f"/desk/readers/{desk.who.id}"
    before = clerk.get(reader).text
    facts = {**FORM, "number": "1", "resolution": "cash", "price": "30.00"}
    clerk.post(case, data=hidden(clerk.post(f"{case}/amount", data=facts).text))
    again = clerk.get(case)
    found = clerk.post(f"/desk/requests/{desk.id}/found", data={**FORM, "here": reader})

    assert f'action="/desk/requests/{desk.id}/return"' in before
    assert (303, 303) == (again.status_code, found.status_code)
    assert "已按丢失赔偿" not in clerk.get(reader).text


def test_a_case_is_led_to_from_its_request_and_is_nobody_elses(
    app: Flask, services: list[object], clerk: FlaskClient, desk: AtTheDesk
) -> None:
    book = lent(desk, "szutl")
    before = clerk.get(book).text
    case = opened(clerk, book, kind="cut")
    page = clerk.get(book).text
    lender = working(app, services, desk.store, "szutl", on(LATE))

    assert (f'href="{book}/case"' in before, f'href="{case}"' in page) == (True, True)
    assert 1 == page.count('primary"')
    assert [404, 404] == [lender.get(address).status_code for address in (case, f"{book}/case")]
    assert 404 == clerk.post(case, data={**FORM, "number": "2", "resolution": "cash"}).status_code
    assert {"case", "case_settlement"}.isdisjoint(FORMS)
