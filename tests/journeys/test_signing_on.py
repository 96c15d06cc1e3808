"""Readers and clerks of two libraries come in through one provider of identities that nobody here wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ill_broker import clock, mint
from ill_broker.demo.client import Client
from ill_broker.demo.consortium import found_consortium
from ill_broker.storage.migrations import migrate
from ill_broker.storage.store import Store
from tests.support.openid import Identities, free_port, identities, sign_on
from tests.support.processes import Child

pytestmark = pytest.mark.ci

#: what the provider calls the two libraries
SCHOOLS = {"bjtu": "10004", "pku": "10001"}
ACCOUNTS: dict[str, dict[str, Any]] = {
    "lihua": {"school": "10004", "name": "李华", "xgh": "20260311", "email": "lihua@bjtu.example",
              "email_verified": True, "phone_number": "13812345678", "locale": "zh-CN", "roles": ["student"]},
    "wangfang": {"school": "10004", "name": "王芳", "xgh": "8801", "roles": ["ill-desk"]},
    "zhaomin": {"school": "10001", "name": "赵敏", "xgh": "8801", "roles": ["ill-desk"]},
    "stranger": {"school": "10003", "name": "陌生人", "xgh": "1", "email": "x@elsewhere.example",
                 "email_verified": True, "roles": ["ill-desk"]},
}  # fmt: skip


@dataclass(frozen=True)
class Broker:
    """The service, and the provider that its libraries share."""

    url: str
    provider: Identities

    def sign_on(self, library: str, login: str) -> tuple[int, Any]:
        page = sign_on(f"{self.url}/api/v1/openid/{library}/login", login, self.provider)
        return page.status_code, page.json()

    def client(self, session: Any) -> Client:
        return Client(self.url, session["token"], {"Accept-Language": "zh-CN"})


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    folder = tmp_path_factory.mktemp("signing-on")
    url, port = f"http://127.0.0.1:{free_port()}", free_port()
    secret = f"{mint.token()}:%41+ &~"
    client = {
        "client_id": "broker",
        "client_secret": secret,
        "redirect_uris": [f"{url}/api/v1/openid/{code}/callback" for code in SCHOOLS],
    }
    database = f"sqlite:///{folder / 'broker.db'}"
    migrate(database)
    store = Store.open(database, threads=1)
    found_consortium(store, {}, {}, now=clock.now())
    store.close()
    with identities(folder, port=port, clients=[client], accounts=ACCOUNTS) as provider:
        environment = {
            "ILL_DATABASE_URL": database,
            "ILL_BASE_URL": url,
            "ILL_SECRET_KEY": mint.token(),
            "ILL_OPENID_PROVIDERS": str(_providers(folder, provider, secret)),
            "REQUESTS_CA_BUNDLE": str(provider.certificate),
        }
        serving = ("-m", "ill_broker", "serve", "--port", url.rpartition(":")[2])
        with Child(*serving, environment=environment) as web:
            web.wait_until_ready()
            yield Broker(url, provider)


def test_a_new_reader_of_a_provider_as_it_comes_is_enrolled(broker: Broker) -> None:
    status, session = broker.sign_on("bjtu", "lihua")
    shown = broker.client(session).get("/api/v1/patrons/me")

    assert (201, "patron", "bjtu") == (status, session["role"], session["library"])
    assert ("李华", "20260311", "+8613812345678", "lihua@bjtu.example", "zh") == tuple(
        shown[name] for name in ("name", "card_number", "mobile", "email", "language")
    )
    assert shown["verified_at"] is not None


def test_a_new_clerk_of_a_provider_as_it_comes_has_the_desk(broker: Broker) -> None:
    (_, first), (_, again) = (broker.sign_on("bjtu", "wangfang") for _ in range(2))

    assert [("staff", "bjtu")] * 2 == [(each["role"], each["library"]) for each in (first, again)]
    assert [] == broker.client(again).get("/api/v1/requests?status=arrived")["items"]


@pytest.mark.parametrize(("login", "own"), [("wangfang", "bjtu"), ("zhaomin", "pku"), ("lihua", "bjtu")])
def test_who_comes_in_by_another_librarys_door_stays_with_their_own(
    broker: Broker, login: str, own: str
) -> None:
    came = [broker.sign_on(door, login) for door in ("pku", "bjtu", "pku")]

    assert [(201, own)] * 3 == [(status, session["library"]) for status, session in came]


def test_whose_library_is_no_member_stays_out(broker: Broker) -> None:
    status, problem = broker.sign_on("bjtu", "stranger")

    assert (401, {"reason": "library"}) == (status, problem["facts"])


def _providers(folder: Path, provider: Identities, secret: str) -> Path:
    (folder / "secret").write_text(secret, encoding="utf-8")
    claims = {"card_number": "xgh", "role": "roles", "staff": "ill-desk", "library": "school"}
    entries = [
        {
            "library": library,
            "called": school,
            "issuer": provider.issuer,
            "client_id": "broker",
            "client_secret_file": str(folder / "secret"),
            "claims": claims,
        }
        for library, school in SCHOOLS.items()
    ]
    path = folder / "providers.yaml"
    path.write_text(json.dumps(entries), encoding="utf-8")  # JSON is YAML
    return path
