"""Staff and keys, as the office sees to them; sessions, as everybody sees to their own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ill_broker import mint
from ill_broker.services.passwords import Passwords
from ill_broker.services.people.sessions import Sessions
from ill_broker.storage import people, sessions
from ill_broker.storage.people import Staff
from ill_broker.storage.sessions import ApiKey
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import HOME, NOW, Api, Hand, logged_in
from workflows.actors import Actor, Role
from workflows.ids import StaffId
from workflows.patrons import Patron

OLD, NEW = "correct horse battery", "another quiet lantern"
CLERK = StaffId("stf_00000009")


@pytest.fixture
def clerk(store: Store) -> dict[str, str]:
    """A member of staff with a password."""
    hashed = Passwords(cheap=True).choose(OLD, about=())
    with store.writing() as conn:
        people.add_staff(conn, Staff(id=CLERK, library=HOME, login="zhang", name="张", password_hash=hashed))
    return {"login": "zhang", "password": OLD}


def test_the_office_lists_staff(office_api: Api, clerk: dict[str, str]) -> None:
    everybody = office_api.get("/staff").json["items"]
    at_home = office_api.get("/staff?library=bjtu").json["items"]

    assert ["office", "zhang"] == sorted(each["login"] for each in everybody)
    assert [(CLERK, "zhang", "张", "staff", "bjtu", None)] == [
        tuple(each[name] for name in ("id", "login", "name", "role", "library", "disabled_at"))
        for each in at_home
    ]


def test_who_is_kept_out_is_logged_out_and_stays_out(
    office_api: Api, api: Api, clerk: dict[str, str], services: list[object]
) -> None:
    token = api.post("/sessions", json=clerk).json["token"]
    disabled = office_api.patch(f"/staff/{CLERK}", json={"disabled": True})
    known = next(service for service in services if isinstance(service, Sessions))
    out = api.post("/sessions", json=clerk)
    with pytest.raises(Exception, match="wrong"):
        known.open_for(Actor(Role.STAFF, CLERK, HOME), now=NOW)
    office_api.patch(f"/staff/{CLERK}", json={"disabled": False})

    assert "2026-03-02T02:00:00Z" == disabled.json["disabled_at"]
    assert (401, "wrong_login") == (out.status_code, out.json["code"])
    assert 401 == api.get("/sessions", headers={"Authorization": f"Bearer {token}"}).status_code
    assert 201 == api.post("/sessions", json=clerk).status_code


def test_the_office_gives_a_new_password(office_api: Api, api: Api, clerk: dict[str, str]) -> None:
    token = api.post("/sessions", json=clerk).json["token"]
    weak = office_api.put(f"/staff/{CLERK}/password", json={"password": "zhang12345"})
    given = office_api.put(f"/staff/{CLERK}/password", json={"password": NEW})

    assert (422, "weak_password", 204) == (weak.status_code, weak.json["code"], given.status_code)
    assert 401 == api.get("/sessions", headers={"Authorization": f"Bearer {token}"}).status_code
    assert [401, 201] == [
        api.post("/sessions", json={**clerk, "password": password}).status_code for password in (OLD, NEW)
    ]


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "/staff"), ("patch", "/staff/stf_00000009"), ("put", "/staff/stf_00000009/password"),
     ("get", "/api-keys"), ("delete", "/api-keys/key_00000009")],
)  # fmt: skip
def test_only_the_office_sees_to_staff_and_keys(
    staff_api: Api, patron_api: Api, method: str, path: str
) -> None:
    for api in (staff_api, patron_api):
        assert 403 == getattr(api, method)(path, json={}).status_code


def test_who_is_not_there_is_not_found(office_api: Api) -> None:
    assert [404, 404, 404] == [
        office_api.patch("/staff/stf_nobody00", json={"disabled": True}).status_code,
        office_api.put("/staff/stf_nobody00/password", json={"password": NEW}).status_code,
        office_api.delete("/api-keys/key_nobody00").status_code,
    ]


def test_keys_are_listed_without_being_told_and_revoked(office_api: Api, api: Api, store: Store) -> None:
    for name, library in (("k1", HOME), ("k2", None)):
        key = ApiKey(
            key_hash=mint.token_hash(name), library=library, role=Role.PARTNER, label=name, created_at=NOW
        )
        with store.writing() as conn:
            sessions.add_key(conn, key)
    listed = office_api.get("/api-keys").json["items"]
    (at_home,) = office_api.get("/api-keys?library=bjtu").json["items"]
    revoked = office_api.delete(f"/api-keys/{at_home['id']}")
    again = office_api.delete(f"/api-keys/{at_home['id']}")
    (other,) = office_api.get("/api-keys").json["items"]
    said = office_api.post(f"/api-keys/{other['id']}/revocation", json={"reason": "the system is gone"})

    assert ["k1", "k2"] == sorted(each["label"] for each in listed)
    assert mint.token_hash("k1") not in str(listed)
    assert (204, 404, 200) == (revoked.status_code, again.status_code, said.status_code)
    assert [] == office_api.get("/api-keys").json["items"]
    assert {("k1", None), ("k2", "the system is gone")} == {
        (one["label"], one["revoked_because"])
        for one in office_api.get("/api-keys?revoked=true").json["items"]
    }
    assert (401, 401) == tuple(
        api.get("/staff", headers={"X-API-Key": name}).status_code for name in ("k1", "k2")
    )


def test_everybody_sees_and_ends_their_own_sessions_alone(
    api: Api, services: list[object], patron: Patron, staff_api: Api, clock: Hand
) -> None:
    who = Actor(Role.PATRON, patron.id, patron.home)
    here, there = (api.as_(logged_in(services, who)) for _ in range(2))
    (theirs,) = staff_api.get("/sessions").json["items"]
    listed = here.get("/sessions").json["items"]
    (other,) = [each["id"] for each in listed if not each["is_this"]]
    ended = [here.delete(f"/sessions/{session}").status_code for session in (theirs["id"], other)]

    assert [(True, "2026-03-02T02:00:00Z")] == [
        (each["is_this"], each["created_at"]) for each in listed if each["id"] != other
    ]
    assert [404, 204] == ended
    assert (200, 401, 200) == (
        here.get("/patrons/me").status_code,
        there.get("/patrons/me").status_code,
        staff_api.get("/sessions").status_code,
    )
    clock.move(timedelta(hours=12))
    assert 401 == here.get("/sessions").status_code
