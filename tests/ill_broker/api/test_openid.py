"""Logging in through one's own library: what is proven counts, and nothing else."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Flask
from joserfc.jwk import OctKey, RSAKey

from ill_broker.settings import Settings
from ill_broker.storage import outbox, people
from ill_broker.storage.store import Store
from ill_broker.texts.catalogue import say
from tests.ill_broker.api.client import HOME, Api, a_patron
from tests.ill_broker.api.sign_ons import EPOCH, ISSUER, Browser, SignOn

#: nothing in it survives a provider that decodes what was not encoded
SECRET = "a:b%41+c d&密/~"
PROVIDER = """
- library: bjtu
  issuer: https://sso.bjtu.test
  client_id: broker
  client_secret_file: {secret}
  claims: {{card_number: xgh, role: roles, staff: ill-desk}}
"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    providers = tmp_path / "providers.yaml"
    providers.write_text(PROVIDER.format(secret=secret))
    return replace(settings, providers=str(providers))


def test_the_browser_is_sent_with_state_nonce_and_challenge(browser: Browser) -> None:
    response = browser.go()

    assert response.location.startswith(f"{ISSUER}/authorize?")
    assert ("broker", "code", "S256") == tuple(
        browser.asked[name] for name in ("client_id", "response_type", "code_challenge_method")
    )
    assert "http://broker.test/api/v1/openid/bjtu/callback" == browser.asked["redirect_uri"]
    assert "openid" in browser.asked["scope"].split()
    assert "HttpOnly" in response.headers["Set-Cookie"]


def test_a_new_patron_is_enrolled_and_logged_in(browser: Browser, store: Store, api: Api) -> None:
    opened = browser.sign_in()
    shown = api.get("/patrons/me", headers={"Authorization": f"Bearer {opened.json['token']}"})

    assert (201, "patron", "bjtu") == (opened.status_code, opened.json["role"], opened.json["library"])
    assert {
        "home": "bjtu",
        "card_number": "20269999",
        "name": "赵敏",
        "mobile": "+8613812345678",
        "email": "zhao@bjtu.edu.cn",
        "language": "zh",
        "verified_at": "2026-03-02T02:00:00Z",
    }.items() <= shown.json.items()


def test_the_code_is_exchanged_with_the_verifier_and_the_secret(browser: Browser) -> None:
    browser.sign_in()

    assert ["c0de"] == browser.sign_on.form["code"]
    assert browser.asked["code_challenge"] == create_s256_code_challenge(
        browser.sign_on.form["code_verifier"][0]
    )
    scheme, _, shown = str(browser.sign_on.authorization).partition(" ")
    client, _, secret = b64decode(shown).decode().partition(":")

    assert ("Basic", "broker", SECRET) == (scheme, unquote_plus(client), unquote_plus(secret))


def test_who_comes_again_is_the_same(browser: Browser, store: Store) -> None:
    for email in ("zhao@bjtu.edu.cn", "changed@bjtu.edu.cn"):
        assert 201 == browser.sign_in({"email": email}).status_code
    with store.reading() as conn:
        known = people.by_email(conn, "changed@bjtu.edu.cn")

    assert known is None


@pytest.mark.parametrize("roles", ["ill-desk", ["reader", "ill-desk"]])
def test_staff_are_who_their_library_calls_staff(browser: Browser, roles: object) -> None:
    first, again = (browser.sign_in({"roles": roles}) for _ in range(2))

    assert [("staff", "bjtu")] * 2 == [(each.json["role"], each.json["library"]) for each in (first, again)]


def test_staff_whose_library_no_longer_calls_them_so_stay_out(browser: Browser) -> None:
    browser.sign_in({"roles": "ill-desk"})
    response = browser.sign_in({"roles": "reader"})

    assert (401, {"reason": "role"}) == (response.status_code, response.json["facts"])


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.test"},
        {"aud": "another"},
        {"aud": ["broker", "another"]},
        {"azp": "another"},
        {"sub": None},
        {"exp": EPOCH - 61},
        {"exp": None},
        {"iat": EPOCH + 3600},
    ],
)
def test_a_token_that_is_not_for_us_now_proves_nothing(browser: Browser, claims: dict[str, Any]) -> None:
    response = browser.sign_in(claims)

    assert (401, "sign_on_refused", {"reason": "proof"}) == (
        response.status_code,
        response.json["code"],
        response.json["facts"],
    )


def test_a_token_for_several_names_us_as_its_party(browser: Browser) -> None:
    assert 201 == browser.sign_in({"aud": ["broker", "another"], "azp": "broker"}).status_code


def test_a_token_signed_by_another_key_proves_nothing(browser: Browser, sign_on: SignOn) -> None:
    sign_on.published = RSAKey.generate_key(2048, {"kid": "k"})

    assert {"reason": "proof"} == browser.sign_in().json["facts"]


def test_a_token_signed_with_the_shared_secret_proves_nothing(browser: Browser, sign_on: SignOn) -> None:
    sign_on.published = sign_on.key
    sign_on.key = OctKey.import_key("s3cret-s3cret-s3cret-s3cret-s3cret", {"kid": "k"})
    sign_on.header = {"alg": "HS256", "kid": "k"}

    assert {"reason": "proof"} == browser.sign_in().json["facts"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ({"state": "another"}, "state"),
        ({"error": "access_denied"}, "denied"),
        ({"iss": "https://evil.test"}, "issuer"),
    ],
)
def test_a_reply_that_is_not_to_our_question_is_refused(
    browser: Browser, reply: dict[str, str], reason: str
) -> None:
    assert {"reason": reason} == browser.sign_in(None, **reply).json["facts"]


def test_another_browser_cannot_use_the_reply(browser: Browser, app: Flask) -> None:
    browser.go()
    browser.client = app.test_client()

    assert {"reason": "state"} == browser.come_back().json["facts"]


def test_a_reply_works_once(browser: Browser) -> None:
    browser.sign_in()

    assert {"reason": "state"} == browser.come_back().json["facts"]


def test_an_account_with_the_same_card_and_verified_address_is_linked(browser: Browser, store: Store) -> None:
    patron = a_patron(store)
    browser.sign_in({"xgh": patron.card_number, "email": patron.email})
    with store.reading() as conn:
        linked = people.identified(conn, ISSUER, "u-1")

    assert linked is not None
    assert patron.id == linked.person


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "reader1@example.org", "email_verified": False},
        {"email": "reader1@example.org", "email_verified": "true"},
        {"email": "other@example.org"},
        {"email": "reader1@example.org", "xgh": "another card"},
    ],
)
def test_no_account_is_entered_by_an_address_that_is_not_proven(
    browser: Browser, store: Store, claims: dict[str, Any]
) -> None:
    patron = a_patron(store)
    response = browser.sign_in({"xgh": patron.card_number, **claims})

    assert (401, {"reason": "account_exists"}) == (response.status_code, response.json["facts"])
    assert say("sign_on.account_exists", response.headers["Content-Language"]) == response.json["detail"]


def test_an_account_that_was_never_verified_is_not_linked(browser: Browser, store: Store) -> None:
    patron = a_patron(store, verified_at=None)
    response = browser.sign_in({"xgh": patron.card_number, "email": patron.email})

    assert {"reason": "account_exists"} == response.json["facts"]


def test_a_registration_that_nobody_confirmed_does_not_block_the_sign_on(browser: Browser, api: Api) -> None:
    squatter = {
        "home": "bjtu",
        "card_number": "20269999",
        "name": "贼",
        "mobile": "13812345679",
        "password": "correct horse battery",
    }
    for email in ("zhao@bjtu.edu.cn", "squatter@example.org"):
        api.post("/patrons", json={**squatter, "email": email})

    assert 201 == browser.sign_in().status_code


def test_the_owner_of_an_address_is_not_blocked_by_whom_a_sign_on_believes(
    browser: Browser, store: Store
) -> None:
    browser.sign_in({"email": "reader2@example.org", "email_verified": False})
    reader = a_patron(store, "2")
    with store.reading() as conn:
        owner = people.by_email(conn, "reader2@example.org")

    assert owner is not None
    assert reader.id == owner.patron.id


def test_a_new_address_that_is_not_verified_gets_a_letter(browser: Browser, store: Store) -> None:
    browser.sign_in({"email_verified": False, "phone_number": "call me", "locale": "en-GB"})
    with store.reading() as conn:
        known = people.by_card(conn, HOME, "20269999")
        waiting = outbox.counts(conn)[outbox.EntryState.WAITING]

    assert known is not None
    assert (None, "", "en", 1) == (
        known.patron.verified_at,
        known.patron.mobile,
        known.patron.language,
        waiting,
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"xgh": None},
        {"xgh": 1},
        {"name": "a\0"},
        {"email": "nobody"},
        {"xgh": "1" * 41},
        # letters to every rule of Unicode, and nothing to see
        {"xgh": "\u3164"},
        {"xgh": "\u2800\uffa0 \u115f"},
        {"name": "\u3164\u3164"},
    ],
)
def test_claims_that_say_too_little_are_refused(browser: Browser, claims: dict[str, Any]) -> None:
    assert {"reason": "claims"} == browser.sign_in(claims).json["facts"]


def test_pages_get_the_token_in_the_fragment(browser: Browser) -> None:
    browser.go("?to=/account")
    response = browser.come_back()

    assert 302 == response.status_code
    assert response.location.startswith("http://broker.test/account#token=")


@pytest.mark.parametrize("to", ["//evil.test", "https://evil.test", "/\\evil.test", "account"])
def test_nobody_is_sent_to_a_page_of_others(browser: Browser, to: str) -> None:
    response: Any = browser.client.get("/api/v1/openid/bjtu/login", query_string={"to": to})

    assert (422, "/to") == (response.status_code, response.json["errors"][0]["pointer"])


@pytest.mark.parametrize(
    "metadata", [{"issuer": "https://evil.test"}, {"token_endpoint": "http://sso.bjtu.test/token"}]
)
def test_a_provider_that_is_not_who_it_should_be_is_not_used(
    browser: Browser, sign_on: SignOn, metadata: dict[str, Any]
) -> None:
    sign_on.metadata = metadata

    assert {"reason": "provider"} == browser.go().json["facts"]


@pytest.mark.parametrize(("status", "body"), [(500, "{}"), (200, "<html>"), (200, "[]")])
def test_a_provider_that_cannot_be_understood_is_not_used(
    browser: Browser, sign_on: SignOn, status: int, body: str
) -> None:
    sign_on.mock.replace("GET", f"{ISSUER}/.well-known/openid-configuration", body=body, status=status)

    assert {"reason": "provider"} == browser.go().json["facts"]


@pytest.mark.parametrize(("status", "body"), [(400, '{"error": "invalid_grant"}'), (200, "{}"), (500, "x")])
def test_a_code_that_is_not_taken_is_refused(
    browser: Browser, sign_on: SignOn, status: int, body: str
) -> None:
    sign_on.mock.remove("POST", f"{ISSUER}/token")
    sign_on.mock.post(f"{ISSUER}/token", body=body, status=status, content_type="application/json")

    assert {"reason": "code"} == browser.sign_in().json["facts"]


def test_a_library_without_a_sign_on_has_none(api: Api) -> None:
    assert 404 == api.get("/openid/pku/login").status_code
