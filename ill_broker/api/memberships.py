"""Which libraries are members: admitted and changed by the office, and how far each is on its way in."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from ill_broker.api.policies import Document, refuse_faults
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Amount, Shown, Strict
from ill_broker.api.versions import ETAG, IF_MATCH, etag, expect
from ill_broker.services.members.admission import Admission, FaultyMember, Standing, said_of
from ill_broker.services.members.onboarding import Onboarding, Step
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Flag, Instant, OneOf, Text, Whole
from workflows.actors import Role
from workflows.ids import LibraryCode

blueprint = Resource("memberships", description="Which libraries are members, as the office sees to it")
_REASON = 2000


class MembershipIn(Strict):
    """All that the office says of a library, as an entry of `members load` without `connectors`, and why."""

    profile = Document(required=True)
    reason = Text(required=True, max_length=_REASON, lines=True)


class MemberStepOut(Shown):
    step = OneOf(*Step, required=True)
    #: null: nothing here says so
    done = Flag(required=True, allow_none=True)
    #: the policy or calendar that holds for it; null of other steps
    by = Code(required=True, allow_none=True)


class StandsOpenOut(Shown):
    """What would be left behind if the library left today."""

    lends = Whole(required=True)
    borrows = Whole(required=True)
    owed = fields.List(fields.Nested(Amount), required=True)


class MemberChangeOut(Shown):
    at = Instant(required=True)
    author = Text(required=True)
    reason = Text(required=True, max_length=_REASON)
    #: from a field to what it was and what it is; nothing when the library was admitted
    changed = fields.Dict(required=True)


class MembershipOut(Shown):
    library = Code(required=True)
    profile = fields.Dict(required=True)
    steps = fields.List(fields.Nested(MemberStepOut), required=True)
    open = fields.Nested(StandsOpenOut, required=True)
    changes = fields.List(fields.Nested(MemberChangeOut), required=True)


@blueprint.route("/libraries", methods=["POST"])
@needs(Role.OFFICE)
@blueprint.arguments(MembershipIn)
@blueprint.response(201, MembershipOut, headers=ETAG)
def admit_library(wanted: dict[str, Any]) -> Any:
    """Admit a library to the consortium; every fault at once, or it is a member within seconds."""
    try:
        standing = service(Admission).admit(
            wanted["profile"], author=actor().id, reason=wanted["reason"], now=now()
        )
    except FaultyMember as error:
        refuse_faults(error, {FaultyMember.document: "/profile"})
    return _answer(standing, 201)


@blueprint.route("/libraries/<code:library>/membership", methods=["GET"])
@needs(Role.OFFICE)
@blueprint.response(200, MembershipOut, headers=ETAG)
def show_membership(library: str) -> Any:
    """Show what the office says of a library, how far it is, what stands open, and who changed what."""
    return _answer(service(Admission).one(LibraryCode(library)))


@blueprint.route("/libraries/<code:library>/membership", methods=["PUT"])
@needs(Role.OFFICE)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(MembershipIn)
@blueprint.response(200, MembershipOut, headers=ETAG)
def change_membership(wanted: dict[str, Any], library: str) -> Any:
    """Change what the office says of a library, whole; what is left out is as for a new one."""
    told = {"author": actor().id, "reason": wanted["reason"], "now": now(), "expected": expect}
    try:
        standing = service(Admission).change(LibraryCode(library), wanted["profile"], **told)
    except FaultyMember as error:
        refuse_faults(error, {FaultyMember.document: "/profile"})
    return _answer(standing)


def _answer(standing: Standing, status: int = 200) -> Any:
    library = standing.library
    shown = {
        "library": library.code,
        "profile": said_of(library),
        "steps": service(Onboarding).steps(library.code, now=now()),
        "open": standing.open,
        "changes": standing.changes,
    }
    return shown, status, etag(standing.version)
