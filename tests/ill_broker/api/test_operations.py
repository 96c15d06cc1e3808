"""What those who run the service look at, and what every answer carries."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
from schemathesis.core.failures import FailureGroup

from ill_broker.api.contract import as_dict
from ill_broker.app import create_app
from ill_broker.settings import Settings
from ill_broker.storage.failures import Busy
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Api


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_the_service_is_alive_without_its_database(settings: Settings) -> None:
    response = create_app(settings).test_client().get("/healthz")

    assert (200, {"status": "alive"}) == (response.status_code, response.json)


def test_the_service_is_ready_when_the_database_answers(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = client.get("/readyz").status_code

    def away() -> None:
        raise Busy("away")

    monkeypatch.setattr(store, "writing", away)

    assert (200, 503) == (ready, client.get("/readyz").status_code)


def test_requests_are_counted_by_route(api: Api, client: FlaskClient) -> None:
    api.get("/patrons/me")
    told = client.get("/metrics").text

    assert 'ill_http_requests_total{method="GET",route="/api/v1/patrons/me",status="401"}' in told


def test_unknown_methods_are_counted_together(client: FlaskClient) -> None:
    client.open("/healthz", method="INVENTED")

    assert "INVENTED" not in client.get("/metrics").text


def test_the_contract_is_written_once_however_often_it_is_asked_for(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = client.get("/openapi.yaml").text
    monkeypatch.delattr("ill_broker.api.contract.as_dict")

    assert once == client.get("/openapi.yaml").text


def test_the_contract_is_served_as_it_is(app: Flask, client: FlaskClient) -> None:
    assert as_dict(app) == yaml.load(client.get("/openapi.yaml").text, yaml.CSafeLoader)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/docs", 200),
        ("/docs/start.js", 200),
        ("/docs/swagger-ui.css", 200),
        ("/docs/swagger-ui-bundle.js", 200),
        ("/docs/index.html", 404),
        ("/docs/..%2fsecret", 404),
    ],
)
def test_the_contract_can_be_read_in_a_browser(client: FlaskClient, path: str, status: int) -> None:
    with client.get(path) as response:
        assert status == response.status_code


def test_the_viewer_runs_no_inline_script(client: FlaskClient) -> None:
    response = client.get("/docs")

    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert all("src=" in tag for tag in response.text.split("<script")[1:])


def test_every_answer_is_guarded(client: FlaskClient, api: Api) -> None:
    for response in (client.get("/healthz"), api.get("/patrons/me"), client.get("/nowhere")):
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert "nosniff" == response.headers["X-Content-Type-Options"]
        assert "Strict-Transport-Security" not in response.headers


def test_browsers_are_told_to_insist_on_tls(settings: Settings) -> None:
    secure = Settings(secret_key=settings.secret_key, base_url="https://broker.test")

    assert "max-age" in create_app(secure).test_client().get("/healthz").headers["Strict-Transport-Security"]


def test_a_request_keeps_a_decent_id_and_gets_one_otherwise(api: Api) -> None:
    kept = api.get("/patrons/me", headers={"X-Request-Id": "trace-12345"})
    given = api.get("/patrons/me", headers={"X-Request-Id": "<script>"})

    assert ("trace-12345", "trace-12345") == (kept.headers["X-Request-Id"], kept.json["request_id"])
    assert given.json["request_id"].startswith("rq_")


@pytest.mark.parametrize(("proxies", "seen"), [(0, 429), (1, 422)])
def test_the_address_of_a_caller_is_believed_behind_a_proxy_of_ours_alone(
    settings: Settings, services: list[object], proxies: int, seen: int
) -> None:
    client = create_app(replace(settings, proxies=proxies), services).test_client()
    statuses = [
        client.post(
            "/api/v1/patrons/verification",
            json={"token": "x"},
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
        ).status_code
        for number in range(31)
    ]

    assert seen == statuses[-1]


def test_several_processes_count_together(settings: Settings, tmp_path: Path) -> None:
    counting = create_app(replace(settings, metrics_folder=str(tmp_path)))

    assert "ill_http" not in counting.test_client().get("/metrics").text


def test_nothing_of_the_api_is_kept_by_caches(api: Api) -> None:
    assert "no-store" == api.get("/patrons/me").headers["Cache-Control"]


def test_an_answer_outside_the_contract_fails_its_test(
    api: Api, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.view_functions, "sessions.open_session", lambda: ({"surprise": 1}, 201))
    with pytest.raises(FailureGroup):
        api.post("/sessions", json={})
