"""Logging in and out, and who may use what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ill_broker import mint
from ill_broker.services.passwords import Passwords
from ill_broker.storage import people, sessions
from ill_broker.storage.people import Staff
from ill_broker.storage.revocations import Revocation
from ill_broker.storage.sessions import ApiKey
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import HOME, NOW, Api, Hand, a_patron
from workflows.actors import Role
from workflows.ids import StaffId
from workflows.patrons import Patron

PASSWORD = "correct horse battery"


@pytest.fixture
def reader(store: Store) -> Patron:
    """A patron with a password."""
    patron = a_patron(store)
    with store.writing() as conn:
        people.set_password(conn, patron.id, Passwords(cheap=True).choose(PASSWORD, about=()))
    return patron


@pytest.mark.parametrize(
    "who",
    [
        {"login": "reader1@example.org"},
        {"login": "READER1@EXAMPLE.ORG"},
        {"login": "20261", "library": "bjtu"},
    ],
)
def test_a_patron_logs_in_by_address_or_card(api: Api, reader: Patron, who: dict[str, str]) -> None:
    opened = api.post("/sessions", json={**who, "password": PASSWORD})
    shown = api.get("/patrons/me", headers={"Authorization": f"Bearer {opened.json['token']}"})

    assert (201, "patron", "bjtu") == (opened.status_code, opened.json["role"], opened.json["library"])
    assert reader.id == shown.json["id"]


def test_staff_and_office_log_in_by_their_login(api: Api, store: Store) -> None:
    hashed = Passwords(cheap=True).choose(PASSWORD, about=())
    with store.writing() as conn:
        people.add_staff(
            conn, Staff(id=StaffId("stf_1"), library=HOME, login="li", name="Li", password_hash=hashed)
        )
        boss = Staff(id=StaffId("stf_2"), role=Role.OFFICE, login="boss", name="Zhao", password_hash=hashed)
        people.add_staff(conn, boss)
    answers = [
        api.post("/sessions", json={"login": login, "password": PASSWORD}).json for login in ("li", "boss")
    ]

    assert [("staff", "bjtu"), ("office", None)] == [(each["role"], each["library"]) for each in answers]


@pytest.mark.parametrize(
    "who",
    [
        {"login": "reader1@example.org", "password": "wrong"},
        {"login": "nobody@example.org", "password": PASSWORD},
        {"login": "20261", "library": "pku", "password": PASSWORD},
        {"login": "20261", "password": PASSWORD},
    ],
)
def test_whatever_is_wrong_with_a_login_the_answer_is_the_same(
    api: Api, reader: Patron, who: dict[str, str]
) -> None:
    response = api.post("/sessions", json=who)
    told = {name: value for name, value in response.json.items() if name != "request_id"}

    assert 401 == response.status_code
    assert "Bearer" in response.headers["WWW-Authenticate"]
    assert {
        "type": "urn:ill-broker:problem:wrong_login",
        "title": "用户名或密码不正确",
        "status": 401,
        "code": "wrong_login",
    } == told


def test_a_person_without_a_password_never_logs_in_by_password(api: Api, patron: Patron) -> None:
    for password in ("nobody has this password", "x"):
        assert 401 == api.post("/sessions", json={"login": patron.email, "password": password}).status_code


@pytest.mark.parametrize("login", ["reader1@example.org", "nobody@example.org"])
def test_wrong_passwords_slow_down_whether_anybody_is_there_or_not(
    api: Api, reader: Patron, clock: Hand, login: str
) -> None:
    waits, codes = [], set()
    for _ in range(14):
        response = api.post("/sessions", json={"login": login, "password": "x"})
        codes.add((response.status_code, response.json["code"]))
        waits.append(int(response.headers.get("Retry-After", 0)))
        clock.move(timedelta(seconds=waits[-1]))

    assert [0] * 5 + [1, 0, 2, 0, 4, 0, 8, 0, 16] == waits
    assert {(401, "wrong_login"), (429, "too_many_requests")} == codes


def test_a_stranger_elsewhere_holds_nobody_up(api: Api, reader: Patron) -> None:
    who = {"login": "reader1@example.org"}
    there = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
    tries = [api.post("/sessions", json={**who, "password": "x"}, **there).status_code for _ in range(20)]
    owner = api.post("/sessions", json={**who, "password": PASSWORD})

    assert [401] * 5 + [429] * 15 == tries
    assert 201 == owner.status_code


def test_right_passwords_do_not_count(api: Api, reader: Patron) -> None:
    who = {"login": "reader1@example.org"}
    statuses = {api.post("/sessions", json={**who, "password": PASSWORD}).status_code for _ in range(15)}
    typos = [api.post("/sessions", json={**who, "password": "x"}).status_code for _ in range(4)]
    after = api.post("/sessions", json={**who, "password": PASSWORD}).status_code

    assert {201} == statuses
    assert ([401] * 4, 201) == (typos, after)


def test_address_and_card_are_one_account(api: Api, reader: Patron) -> None:
    ways = [{"login": "reader1@example.org"}, {"login": "20261", "library": "bjtu"}]
    statuses = [
        api.post("/sessions", json={**ways[number % 2], "password": "x"}).status_code for number in range(6)
    ]

    assert [401] * 5 + [429] == statuses


def test_who_tries_many_accounts_holds_up_only_those_who_are_new_there(api: Api, reader: Patron) -> None:
    def log_in(login: str, password: str) -> int:
        status: int = api.post("/sessions", json={"login": login, "password": password}).status_code
        return status

    before = log_in("reader1@example.org", PASSWORD)
    tries = [log_in(f"nobody{number}@example.org", "x") for number in range(121)]

    assert [401] * 120 + [429] == tries
    assert (201, 201) == (before, log_in("reader1@example.org", PASSWORD))


def test_who_logs_out_is_a_stranger(patron_api: Api) -> None:
    assert 204 == patron_api.delete("/sessions/current").status_code
    assert 401 == patron_api.get("/patrons/me").status_code


def test_a_session_ends_by_itself(patron_api: Api, clock: Hand) -> None:
    clock.move(timedelta(hours=12))

    assert 401 == patron_api.get("/patrons/me").status_code


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer \xff\xfe"},
        {"Authorization": "Bearer"},
        {"X-API-Key": "nonsense"},
    ],
)
def test_a_stranger_is_asked_who_they_are(api: Api, headers: dict[str, str]) -> None:
    response = api.get("/patrons/me", headers=headers)

    assert (401, "unauthenticated") == (response.status_code, response.json["code"])
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_stranger_learns_nothing_of_the_input(api: Api) -> None:
    assert 401 == api.patch("/patrons/me", data="{", content_type="application/json").status_code


def test_a_role_that_may_not_is_refused(staff_api: Api) -> None:
    response = staff_api.get("/patrons/me")

    assert (403, "forbidden") == (response.status_code, response.json["code"])


def test_a_system_comes_with_its_key_until_it_is_revoked(api: Api, store: Store) -> None:
    key = ApiKey(
        key_hash=mint.token_hash("k1"), role=Role.PARTNER, library=HOME, label="loans", created_at=NOW
    )
    with store.writing() as conn:
        sessions.add_key(conn, key)
    known = api.get("/patrons/me", headers={"X-API-Key": "k1"}).status_code
    with store.writing() as conn:
        sessions.revoke_key(conn, key.key_hash, Revocation(at=NOW))

    assert (403, 401) == (known, api.get("/patrons/me", headers={"X-API-Key": "k1"}).status_code)
