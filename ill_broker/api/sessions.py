"""Sessions: logging in and out."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown, Strict
from ill_broker.services.people.sessions import Opened, Sessions
from ill_broker.web.access import actor, bearer_token, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Flag, Id, Identifier, Instant, OneOf, Password, Text
from ill_broker.web.throttle import network
from workflows.actors import Role

blueprint = Resource("sessions", description="Logging in and out")


class LoginSchema(Strict):
    login = Identifier(
        required=True,
        max_length=254,
        metadata={"description": "E-mail address, login of staff, or, with a library, card number"},
    )
    password = Password(required=True, min_length=1)
    library = Code(metadata={"description": "Whose card it is, if the login is a card number"})


class SessionSchema(Shown):
    token = Text(required=True, metadata={"description": "Goes into the header Authorization: Bearer ..."})
    expires_at = Instant(required=True)
    role = OneOf(Role.PATRON, Role.STAFF, Role.OFFICE, required=True)
    library = Code(required=True, allow_none=True)


class SessionOut(Shown):
    id = Id("ses", required=True)
    created_at = Instant(required=True)
    expires_at = Instant(required=True)
    #: the one that asks
    is_this = Flag(required=True)


class SessionsOut(Shown):
    items = fields.List(fields.Nested(SessionOut), required=True)


@blueprint.route("/sessions", methods=["POST"])
@blueprint.arguments(LoginSchema)
@blueprint.response(201, SessionSchema)
def open_session(read: dict[str, Any]) -> Opened:
    """Log in: patrons, desk staff and the office."""
    return service(Sessions).open(
        read["login"], read["password"], library=read.get("library"), network=network(), now=now()
    )


@blueprint.route("/sessions", methods=["GET"])
@needs(Role.PATRON, Role.STAFF, Role.OFFICE)
@blueprint.response(200, SessionsOut)
def show_sessions() -> Any:
    """List one's own sessions: where one is logged in."""
    return {"items": service(Sessions).of(actor(), bearer_token(), now=now())}


@blueprint.route('/sessions/<id("ses"):session_id>', methods=["DELETE"])
@needs(Role.PATRON, Role.STAFF, Role.OFFICE)
@blueprint.response(204)
def end_session(session_id: str) -> None:
    """End a session of one's own."""
    service(Sessions).end(actor(), session_id, now=now())


@blueprint.route("/sessions/current", methods=["DELETE"])
@needs(Role.PATRON, Role.STAFF, Role.OFFICE)
@blueprint.response(204)
def close_session() -> None:
    """Log out: the token is good for nothing any more."""
    service(Sessions).close(bearer_token(), now=now())
