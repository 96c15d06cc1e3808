"""What partners said and could not be applied: for the desks it concerns and the office."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import fields

from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown, Strict
from ill_broker.services.partners.set_aside import SetAside
from ill_broker.storage.inbox import SET_ASIDE, Message, MessageState
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Id, Instant, OneOf, Text, Whole
from workflows.actors import Role
from workflows.ids import LibraryCode, MessageId, RequestId

blueprint = Resource("partner-messages", description="What partners said and could not be applied")
_MOST = 200
#: characters of a message that are shown
_SHOWN = 2000
_NAME = 500


class ListIn(Strict):
    state = OneOf(*SET_ASIDE)
    #: whose system said it
    library = Code()
    request = Id("req")
    #: received before then: ``received_at`` of the last one gives the next page
    before = Instant()
    limit = Whole(minimum=1, maximum=_MOST, load_default=50)


class MessageOut(Shown):
    library = Code(required=True)
    message_id = Text(required=True, max_length=_NAME)
    #: quarantined: tried again by itself for a month; refused: only when somebody says so
    state = OneOf(*SET_ASIDE, required=True)
    #: why it could not be applied
    reason = Text(required=True, allow_none=True, max_length=_SHOWN)
    #: what it reports or asks for, in the protocol's word
    status = Text(required=True, allow_none=True)
    request = Id("req", required=True, allow_none=True)
    #: the short number of the request
    number = Text(required=True, allow_none=True)
    lender_request_id = Text(required=True, allow_none=True, max_length=_NAME)
    occurred_at = Instant(required=True, allow_none=True)
    received_at = Instant(required=True)
    #: the beginning of what was sent
    body = Text(required=True, max_length=_SHOWN, min_length=0, lines=True)


class MessagesOut(Shown):
    items = fields.List(fields.Nested(MessageOut), required=True)


class ReplayIn(Strict):
    library = Code(required=True)
    message_id = Text(required=True, max_length=_NAME)


@blueprint.route("/partner-messages", methods=["GET"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.arguments(ListIn, location="query")
@blueprint.response(200, MessagesOut)
def list_partner_messages(wanted: dict[str, Any]) -> Any:
    """List what could not be applied, newest first: what concerns the desk, or all for the office."""
    state, request = wanted.pop("state", None), wanted.pop("request", None)
    found = service(SetAside).listed(
        actor(),
        states=[MessageState(state)] if state else SET_ASIDE,
        request_id=RequestId(request) if request else None,
        **wanted,
    )
    return {"items": [_shown(message) for message in found]}


@blueprint.route("/partner-messages/replay", methods=["POST"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.arguments(ReplayIn)
@blueprint.response(202)
def replay_partner_message(wanted: dict[str, Any]) -> Response:
    """Try a message again, within moments; what then cannot be applied either is listed again."""
    service(SetAside).replay(
        LibraryCode(wanted["library"]), MessageId(wanted["message_id"]), actor(), now=now()
    )
    return Response(status=202)


def _shown(message: Message) -> dict[str, Any]:
    return {
        "library": message.library,
        "message_id": message.message_id,
        "state": message.state,
        "reason": message.reason and message.reason[:_SHOWN],
        "status": message.status,
        "request": message.request_id,
        "number": message.number,
        "lender_request_id": message.lender_request_id,
        "occurred_at": message.occurred_at,
        "received_at": message.received_at,
        "body": message.body[:_SHOWN],
    }
