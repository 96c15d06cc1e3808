"""What holds for every request and response: ids, sizes, headers, counters, log lines."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest, default_exceptions

from ill_broker import mint, telemetry
from ill_broker.services.audit import Audit, act_as, has_looked
from ill_broker.services.places import Crowded
from ill_broker.web.context import now, service

if TYPE_CHECKING:
    from ill_broker.settings import Settings

#: bytes that a request's body may have
LARGEST = 1024 * 1024
#: under this name the environment of a request says with which status the front refuses it
REFUSED = "ill_broker.refused"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_log = structlog.get_logger("ill_broker.web")


def guard_edges(app: Flask, settings: Settings) -> None:
    """Put the guards around every view of *app*."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.before_request(_arrive)
    app.before_request(_refuse_as_the_front_says)
    app.before_request(_refuse_unreadable)
    app.after_request(_depart)
    if settings.is_secure:
        app.after_request(_insist_on_tls)


def _arrive() -> None:
    told = request.headers.get("X-Request-Id", "")
    g.request_id = told if _REQUEST_ID.fullmatch(told) else mint.new_id("rq", now())
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    act_as(None, g.request_id)


def _refuse_as_the_front_says() -> None:
    refused = request.environ.get(REFUSED)
    if refused == HTTPStatus.SERVICE_UNAVAILABLE:
        raise Crowded("bodies are on their way")
    if refused:
        raise default_exceptions[refused]


def _refuse_unreadable() -> None:
    """Refuse an address that is no UTF-8 (its path comes with replacement characters), or has a NUL."""
    try:
        address = request.path + unquote_to_bytes(request.query_string).decode()
    except UnicodeDecodeError as error:
        raise BadRequest from error
    if "\0" in address or "\ufffd" in address:
        raise BadRequest


def _depart(response: Response) -> Response:
    if has_looked():
        service(Audit).keep_looks(now=now())
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if response.status_code == HTTPStatus.NO_CONTENT:
        response.set_data(b"")
        response.headers.pop("Content-Type", None)
    if request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
    if "request_id" in g:
        response.headers["X-Request-Id"] = g.request_id
        _count(response)
    return response


def _count(response: Response) -> None:
    route = request.url_rule.rule if request.url_rule is not None else "(none)"
    method = request.method if request.method in _METHODS else "OTHER"
    seconds = time.perf_counter() - g.began
    telemetry.REQUESTS.labels(method, route, response.status_code).inc()
    telemetry.SECONDS.labels(method, route).observe(seconds)
    _log.info(
        "answered",
        method=method,
        route=route,
        status=response.status_code,
        milliseconds=round(seconds * 1000, 2),
    )


def _insist_on_tls(response: Response) -> Response:
    response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
