"""Passwords: set anew by a letter, and changed."""

from __future__ import annotations

from datetime import timedelta

from ill_broker.api.patrons import TakenSchema
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Strict
from ill_broker.services.people.attempts import Attempts, Limit
from ill_broker.services.people.credentials import Credentials
from ill_broker.web.access import actor, bearer_token, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Email, Password, Text
from ill_broker.web.throttle import network
from workflows.actors import Role

blueprint = Resource("passwords", description="Forgotten and changed passwords")

_TOKENS = Limit("password tokens", 30, timedelta(minutes=1))
_SEE_LETTER = {"message": "If somebody is registered with this address, a letter with a link is on its way."}


class ForgottenSchema(Strict):
    email = Email(required=True)


class ResetSchema(Strict):
    token = Text(required=True, max_length=200)
    password = Password(required=True)


class ChangeSchema(Strict):
    current = Password(required=True, min_length=1)
    password = Password(required=True)


@blueprint.route("/password-resets", methods=["POST"])
@blueprint.arguments(ForgottenSchema)
@blueprint.response(202, TakenSchema)
def order_password_reset(read: dict[str, str]) -> dict[str, str]:
    """Ask for a letter by which a new password is set; the answer is the same for every address."""
    service(Attempts).count_letter(read["email"], network(), now=now())
    service(Credentials).order_reset(read["email"], now=now())
    return _SEE_LETTER


@blueprint.route("/password-resets/confirmation", methods=["POST"])
@blueprint.arguments(ResetSchema)
@blueprint.response(204)
def reset_password(read: dict[str, str]) -> None:
    """Set a new password with the token of the letter, once and within two hours; all sessions end."""
    service(Attempts).count(_TOKENS, network(), now=now())
    service(Credentials).reset(read["token"], read["password"], now=now())


@blueprint.route("/password", methods=["PUT"])
@needs(Role.PATRON, Role.STAFF, Role.OFFICE)
@blueprint.arguments(ChangeSchema)
@blueprint.response(204)
def change_password(read: dict[str, str]) -> None:
    """Change one's own password; all other sessions end."""
    service(Credentials).change(
        actor(), read["current"], read["password"], network=network(), token=bearer_token(), now=now()
    )
