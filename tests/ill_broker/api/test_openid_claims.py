"""What a sign-on says beyond its token, and whose library that makes somebody's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Api
from tests.ill_broker.api.sign_ons import ISSUER, Browser, SignOn
from workflows.ids import LibraryCode
from workflows.libraries import Library

PROVIDERS = """
- library: bjtu
  issuer: https://sso.bjtu.test
  client_id: broker
  claims: {card_number: xgh, role: roles, staff: ill-desk, library: school}
- library: pku
  called: "10001"
  issuer: https://sso.bjtu.test
  client_id: broker
  claims: {card_number: number, role: duties, staff: desk, library: school}
- library: not-yet-a-member
  called: "10002"
  issuer: https://sso.bjtu.test
  client_id: broker
  claims: {library: school}
"""
READER = {"xgh": "20269999", "name": "赵敏", "email": "zhao@bjtu.edu.cn", "email_verified": True}
CLERK = {"roles": ["ill-desk"], "duties": ["desk"]}
#: what the browser of these tests puts into the token, if it is not to
NOTHING = dict.fromkeys(["xgh", "name", "email", "email_verified", "phone_number"])


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    providers = tmp_path / "providers.yaml"
    providers.write_text(PROVIDERS)
    return replace(settings, providers=str(providers))


@pytest.fixture(autouse=True)
def _second_library(store: Store) -> None:
    with store.writing() as conn:
        libraries.put(
            conn, Library(code=LibraryCode("pku"), name="Peking University", name_zh="北京大学"), {}
        )


def _session(response: Any) -> tuple[int, str, str]:
    return response.status_code, response.json["role"], response.json["library"]


def test_claims_that_only_the_userinfo_endpoint_tells_enrol_a_reader(
    browser: Browser, sign_on: SignOn, api: Api
) -> None:
    sign_on.userinfo = {"sub": "u-1", "school": "bjtu", **READER}
    opened = browser.sign_in(NOTHING)
    shown = api.get("/patrons/me", headers={"Authorization": f"Bearer {opened.json['token']}"})

    assert (201, "patron", "bjtu") == _session(opened)
    assert ("赵敏", "20269999") == (shown.json["name"], shown.json["card_number"])
    assert "Bearer a" == sign_on.shown


def test_claims_that_only_the_userinfo_endpoint_tells_open_a_desk(browser: Browser, sign_on: SignOn) -> None:
    sign_on.userinfo = {"sub": "u-1", "school": "bjtu", "name": "王芳", **CLERK}

    assert (201, "staff", "bjtu") == _session(browser.sign_in(NOTHING))


def test_what_is_signed_counts_before_what_is_fetched(browser: Browser, sign_on: SignOn, api: Api) -> None:
    sign_on.userinfo = {"sub": "u-1", "school": "bjtu", **READER, "xgh": "somebody else's"}
    opened = browser.sign_in()
    shown = api.get("/patrons/me", headers={"Authorization": f"Bearer {opened.json['token']}"})

    assert "20269999" == shown.json["card_number"]


@pytest.mark.parametrize("subject", [{"sub": "u-2"}, {"sub": ["u-1"]}, {"sub": None}, {}])
def test_claims_of_another_subject_prove_nothing(
    browser: Browser, sign_on: SignOn, subject: Mapping[str, Any]
) -> None:
    sign_on.userinfo = {"school": "bjtu", **READER, **subject}

    assert {"reason": "proof"} == browser.sign_in(NOTHING).json["facts"]


def test_a_token_is_shown_over_tls_alone(browser: Browser, sign_on: SignOn) -> None:
    sign_on.metadata = {"userinfo_endpoint": "http://sso.bjtu.test/me"}

    assert {"reason": "provider"} == browser.go().json["facts"]


def test_a_token_is_carried_nowhere_else(browser: Browser, sign_on: SignOn) -> None:
    sign_on.userinfo = {}
    sign_on.mock.replace("GET", f"{ISSUER}/me", status=302, headers={"Location": "https://evil.test/me"})

    assert {"reason": "provider"} == browser.sign_in().json["facts"]


@pytest.mark.parametrize("door", ["bjtu", "pku"])
@pytest.mark.parametrize(
    ("school", "library"), [("bjtu", "bjtu"), ("10001", "pku"), (["else", "10001"], "pku")]
)
def test_a_clerk_is_of_the_library_that_the_provider_names(
    browser: Browser, door: str, school: object, library: str
) -> None:
    browser.door = door
    opened = [browser.sign_in({"school": school, **CLERK}) for _ in range(2)]

    assert [(201, "staff", library)] * 2 == [_session(each) for each in opened]


def test_a_clerks_word_counts_by_the_claims_of_their_own_library(browser: Browser) -> None:
    browser.door = "bjtu"
    opened = browser.sign_in({"school": "10001", "roles": ["ill-desk"], "number": "17"})

    assert (201, "patron", "pku") == _session(opened)


@pytest.mark.parametrize(
    "school", [None, "pku", "10002", "10003", 10001, [], ["bjtu", "10001"], {"bjtu": "10001"}]
)
@pytest.mark.parametrize("door", ["bjtu", "pku"])
def test_who_belongs_to_none_of_ours_or_to_several_stays_out(
    browser: Browser, door: str, school: object
) -> None:
    browser.door = door
    response = browser.sign_in({"school": school, **CLERK})

    assert (401, {"reason": "library"}) == (response.status_code, response.json["facts"])


@pytest.mark.parametrize("claims", [CLERK, {}], ids=["clerk", "reader"])
def test_who_moved_to_another_library_is_not_let_into_either(
    browser: Browser, claims: Mapping[str, Any]
) -> None:
    browser.sign_in({"school": "bjtu", **claims})
    moved = [
        browser.sign_in({"school": "10001", "number": "17", **claims}) for browser.door in ("bjtu", "pku")
    ]

    assert [(401, {"reason": "library"})] * 2 == [(each.status_code, each.json["facts"]) for each in moved]
