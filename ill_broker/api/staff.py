"""Staff and keys: who may come in, as the office sees to it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import fields

from ill_broker import mint
from ill_broker.api.resource import Resource
from ill_broker.api.revocation_schemas import RevocableOut, RevocationIn
from ill_broker.api.schemas import Shown, Strict
from ill_broker.services.members.membership import Membership
from ill_broker.services.people.admittance import Admittance
from ill_broker.storage.people import Staff
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Flag, Id, Identifier, Instant, OneOf, Password, Text
from workflows.actors import Role
from workflows.ids import StaffId

blueprint = Resource("staff", description="Who works at desks and in the office, and the keys of systems")


class OfLibrary(Strict):
    library = Code()


class StaffOut(Shown):
    id = Id("stf", required=True)
    #: null in the office
    library = Code(required=True, allow_none=True)
    role = OneOf(Role.STAFF, Role.OFFICE, required=True)
    login = Text(required=True, max_length=254)
    name = Text(required=True)
    #: since when they are kept out
    disabled_at = Instant(required=True, allow_none=True)


class StaffsOut(Shown):
    items = fields.List(fields.Nested(StaffOut), required=True)


class NewStaff(Strict):
    """Somebody who begins at a desk; without a library, in the office."""

    library = Code(allow_none=True)
    login = Identifier(required=True, max_length=254)
    name = Text(required=True)


class AdmittedOut(StaffOut):
    """Told once: whoever it is logs in with it, and changes it."""

    password = Text(required=True)


class StaffChange(Strict):
    disabled = Flag(required=True)


class NewPassword(Strict):
    password = Password(required=True)


class KeyOut(RevocableOut):
    """A key is told once, when it is issued; its id stands for it."""

    id = Id("key", required=True)
    #: null for the office's
    library = Code(required=True, allow_none=True)
    role = OneOf(Role.PARTNER, Role.OFFICE, required=True)
    label = Text(required=True)
    created_at = Instant(required=True)


class KeysIn(OfLibrary):
    #: also those that were revoked
    revoked = Flag(load_default=False)


class NewKey(Strict):
    """A key of a library's system; without a library, of the office's."""

    library = Code(allow_none=True)
    label = Text(required=True)


class IssuedOut(KeyOut):
    #: told once; only its hash is kept
    key = Text(required=True)


class KeysOut(Shown):
    items = fields.List(fields.Nested(KeyOut), required=True)


@blueprint.route("/staff", methods=["GET"])
@needs(Role.OFFICE)
@blueprint.arguments(OfLibrary, location="query")
@blueprint.response(200, StaffsOut)
def show_staff(read: dict[str, Any]) -> Any:
    """List who works at the libraries' desks and in the office."""
    return {"items": service(Admittance).staff(read.get("library"))}


@blueprint.route("/staff", methods=["POST"])
@needs(Role.OFFICE)
@blueprint.arguments(NewStaff)
@blueprint.response(201, AdmittedOut)
def admit_staff(read: dict[str, Any]) -> Any:
    """Give somebody at a desk or in the office a log-in, with a first password that is told once."""
    password = mint.first_password()
    member = service(Membership).add_staff(
        read.get("library"), read["login"], read["name"], password, now=now()
    )
    return {**asdict(member), "password": password}


@blueprint.route('/staff/<id("stf"):staff_id>', methods=["PATCH"])
@needs(Role.OFFICE)
@blueprint.arguments(StaffChange)
@blueprint.response(200, StaffOut)
def change_staff(read: dict[str, bool], staff_id: str) -> Staff:
    """Keep somebody out, who is logged out everywhere, or let them in again."""
    return service(Admittance).admit(StaffId(staff_id), is_disabled=read["disabled"], now=now())


@blueprint.route('/staff/<id("stf"):staff_id>/password', methods=["PUT"])
@needs(Role.OFFICE)
@blueprint.arguments(NewPassword)
@blueprint.response(204)
def set_staff_password(read: dict[str, str], staff_id: str) -> None:
    """Give somebody a new password; they are logged out everywhere."""
    service(Admittance).set_password(StaffId(staff_id), read["password"], now=now())


@blueprint.route("/api-keys", methods=["GET"])
@needs(Role.OFFICE)
@blueprint.arguments(KeysIn, location="query")
@blueprint.response(200, KeysOut)
def show_api_keys(read: dict[str, Any]) -> Any:
    """List the keys of systems that are good; on wish also the hundred that were revoked last."""
    of, admittance = read.get("library"), service(Admittance)
    return {"items": admittance.keys(of) + (admittance.revoked_keys(of) if read["revoked"] else [])}


@blueprint.route("/api-keys", methods=["POST"])
@needs(Role.OFFICE)
@blueprint.arguments(NewKey)
@blueprint.response(201, IssuedOut)
def issue_api_key(read: dict[str, Any]) -> Any:
    """Issue a key for a library's system or the office's; it is told once."""
    key, issued = service(Membership).issue_key(read.get("library"), read["label"], now=now())
    return {**asdict(issued), "id": issued.id, "key": key}


@blueprint.route('/api-keys/<id("key"):key_id>', methods=["DELETE"])
@needs(Role.OFFICE)
@blueprint.response(204)
def revoke_api_key(key_id: str) -> None:
    """Revoke a key without a word: it is good for nothing any more."""
    service(Admittance).revoke_key(key_id, author=actor().id, reason=None, now=now())


@blueprint.route('/api-keys/<id("key"):key_id>/revocation', methods=["POST"])
@needs(Role.OFFICE)
@blueprint.arguments(RevocationIn)
@blueprint.response(200, KeyOut)
def revoke_api_key_for_a_reason(read: dict[str, str], key_id: str) -> Any:
    """Revoke a key, and say why: it is good for nothing any more, and listed with who did so."""
    return service(Admittance).revoke_key(key_id, author=actor().id, reason=read["reason"], now=now())
