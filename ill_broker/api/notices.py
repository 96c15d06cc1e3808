"""Notices: what the patron of a request was told, by which way, and what became of it."""

from typing import Any

from marshmallow import fields

from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown
from ill_broker.services.delivery.notice_log import Fate, NoticeLog
from ill_broker.web.access import actor, needs
from ill_broker.web.context import service
from ill_broker.web.fields import Instant, OneOf, Text, Whole
from workflows.actors import Role
from workflows.ids import RequestId
from workflows.requests.effects import Channel, Notice

blueprint = Resource("notices", description="What patrons are told, by e-mail, text and telephone")


class NoticeOut(Shown):
    notice = OneOf(*Notice, required=True)
    channel = OneOf(*Channel, required=True)
    fate = OneOf(*Fate, required=True)
    ordered_at = Instant(required=True)
    #: when that became of it; while it waits, when it is tried next
    at = Instant(required=True)
    attempts = Whole(required=True)
    #: the desk and the office see what went wrong
    failure = Text(required=True, allow_none=True, max_length=2000)


class NoticesOut(Shown):
    items = fields.List(fields.Nested(NoticeOut), required=True)


@blueprint.route("/requests/<id('req'):request_id>/notices", methods=["GET"])
@needs(Role.PATRON, Role.STAFF, Role.OFFICE)
@blueprint.response(200, NoticesOut)
def list_notices(request_id: str) -> Any:
    """List what the patron was told, in the order in which it was decided on."""
    return {"items": service(NoticeLog).of_request(RequestId(request_id), actor())}
