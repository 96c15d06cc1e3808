"""Patrons: registering, verifying the address, own data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields, post_load, validates_schema

from ill_broker.api.idempotency import once, receipt
from ill_broker.api.request_schemas import PatronOut
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown, Strict
from ill_broker.api.versions import ETAG, IF_MATCH, etag, expect
from ill_broker.services.people.attempts import Attempts, Limit
from ill_broker.services.people.enrolment import DeskEnrolment, Newcomer
from ill_broker.services.people.registration import People, Registration
from ill_broker.services.people.verification import Verification
from ill_broker.storage.people import Enrolment
from ill_broker.texts.flaws import Flaw
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import (
    Code,
    Email,
    Id,
    Identifier,
    Instant,
    Mobile,
    OneOf,
    Password,
    Text,
    Whole,
    refuse,
)
from ill_broker.web.throttle import address, network
from workflows.actors import Role
from workflows.ids import PatronId

blueprint = Resource("patrons", description="Readers of member libraries")

_TOKENS = Limit("tokens", 30, timedelta(minutes=1))


class RegistrationSchema(Strict):
    home = Code(required=True, metadata={"description": "The library whose card it is"})
    card_number = Identifier(required=True, max_length=40)
    name = Text(required=True, max_length=100)
    mobile = Mobile(required=True)
    email = Email(required=True)
    password = Password(required=True)
    language = OneOf("zh", "en", load_default="zh")

    @post_load
    def as_registration(self, read: dict[str, Any], **_: Any) -> Registration:
        return Registration(**read)


class TakenSchema(Shown):
    """The same for everybody: nothing is said of who is registered."""

    message = Text(required=True)


class TokenSchema(Strict):
    token = Text(required=True, max_length=200)


class ResendSchema(Strict):
    email = Email(required=True)


class PatronSchema(Shown):
    id = Id("pat", required=True)
    home = Code(required=True)
    card_number = Text(required=True, max_length=40)
    name = Text(required=True, max_length=100)
    mobile = Text(required=True, min_length=0, max_length=30, metadata={"description": "E.164, or empty"})
    email = Email(required=True)
    language = OneOf("zh", "en", required=True)
    verified_at = Instant(required=True, allow_none=True)


class PatronChangeSchema(Strict):
    language = OneOf("zh", "en")
    mobile = Mobile()

    @validates_schema
    def changes_something(self, read: dict[str, Any], **_: Any) -> None:
        if not read:
            raise refuse(Flaw.NO_CHANGE)


class EnrolmentIn(Strict):
    """Whom a desk registers: its clerk has seen the person and the card."""

    card_number = Identifier(required=True, max_length=40)
    name = Text(required=True, max_length=100)
    mobile = Mobile(required=True)
    email = Email(required=True)
    language = OneOf("zh", "en", load_default="zh")

    @post_load
    def as_newcomer(self, read: dict[str, Any], **_: Any) -> Newcomer:
        return Newcomer(**read)


class SoughtIn(Strict):
    """What is known of a reader who stands at the desk: card, name, mobile or its last digits, address."""

    query = Identifier(
        required=True,
        max_length=100,
        metadata={"description": "A card, part of a name, a mobile number or its last digits, an address"},
    )
    after = Id("pat")
    limit = Whole(minimum=1, maximum=50, load_default=20)


class SoughtOut(Shown):
    items = fields.List(fields.Nested(PatronOut), required=True)
    #: give it as ``after`` for the next page; null on the last one
    next = Id("pat", required=True, allow_none=True)


class RegisteredOut(Shown):
    """Since when somebody is a reader."""

    registered_at = Instant(required=True, attribute="at")
    by_name = Text(required=True, allow_none=True)


_SEE_LETTER = {"message": "If this can be registered, a letter with a link is on its way."}
_taken = TakenSchema()


@blueprint.route("/patrons", methods=["POST"])
@once(address)
@blueprint.arguments(RegistrationSchema)
@blueprint.response(202, TakenSchema)
def register_patron(registration: Registration) -> dict[str, str]:
    """Register; a letter asks to verify the address.

    The answer is the same whether the card or the address is new or not.
    """
    service(Attempts).count_letter(registration.email, network(), now=now())
    service(People).register(registration, now=now(), also=receipt(_taken, 202, told=_SEE_LETTER))
    return _SEE_LETTER


@blueprint.route("/desk/patrons", methods=["GET"])
@needs(Role.STAFF)
@blueprint.arguments(SoughtIn, location="query")
@blueprint.response(200, SoughtOut)
def find_patrons(wanted: dict[str, Any]) -> dict[str, Any]:
    """Find readers of the desk's own library by card, name, mobile or e-mail address."""
    limit, after = wanted["limit"], wanted.get("after")
    found = service(People).sought(wanted["query"], actor(), after=after, limit=limit + 1)
    return {"items": found[:limit], "next": found[limit - 1].id if len(found) > limit else None}


@blueprint.route("/desk/patrons", methods=["POST"])
@needs(Role.STAFF)
@once()
@blueprint.arguments(EnrolmentIn)
@blueprint.response(201, PatronSchema)
def enrol_patron(new: Newcomer) -> Any:
    """Register a reader of the desk's own library who stands there; a letter lets them set a password."""
    keep = receipt(PatronSchema(), 201)
    return service(DeskEnrolment).enrol(new, actor(), now=now(), also=keep)


@blueprint.route("/desk/patrons/<id('pat'):patron_id>/registration", methods=["GET"])
@needs(Role.STAFF)
@blueprint.response(200, RegisteredOut)
def show_registration(patron_id: str) -> Any:
    """Show when a reader of the desk's own library was registered, and by which of the staff."""
    return service(DeskEnrolment).registered(PatronId(patron_id), actor())


@blueprint.route("/patrons/verification", methods=["POST"])
@blueprint.arguments(TokenSchema)
@blueprint.response(204)
def verify_email(read: dict[str, str]) -> None:
    """Verify the address with the token of the letter, once and within a day."""
    service(Attempts).count(_TOKENS, network(), now=now())
    service(Verification).confirm(read["token"], now=now())


@blueprint.route("/patrons/verification/resend", methods=["POST"])
@blueprint.arguments(ResendSchema)
@blueprint.response(202, TakenSchema)
def resend_letter(read: dict[str, str]) -> dict[str, str]:
    """Ask for another letter; the answer is the same for every address."""
    service(Attempts).count_letter(read["email"], network(), now=now())
    service(Verification).resend(read["email"], now=now())
    return _SEE_LETTER


@blueprint.route("/patrons/me", methods=["GET"])
@needs(Role.PATRON)
@blueprint.response(200, PatronSchema, headers=ETAG)
def show_me() -> Any:
    """Show one's own data."""
    return _shown(service(People).patron(PatronId(actor().id)))


@blueprint.route("/patrons/me", methods=["PATCH"])
@needs(Role.PATRON)
@blueprint.arguments(PatronChangeSchema)
@blueprint.response(200, PatronSchema, headers=ETAG)
@blueprint.doc(parameters=[IF_MATCH])
def change_me(read: dict[str, str]) -> Any:
    """Change the language of letters, or the telephone number."""
    return _shown(service(People).change(PatronId(actor().id), **read, now=now(), expect=expect))


@blueprint.route("/patrons/me", methods=["DELETE"])
@needs(Role.PATRON)
@blueprint.response(204)
@blueprint.doc(parameters=[IF_MATCH])
def erase_me() -> None:
    """Be forgotten; refused while a request is not closed."""
    service(People).erase(PatronId(actor().id), now=now(), expect=expect)


def _shown(known: Enrolment) -> Any:
    return known.patron, 200, etag(known.version)
