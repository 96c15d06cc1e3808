"""A library's sign-on as the service sees it, made to say what a test wants, and a browser."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
import responses
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.ill_broker.api.client import NOW, Api

ISSUER = "https://sso.bjtu.test"
EPOCH = int(NOW.timestamp())


@dataclass
class SignOn:
    """The library's sign-on, and what it is made to say."""

    mock: responses.RequestsMock
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "k"})
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k"}))
    #: what is published, if not the key that signs
    published: Any = None
    metadata: dict[str, Any] = field(default_factory=dict)
    form: dict[str, list[str]] = field(default_factory=dict)
    authorization: str | None = None
    #: what its userinfo endpoint says; there is none while this is None
    userinfo: dict[str, Any] | None = None
    #: what was shown there
    shown: str | None = None

    def __post_init__(self) -> None:
        self.mock.add_callback("GET", f"{ISSUER}/.well-known/openid-configuration", self._tell_metadata)
        self.mock.add_callback("POST", f"{ISSUER}/token", self._tell_token)
        self.mock.add_callback("GET", f"{ISSUER}/keys", self._tell_keys)
        self.mock.add_callback("GET", f"{ISSUER}/me", self._tell_userinfo)

    def _tell_metadata(self, _: object) -> tuple[int, dict[str, str], str]:
        told = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
        }
        there = {} if self.userinfo is None else {"userinfo_endpoint": f"{ISSUER}/me"}
        return 200, {}, json.dumps({**told, **there, **self.metadata})

    def _tell_token(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.form = parse_qs(str(request.body))
        self.authorization = request.headers.get("Authorization")
        told = {name: value for name, value in self.claims.items() if value is not None}
        token = jwt.encode(self.header, told, self.key, algorithms=[self.header["alg"]])
        return 200, {}, json.dumps({"access_token": "a", "token_type": "Bearer", "id_token": token})

    def _tell_userinfo(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.shown = request.headers.get("Authorization")
        return 200, {}, json.dumps(self.userinfo)

    def _tell_keys(self, _: object) -> tuple[int, dict[str, str], str]:
        published = self.published or self.key
        return 200, {}, json.dumps({"keys": [published.as_dict(private=False)]})


@dataclass
class Browser:
    """Goes to the sign-on and comes back."""

    client: FlaskClient
    sign_on: SignOn
    api: Api
    asked: dict[str, str] = field(default_factory=dict)
    #: the library whose page the log-in begins at
    door: str = "bjtu"

    def go(self, to: str = "") -> Any:
        response = self.client.get(f"/api/v1/openid/{self.door}/login{to}")
        if response.status_code == 302:
            query = parse_qs(urlsplit(response.location).query)
            self.asked = {name: values[0] for name, values in query.items()}
        return response

    def come_back(self, claims: dict[str, Any] | None = None, **reply: str) -> Any:
        self.sign_on.claims = {
            "iss": ISSUER,
            "aud": "broker",
            "sub": "u-1",
            "iat": EPOCH,
            "exp": EPOCH + 300,
            "nonce": self.asked.get("nonce"),
            "xgh": "20269999",
            "name": "赵敏",
            "email": "zhao@bjtu.edu.cn",
            "email_verified": True,
            "phone_number": "13812345678",
            **(claims or {}),
        }
        query = {"state": self.asked.get("state", ""), "code": "c0de", **reply}
        path = f"/openid/{self.door}/callback"
        response = self.client.get(f"/api/v1{path}", query_string=query)
        self.api._hold_against_contract("get", path, response)
        return response

    def sign_in(self, claims: dict[str, Any] | None = None, **reply: str) -> Any:
        self.go()
        return self.come_back(claims, **reply)
