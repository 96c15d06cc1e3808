"""What could not be delivered and was given up; trying it anew."""

from typing import Any

from flask import Response
from marshmallow import fields

from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown, Strict
from ill_broker.services.delivery.dead_letters import DeadLetters
from ill_broker.storage.outbox import LETTER, LOCAL, NOTICES, REQUESTER, TELL, Entry
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Id, Instant, OneOf, Text, Whole
from workflows.actors import Role

blueprint = Resource("dead-letters", description="What could not be delivered and was given up")
_MOST = 100
#: letters of a failure that are shown
_SHOWN = 2000
_ID = 300


class LettersIn(Strict):
    after = Text(max_length=_ID)
    limit = Whole(minimum=1, maximum=_MOST, load_default=50)


class DeadLetterOut(Shown):
    id = Text(required=True, max_length=_ID)
    #: tell: a lender; local: a library's own system; requester: who asked for its patron; the others: readers
    kind = OneOf(TELL, LOCAL, REQUESTER, *NOTICES, LETTER, required=True)
    #: for whom it is; null for people
    library = Text(required=True, allow_none=True)
    #: what was to be said
    what = Text(required=True, allow_none=True)
    request = Id("req", required=True, allow_none=True)
    #: the short number of the request
    number = Text(required=True, allow_none=True)
    #: what went wrong last
    failure = Text(required=True, allow_none=True, max_length=_SHOWN, lines=True)
    attempts = Whole(required=True)
    ordered_at = Instant(required=True)
    #: when it was given up
    given_up_at = Instant(required=True, allow_none=True)


class DeadLettersOut(Shown):
    items = fields.List(fields.Nested(DeadLetterOut), required=True)
    #: give it as ``after`` for the next page; null on the last one
    next = Text(required=True, allow_none=True, max_length=_ID)


class AnewIn(Strict):
    id = Text(required=True, max_length=_ID)


@blueprint.route("/dead-letters", methods=["GET"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.arguments(LettersIn, location="query")
@blueprint.response(200, DeadLettersOut)
def list_dead_letters(wanted: dict[str, Any]) -> Any:
    """List what was given up, newest first: what concerns the desk, or all for the office."""
    limit = wanted.pop("limit")
    found = service(DeadLetters).listed(actor(), limit=limit + 1, **wanted)
    more = found[limit - 1].id if len(found) > limit else None
    return {"items": [_shown(entry) for entry in found[:limit]], "next": more}


@blueprint.route("/dead-letters/replay", methods=["POST"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.arguments(AnewIn)
@blueprint.response(202)
def replay_dead_letter(wanted: dict[str, Any]) -> Response:
    """Try a delivery anew from the beginning, within moments."""
    service(DeadLetters).replay(wanted["id"], actor(), now=now())
    return Response(status=202)


def _shown(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": entry.kind,
        "library": entry.library,
        "what": entry.what,
        "request": entry.request_id,
        "number": entry.number,
        "failure": entry.last_failure and entry.last_failure[:_SHOWN],
        "attempts": entry.attempts,
        "ordered_at": entry.created_at,
        "given_up_at": entry.done_at,
    }
