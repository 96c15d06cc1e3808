"""Errors on the wire (RFC 9457); the only file that knows which error is which HTTP status."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from flask import Response, request
from flask_smorest import Api
from structlog.contextvars import get_contextvars
from werkzeug.exceptions import HTTPException

from ill_broker.api.schemas import ProblemSchema
from ill_broker.storage.failures import Busy, Stale, Uncertain
from ill_broker.texts.catalogue import say
from ill_broker.texts.flaws import CaseFlaw, Flaw
from ill_broker.texts.reasons import why
from ill_broker.web.fields import WrongValue
from ill_broker.web.language import language
from workflows.errors import InvalidCase, WorkflowError

if TYPE_CHECKING:
    from flask import Flask

MEDIA_TYPE = "application/problem+json"
API = "/api/"
#: seconds after which a caller may try again when the service is busy
RETRY_AFTER = 1

#: what the HTTP layer itself refuses: by code, with which status
HTTP = MappingProxyType(
    {
        "malformed_request": 400,
        "unauthenticated": 401,
        "forbidden": 403,
        "not_found": 404,
        "method_not_allowed": 405,
        "not_acceptable": 406,
        "conflict": 409,
        "stale": 412,
        "too_large": 413,
        "uri_too_long": 414,
        "unsupported_media_type": 415,
        "precondition": 428,
        "invalid_input": 422,
        "idempotency_key_reused": 422,
        "too_many_requests": 429,
        "headers_too_large": 431,
        "fault": 500,
        "not_implemented": 501,
        "bad_gateway": 502,
        "busy": 503,
    }
)

#: what the rules and the services refuse; each refusal chooses its status here
REFUSALS = MappingProxyType(
    {
        "not_allowed": 403,
        "lender_decides": 403,
        "invalid_case": 422,
        "faulty_policy": 422,
        "faulty_connectors": 422,
        "faulty_member": 422,
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
        "needed_in_the_past": 422,
        "bad_amount": 422,
        "not_a_charge": 422,
        "no_such_posting": 422,
        "amount_not_chosen": 422,
        "wrong_login": 401,
        "bad_token": 422,
        "bad_secret": 422,
        "weak_password": 422,
        "unknown_library": 422,
        "sign_on_refused": 401,
        "unknown_code": 404,
        "unknown_reader": 422,
        "already_arrived": 409,
        "already_disputed": 409,
        "already_fined": 409,
        "already_proposed": 409,
        "already_registered": 409,
        "already_suspended": 409,
        "ambiguous_barcode": 409,
        "asked_twice": 409,
        "barcode_taken": 409,
        "can_be_had": 409,
        "card_refused": 409,
        "fine_stated": 409,
        "login_taken": 409,
        "loss_not_reported": 409,
        "no_such_transfer": 409,
        "not_handed_over": 409,
        "not_in_force": 409,
        "not_reversible": 409,
        "not_given_up": 409,
        "not_set_aside": 409,
        "nothing_to_undo": 409,
        "overpayment": 409,
        "recalled": 409,
        "refused": 409,
        "refused_same_day": 409,
        "renewal_refused": 409,
        "still_open": 409,
        "too_early": 409,
        "too_many_agents": 409,
        "too_many_typed_requests": 409,
        "too_many_wishes": 409,
        "wrong_state": 409,
    }
)


def codes() -> list[str]:
    """Return every code that an answer may carry."""
    return sorted({*HTTP, *REFUSALS})


def status_of(code: str) -> int:
    """Return the HTTP status that goes with *code*."""
    return HTTP[code] if code in HTTP else REFUSALS[code]


def title_of(status: int) -> str:
    """Return what the first code of *status* says, in English."""
    return say(f"problem.{next(code for code, known in HTTP.items() if known == status)}", "en")


def answer(
    code: str,
    *,
    status: int | None = None,
    detail: str = "",
    facts: Mapping[str, Any] | None = None,
    errors: Iterable[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the problem as a response, in the caller's language, with every reason told by itself.

    :param detail: the name of a sentence
    """
    spoken = language()
    reasons = [{"code": each, "text": why(each, spoken)} for each in (facts or {}).get("reasons", ())]
    told: dict[str, Any] = {
        "type": f"urn:ill-broker:problem:{code}",
        "title": say(f"problem.{code}", spoken, _plain(facts or {})),
        "status": status or status_of(code),
        "code": code,
    }
    optional = {
        "detail": "\n".join(reason["text"] for reason in reasons) or (detail and say(detail, spoken)),
        "reasons": reasons,
        "request_id": get_contextvars().get("request_id"),
        "facts": _plain(facts or {}),
        "errors": list(errors),
    }
    told |= {name: value for name, value in optional.items() if value}
    heads = {"Content-Language": spoken, "Vary": "Accept-Language", **(headers or {})}
    return Response(json.dumps(told), told["status"], heads, mimetype=MEDIA_TYPE)


def refusal_told(error: WorkflowError) -> dict[str, Any]:
    """Return a refusal that is part of an answer, as a problem would tell it."""
    told = json.loads(_refused(error).get_data())
    return {name: told[name] for name in ("code", "title", "reasons", "facts") if name in told}


class Problem(HTTPException):
    """A problem that is known where it is raised."""

    def __init__(self, code: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        self.code = status_of(code)
        super().__init__(code, answer(code, headers=headers, **more))


def problem(code: str, *, headers: Mapping[str, str] | None = None) -> NoReturn:
    """Answer with the problem of this code."""
    raise Problem(code, headers=headers)


def shown_flaw(flaw: Flaw, pointer: str = "") -> dict[str, str]:
    """Return what is wrong at a place of the body, in the caller's language."""
    return {"in": "body", "pointer": pointer, "detail": WrongValue(flaw).said(language()), "code": flaw.code}


def malformed(*flaws: tuple[Flaw, str]) -> Problem:
    """Return the problem of a body that cannot be read, with each flaw and where it is."""
    return Problem("malformed_request", errors=[shown_flaw(flaw, pointer) for flaw, pointer in flaws])


def invalid(messages: Mapping[str, Any], location: str) -> Problem:
    """Return the problem that names every fault of marshmallow's *messages*."""
    spoken = language()
    errors = [
        {"in": location, "pointer": pointer, "detail": fault.said(spoken), "code": fault.flaw.code}
        for pointer, fault in _faults(messages, "")
    ]
    return Problem("invalid_input", errors=errors)


def _faults(messages: Any, pointer: str) -> Iterator[tuple[str, WrongValue]]:
    """Walk marshmallow's tree of messages and yield each with the JSON pointer of what it is about."""
    if isinstance(messages, Mapping):
        for key, inside in messages.items():
            step = "" if key == "_schema" else "/" + _clean(str(key)).replace("~", "~0").replace("/", "~1")
            yield from _faults(inside, (pointer + step)[:500])
    elif isinstance(messages, list | tuple):
        for each in messages:
            yield from _faults(each, pointer)
    else:
        yield pointer, messages if isinstance(messages, WrongValue) else WrongValue(flaw_of(str(messages)))


def _clean(key: str) -> str:
    """Return a member's name as it may be told again: shortened, and nothing in it that cannot be seen."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in key[:100])


#: marshmallow's own words, by how they begin, and those of the reader of partners' reports
_BUILT_IN = MappingProxyType(
    {
        "Missing data for required field.": Flaw.REQUIRED,
        "Field may not be null.": Flaw.NULL,
        "Unknown field.": Flaw.UNKNOWN_FIELD,
        "Invalid input type.": Flaw.NOT_OBJECT,
        "Invalid type.": Flaw.NOT_OBJECT,
        "Not a valid list.": Flaw.NOT_LIST,
        "Not a valid mapping type.": Flaw.NOT_OBJECT,
        "Not a valid string.": Flaw.NOT_TEXT,
        "Longer than maximum length": Flaw.BAD_LENGTH,
        "Shorter than minimum length": Flaw.BAD_LENGTH,
        "Length must be": Flaw.BAD_LENGTH,
        "Must be one of": Flaw.BAD_ENUM,
        "Must be equal to": Flaw.BAD_ENUM,
        "Holds characters that cannot be stored.": Flaw.CONTROL_CHARACTER,
        "Not an instant": Flaw.BAD_TIMESTAMP,
        "Not a day": Flaw.BAD_DAY,
        "Not JSON": Flaw.NOT_JSON,
        "Not a JSON object.": Flaw.NOT_OBJECT,
        "Either request_id or lender_request_id is needed.": Flaw.REQUIRED,
    }
)


def flaw_of(words: str) -> Flaw:
    """Return what the *words* of a library, or of the reader of reports, say is wrong."""
    return next((flaw for told, flaw in _BUILT_IN.items() if words.startswith(told)), Flaw.INVALID)


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

    def __init__(self, *, elsewhere: Callable[[HTTPException], Response], **rest: Any) -> None:
        """Answer with problems under /api/, and outside of it as *elsewhere* says."""
        super().__init__(**rest)
        self._elsewhere = elsewhere

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
        """Return a problem under /api/; headers such as Allow stay."""
        if not isinstance(error, Problem) and not request.path.startswith(API):
            return self._elsewhere(error)
        usual = error.get_response()
        if isinstance(error, Problem):
            return Response(usual.get_data(), error.code, usual.headers)
        kept = {name: value for name, value in usual.headers.items() if not name.startswith("Content-")}
        status = error.code or 500
        code = next((code for code, known in HTTP.items() if known == status), None)
        if code is None:
            code = "fault" if status >= 500 else "malformed_request"  # noqa: PLR2004 - where faults begin
        return answer(code, status=status, headers=kept)


def _refused(error: WorkflowError) -> Response:
    if isinstance(error, InvalidCase):
        facts = {**error.facts, "reason": error.code}
        return answer("invalid_case", detail=CaseFlaw(error.code).message, facts=facts)
    pointer, title = getattr(error, "pointer", None), f"problem.{error.code}"
    said = say(title, language(), _plain(error.facts))
    detail = getattr(error.facts.get("reason"), "message", "")
    errors = [{"in": "body", "pointer": pointer, "detail": said, "code": error.code}] if pointer else []
    headers = {"WWW-Authenticate": "Bearer"} if status_of(error.code) == 401 else {}  # noqa: PLR2004 - RFC 9110
    if "retry_after" in error.facts:
        headers["Retry-After"] = str(error.facts["retry_after"])
    return answer(error.code, detail=detail, facts=error.facts, errors=errors, headers=headers)


def _busy(error: Busy | Uncertain) -> Response:
    """Ask to come again: with its Idempotency-Key a request is carried out once, whatever became of it."""
    return answer("busy", headers={"Retry-After": str(getattr(error, "retry_after", RETRY_AFTER))})


def _stale(_: Stale) -> Response:
    return answer("stale")
