"""The contract: committed as generated, and kept under fuzz; whatever comes in, nothing breaks."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, get_args

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import Connection

from ill_broker import clock, mint
from ill_broker.api.contract import as_yaml, read_words
from ill_broker.app import create_app
from ill_broker.services.people.sessions import Sessions
from ill_broker.settings import Settings
from ill_broker.storage import events, libraries, people, sessions
from ill_broker.storage import requests as request_rows
from ill_broker.storage.events import Recorded
from ill_broker.storage.migrations import migrate
from ill_broker.storage.people import Enrolment
from ill_broker.storage.sessions import ApiKey
from ill_broker.storage.store import Store
from ill_broker.wiring import open_services
from tests.factories import BJTU, LIBRARIES, PKU, a_patron, journey_to
from tests.support.contract import bare_app
from tests.support.contract import contract as contract_once
from workflows.actors import SYSTEM, Actor, Role
from workflows.citation import work_key
from workflows.ids import PatronId, RequestId
from workflows.patrons import Patron
from workflows.requests.events import Event
from workflows.requests.lifecycle import Status

ROOT = Path(__file__).resolve().parent.parent
#: the same every time, and short: two calls of each kind by default and sixteen in CI
SHORT = settings(
    max_examples=2 if settings().max_examples < 200 else 16,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
OPERATIONS = [
    (path, method)
    for path, told in sorted(contract_once()["paths"].items())
    for method in sorted(told)
    if method in {"get", "put", "post", "patch", "delete"}
]


def test_the_committed_contract_is_what_the_code_says() -> None:
    assert as_yaml(bare_app()) == (ROOT / "openapi.yaml").read_text(encoding="utf-8")


def test_the_contract_does_not_hang_on_what_this_python_calls_a_status() -> None:
    responses = contract_once()["components"]["responses"]

    assert set() == {status.name for status in HTTPStatus} & responses.keys()
    assert "Unprocessable" not in as_yaml(bare_app())


@pytest.mark.ci
def test_the_contract_is_valid_openapi() -> None:
    validate(contract_once())


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    return contract_once()


def operations(contract: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in contract["paths"].values():
        yield from path.values()


def test_every_operation_has_a_name_of_its_own_and_a_summary(contract: dict[str, Any]) -> None:
    told = [(operation["operationId"], operation.get("summary")) for operation in operations(contract)]

    assert [] == [name for name, summary in told if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", name) is None]
    assert [] == [name for name, summary in told if not summary]
    assert len(told) == len({name for name, _ in told})


def members(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a schema has by name, in whatever depth it stands; what it points to stands elsewhere."""
    if isinstance(schema, list):
        for one in schema:
            yield from members(one)
    elif isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for word in ("properties", "items", "anyOf", "additionalProperties"):
            inside = schema.get(word)
            yield from members([*inside.values()] if word == "properties" and inside else inside)


def test_every_parameter_and_every_member_says_what_it_means(contract: dict[str, Any]) -> None:
    """Where this fails, add the word to ``contract_words/members.yaml``."""
    meant = {
        (operation["operationId"], each["name"]): each.get("description")
        for operation in operations(contract)
        for each in operation["parameters"]
    } | {
        (schema, name): shape.get("description")
        for schema, told in contract["components"]["schemas"].items()
        for name, shape in members(told)
    }
    known = {name for where, member in meant for name in (member, f"{where}.{member}")}

    assert [] == [".".join(where) for where, meaning in meant.items() if not meaning]
    assert [] == [name for name in read_words().members if name not in known]


def test_what_an_event_tells_is_said_in_words(contract: dict[str, Any]) -> None:
    facts = {
        name: schema["properties"]["facts"]["description"]
        for name, schema in contract["components"]["schemas"].items()
        if name.endswith("Entry") and "facts" in schema.get("properties", {})
    }

    assert len(facts) == len(get_args(Event))
    assert {name: words for name, words in facts.items() if not words or "(" in words} == {}


def test_every_operation_has_an_example(contract: dict[str, Any]) -> None:
    """Where this fails, add one to ``contract_words/examples``, by the schema of what is sent or answered."""
    schemas = contract["components"]["schemas"]
    without = [
        operation["operationId"]
        for operation in operations(contract)
        for body in (operation.get("requestBody", {}), *good_answers(operation))
        if body.get("content") and not any(has_example(schemas, each) for each in body["content"].values())
    ]

    assert ["take_iso18626_message"] == without, "its answer is XML, as its message is, which has one"


def good_answers(operation: dict[str, Any]) -> list[dict[str, Any]]:
    return [answer for status, answer in operation["responses"].items() if status.startswith("2")]


def has_example(schemas: dict[str, Any], shape: dict[str, Any]) -> bool:
    name = shape.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return "example" in shape or "examples" in schemas.get(name, {})


def test_every_example_is_true_to_its_schema(contract: dict[str, Any]) -> None:
    schemas = contract["components"]["schemas"]
    names = {operation["operationId"] for operation in operations(contract)} | schemas.keys()
    faults = {
        name: [f"{error.json_path}: {error.message}" for error in found]
        for name, schema in schemas.items()
        for example in schema.get("examples", [])
        if (
            found := list(OAS31Validator({**schema, "components": {"schemas": schemas}}).iter_errors(example))
        )
    }

    assert {} == faults
    assert set() == read_words().examples.keys() - names


def test_errors_are_named_by_status_and_code(contract: dict[str, Any]) -> None:
    submit = contract["paths"]["/api/v1/requests"]["post"]["responses"]
    conflict = contract["components"]["schemas"]["Problem409"]["properties"]

    assert {"400", "401", "403", "404", "409", "413", "415", "422", "429", "503"} <= submit.keys()
    assert 409 == conflict["status"]["const"]
    assert {"wrong_state", "too_early"} <= set(conflict["code"]["enum"])
    assert {"wrong_login", "unauthenticated"} <= set(
        contract["components"]["schemas"]["Problem401"]["properties"]["code"]["enum"]
    )


def test_codes_are_in_snake_case_and_paths_in_kebab_case(contract: dict[str, Any]) -> None:
    segments = {part for path in contract["paths"] for part in path.split("/") if "{" not in part}
    codes = contract["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]

    assert set() == {part for part in segments if re.fullmatch(r"[a-z0-9]*(-[a-z0-9]+)*", part) is None}
    assert [] == [code for code in codes if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", code) is None]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Services]]:
    path = tmp_path_factory.mktemp("fuzz") / "ill.db"
    migrate(f"sqlite:///{path}")
    settings = Settings(
        database_url=f"sqlite:///{path}",
        secret_key="a key for the tests alone, and long",
        cheap_passwords=True,
        log_level="critical",
    )
    opened = Services(open_services(settings, clock.SystemClock()))
    with opened.store.writing() as conn:
        for library in LIBRARIES.values():
            libraries.put(conn, library)
    yield settings, opened
    opened.store.close()


@pytest.fixture(scope="module")
def app(services: tuple[Settings, Services]) -> Flask:
    settings, opened = services
    app = create_app(settings, opened.all)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture(scope="module")
def schema(app: Flask) -> Any:
    schema = schemathesis.openapi.from_dict(contract_once())
    schema.app = app
    return schema


@pytest.fixture
def world(services: tuple[Settings, Services]) -> World:
    return a_world(services[1])


class Services:
    """What the application is given, and two of it by name."""

    def __init__(self, opened: list[object]) -> None:
        self.all = opened
        self.store = next(each for each in opened if isinstance(each, Store))
        self.sessions = next(each for each in opened if isinstance(each, Sessions))


@dataclass(frozen=True)
class World:
    """Somebody of every kind, and a patron's request in every status."""

    #: the headers of a patron, of staff at both ends, of the office, of a partner, of a stranger
    people: tuple[dict[str, str], ...]
    requests: tuple[str, ...]


_numbers = itertools.count(1)


def a_world(services: Services) -> World:
    number, now = next(_numbers), clock.now()
    patron = a_patron(
        id=PatronId(f"pat_{number:08}"), card_number=str(number), email=f"reader{number}@example.org"
    )
    key = f"key-{number}"
    partner = ApiKey(key_hash=mint.token_hash(key), role=Role.PARTNER, library=PKU, label=key, created_at=now)
    with services.store.writing() as conn:
        people.enrol(conn, Enrolment(patron=patron, created_at=now))
        sessions.add_key(conn, partner)
        ids = tuple(_put(conn, status, patron, number) for status in Status)
    actors = (
        Actor(Role.PATRON, patron.id, BJTU),
        Actor(Role.STAFF, "stf_00000001", BJTU),
        Actor(Role.STAFF, "stf_00000002", PKU),
        Actor(Role.OFFICE, "stf_00000003"),
    )
    tokens = [services.sessions.open_for(actor, now=now).token for actor in actors]
    bearers = ({"Authorization": f"Bearer {token}"} for token in tokens)
    return World((*bearers, {"X-API-Key": key}, {}), ids)


def _put(conn: Connection, status: Status, patron: Patron, number: int) -> RequestId:
    """Put a request with its events into the database."""
    journey = journey_to(status)
    request_id = RequestId(f"req_{number:06}{list(Status).index(status):02}")
    desk_number = f"{number}-{status.value}"
    request = replace(journey.request, id=request_id, number=desk_number, patron=patron.id)
    request_rows.insert(conn, request, work_key(request.citation) + request_id)
    told = [
        Recorded(seq=seq, received_at=journey.now, actor=SYSTEM, event=event)
        for seq, event in enumerate(journey.events, 1)
    ]
    events.append(conn, request_id, told)
    return request_id


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=str)
def test_whatever_comes_the_answer_is_in_the_contract(
    schema: Any, world: World, path: str, method: str, mode: GenerationMode
) -> None:
    operation = schema[path][method.upper()]

    @SHORT
    @given(
        case=operation.as_strategy(mode),
        who=st.sampled_from(world.people),
        request_id=st.sampled_from(world.requests),
    )
    def everything(case: Any, who: dict[str, str], request_id: str) -> None:
        if "{request_id}" in path:
            case.path_parameters["request_id"] = request_id
        case.call_and_validate(headers=who, checks=CHECKS)

    everything()


def test_the_fuzz_finds_a_fault(
    app: Flask, schema: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.view_functions, "patrons.show_me", lambda: str(1 // 0))
    with pytest.raises(ZeroDivisionError):
        schema["/api/v1/patrons/me"]["GET"].Case().call_and_validate(headers=world.people[0], checks=CHECKS)
