"""Asking a sign-on that answers anything at all."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey

from ill_broker.services.people import sign_on
from ill_broker.services.people.providers import Provider
from ill_broker.services.people.sign_on import Reply, Ticket
from ill_broker.services.refusals import SignOnRefused
from workflows.ids import LibraryCode

ISSUER = "https://sso.bjtu.test"
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
KEY = RSAKey.generate_key(2048, {"kid": "k"})
PROVIDER = Provider(library=LibraryCode("bjtu"), called="bjtu", issuer=ISSUER, client_id="broker")
TICKET = Ticket(library="bjtu", state="s", nonce="n", verifier="v" * 43)
EPOCH = int(NOW.timestamp())
CLAIMS = {"iss": ISSUER, "aud": "broker", "sub": "u-1", "iat": EPOCH, "exp": EPOCH + 300, "nonce": "n"}
METADATA, TOKEN, KEYS, USERINFO = "/.well-known/openid-configuration", "/token", "/keys", "/me"
RIGHT: dict[str, dict[str, Any]] = {
    METADATA: {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/authorize",
        "token_endpoint": ISSUER + TOKEN,
        "jwks_uri": ISSUER + KEYS,
        "userinfo_endpoint": ISSUER + USERINFO,
    },
    TOKEN: {
        "access_token": "a",
        "token_type": "Bearer",
        "expires_in": 30,
        "id_token": jwt.encode({"alg": "RS256", "kid": "k"}, CLAIMS, KEY),
    },
    KEYS: {"keys": [KEY.as_dict(private=False)]},
    USERINFO: {"sub": "u-1", "name": "赵敏"},
}
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_DEEP = "[" * 200_000


def _finish(bodies: Mapping[str, str], status: int = 200) -> Mapping[str, Any]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for path, body in bodies.items():
            verb = "POST" if path == TOKEN else "GET"
            mock.add(verb, ISSUER + path, body=body, status=status, content_type="application/json")
        reply = Reply(state="s", code="c")
        return sign_on.finish(PROVIDER, reply, TICKET, redirect_uri="http://broker.test", now=NOW)


def _bodies(**changed: str) -> dict[str, str]:
    return {path: json.dumps(told) for path, told in RIGHT.items()} | changed


def test_a_right_answer_is_the_token_and_what_goes_with_it() -> None:
    assert {**CLAIMS, "name": "赵敏"} == _finish(_bodies())


@given(st.data())
def test_no_answer_is_more_than_a_refusal(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(RIGHT)))
    field = data.draw(st.sampled_from(sorted(RIGHT[path])))
    value = data.draw(_VALUES)
    wrong = data.draw(
        st.sampled_from(
            [{**RIGHT[path], field: value}, {k: v for k, v in RIGHT[path].items() if k != field}, value]
        )
    )
    try:
        told = _finish(_bodies(**{path: json.dumps(wrong)}))
    except SignOnRefused as refused:
        told = refused.facts

    assert told.get("sub", "u-1") == "u-1"


@pytest.mark.parametrize("path", RIGHT)
@pytest.mark.parametrize(
    "body", ["", "null", "<html>", "\x00", _DEEP, '{"expires_in": 1e999, "access_token": "a"}']
)
def test_what_is_no_answer_is_refused(path: str, body: str) -> None:
    with pytest.raises(SignOnRefused):
        _finish(_bodies(**{path: body}))


class _Pours(BaseHTTPRequestHandler):
    """Answers with JSON that never ends: at once, or by drops."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        piece, pause = (b" " * 65536, 0.0) if self.path.startswith("/flood") else (b" ", 0.02)
        with suppress(OSError):
            while True:
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(pause)

    def log_message(self, *_: object) -> None: ...


@pytest.mark.parametrize("how", ["flood", "drops"])
def test_an_answer_that_does_not_end_is_given_up(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_on, "_TIMEOUT", 30 if how == "flood" else 1)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pours) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        issuer = f"http://127.0.0.1:{server.server_port}/{how}"
        with pytest.raises(SignOnRefused):
            sign_on.begin(replace(PROVIDER, issuer=issuer), redirect_uri="http://broker.test")
        server.shutdown()
