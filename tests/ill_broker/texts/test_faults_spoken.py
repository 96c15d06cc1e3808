"""Whatever is wrong with what was sent is said in the caller's language, at every operation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import partial
from typing import Any

import pytest

from ill_broker.api.problems import MEDIA_TYPE
from ill_broker.app import create_app
from ill_broker.texts.flaws import CaseFlaw, Flaw
from tests.support.contract import contract
from tests.support.sources import sources
from tests.test_contract import OPERATIONS, Services, World, a_world, services
from workflows.losses.prices import Prices

#: the databases of the contract's fuzz, here once more
FIXTURES = (services,)
HAN = re.compile("[\u4e00-\u9fff]")
#: what is wrong with a member of almost any kind
WRONG: tuple[object, ...] = (
    None,
    2**63,
    1.5,
    [],
    [None],
    {},
    {"x": 1},
    "",
    "a\x00b",
    "x" * 10_000,
    "2026-02-30",
)


class Asked:
    """The service, asked wrongly."""

    def __init__(self, client: Any, world: World) -> None:
        patron, desk, _, office, *_ = world.people
        self.client, self.people = client, (patron, desk, office)
        self.contract = contract()
        self._ids = {
            "request_id": world.requests[0], "patron_id": "me", "library": "pku", "name": "bjtu",
            "amendment_id": "amd_00000001", "card_id": "crd_00000001", "key_id": "key_00000001",
            "posting_id": "pst_00000001", "search_id": "srch_00000001", "session_id": "ses_00000001",
            "staff_id": "stf_00000001", "entry": "prm_00000001", "wish_id": "wsh_00000001",
            "typed_request_id": "typ_00000001", "secret_id": "sec_00000001", "desk_list": "to-arrive",
            "announcement_id": "ann_00000001",
        }  # fmt: skip

    def members(self, path: str, method: str) -> list[str]:
        body = self.contract["paths"][path][method].get("requestBody", {}).get("content", {})
        name = body.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
        return [*self.contract["components"]["schemas"].get(name, {}).get("properties", {}), "nobody_knows"]

    def refusals(self, path: str, method: str) -> Iterator[dict[str, Any]]:
        """Yield what is answered to bodies and queries of which everything is wrong, and to none."""
        members = self.members(path, method)
        queries = [each["name"] for each in self.contract["paths"][path][method]["parameters"]]
        call = partial(self.client.open, path.format_map(self._ids), method=method.upper())
        for who in self.people:
            heads = {"Accept-Language": "zh", **who}
            answers = [call(headers=heads, json=dict.fromkeys(members, wrong)) for wrong in WRONG]
            answers += [
                call(headers=heads, data=data, content_type="application/json") for data in (b"{", b"[]")
            ]
            answers += [call(headers=heads, query_string=dict.fromkeys([*queries, "x"], "\x00"))]
            answers += [call(headers=heads, query_string=[("limit", "1"), ("limit", "2")])]
            yield from (each.json for each in answers if each.mimetype == MEDIA_TYPE)


@pytest.fixture(scope="module")
def asked(services: tuple[Any, Services]) -> Asked:
    settings, opened = services
    return Asked(create_app(settings, opened.all).test_client(), a_world(opened))


def sentences(problem: dict[str, Any]) -> Iterator[str]:
    yield problem["title"]
    yield from problem.get("detail", "").splitlines()
    yield from (each["text"] for each in problem.get("reasons", ()))
    yield from (each["detail"] for each in problem.get("errors", ()))


@pytest.mark.ci
def test_no_fault_is_bare_english(asked: Asked) -> None:
    told = {(path, method): list(asked.refusals(path, method)) for path, method in OPERATIONS}
    silent = {path for (path, _), problems in told.items() if not problems}
    bare = {
        (*operation, said)
        for operation, problems in told.items()
        for problem in problems
        for said in sentences(problem)
        if not HAN.search(said)
    }
    errors = [error for problems in told.values() for each in problems for error in each.get("errors", ())]

    assert set() == silent - {"/healthz", "/readyz", "/metrics"}
    assert set() == bare
    assert [] == [error for error in errors if not error["code"]]


def literals(called: str) -> set[str]:
    """Return every code that the sources name in a call of this name."""
    found = set()
    for file in (*sources("workflows"), *sources("connectors"), *sources("ill_broker")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                first = node.args[0] if node.args else None
                if name == called and isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return found


def test_every_code_of_a_faulty_file_and_of_a_case_has_its_sentence() -> None:
    assert {"bad_type", "missing_field"} <= literals("refuse") <= {*Flaw}
    assert {"bad_input", "calendar_gap"} <= literals("InvalidCase") <= {*CaseFlaw}
    assert set() == {f"{price.name}_missing" for price in fields(Prices) if price.name != "currency"} - {
        *CaseFlaw
    }
