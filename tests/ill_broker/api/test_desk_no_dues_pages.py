"""What stands open with a reader, at the desk as a page and through the API; then the paper."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from ill_broker.storage.rows import patrons
from tests.ill_broker.api.desk import AtTheDesk, on
from tests.ill_broker.api.reader_desk import LATE, LENT, app, desk, services
from tests.ill_broker.api.reading import FORM, working
from tests.ill_broker.api.test_desk_money_pages import PAYMENT
from workflows.actors import Role

__all__ = ["app", "desk", "services"]
CARD = {"barcode": "CARD-1", "library": "szutl", "desk": "bjtu"}


@pytest.fixture
def clerk(app: Flask, services: list[object], desk: AtTheDesk) -> FlaskClient:
    return working(app, services, desk.store, now=on(LATE))


def dues(desk: AtTheDesk, role: Role = Role.STAFF, library: str = "bjtu") -> Any:
    return desk.as_(role, library).get(f"/patrons/{desk.who.id}/no-dues").json


def test_each_thing_that_is_open_leads_to_where_it_is_ended(clerk: FlaskClient, desk: AtTheDesk) -> None:
    reader = f"/desk/readers/{desk.who.id}"
    desk.on(LENT).lent("szutl").on(LATE).step("return")
    returned = desk.id
    desk.on(LENT).asked("jinan", title="围城", isbn="9787020024759").step("arrival")
    desk.step("handover")
    lent = desk.id
    desk.step("case", case="loss")
    desk.on(LATE).asked("fjmu", title="家", isbn="9787020036554")
    desk.as_(Role.STAFF).post("/loan-cards", json=CARD)
    issue = {"barcode": "CARD-1", "card_number": desk.who.card_number}
    card = desk.as_(Role.STAFF).post("/loan-cards/issues", json=issue).json["id"]
    desk.as_(Role.PATRON).post("/typed-requests", json={"citation": {"title": "无人知晓"}})
    told = dues(desk)
    page = clerk.get(f"{reader}/no-dues").text

    assert [("fine", "szutl"), ("loan_card", "szutl"), ("loss", "jinan"), ("request", "fjmu")] == sorted(
        (one["kind"], one["library"]) for one in told["open"] if one["library"]
    )
    assert (False, None, "王老师") == (told["clear"], told["library"], told["by"])
    typed = next(one["typed_request"] for one in told["open"] if one["kind"] == "typed_request")
    ways = (
        f"{reader}/payment?lender=szutl", f"/desk/cards/{card}", f"/desk/requests/{lent}",
        f"/desk/requests/{desk.id}", f"/desk/typed/{typed}",
    )  # fmt: skip
    assert [] == [way for way in ways if f'href="{way}' not in page]
    assert ("还有 5 项未结" in page, returned in page, "兹证明" in page) == (True, False, False)
    assert told["open"] == dues(desk, Role.PATRON)["open"]
    assert (None, "szutl") == (dues(desk, Role.PATRON)["by"], dues(desk, library="szutl")["library"])


def test_when_nothing_is_open_there_is_a_paper_in_the_readers_language(
    app: Flask, services: list[object], clerk: FlaskClient, desk: AtTheDesk
) -> None:
    account = f"/desk/readers/{desk.who.id}"
    desk.on(LENT).lent("szutl").on(LATE).step("return")
    owing = clerk.get(f"{account}/no-dues").text
    clerk.post(f"{account}/payment", data={**PAYMENT, "amount": "0.60"})
    page = clerk.get(f"{account}/no-dues").text
    with desk.store.writing() as conn:
        conn.execute(update(patrons).values(language="en"))
    english = clerk.get(f"{account}/no-dues").text
    lender = working(app, services, desk.store, "szutl", on(LATE)).get(f"{account}/no-dues").text

    assert ("兹证明" in owing, f'href="{account}/no-dues"' in clerk.get(account).text) == (False, True)
    told = ("李梅", desk.who.card_number, "2026年5月13日 10:00", "王老师", "data-prints", "size-a4")
    assert [] == [words for words in told if words not in page]
    assert ("As of 13 May 2026, 10:00" in english, 'lang="en"' in english) == (True, True)
    assert ("只包括与" in lender, "李梅" in lender) == (True, False)
    assert 404 == clerk.get("/desk/readers/pat_00000000/no-dues", data=FORM).status_code
