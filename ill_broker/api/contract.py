"""The contract: openapi.yaml out of the schemas, in one fixed form."""

from __future__ import annotations

import re
from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from ill_broker.api.event_shapes import one_of, typed_entries
from ill_broker.api.problems import MEDIA_TYPE, ProblemApi, codes, status_of, title_of
from ill_broker.api.resource import (
    CodeConverter,
    DeskListConverter,
    IdConverter,
    PatronConverter,
    documented,
)
from ill_broker.api.versions import IF_NONE_MATCH
from ill_broker.web.access import SCHEMES
from ill_broker.web.fields import Flag, Text, Whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from flask import Flask, Response
    from flask_smorest import Blueprint
    from werkzeug.exceptions import HTTPException

_KEY = "ill-broker.contract"
_TEXT = "ill-broker.contract-text"
#: a parameter of a path as Flask writes it
_CONVERTED = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
#: the errors that the contract names one by one
_ERRORS = (400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503)
#: what may stand in a path
_CONVERTERS = {
    "id": IdConverter,
    "code": CodeConverter,
    "patron": PatronConverter,
    "desk_list": DeskListConverter,
}
_INFO = {
    "description": (
        "Ask for a book that another member library owns, follow it, and know why it is due when it is due. "
        "Errors are problems (RFC 9457); codes never change. Creating is idempotent by Idempotency-Key."
    ),
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}


def describe(
    app: Flask, resources: Iterable[Blueprint], *, elsewhere: Callable[[HTTPException], Response]
) -> None:
    """Hang *resources* into *app* and write them into its contract.

    :param elsewhere: answers with an error outside the API
    """
    app.url_map.converters |= _CONVERTERS
    api = ProblemApi(
        elsewhere=elsewhere,
        spec_kwargs={
            "title": "Inter-library loan broker",
            "version": "1",
            "openapi_version": "3.1.0",
            "info": _INFO,
        },
    )
    for field, kind in ((Text, "string"), (Whole, "integer"), (Flag, "boolean")):
        api.register_field(field, kind, None)
    for converter in _CONVERTERS.values():
        api.register_converter(converter, documented)
    api.init_app(app)
    for name, scheme in SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
    for resource in resources:
        api.register_blueprint(resource)
    app.extensions[_KEY] = api


def as_dict(app: Flask) -> dict[str, Any]:
    """Return the contract of *app*."""
    told: dict[str, Any] = deepcopy(app.extensions[_KEY].spec.to_dict())
    components = told["components"]
    del components["schemas"]["PaginationMetadata"]
    components["responses"] = _name_errors(components["schemas"])
    words = read_words()
    entry = components["schemas"]["TimelineEntryOut"]
    entries = typed_entries(entry, lambda name: words.meaning("TimelineEntryOut", name))
    components["schemas"] |= {"TimelineEntryOut": one_of(list(entries)), **entries}
    for name, schema in components["schemas"].items():
        if name in words.examples:
            schema["examples"] = [words.examples[name]]
        for member, shape in schema.get("properties", {}).items():
            shape.setdefault("description", words.meaning(name, member))
    for operation in _named_operations(app, told["paths"]):
        _explain(operation, words)
    return told


def as_yaml(app: Flask) -> str:
    """Return the contract of *app* as the file has it: the same text for the same service."""
    if _TEXT not in app.extensions:  # it takes seconds, and anybody may ask for it
        text = yaml.dump(as_dict(app), Dumper=_Plain, sort_keys=True, allow_unicode=True, width=110)
        app.extensions[_TEXT] = text
    told: str = app.extensions[_TEXT]
    return told


class _Plain(yaml.SafeDumper):
    """Writes what stands twice twice: not every reader of a contract knows anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


@dataclass(frozen=True)
class Words:
    """What the contract says for people, out of ``contract_words/``."""

    #: by name, or by schema and name
    members: Mapping[str, str]
    #: by schema; by operationId where what is sent and answered is no JSON
    examples: Mapping[str, Any]

    def meaning(self, where: str, name: str) -> str:
        """Return what *name* means in the schema or operation *where*."""
        return self.members.get(f"{where}.{name}") or self.members.get(name, "")


@cache
def read_words() -> Words:
    """Return the words that lie beside this module."""
    folder = files("ill_broker.api").joinpath("contract_words")
    members = yaml.safe_load(folder.joinpath("members.yaml").read_text(encoding="utf-8"))
    examples: dict[str, Any] = {}
    for file in sorted(folder.joinpath("examples").iterdir(), key=lambda file: file.name):
        examples |= yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    return Words(members, examples)


def _name_errors(schemas: dict[str, Any]) -> dict[str, Any]:
    """Give each status that is an error a schema with its codes, and return the responses to point to."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in codes():
        by_status[status_of(code)].append(code)
    problem = schemas["Problem"]
    problem["properties"]["code"]["enum"] = codes()
    responses = {"Error": _response("Any other error", "Problem")}
    for status in _ERRORS:
        own = deepcopy(problem)
        own["properties"]["code"]["enum"] = by_status[status]
        own["properties"]["status"] = {"type": "integer", "const": status}
        schemas[f"Problem{status}"] = own
        responses[f"Error{status}"] = _response(title_of(status), f"Problem{status}")
    return responses


def _response(description: str, schema: str) -> dict[str, Any]:
    shape = {"$ref": f"#/components/schemas/{schema}"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": shape}}}


def _named_operations(app: Flask, paths: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give each operation the name of its view and the parameters of its path, and yield it."""
    views = {
        (_CONVERTED.sub(r"{\1}", rule.rule), method.lower()): rule.endpoint.rpartition(".")[2]
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    for path, operations in paths.items():
        shared = operations.pop("parameters", [])
        for method, operation in operations.items():
            operation["operationId"] = views[path, method]
            operation["parameters"] = [*deepcopy(shared), *operation.get("parameters", [])]
            if method == "get" and "ETag" in operation["responses"].get("200", {}).get("headers", {}):
                operation["parameters"].append(IF_NONE_MATCH)
                operation["responses"]["304"] = {"description": "It is still what If-None-Match names"}
            yield operation


def _explain(operation: dict[str, Any], words: Words) -> None:
    """Describe the parameters, name the errors and give the examples of an operation."""
    name, responses = operation["operationId"], operation["responses"]
    for parameter in operation["parameters"]:
        parameter.setdefault("description", words.meaning(name, parameter["name"]))
    for status in sorted(_errors_of(operation)):
        response = {"$ref": f"#/components/responses/Error{status}"}
        if "content" not in responses.get(str(status), {}):
            responses[str(status)] = response
    responses["default"] = {"$ref": "#/components/responses/Error"}
    bodies = [operation.get("requestBody", {}), *responses.values()]
    for shape in [shape for body in bodies for shape in body.get("content", {}).values()][:1]:
        if name in words.examples:
            shape["example"] = words.examples[name]


def _errors_of(operation: dict[str, Any]) -> set[int]:
    """Return the errors that the operation may answer with, by what it takes."""
    parameters = {(each["in"], each["name"]) for each in operation["parameters"]}
    found = {404, 429, 503}
    if operation.get("security"):
        found |= {401, 403}
    if "requestBody" in operation:
        found |= {400, 401, 409, 413, 415, 422}
    if ("header", "If-Match") in parameters:
        found |= {409, 412}
    if any(place in {"query", "header"} for place, _ in parameters):
        found |= {422}
    return found
