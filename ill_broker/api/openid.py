"""Logging in through one's own library (OpenID Connect)."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Response, current_app, redirect, request
from itsdangerous import BadData, URLSafeTimedSerializer
from marshmallow import EXCLUDE, Schema

from ill_broker.api.resource import PREFIX, Resource
from ill_broker.api.schemas import Strict
from ill_broker.api.sessions import SessionSchema
from ill_broker.services.people.openid import OpenId
from ill_broker.services.people.sign_on import Reply, Ticket
from ill_broker.services.refusals import SignOnFailure, SignOnRefused
from ill_broker.settings import Settings
from ill_broker.web.context import now, service
from ill_broker.web.fields import OneOf, Pattern, Text
from ill_broker.web.throttle import Limit, Throttle, address
from ill_broker.web.visits import begin_visit

if TYPE_CHECKING:
    from workflows.ids import LibraryCode

blueprint = Resource("openid", description="Logging in through one's own library")

_FROM_HERE = Limit.of("sign-ons", "60 per minute")
_COOKIE = "ill_sign_on"
#: seconds that somebody may take to sign on
_PATIENCE = 600


class SignOnSchema(Strict):
    to = Pattern(
        r"/([^/\\].*)?",
        max_length=500,
        metadata={"description": "A page of ours to go to with the token in the fragment; else it is JSON"},
    )
    session = OneOf(
        "fragment",
        "cookie",
        load_default="fragment",
        metadata={
            "description": "How that page gets the session; the service's own pages have it as a cookie"
        },
    )


class ReplySchema(Schema):
    """What a sign-on adds to the address; some add more than they should."""

    state = Text(max_length=500)
    code = Text(max_length=4000)
    error = Text(max_length=200)
    iss = Text(max_length=500)

    class Meta:
        unknown = EXCLUDE


@blueprint.route("/openid/<code:library>/login")
@blueprint.arguments(SignOnSchema, location="query")
@blueprint.response(302, headers={"Location": {"schema": {"type": "string"}}})
def begin_sign_on(read: dict[str, str], library: LibraryCode) -> Any:
    """Go to the library's sign-on."""
    service(Throttle).count(_FROM_HERE, address())
    there, ticket = service(OpenId).begin(library, to=read.get("to"), by_cookie=read["session"] == "cookie")
    response = redirect(there)
    response.set_cookie(
        _COOKIE,
        _signer().dumps(asdict(ticket)),
        max_age=_PATIENCE,
        path=f"{PREFIX}/openid",
        secure=service(Settings).is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response


@blueprint.route("/openid/<code:library>/callback")
@blueprint.arguments(ReplySchema, location="query")
@blueprint.response(201, SessionSchema)
@blueprint.alt_response(302, headers={"Location": {"schema": {"type": "string"}}}, success=True)
def finish_sign_on(read: dict[str, str], library: LibraryCode) -> Any:
    """Come back from the library's sign-on; a session begins."""
    service(Throttle).count(_FROM_HERE, address())
    ticket = _ticket()
    opened = service(OpenId).finish(library, Reply(**read), ticket, now=now())
    if ticket.to is None:
        return _forgetting(current_app.json.response(SessionSchema().dump(opened)), 201)
    there = f"{service(Settings).base_url}{ticket.to}"
    if ticket.by_cookie:
        begin_visit(opened)
        return _forgetting(redirect(there), 302)
    return _forgetting(redirect(f"{there}#token={opened.token}"), 302)


def _ticket() -> Ticket:
    """Return the ticket that the browser brought.

    :raises SignOnRefused: if there is none of ours, or it is too old
    """
    try:
        return Ticket(**_signer().loads(request.cookies.get(_COOKIE, ""), max_age=_PATIENCE))
    except BadData as error:
        raise SignOnRefused(SignOnFailure.STATE) from error


def _forgetting(response: Any, status: int) -> Response:
    response.status_code = status
    response.delete_cookie(_COOKIE, path=f"{PREFIX}/openid")
    told: Response = response
    return told


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(service(Settings).secret_key, salt="sign-on")
