"""A reader's money at the desk as pages: paid once with a receipt, let off, proposed, corrected."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.ill_broker.api.desk import AtTheDesk, on
from tests.ill_broker.api.reader_desk import LATE, LENT, app, desk, services
from tests.ill_broker.api.reading import FORM, working
from tests.ill_broker.api.test_paper_pages import STATIC
from tests.support.browsing import chromium
from workflows.actors import Role

__all__ = ["app", "chromium", "desk", "services"]
PAYMENT = {**FORM, "lender": "szutl", "currency": "CNY", "amount": "0.20", "method": "cash", "owed": "60"}


@pytest.fixture
def account(desk: AtTheDesk) -> str:
    """Let the reader bring a book three days late, and return where their account is."""
    desk.on(LENT).lent("szutl")
    desk.on(LATE).step("return")
    return f"/desk/readers/{desk.who.id}"


@pytest.fixture
def clerk(app: Flask, services: list[object], desk: AtTheDesk) -> FlaskClient:
    return working(app, services, desk.store, now=on(LATE))


def test_money_is_taken_once_however_often_the_form_is_sent(
    clerk: FlaskClient, desk: AtTheDesk, account: str
) -> None:
    asked = clerk.get(f"{account}/payment?lender=szutl&currency=CNY").text
    paid = clerk.post(f"{account}/payment", data=PAYMENT)
    again = clerk.post(f"{account}/payment", data=PAYMENT)
    receipt = clerk.get(paid.location).text

    assert ('value="0.60"' in asked, "cash" in asked, "selected" in asked) == (True, True, False)
    assert (303, 409, "0.40") == (paid.status_code, again.status_code, desk.owed)
    assert "刚刚有变" in again.text
    shown = ("李梅", "20261", "0.20 元", "现金", "2026年5月13日 10:00", "王老师", "0.40 元")
    assert [] == [each for each in shown if each not in receipt]
    assert paid.location in clerk.get(f"{account}/account").text


def test_a_receipt_has_the_size_of_the_desks_paper(clerk: FlaskClient, account: str) -> None:
    receipt = clerk.post(f"{account}/payment", data=PAYMENT).location
    pages = [clerk.get(f"{receipt}{size}").text for size in ("", "?size=80mm", "")]

    assert ["a6", "80mm", "80mm"] == [re.findall(r'class="paper size-(\w+)"', page)[0] for page in pages]
    assert {(1, 1)} == {(page.count("data-prints"), page.count("paper.js")) for page in pages}


@pytest.mark.ci
def test_a_receipt_fills_one_sheet_of_each_size(clerk: FlaskClient, account: str, chromium: Any) -> None:
    receipt = clerk.post(f"{account}/payment", data={**PAYMENT, "text": "感谢您及时付款。" * 20}).location
    printed = {}
    for size in ("a6", "a4", "80mm"):
        page = chromium.new_page()
        page.set_content(clerk.get(f"{receipt}?size={size}").text)
        for sheet in ("page.css", "paper.css"):
            page.add_style_tag(path=STATIC / sheet)
        pdf = page.pdf(format="A4", prefer_css_page_size=True)
        sides = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)", pdf)
        printed[size] = [[round(float(side) / 72 * 25.4) for side in both] for both in sides]
        page.close()

    # the sides of each sheet in millimetres
    assert {"a6": [[105, 148]], "a4": [[210, 297]], "80mm": [[80, 130]]} == printed


def test_what_is_no_payment_is_said_at_its_field(clerk: FlaskClient, account: str) -> None:
    silent = clerk.post(f"{account}/payment", data={**PAYMENT, "method": "", "amount": "no"})
    much = clerk.post(f"{account}/payment", data={**PAYMENT, "amount": "9.00"})
    elsewhere = clerk.get(f"{account}/payment?lender=pku&currency=CNY")

    assert (422, 409, 404) == (silent.status_code, much.status_code, elsewhere.status_code)
    assert ('id="e-method"' in silent.text, 'id="e-amount"' in much.text) == (True, True)


def test_more_than_a_little_is_proposed_to_the_lender(
    clerk: FlaskClient, desk: AtTheDesk, account: str
) -> None:
    waiver = _link(clerk, account, "waiver")
    refused = clerk.post(waiver, data={**FORM, "reason": "机器坏了"})
    proposed = clerk.post(waiver, data={**FORM, "reason": "机器坏了", "propose": "yes"})
    page = clerk.get(f"{account}/account").text

    assert (409, 303, "0.60") == (refused.status_code, proposed.status_code, desk.owed)
    assert re.search(r'class="primary" name="propose"', refused.text)
    assert "机器坏了</textarea>" in refused.text
    assert ("请借出馆减免" in page, "机器坏了" in page) == (True, True)


def test_the_lender_lets_off_what_it_has_charged_and_takes_its_charge_back(
    app: Flask, services: list[object], desk: AtTheDesk, account: str
) -> None:
    lender = working(app, services, desk.store, "szutl", on(LATE))
    let_off = lender.post(_link(lender, account, "waiver"), data={**FORM, "amount": "0.50", "reason": "雨"})
    owed = desk.owed
    reversal = _link(lender, account, "reversal", last=True)
    silent = lender.post(reversal, data=FORM)
    reversed_ = lender.post(reversal, data={**FORM, "reason": "算错了"})

    assert (303, "0.10", 422) == (let_off.status_code, owed, silent.status_code)
    assert (303, "0.00") == (reversed_.status_code, desk.owed)
    assert "李梅" not in lender.get(f"{account}/account").text


def test_a_payment_that_was_taken_twice_is_corrected_and_its_receipt_says_so(
    clerk: FlaskClient, desk: AtTheDesk, account: str
) -> None:
    paid = clerk.post(f"{account}/payment", data=PAYMENT)
    reversal = _link(clerk, account, "reversal")
    clerk.post(reversal, data={**FORM, "reason": "收了两次"})

    assert "0.60" == desk.owed
    assert "这笔收款已撤销" in clerk.get(paid.location).text
    assert reversal not in clerk.get(f"{account}/account").text


def test_another_librarys_desk_takes_nothing(
    app: Flask, services: list[object], desk: AtTheDesk, account: str
) -> None:
    lender = working(app, services, desk.store, "szutl", on(LATE))
    stranger = working(app, services, desk.store, "pku", on(LATE))

    assert "/payment" not in lender.get(f"{account}/account").text
    assert 409 == lender.post(f"{account}/payment", data=PAYMENT).status_code
    assert 404 == stranger.get(f"{account}/account").status_code


def test_the_till_holds_what_was_paid_that_day_less_what_was_given_back(
    clerk: FlaskClient, desk: AtTheDesk, account: str
) -> None:
    clerk.post(f"{account}/payment", data=PAYMENT)
    clerk.post(_link(clerk, account, "reversal"), data={**FORM, "reason": "收错了"})
    clerk.post(f"{account}/payment", data={**PAYMENT, "amount": "0.50", "method": "mobile"})
    till = desk.as_(Role.STAFF).get("/desk/till").json
    other = desk.as_(Role.STAFF, "szutl").get(f"/desk/till?day={LATE}").json
    page = clerk.get("/desk/till").text

    assert [("cash", "0.00", 0), ("mobile", "0.50", 1)] == [
        (each["method"], each["amount"]["amount"], each["payments"]) for each in till["sums"]
    ]
    assert ([], LATE) == (other["sums"], till["day"])
    assert [] == [each for each in ("2026年5月13日", "手机支付", "0.50 元", "王老师") if each not in page]
    assert "这一天没有收款" in clerk.get("/desk/till?day=2026-05-12").text


def _link(browser: FlaskClient, account: str, what: str, *, last: bool = False) -> str:
    found: list[str] = re.findall(rf'href="([^"]+/{what})"', browser.get(f"{account}/account").text)
    return found[-1 if last else 0]
