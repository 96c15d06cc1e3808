"""The contract: openapi.yaml out of the schemas, in one fixed form."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import yaml

from ill_broker.api.fields import Flag, Text, Whole
from ill_broker.api.problems import ProblemApi, codes, title_of
from ill_broker.api.resource import CodeConverter, IdConverter, PatronConverter, documented
from ill_broker.web.access import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask
    from flask_smorest import Blueprint

_KEY = "ill-broker.contract"
_INFO = {
    "description": (
        "Ask for a book that another member library owns, follow it, and know why it is due when it is due. "
        "Errors are problems (RFC 9457); codes never change. Creating is idempotent by Idempotency-Key."
    ),
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}


def describe(app: Flask, resources: Iterable[Blueprint]) -> None:
    """Hang *resources* into *app* and write them into its contract."""
    app.url_map.converters |= {"id": IdConverter, "code": CodeConverter, "patron": PatronConverter}
    api = ProblemApi(
        spec_kwargs={
            "title": "Inter-library loan broker",
            "version": "1",
            "openapi_version": "3.1.0",
            "info": _INFO,
        }
    )
    for field, kind in ((Text, "string"), (Whole, "integer"), (Flag, "boolean")):
        api.register_field(field, kind, None)
    api.register_converter(IdConverter, documented)
    api.register_converter(CodeConverter, documented)
    api.register_converter(PatronConverter, documented)
    api.init_app(app)
    for name, scheme in SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
    for resource in resources:
        api.register_blueprint(resource)
    app.extensions[_KEY] = api


def as_dict(app: Flask) -> dict[str, Any]:
    """Return the contract of *app*."""
    told: dict[str, Any] = app.extensions[_KEY].spec.to_dict()
    problem = told["components"]["schemas"]["Problem"]["properties"]["code"]
    problem["enum"] = codes()
    _name_by_status(told)
    return told


def _name_by_status(told: dict[str, Any]) -> None:
    """Name the answers that operations share by their status: Python's own words for it change."""
    shared = told["components"]["responses"]
    ours = {status.name: status.value for status in HTTPStatus if status.name in shared}
    for name, status in ours.items():
        shared[f"Problem{status}"] = {**shared.pop(name), "description": title_of(status)}
    operations = (one for path in told["paths"].values() for one in path.values() if "responses" in one)
    for answer in (one for operation in operations for one in operation["responses"].values()):
        name = answer.get("$ref", "").rpartition("/")[2]
        if name in ours:
            answer["$ref"] = f"#/components/responses/Problem{ours[name]}"


def as_yaml(app: Flask) -> str:
    """Return the contract of *app* as the file has it: the same text for the same service."""
    return yaml.safe_dump(as_dict(app), sort_keys=True, allow_unicode=True, width=110)
