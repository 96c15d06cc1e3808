"""Webhook secrets: what a library signs with and what we sign with, as the office sees to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields

from ill_broker.api.resource import Resource
from ill_broker.api.revocation_schemas import RevocableOut, RevocationIn
from ill_broker.api.schemas import Shown, Strict
from ill_broker.services.members.membership import INBOUND, OUTBOUND, ROTATION, Membership
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Flag, Id, Instant, OneOf, Text
from workflows.actors import Role
from workflows.ids import LibraryCode

blueprint = Resource("webhook_secrets", description="What libraries and we sign webhooks with")
_SECRETS = "/libraries/<code:library>/webhook-secrets"


class SecretOut(RevocableOut):
    """A secret is told once, when it is made."""

    id = Id("sec", required=True)
    #: inbound: the library signs with it; outbound: we do
    kind = OneOf(INBOUND, OUTBOUND, required=True)
    valid_from = Instant(required=True)
    #: null while no end is set
    valid_until = Instant(required=True, allow_none=True)


class SecretsOut(Shown):
    items = fields.List(fields.Nested(SecretOut), required=True)


class SecretsIn(Strict):
    #: also those that were revoked in the last month
    revoked = Flag(load_default=False)


class NewSecret(Strict):
    #: inbound: the library signs with it; outbound: we do
    kind = OneOf(INBOUND, OUTBOUND, required=True)
    #: one that was agreed on; a new one is made if left out
    secret = Text()
    #: the old ones are good for nothing from now on; else for another week
    at_once = Flag()


class RotatedOut(SecretOut):
    #: told once
    secret = Text(required=True)


@blueprint.route(_SECRETS, methods=["GET"])
@needs(Role.OFFICE)
@blueprint.arguments(SecretsIn, location="query")
@blueprint.response(200, SecretsOut)
def show_webhook_secrets(read: dict[str, Any], library: str) -> Any:
    """List a library's webhook secrets that are good, without telling them."""
    found = service(Membership).webhook_secrets(LibraryCode(library), now=now(), or_revoked=read["revoked"])
    return {"items": found}


@blueprint.route(_SECRETS, methods=["POST"])
@needs(Role.OFFICE)
@blueprint.arguments(NewSecret)
@blueprint.response(201, RotatedOut)
def rotate_webhook_secret(read: dict[str, Any], library: str) -> Any:
    """Set a new webhook secret, told once; the old ones go on for a week, or are revoked at once."""
    at, overlap = now(), timedelta() if read.get("at_once") else ROTATION
    return service(Membership).rotate_secret(
        LibraryCode(library), read["kind"], read.get("secret"), now=at, overlap=overlap
    )


@blueprint.route(f'{_SECRETS}/<id("sec"):secret_id>/revocation', methods=["POST"])
@needs(Role.OFFICE)
@blueprint.arguments(RevocationIn)
@blueprint.response(200, SecretOut)
def revoke_webhook_secret(read: dict[str, str], library: str, secret_id: str) -> Any:
    """Revoke one webhook secret at once, and say why; the others stay as they are."""
    return service(Membership).revoke_secret(
        LibraryCode(library), secret_id, author=actor().id, reason=read["reason"], now=now()
    )
