"""Errors on the wire: codes, statuses, headers, facts."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, NoReturn

import pytest
from flask import Flask
from werkzeug.exceptions import ImATeapot, ServiceUnavailable

import workflows
from ill_broker import services
from ill_broker.api.problems import Problem, codes, problem, status_of
from ill_broker.services.refusals import UnknownHome
from ill_broker.storage.failures import Busy, Stale
from ill_broker.texts.catalogue import say, unfilled
from tests.ill_broker.api.client import Api
from tests.support.contract import contract
from workflows.errors import InvalidCase, WorkflowError
from workflows.reasons import Refusal
from workflows.refusals import NotEligible
from workflows.requests.lifecycle import Status

Raising = Callable[[Exception], None]


def _kinds(kind: type[WorkflowError]) -> set[type[WorkflowError]]:
    return {kind}.union(*(_kinds(narrower) for narrower in kind.__subclasses__()))


def test_every_refusal_of_the_rules_has_its_code_in_the_contract() -> None:
    for package in (workflows, services):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    listed = contract()["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    ours = {kind.code for kind in _kinds(WorkflowError) if kind is not InvalidCase}

    assert codes() == listed
    assert set() == ours - set(listed)


def test_every_code_is_an_error() -> None:
    assert {code for code in codes() if not 400 <= status_of(code) < 600} == set()


@pytest.fixture
def raising(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Raising:
    """Let a view end in an error, for one test."""

    def broken(error: Exception) -> NoReturn:
        raise error

    return lambda error: monkeypatch.setitem(app.view_functions, "patrons.show_me", partial(broken, error))


@dataclass(frozen=True)
class Fact:
    day: date


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (WorkflowError("no"), 409, "refused"),
        (InvalidCase("bad_timestamp"), 422, "invalid_case"),
        (UnknownHome(), 422, "unknown_library"),
        (Busy("locked"), 503, "busy"),
        (Stale("x"), 412, "stale"),
        (ServiceUnavailable(), 503, "busy"),
        (ImATeapot(), 418, "malformed_request"),
        (Problem("not_found"), 404, "not_found"),
    ],
)
def test_an_error_has_its_status_and_code(
    api: Api, raising: Raising, error: Exception, status: int, code: str
) -> None:
    raising(error)
    response = api.get("/patrons/me")

    assert (status, code, status) == (response.status_code, response.json["code"], response.json["status"])
    assert "application/problem+json" == response.content_type


def test_a_refusal_carries_its_facts_as_plain_values(api: Api, raising: Raising) -> None:
    facts: dict[str, Any] = {
        "status": Status.ON_LOAN,
        "at": datetime(2026, 3, 2, tzinfo=UTC),
        "rows": ({"n": 1}, frozenset({"a"})),
        "row": Fact(date(2026, 3, 2)),
        "kind": Fact,
    }
    raising(WorkflowError("no", **facts))
    told = api.get("/patrons/me").json["facts"]

    assert "Fact" in told.pop("kind")
    assert {
        "status": "on_loan",
        "at": "2026-03-02T00:00:00+00:00",
        "rows": [{"n": 1}, ["a"]],
        "row": {"day": "2026-03-02"},
    } == told


def test_facts_never_overwrite_what_the_standard_names(api: Api, raising: Raising) -> None:
    raising(WorkflowError("no", status=1, type="x"))
    response = api.get("/patrons/me").json

    assert (409, {"status": 1, "type": "x"}) == (response["status"], response["facts"])


def test_whoever_finds_the_service_busy_is_told_when_to_come_again(api: Api, raising: Raising) -> None:
    raising(Busy("locked"))

    assert "1" == api.get("/patrons/me").headers["Retry-After"]


def test_a_problem_is_raised_by_its_code() -> None:
    with pytest.raises(Problem) as caught:
        problem("not_found")

    assert (404, "not_found") == (caught.value.code, caught.value.description)


def test_no_two_codes_have_one_title() -> None:
    assert len(codes()) == len({unfilled(f"problem.{code}", "zh") for code in codes()})


REFUSED = NotEligible(reasons=[Refusal.OVERDUE_BLOCK, Refusal.LENDER_LIMIT])


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [
        ("zh-CN", "zh"),
        ("zh-TW", "zh"),
        ("zh-Hans;q=0.9, en;q=0.1", "zh"),
        ("zh_CN", "zh"),
        ("en-GB", "en"),
        ("EN-us,zh;q=0.5", "en"),
        ("fr, en;q=0.5", "en"),
        ("en;q=0, zh;q=0.1", "zh"),
        ("fr", "zh"),
        ("*", "zh"),
        ("", "zh"),
    ],
)
def test_a_refusal_speaks_the_callers_language(api: Api, raising: Raising, wanted: str, spoken: str) -> None:
    raising(REFUSED)
    response = api.get("/patrons/me", headers={"Accept-Language": wanted} if wanted else {})
    told = response.json

    assert (spoken, "Accept-Language") == (response.headers["Content-Language"], response.headers["Vary"])
    assert say("problem.not_eligible", spoken) == told["title"]
    assert [
        {"code": "overdue_block", "text": say("refusal.overdue_block", spoken)},
        {"code": "lender_limit", "text": say("refusal.lender_limit", spoken)},
    ] == told["reasons"]
    assert "\n".join(reason["text"] for reason in told["reasons"]) == told["detail"]
    assert ["overdue_block", "lender_limit"] == told["facts"]["reasons"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_without_the_header_a_refusal_speaks_as_the_patrons_letters_do(
    patron_api: Api, language: str
) -> None:
    patron_api.patch("/patrons/me", json={"language": language})
    refused = patron_api.post("/requests", json={"citation": {"title": "x", "year": 0}})

    assert (422, language) == (refused.status_code, refused.headers["Content-Language"])
    assert say("problem.invalid_input", language) == refused.json["title"]


def test_a_reason_of_a_librarys_own_is_told_as_not_lent(api: Api, raising: Raising) -> None:
    raising(NotEligible(reasons=["on_exhibition"]))
    told = api.get("/patrons/me", headers={"Accept-Language": "en"}).json["reasons"]

    assert [{"code": "on_exhibition", "text": say("refusal.not_lendable", "en")}] == told
