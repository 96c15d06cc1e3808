"""Who did what: written down by doing it, and seen by the office and by whose library it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.services.members.membership import Membership
from ill_broker.services.passwords import Passwords
from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.factories import the_book
from tests.ill_broker.api.at_desk import with_accounts
from tests.ill_broker.api.client import Api, Hand
from tests.ill_broker.api.lending import Callers, lending_services, serving
from tests.ill_broker.api.reading import reading, working
from workflows.patrons import Patron

SECOND = timedelta(seconds=1)


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Any:
    services, close = lending_services(store, settings, clock)
    yield [*with_accounts(services, store), Membership(store, Passwords(cheap=True), the_book())]
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def callers(api: Api, services: list[object], store: Store) -> Callers:
    return Callers(api, services, store)


def told(api: Api, **wanted: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get("/audit", query_string=wanted).json["items"]
    return [each for each in items if wanted.get("action") or each["action"] != "logged_in"]


def did(api: Api, **wanted: Any) -> list[tuple[str, str | None, str | None]]:
    return [(each["action"], each["actor_library"], each["library"]) for each in told(api, **wanted)]


def test_who_looks_for_a_reader_and_at_one_is_written_down_once(
    callers: Callers, patron: Patron, clock: Hand
) -> None:
    desk, office = callers.staff("bjtu"), callers.staff(None)
    desk.get("/desk/patrons", query_string={"query": patron.card_number})
    clock.move(SECOND)
    for _ in range(3):
        desk.get(f"/accounts/{patron.id}")

    seen, sought = told(office)
    assert ["reader_seen", "readers_sought"] == [seen["action"], sought["action"]]
    assert [patron.id, {"found": 1}] == [sought["subject"], sought["facts"]]
    assert ["staff", "Somebody", "bjtu", patron.id] == [
        seen[name] for name in ("actor_kind", "actor_name", "library", "subject")
    ]
    assert seen["request_id"]

    clock.move(timedelta(minutes=11))
    desk.get(f"/accounts/{patron.id}")
    assert ["reader_seen"] * 2 == [each["action"] for each in told(office, action="reader_seen")]


def test_readers_who_look_at_themselves_and_what_is_refused_leave_nothing(
    callers: Callers, patron: Patron
) -> None:
    callers.patron(patron).get(f"/accounts/{patron.id}")
    callers.staff("pku").get(f"/accounts/{patron.id}")

    assert [] == told(callers.staff(None))


def test_a_library_sees_its_own_and_the_office_all(callers: Callers, patron: Patron, clock: Hand) -> None:
    office = callers.staff(None)
    office.post("/api-keys", json={"library": "pku", "label": "Koha"})
    clock.move(SECOND)
    callers.staff("bjtu").get(f"/accounts/{patron.id}")

    assert [("reader_seen", "bjtu", "bjtu"), ("key_issued", None, "pku")] == did(office)
    assert [("key_issued", None, "pku")] == did(office, library="pku")
    assert [("key_issued", None, "pku")] == did(callers.staff("pku"), library="bjtu")
    assert [("reader_seen", "bjtu", "bjtu")] == did(callers.staff("bjtu"))


def test_log_ins_are_written_down_and_a_wrong_password_with_whose_it_was(
    callers: Callers, patron: Patron, clock: Hand
) -> None:
    office = callers.staff(None)
    wrong = {"login": patron.email, "password": "not this one, surely"}
    callers.anybody.post("/sessions", json=wrong)
    clock.move(SECOND)
    callers.anybody.post("/sessions", json=wrong | {"login": "nobody@nowhere.example"})

    unknown, known = told(office, action="log_in_failed")
    assert [None, None, "stranger"] == [unknown[each] for each in ("subject", "actor", "actor_kind")]
    assert [patron.id, None] == [known["subject"], known["actor"]]
    assert "office" == told(office, action="logged_in")[0]["actor_kind"]


def test_a_right_that_is_taken_away_and_given_back_says_who_did(callers: Callers, patron: Patron) -> None:
    desk = callers.staff("bjtu")
    desk.post(f"/patrons/{patron.id}/card", json={"lends": False, "reason": "x"})

    noted = [each for each in told(callers.staff(None)) if each["action"] == "card_noted"]
    assert [patron.id] == [each["subject"] for each in noted]
    assert ["entry"] == list(noted[0]["facts"])


def test_a_key_is_issued_and_revoked_by_somebody(callers: Callers, clock: Hand) -> None:
    office = callers.staff(None)
    key = office.post("/api-keys", json={"library": "pku", "label": "Koha"}).json
    clock.move(SECOND)
    office.delete(f"/api-keys/{key['id']}")

    assert ["key_revoked", "key_issued"] == [each["action"] for each in told(office, subject=key["id"])]


def test_a_repeated_or_refused_change_is_not_written_down(callers: Callers) -> None:
    office = callers.staff(None)
    office.post("/staff", json={"library": "pku", "login": "li", "name": "李"})
    office.post("/staff", json={"library": "pku", "login": "li", "name": "李"})

    assert ["staff_admitted"] == [each["action"] for each in told(office)]


def test_the_page_says_each_entry_in_one_line_and_leads_to_the_reader(
    app: Flask, services: list[object], store: Store, patron: Patron
) -> None:
    desk: FlaskClient = working(app, services, store, "bjtu")
    desk.get(f"/desk/readers/{patron.id}/account")
    page = desk.get("/audit?action=reader_seen").text

    assert "查看了读者" in page
    assert f'href="/desk/readers/{patron.id}"' in page
    assert "没有记录" in desk.get("/audit?action=key_issued").text
    assert 422 == desk.get("/audit?since=yesterday").status_code
    assert 422 == desk.get("/audit?action=nothing").status_code


def test_readers_find_who_looked_at_them_in_their_data(
    app: Flask, services: list[object], callers: Callers, patron: Patron
) -> None:
    callers.staff("bjtu").get(f"/accounts/{patron.id}")
    mine: Any = reading(app, services, patron).get("/me/data.json").json

    assert [("bjtu", "reader_seen")] == [(each["library"], each["action"]) for each in mine["looked_at_by"]]
