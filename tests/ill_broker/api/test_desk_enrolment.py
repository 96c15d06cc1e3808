"""Registering a reader at the desk: at once, once, and with a letter by which the password is theirs."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from ill_broker.storage.rows import outbox
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Api
from tests.ill_broker.api.desk import AtTheDesk
from tests.ill_broker.api.reader_desk import app, clerk, desk, services
from tests.ill_broker.api.reading import FORM
from workflows.actors import Role

__all__ = ["app", "clerk", "desk", "services"]
NEW = {"card_number": "2026099", "name": "王芳", "mobile": "13812345670", "email": "wangfang@example.org"}


def test_who_is_registered_at_the_desk_can_be_asked_for_at_once(
    clerk: FlaskClient, desk: AtTheDesk, store: Store
) -> None:
    made = clerk.post("/desk/readers/new", data={**FORM, **NEW, "language": "zh"})
    page = clerk.get(made.location).text
    (letter,) = _letters(store)

    assert (303, True, True) == (made.status_code, "王芳" in page, "+8613812345670" in page)
    assert ("邮箱未验证" in page, "/searches" in page) == (False, True)
    assert re.search(r"在服务台登记，经办： <span class=\"told\">王老师", page)
    assert "自行注册" in clerk.get(f"/desk/readers/{desk.who.id}").text
    assert ("wangfang@example.org", "您已登记馆际互借") == (letter["to"], letter["subject"])
    assert "2026099" in letter["text"]


def test_the_letter_sets_the_password_that_logs_in(api: Api, desk: AtTheDesk, store: Store) -> None:
    told = desk.as_(Role.STAFF).post("/desk/patrons", json=NEW).json
    path = f"/desk/patrons/{told['id']}/registration"
    known, elsewhere = desk.as_(Role.STAFF).get(path), desk.as_(Role.STAFF, "pku").get(path)
    token = _letters(store)[0]["text"].split("#")[1].split()[0]
    login = {"login": NEW["email"], "password": "a river in spring 7"}
    before = api.post("/sessions", json=login)
    api.post("/password-resets/confirmation", json={"token": token, "password": login["password"]})

    assert ("王老师", 404) == (known.json["by_name"], elsewhere.status_code)
    assert ("bjtu", "王芳", True) == (told["home"], told["name"], told["verified_at"] is not None)
    assert (401, 201) == (before.status_code, api.post("/sessions", json=login).status_code)


def test_a_card_or_an_address_is_registered_once_and_by_desks_alone(
    clerk: FlaskClient, desk: AtTheDesk
) -> None:
    staff = desk.as_(Role.STAFF)
    made = [
        staff.post("/desk/patrons", json=NEW | other).status_code
        for other in ({}, {"email": "other@example.org"}, {"card_number": "7"})
    ]
    page = clerk.post("/desk/readers/new", data={**FORM, **NEW, "language": "zh"})
    faulty = clerk.post("/desk/readers/new", data={**FORM, **NEW, "mobile": "12", "language": "zh"})

    assert ([201, 409, 409], 403) == (made, desk.as_(Role.PATRON).post("/desk/patrons", json=NEW).status_code)
    assert (409, "该邮箱或证件已注册" in page.text) == (page.status_code, True)
    assert (422, 'id="e-mobile"' in faulty.text) == (faulty.status_code, True)


def _letters(store: Store) -> list[dict[str, Any]]:
    with store.reading() as conn:
        return [dict(body) for body in conn.execute(select(outbox.c.body)).scalars()]
