"""Who did what: for the office, and for a library's staff of their own library."""

from typing import Any

from marshmallow import fields

from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown, Strict
from ill_broker.services.audit import Audit
from ill_broker.storage.audit import Action, Doer, Entry, Subject, Wanted
from ill_broker.web.access import actor, needs
from ill_broker.web.context import service
from ill_broker.web.fields import Code, Id, Instant, OneOf, Text, Whole
from workflows.actors import Role

blueprint = Resource("audit", description="Who did what")
_ID = 300


class AuditIn(Strict):
    actor = Text(max_length=_ID)
    action = OneOf(*Action)
    subject = Text(max_length=_ID)
    #: staff see their own library's whatever they name
    library = Code()
    since = Instant()
    until = Instant()
    after = Id("aud")
    limit = Whole(minimum=1, maximum=100, load_default=50)


class AuditEntryOut(Shown):
    id = Id("aud", required=True)
    at = Instant(required=True)
    actor_kind = OneOf(*Doer, required=True)
    #: null for a stranger
    actor = Text(required=True, allow_none=True, max_length=_ID)
    actor_name = Text(required=True, allow_none=True)
    #: null for the office, and for what happens by itself
    actor_library = Code(required=True, allow_none=True)
    action = OneOf(*Action, required=True)
    subject_kind = OneOf(*Subject, required=True, allow_none=True)
    subject = Text(required=True, allow_none=True, max_length=_ID)
    library = Code(required=True, allow_none=True)
    facts = fields.Dict(required=True)
    request_id = Text(required=True, allow_none=True)


class AuditPageOut(Shown):
    items = fields.List(fields.Nested(AuditEntryOut), required=True)
    #: give it as ``after`` for the next page; null on the last one
    next = Id("aud", required=True, allow_none=True)


@blueprint.route("/audit", methods=["GET"])
@needs(Role.OFFICE, Role.STAFF)
@blueprint.arguments(AuditIn, location="query")
@blueprint.response(200, AuditPageOut)
def list_audit_entries(wanted: dict[str, Any]) -> Any:
    """List who did what, newest first: all for the office, else what concerns one's own library."""
    library, after, limit = wanted.pop("library", None), wanted.pop("after", None), wanted.pop("limit")
    wanted["action"] = Action(wanted["action"]) if "action" in wanted else None
    found = service(Audit).page(actor(), Wanted(**wanted), library=library, after=after, limit=limit)
    return {"items": [_shown(each, found.names) for each in found.items], "next": found.next}


def _shown(entry: Entry, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at,
        "actor_kind": entry.actor_kind,
        "actor": entry.actor_id,
        "actor_name": names.get(entry.actor_id or ""),
        "actor_library": entry.actor_library,
        "action": entry.action,
        "subject_kind": entry.subject_kind,
        "subject": entry.subject_id,
        "library": entry.library,
        "facts": entry.facts,
        "request_id": entry.request_id,
    }
