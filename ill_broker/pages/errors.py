"""Pages that say what went wrong, in the visitor's language; they ask no database."""

from __future__ import annotations

from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.exceptions import HTTPException

from ill_broker.pages.frame import StaleForm, came_from, written
from ill_broker.pages.refused import said
from ill_broker.services.refusals import TooOften, Unknown
from ill_broker.storage.failures import Busy, Stale, Uncertain
from ill_broker.web.language import browser_language
from workflows.errors import WorkflowError

if TYPE_CHECKING:
    from flask import Blueprint

#: what is said of a status; of any other that it was not understood, or that it is our fault
_KINDS = MappingProxyType(
    {"not_found": {404}, "forbidden": {401, 403}, "too_often": {429}, "busy": {502, 503, 504}}
)
#: every error that a page speaks of
KINDS = (*_KINDS, "fault", "not_understood", "stale_form", "stale", "refused")


def speak_to_browsers(pages: Blueprint) -> None:
    """Answer what the services refuse on *pages* with pages."""
    pages.register_error_handler(WorkflowError, _refused)
    for busy in (Busy, Uncertain):
        pages.register_error_handler(busy, _busy)
    pages.register_error_handler(Stale, _stale)


def error_page(error: HTTPException) -> Response:
    """Return an error outside the API: a page for browsers; headers such as Allow stay."""
    usual = error.get_response()
    if not any(kind == "text/html" for kind, _ in request.accept_mimetypes):
        return Response(usual.get_data(), error.code, usual.headers)
    kept = {name: value for name, value in usual.headers.items() if not name.startswith("Content-")}
    answer = _page("stale_form" if isinstance(error, StaleForm) else "", error.code or 500)
    answer.headers.update(kept)
    return answer


def _refused(error: WorkflowError) -> Response:
    if isinstance(error, Unknown):
        return _page("", HTTPStatus.NOT_FOUND)
    if isinstance(error, TooOften):
        answer = _page("", HTTPStatus.TOO_MANY_REQUESTS)
        answer.headers["Retry-After"] = str(error.facts["retry_after"])
        return answer
    return _page("refused", HTTPStatus.CONFLICT, reasons=said(error, browser_language()))


def _busy(error: Busy | Uncertain) -> Response:
    answer = _page("", HTTPStatus.SERVICE_UNAVAILABLE)
    answer.headers["Retry-After"] = str(getattr(error, "retry_after", 1))
    return answer


def _stale(_: Stale) -> Response:
    return _page("stale", HTTPStatus.CONFLICT)


def _page(name: str, status: int, *, reasons: list[str] | None = None) -> Response:
    kind = name or next(
        (word for word, statuses in _KINDS.items() if status in statuses),
        "fault" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "not_understood",
    )
    return written(
        "errors/error.html",
        browser_language(),
        status=status,
        kind=kind,
        status_number=status,
        reasons=reasons or [],
        back=came_from() if request.method == "POST" else "/",
    )
