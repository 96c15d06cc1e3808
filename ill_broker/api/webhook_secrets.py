"""Webhook secrets: what a library signs with and what we sign with, as the office sees to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields

from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown, Strict
from ill_broker.services.members.membership import INBOUND, OUTBOUND, ROTATION, Membership
from ill_broker.web.access import needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Flag, Instant, OneOf, Text
from workflows.actors import Role
from workflows.ids import LibraryCode

blueprint = Resource("webhook_secrets", description="What libraries and we sign webhooks with")


class SecretOut(Shown):
    """A secret is told once, when it is made."""

    #: inbound: the library signs with it; outbound: we do
    kind = OneOf(INBOUND, OUTBOUND, required=True)
    valid_from = Instant(required=True)
    #: null while no end is set
    valid_until = Instant(required=True, allow_none=True)


class SecretsOut(Shown):
    items = fields.List(fields.Nested(SecretOut), required=True)


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


@blueprint.route("/libraries/<code:library>/webhook-secrets", methods=["GET"])
@needs(Role.OFFICE)
@blueprint.response(200, SecretsOut)
def show_webhook_secrets(library: str) -> Any:
    """List a library's webhook secrets that are good, without telling them."""
    return {"items": service(Membership).webhook_secrets(LibraryCode(library), now=now())}


@blueprint.route("/libraries/<code:library>/webhook-secrets", methods=["POST"])
@needs(Role.OFFICE)
@blueprint.arguments(NewSecret)
@blueprint.response(201, RotatedOut)
def rotate_webhook_secret(read: dict[str, Any], library: str) -> Any:
    """Set a new webhook secret, told once; the old ones go on for a week, or are revoked at once."""
    at, overlap = now(), timedelta() if read.get("at_once") else ROTATION
    secret = service(Membership).rotate_secret(
        LibraryCode(library), read["kind"], read.get("secret"), now=at, overlap=overlap
    )
    return {"kind": read["kind"], "secret": secret, "valid_from": at, "valid_until": None}
