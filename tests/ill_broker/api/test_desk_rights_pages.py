"""What a desk forbids and allows a reader, as pages: by its own rules, with a reason, and ended again."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.ill_broker.api.desk import AtTheDesk, on
from tests.ill_broker.api.reader_desk import LENT, app, clerk, desk, services
from tests.ill_broker.api.reading import FORM, working

__all__ = ["app", "clerk", "desk", "services"]


@pytest.fixture
def lender(app: Flask, services: list[object], desk: AtTheDesk) -> FlaskClient:
    desk.on(LENT).lent("szutl")
    return working(app, services, desk.store, "szutl", on(LENT))


def test_a_suspension_keeps_to_the_librarys_rules_and_is_lifted(
    lender: FlaskClient, desk: AtTheDesk, clerk: FlaskClient
) -> None:
    path = f"/desk/readers/{desk.who.id}/rights"
    asked = lender.get(f"{path}/suspension").text
    theft = {**FORM, "case": "theft", "reason": "被抓到"}
    long = lender.post(f"{path}/suspension", data={**theft, "months": "9"})
    done = lender.post(f"{path}/suspension", data={**theft, "months": "3"})
    seen = clerk.get(f"/desk/readers/{desk.who.id}").text
    lifting = next(one for one in lender.get(path).text.split('"') if one.endswith("/end"))
    lifted = [lender.post(lifting, data={**FORM, "reason": "查清了"}).status_code for _ in range(2)]

    assert ("盗窃（1 至 6 个月）" in asked, 'value="loss"' in asked) == (True, False)
    assert (409, 303, [303, 409]) == (long.status_code, done.status_code, lifted)
    assert ("2026年7月9日" in seen, "被抓到" in seen, lifting in clerk.get(path).text) == (True, True, False)
    assert ("已结束" in lender.get(path).text, "查清了" in lender.get(path).text) == (True, True)


def test_a_permission_and_a_category_are_recorded_and_shown(lender: FlaskClient, desk: AtTheDesk) -> None:
    path = f"/desk/readers/{desk.who.id}/rights"
    work = {**FORM, "title": "善本", "authority": "馆长", "reason": "研究"}
    made = [
        lender.post(f"{path}/permission", data=work).status_code,
        lender.post(
            f"{path}/category", data={**FORM, "category": "campus", "reason": "访问学者"}
        ).status_code,
        lender.post(f"{path}/category", data={**FORM, "category": "campus"}).status_code,
        lender.post(f"{path}/category", data={**FORM, "category": "king", "reason": "x"}).status_code,
    ]
    page = lender.get(path).text

    assert [303, 303, 422, 409] == made
    assert [] == [each for each in ("善本", "馆长", "研究", "Campus reader") if each not in page]


def test_the_readers_own_desk_decides_nothing_for_a_lender(
    lender: FlaskClient, clerk: FlaskClient, desk: AtTheDesk
) -> None:
    path = f"/desk/readers/{desk.who.id}/rights"
    lender.post(f"{path}/suspension", data={**FORM, "case": "theft", "months": "3", "reason": "x"})
    lifting = next(one for one in lender.get(path).text.split('"') if one.endswith("/end"))

    assert 409 == clerk.post(lifting, data={**FORM, "reason": "不"}).status_code
    assert 404 == clerk.get(f"{path}/sus_00000000/end").status_code
