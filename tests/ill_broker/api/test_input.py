"""Hostile and clumsy input: always a problem that says what is wrong, never a fault of ours."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from flask import Flask
from marshmallow import ValidationError, fields

from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Amount, Headers, Strict
from ill_broker.settings import Settings
from ill_broker.web.fields import Day, Email, Flag, Id, Instant, Isbn, Mobile, OneOf, Text, Whole
from tests.ill_broker.api.client import NOW, Api, Hand
from tests.ill_broker.api.lending import an_app, serving
from workflows.money import Money

VERIFICATION = "/patrons/verification"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "malformed_request"),
        (b"\xff\xfe", "malformed_request"),
        (b'{"token": "\xff"}', "malformed_request"),
        (b'{"token": "\\ud800"}', "malformed_request"),
        (b'{"\\udfff": 1}', "malformed_request"),
        (b'{"token": NaN}', "malformed_request"),
        (b'{"token": "a", "token": "b"}', "malformed_request"),
        (b'{"token": 1' + b"0" * 5000 + b"}", "malformed_request"),
        (b"[" * 100_000, "malformed_request"),
        (b"[]", "invalid_input"),
        (b"null", "invalid_input"),
        (b'"text"', "invalid_input"),
        (b"", "invalid_input"),
        (b'{"token": null}', "invalid_input"),
        (b'{"token": 9223372036854775808}', "invalid_input"),
        (b'{"token": {"a": 1}}', "invalid_input"),
        (b'{"token": "a\\u0000"}', "invalid_input"),
        (b'{"token": "a", "more\\u0000": 1}', "invalid_input"),
        (b'{"token": "' + b"a" * 1000 + b'"}', "invalid_input"),
        (b" " * (1024 * 1024 + 1), "too_large"),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused(api: Api, body: bytes, code: str) -> None:
    response = api.post(VERIFICATION, data=body, content_type="application/json")

    assert code == response.json["code"]
    assert "application/problem+json" == response.content_type
    assert 400 <= response.status_code < 500


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""]
)
def test_a_body_that_is_not_json_is_refused(api: Api, media_type: str) -> None:
    response = api.post(VERIFICATION, data=b"token=x", content_type=media_type)

    assert (415, "unsupported_media_type") == (response.status_code, response.json["code"])


@pytest.mark.parametrize("path", ["/patrons/a%00", "/patrons/me?x=%ff", "/patrons/me?x=%00"])
def test_an_address_that_is_no_text_is_refused(api: Api, path: str) -> None:
    assert 400 == api.get(path).status_code


def test_a_path_that_is_no_utf_8_is_refused(api: Api) -> None:
    raw = {"PATH_INFO": b"/api/v1/patrons/\xff".decode("latin-1")}

    assert 400 == api.get("/patrons/x", environ_overrides=raw).status_code


def test_an_address_that_leads_nowhere_is_a_problem_under_the_api_alone(api: Api) -> None:
    page = api.app.test_client().get("/nowhere")

    assert "not_found" == api.get("/nowhere").json["code"]
    assert (404, "text/html; charset=utf-8") == (page.status_code, page.content_type)


def test_what_cannot_be_done_says_what_can(api: Api) -> None:
    response = api.put("/sessions")

    assert (405, "method_not_allowed") == (response.status_code, response.json["code"])
    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(response.headers["Allow"].split(", "))


class Everything(Strict):
    text = Text(max_length=3)
    letter = Text(lines=True)
    at = Instant()
    day = Day()
    isbn = Isbn()
    mobile = Mobile()
    email = Email()
    id = Id("req")
    word = OneOf("a", "b")
    count = Whole(maximum=10)
    flag = Flag()
    money = fields.Nested(Amount)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("text", "𠮷🙂 ", "𠮷🙂"),
        ("text", "e\u0301", "é"),
        ("letter", "a\nb\tc", "a\nb\tc"),
        ("at", "2026-03-02T10:00:00+08:00", NOW),
        ("at", "2026-03-02T02:00:00Z", NOW),
        ("isbn", "0-306-40615-2", "9780306406157"),
        ("mobile", "+86 138-1234-5678", "+8613812345678"),
        ("email", "a@EXAMPLE.org", "a@example.org"),
        ("id", "req_01jd7m3k9x4t2v8cq", "req_01jd7m3k9x4t2v8cq"),
        ("word", "b", "b"),
        ("count", 10, 10),
        ("flag", False, False),
        ("money", {"amount": "2.80", "currency": "CNY"}, Money("CNY", 280)),
    ],
)
def test_a_value_is_read(name: str, value: object, read: object) -> None:
    assert {name: read} == Everything().load({name: value})


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("text", "abcd", "too_long"),
        ("text", " ", "too_short"),
        ("text", "a\n", "control_character"),
        ("text", "\ud800", "control_character"),
        ("text", 1, "wrong_type"),
        ("letter", "a\x1b", "control_character"),
        ("at", "2026-03-02T10:00:00", "timestamp_without_offset"),
        ("at", "yesterday", "bad_timestamp"),
        ("at", "0001-01-01T00:00:00+10:00", "bad_timestamp"),
        ("day", "2026-02-30", "bad_day"),
        ("day", "2026-2-3", "bad_day"),
        ("isbn", "9787302000007", "bad_isbn"),
        ("mobile", "call me", "bad_mobile"),
        ("mobile", "123", "bad_mobile"),
        ("email", "nobody", "bad_email"),
        ("id", "pat_01jd7m3k9x4t2v8cq", "wrong_form"),
        ("word", "c", "unknown_word"),
        ("count", 2**63, "out_of_range"),
        ("count", -1, "out_of_range"),
        ("count", 1.0, "wrong_type"),
        ("count", True, "wrong_type"),
        ("count", "1", "wrong_type"),
        ("flag", "true", "wrong_type"),
    ],
)
def test_a_value_is_refused_by_a_code(name: str, value: object, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Everything().load({name: value})
    messages: Any = caught.value.messages
    (fault,) = messages[name]

    assert code == fault.flaw.code


def test_a_day_is_written_as_it_is_read() -> None:
    assert {"day": "2026-03-02"} == Everything().dump({"day": NOW.date()})


@pytest.mark.parametrize(
    "money", [{"amount": "2.805"}, {"amount": 2.8}, {"amount": "2.80", "currency": "yuan"}]
)
def test_money_is_decimal_text_and_a_currency(money: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Everything().load({"money": money})


class Filter(Strict):
    limit = Whole(minimum=1, maximum=100)
    open = Flag()


class Naming(Headers):
    x_shelf = Text(data_key="X-Shelf", max_length=3)


@cache
def _with_shelves() -> Flask:
    """Make an application with a resource that reads query, headers and path, and one that breaks."""
    app = an_app()
    resource = Resource("shelves", description="For tests")

    def read_all(
        query: dict[str, Any], headers: dict[str, Any], shelf_id: str, library: str
    ) -> dict[str, Any]:
        return {**query, **headers, "id": shelf_id, "library": library}

    def broken() -> None:
        raise RuntimeError("secret")

    show = resource.arguments(Naming, location="headers")(resource.response(200)(read_all))
    show = resource.arguments(Filter, location="query")(show)
    resource.add_url_rule("/shelves/<id('shf'):shelf_id>/<code:library>", view_func=show)
    resource.add_url_rule("/broken", view_func=broken)
    app.register_blueprint(resource)
    return app


@pytest.fixture
def shelves(settings: Settings, services: list[object], clock: Hand, contract: Any) -> Api:
    return Api(serving(settings, services, clock, before=_with_shelves), contract)


def test_query_and_headers_are_read(shelves: Api) -> None:
    response = shelves.get("/shelves/shf_00000001/pku?limit=5&open=true", headers={"X-Shelf": "a1"})

    assert {
        "limit": 5,
        "open": True,
        "x_shelf": "a1",
        "id": "shf_00000001",
        "library": "pku",
    } == response.json


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("limit=0", ("query", "/limit", "out_of_range")),
        ("limit=x", ("query", "/limit", "wrong_type")),
        ("limit=9223372036854775808", ("query", "/limit", "out_of_range")),
        ("limit=٣", ("query", "/limit", "wrong_type")),
        ("limit=1&limit=2", ("query", "/limit", "invalid")),
        ("open=yes", ("query", "/open", "wrong_type")),
        ("sort=x", ("query", "/sort", "unknown_field")),
    ],
)
def test_a_fault_in_the_query_is_named(shelves: Api, query: str, fault: tuple[str, str, str]) -> None:
    (error,) = shelves.get(f"/shelves/shf_00000001/pku?{query}").json["errors"]

    assert fault == (error["in"], error["pointer"], error["code"])


def test_a_fault_in_a_header_is_named(shelves: Api) -> None:
    (error,) = shelves.get("/shelves/shf_00000001/pku", headers={"X-Shelf": "abcd"}).json["errors"]

    assert ("header", "/X-Shelf", "too_long") == (error["in"], error["pointer"], error["code"])


@pytest.mark.parametrize(
    "path", ["/shelves/req_00000001/pku", "/shelves/shf_0/pku", "/shelves/shf_00000001/P%20U"]
)
def test_what_is_no_id_leads_nowhere(shelves: Api, path: str) -> None:
    assert 404 == shelves.get(path).status_code


def test_a_fault_of_ours_tells_no_detail(shelves: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves.app, "testing", False)
    response = shelves.get("/broken")

    assert (500, "fault") == (response.status_code, response.json["code"])
    assert "secret" not in response.text
