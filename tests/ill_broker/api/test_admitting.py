"""What the office gives out over HTTP: log-ins, keys and webhook secrets, each told once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ill_broker.services.members.membership import INBOUND, ROTATION, Membership
from ill_broker.services.passwords import Passwords
from ill_broker.services.people.registration import build_people
from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.store import Store
from tests.factories import the_book
from tests.ill_broker.api.client import HOME, NOW, Api, Hand

NEW = "another quiet lantern"
SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
SECRETS = "/libraries/bjtu/webhook-secrets"
GIVING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/staff", {"library": "bjtu", "login": "zhang", "name": "张敏"}),
    ("/api-keys", {"library": "bjtu", "label": "catalogue"}),
    (SECRETS, {"kind": "inbound"}),
)


@pytest.fixture
def services(store: Store, settings: Settings) -> list[object]:
    membership = Membership(store, Passwords(cheap=True), the_book())
    return [store, *build_people(store, settings), membership]


def signed_with(store: Store, after: timedelta = timedelta()) -> tuple[str, ...]:
    with store.reading() as conn:
        return libraries.secrets_of(conn, HOME, INBOUND, now=NOW + after)


def test_somebody_new_logs_in_with_the_password_that_is_told_once_and_changes_it(
    office_api: Api, api: Api
) -> None:
    admitted = office_api.post("/staff", json={"library": "bjtu", "login": "zhang", "name": "张敏"})
    first = admitted.json["password"]
    opened = api.post("/sessions", json={"login": "ZHANG", "password": first})
    desk = Api(api.app, api.contract, opened.json["token"])
    changed = desk.put("/password", json={"current": first, "password": NEW})
    (listed,) = office_api.get("/staff?library=bjtu").json["items"]

    assert (201, 201, 204) == (admitted.status_code, opened.status_code, changed.status_code)
    assert ("staff", "bjtu") == (opened.json["role"], opened.json["library"])
    assert admitted.json == {**listed, "password": first}
    assert 401 == api.post("/sessions", json={"login": "zhang", "password": first}).status_code


def test_one_secret_is_revoked_alone_with_who_when_and_why(office_api: Api, store: Store) -> None:
    old, new = (office_api.post(SECRETS, json={"kind": "inbound"}).json for _ in "ab")
    why = {"reason": "it stood in a log"}
    revoked = office_api.post(f"{SECRETS}/{new['id']}/revocation", json=why)
    again = office_api.post(f"{SECRETS}/{new['id']}/revocation", json=why)
    elsewhere = office_api.post(f"/libraries/pku/webhook-secrets/{old['id']}/revocation", json=why)
    silent = office_api.post(f"{SECRETS}/{old['id']}/revocation", json={})
    (good,) = office_api.get(SECRETS).json["items"]
    both = office_api.get(f"{SECRETS}?revoked=true").json["items"]

    assert [200, 404, 404, 422] == [one.status_code for one in (revoked, again, elsewhere, silent)]
    assert (old["secret"],) == signed_with(store)
    assert (old["id"], None, None) == (good["id"], good["revoked_at"], good["revoked_by"])
    assert revoked.json in both
    assert ("it stood in a log", "2026-03-02T02:00:00Z") == (
        revoked.json["revoked_because"],
        revoked.json["revoked_at"],
    )
    assert revoked.json["revoked_by"]
    assert new["secret"] not in str(both)


def test_who_has_no_library_is_of_the_office(office_api: Api) -> None:
    admitted = office_api.post("/staff", json={"login": "wang", "name": "王芳"}).json

    assert (None, "office") == (admitted["library"], admitted["role"])


def test_a_login_is_one_persons_however_it_is_typed(office_api: Api) -> None:
    wanted = {"library": "bjtu", "login": "zhang", "name": "张敏"}
    office_api.post("/staff", json=wanted)
    taken = office_api.post("/staff", json={**wanted, "login": "ＺＨＡＮＧ"})

    assert (409, "login_taken", "/login") == (
        taken.status_code,
        taken.json["code"],
        taken.json["errors"][0]["pointer"],
    )
    assert "此登录名已被使用，请换一个" == taken.json["title"]


def test_a_key_opens_what_its_library_may_until_it_is_revoked(office_api: Api, api: Api) -> None:
    issued = office_api.post("/api-keys", json={"library": "bjtu", "label": "catalogue"})
    shown = {"X-API-Key": issued.json["key"]}
    (listed,) = office_api.get("/api-keys").json["items"]
    known = api.get("/api-keys", headers=shown).status_code
    office_api.delete(f"/api-keys/{issued.json['id']}")

    assert 201 == issued.status_code
    assert issued.json == {**listed, "key": issued.json["key"]}
    assert (403, 401) == (known, api.get("/api-keys", headers=shown).status_code)


def test_a_secret_is_told_once_and_the_old_one_goes_on_for_a_week(
    office_api: Api, store: Store, clock: Hand
) -> None:
    office_api.post(SECRETS, json={"kind": "inbound", "secret": SECRET})
    clock.move(timedelta(seconds=1))
    made = office_api.post(SECRETS, json={"kind": "inbound"})
    listed = office_api.get(SECRETS).json["items"]

    assert 201 == made.status_code
    assert (made.json["secret"], SECRET) == signed_with(store, timedelta(seconds=1))
    assert (made.json["secret"],) == signed_with(store, ROTATION + timedelta(seconds=1))
    assert [None, "2026-03-09T02:00:01Z"] == [each["valid_until"] for each in listed]
    assert "whsec_" not in str(listed)


def test_a_secret_that_is_known_to_others_is_revoked_at_once(office_api: Api, store: Store) -> None:
    office_api.post(SECRETS, json={"kind": "inbound", "secret": SECRET})
    made = office_api.post(SECRETS, json={"kind": "inbound", "at_once": True}).json["secret"]

    assert (made,) == signed_with(store)


@pytest.mark.parametrize("secret", ["password", "whsec_", "whsec_AAEC", "whsec_!!!!"])
def test_what_nothing_can_be_signed_with_is_refused(office_api: Api, store: Store, secret: str) -> None:
    refused = office_api.post(SECRETS, json={"kind": "inbound", "secret": secret})

    assert (422, "bad_secret") == (refused.status_code, refused.json["code"])
    assert () == signed_with(store)


def test_who_is_no_member_gets_nothing(office_api: Api) -> None:
    told = [
        office_api.post(path.replace("bjtu", "nowhere"), json={**body, **other})
        for (path, body), other in zip(GIVING, ({"library": "nowhere"},) * 2 + ({},), strict=True)
    ]
    listed = office_api.get(SECRETS.replace("bjtu", "nowhere"))

    assert [(422, "unknown_library")] * 2 + [(404, "not_found")] == [
        (each.status_code, each.json["code"]) for each in told
    ]
    assert 404 == listed.status_code


@pytest.mark.parametrize(("path", "body"), GIVING)
def test_only_the_office_gives_them_out(
    api: Api, staff_api: Api, patron_api: Api, path: str, body: dict[str, Any]
) -> None:
    assert [401, 403, 403] == [one.post(path, json=body).status_code for one in (api, staff_api, patron_api)]
    assert [401, 403, 403] == [one.get(path).status_code for one in (api, staff_api, patron_api)]
