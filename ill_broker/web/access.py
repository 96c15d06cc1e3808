"""Who is this: a session's bearer token, or the key of a member library's or the office's system."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from ill_broker.services.audit import act_as
from ill_broker.services.people.sessions import Sessions
from ill_broker.web.context import now, service
from workflows.actors import Actor, Role

View = TypeVar("View", bound=Callable[..., Any])
#: a session belongs to a person, a key to a system
SCHEMES: dict[str, dict[str, str]] = {
    "session": {"type": "http", "scheme": "bearer", "description": "The token that POST /sessions gives"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The key of a system"},
}
_BY_ROLE = {Role.PATRON: "session", Role.STAFF: "session", Role.OFFICE: "session", Role.PARTNER: "key"}


def needs(*roles: Role) -> Callable[[View], View]:
    """Let a view be used in these roles only, and write that into the contract.

    It stands right below ``route``, so that a stranger learns nothing about the input.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*arguments: Any, **named: Any) -> Any:
            actor = who_is_this()
            if actor.role not in roles:
                raise Forbidden
            g.actor = actor
            return view(*arguments, **named)

        told = dict(getattr(view, "_apidoc", {}))
        schemes = {_BY_ROLE[role] for role in roles} | ({"key"} if Role.OFFICE in roles else set())
        security: list[dict[str, list[str]]] = [{scheme: []} for scheme in sorted(schemes)]
        told["manual_doc"] = {**told.get("manual_doc", {}), "security": security}
        guarded._apidoc = told  # type: ignore[attr-defined]  # noqa: SLF001 - how flask-smorest hands it on
        return guarded  # type: ignore[return-value]  # wraps the same view

    return decorate


def actor() -> Actor:
    """Return who uses the view at hand; it has been asked for by :func:`needs`."""
    known: Actor = g.actor
    return known


def who_is_this() -> Actor:
    """Return who sent the request.

    :raises Unauthorized: if it does not say, or not truly
    """
    key = request.headers.get("X-API-Key")
    known = service(Sessions)
    found = known.actor_of_key(key) if key else known.actor_of(bearer_token(), now())
    if found is None:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", {"error": "invalid_token"}))
    act_as(found)
    return found


def bearer_token() -> str:
    """Return the session token of the request.

    :raises Unauthorized: if there is none
    """
    told = request.authorization
    if told is None or told.type != "bearer" or not told.token:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
    return told.token
