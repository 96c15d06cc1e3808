"""Errors on the wire (RFC 9457); the only file that knows which error is which HTTP status."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from flask import Response, request
from flask_smorest import Api
from structlog.contextvars import get_contextvars
from werkzeug.exceptions import HTTPException

from ill_broker.api.fields import Fault
from ill_broker.api.schemas import ProblemSchema
from ill_broker.services import refusals
from ill_broker.storage.failures import Busy, Stale, Uncertain
from workflows.errors import InvalidCase, WorkflowError

if TYPE_CHECKING:
    from flask import Flask

MEDIA_TYPE = "application/problem+json"
API = "/api/"
#: seconds after which a caller may try again when the service is busy
RETRY_AFTER = 1

#: what the HTTP layer itself refuses: code, status, title
HTTP = MappingProxyType(
    {
        "malformed_request": (400, "The request cannot be read"),
        "unauthenticated": (401, "Say who you are"),
        "forbidden": (403, "You may not do this"),
        "not_found": (404, "There is no such thing here"),
        "method_not_allowed": (405, "This cannot be done here"),
        "not_acceptable": (406, "The answer cannot be given in that form"),
        "conflict": (409, "This is in the way of something else"),
        "stale": (412, "It has changed since you read it"),
        "too_large": (413, "The request is too large"),
        "uri_too_long": (414, "The address is too long"),
        "unsupported_media_type": (415, "The body must be JSON"),
        "precondition": (428, "Say which version you mean"),
        "invalid_input": (422, "The input has faults"),
        "idempotency_key_reused": (422, "The key was used for another request"),
        "too_many_requests": (429, "Too many requests"),
        "headers_too_large": (431, "The headers are too large"),
        "fault": (500, "Something went wrong here"),
        "not_implemented": (501, "This is not offered"),
        "bad_gateway": (502, "A service behind this one failed"),
        "busy": (503, "Try again in a moment"),
    }
)

#: refusals of the rules and of the services that are no conflict with the present state
REFUSALS = MappingProxyType(
    {
        "not_allowed": 403,
        "lender_decides": 403,
        "email_not_verified": 403,
        "invalid_case": 422,
        "faulty_policy": 422,
        "faulty_connectors": 422,
        "too_many_loans": 422,
        "past_validity": 422,
        "bad_money": 422,
        "currency_mismatch": 422,
        "not_eligible": 422,
        "unknown_category": 422,
        "wrong_item": 422,
        "reason_missing": 422,
        "no_such_piece": 422,
        "no_such_case": 422,
        "unknown_pickup_site": 422,
        "bad_amount": 422,
        "not_a_charge": 422,
        "no_such_posting": 422,
        "amount_not_chosen": 422,
        refusals.WrongLogin.code: 401,
        refusals.BadToken.code: 422,
        refusals.WeakPassword.code: 422,
        refusals.UnknownHome.code: 422,
        refusals.KeyReused.code: 422,
        refusals.SignOnRefused.code: 401,
        refusals.Unknown.code: 404,
    }
)
_CONFLICT = 409


def codes() -> list[str]:
    """Return every code that an answer may carry."""
    return sorted(
        {*HTTP, *REFUSALS, *(error.code for error in _kinds(WorkflowError) if error is not InvalidCase)}
    )


def status_of(code: str) -> int:
    """Return the HTTP status that goes with *code*."""
    return HTTP[code][0] if code in HTTP else REFUSALS.get(code, _CONFLICT)


def title_of(status: int) -> str:
    """Return what the first code of *status* says."""
    return next(title for known, title in HTTP.values() if known == status)


def answer(
    code: str,
    *,
    status: int | None = None,
    title: str | None = None,
    detail: str | None = None,
    facts: Mapping[str, Any] | None = None,
    errors: Iterable[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the problem as a response."""
    told: dict[str, Any] = {
        "type": f"urn:ill-broker:problem:{code}",
        "title": title or HTTP[code][1],
        "status": status or status_of(code),
        "code": code,
    }
    optional = {
        "detail": detail,
        "request_id": get_contextvars().get("request_id"),
        "facts": _plain(facts or {}),
        "errors": list(errors),
    }
    told |= {name: value for name, value in optional.items() if value}
    return Response(json.dumps(told), told["status"], dict(headers or {}), mimetype=MEDIA_TYPE)


class Problem(HTTPException):
    """A problem that is known where it is raised."""

    def __init__(
        self, code: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        self.code = status_of(code)
        super().__init__(detail, answer(code, detail=detail, headers=headers, **more))


def problem(code: str, detail: str = "", *, headers: Mapping[str, str] | None = None) -> NoReturn:
    """Answer with the problem of this code."""
    raise Problem(code, detail, headers=headers)


def invalid(messages: Mapping[str, Any], location: str) -> Problem:
    """Return the problem that names every fault of marshmallow's *messages*."""
    errors = [
        {"in": location, "pointer": pointer, "detail": str(told), "code": _code(told)}
        for pointer, told in _faults(messages, "")
    ]
    return Problem("invalid_input", errors=errors)


def _faults(messages: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Walk marshmallow's tree of messages and yield each with the JSON pointer of what it is about."""
    if isinstance(messages, Mapping):
        for key, inside in messages.items():
            step = "" if key == "_schema" else "/" + _clean(str(key)).replace("~", "~0").replace("/", "~1")
            yield from _faults(inside, (pointer + step)[:500])
    elif isinstance(messages, list | tuple):
        for each in messages:
            yield from _faults(each, pointer)
    else:
        yield pointer, messages if isinstance(messages, str) else str(messages)


def _clean(key: str) -> str:
    """Return a member's name as it may be told again: shortened, and nothing in it that cannot be seen."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in key[:100])


#: marshmallow's own words
_BUILT_IN = {
    "Missing data for required field.": "required",
    "Field may not be null.": "null",
    "Unknown field.": "unknown_field",
    "Invalid input type.": "wrong_type",
    "Not a valid list.": "wrong_type",
    "Not a valid mapping type.": "wrong_type",
    "Invalid type.": "wrong_type",
}


def _code(told: str) -> str:
    return told.code if isinstance(told, Fault) else _BUILT_IN.get(told, "invalid")


def _plain(value: Any) -> Any:
    """Return a fact as JSON can say it."""
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(each) for each in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _plain(asdict(value))
        case _:
            return str(value)


class ProblemApi(Api):
    """flask-smorest's Api, with our errors."""

    ERROR_SCHEMA = ProblemSchema

    def _register_responses(self) -> None:
        self.DEFAULT_RESPONSE_CONTENT_TYPE = MEDIA_TYPE
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE

    def _register_error_handlers(self) -> None:
        app: Flask = self._app
        app.register_error_handler(HTTPException, self.handle_http_exception)
        app.register_error_handler(WorkflowError, _refused)
        app.register_error_handler(Busy, _busy)
        app.register_error_handler(Uncertain, _busy)
        app.register_error_handler(Stale, _stale)

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Return a problem under /api/, and a page elsewhere; headers such as Allow stay."""
        usual = error.get_response()
        if isinstance(error, Problem) or not request.path.startswith(API):
            return Response(usual.get_data(), error.code, usual.headers)
        kept = {name: value for name, value in usual.headers.items() if not name.startswith("Content-")}
        status = error.code or 500
        code = next((code for code, (known, _) in HTTP.items() if known == status), None)
        if code is None:
            code = "fault" if status >= 500 else "malformed_request"  # noqa: PLR2004 - where faults begin
        return answer(code, status=status, headers=kept)


def _refused(error: WorkflowError) -> Response:
    if isinstance(error, InvalidCase):
        facts = {**error.facts, "reason": error.code}
        return answer("invalid_case", title=error.title, detail=error.detail, facts=facts)
    pointer = getattr(error, "pointer", None)
    errors = (
        [{"in": "body", "pointer": pointer, "detail": error.detail, "code": error.code}] if pointer else []
    )
    headers = {"WWW-Authenticate": "Bearer"} if status_of(error.code) == 401 else {}  # noqa: PLR2004 - RFC 9110
    if "retry_after" in error.facts:
        headers["Retry-After"] = str(error.facts["retry_after"])
    return answer(
        error.code, title=error.title, detail=error.detail, facts=error.facts, errors=errors, headers=headers
    )


def _busy(error: Busy | Uncertain) -> Response:
    """Ask to come again: with its Idempotency-Key a request is carried out once, whatever became of it."""
    return answer("busy", headers={"Retry-After": str(getattr(error, "retry_after", RETRY_AFTER))})


def _stale(_: Stale) -> Response:
    return answer("stale")


def _kinds(kind: type[WorkflowError]) -> Iterator[type[WorkflowError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)
