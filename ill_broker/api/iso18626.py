"""Partners' ISO 18626 messages: one endpoint for all, each confirmed in the same breath."""

from functools import cache

from flask import Response, request

from connectors.failures import NotAuthentic, Unreadable
from ill_broker import clock
from ill_broker.api.problems import Problem, malformed, shown_flaw
from ill_broker.api.resource import Resource
from ill_broker.services.partners.iso_messages import Conversations, Shown
from ill_broker.settings import Settings
from ill_broker.texts.flaws import Flaw
from ill_broker.web.context import now, service
from ill_broker.web.throttle import Limit, Throttle, address

blueprint = Resource("iso18626", description="Partners' ISO 18626 messages")

MEDIA_TYPE = "application/xml"
_TAKEN = frozenset({MEDIA_TYPE, "text/xml"})
_NAMESPACE = "http://illtransactions.org/2013/iso18626"
_MESSAGE = {"type": "object", "xml": {"name": "ISO18626Message", "namespace": _NAMESPACE}}


@blueprint.route("/iso18626", methods=["POST"])
@blueprint.response(200, {"type": "string"}, content_type=MEDIA_TYPE)
@blueprint.doc(requestBody={"required": True, "content": {MEDIA_TYPE: {"schema": _MESSAGE}}})
def take_iso18626_message() -> Response:
    """Take a message of a partner and confirm it; what is wrong in it is said in the confirmation."""
    limit = _limit(service(Settings).webhooks_per_minute)
    service(Throttle).count(limit, address())
    if request.mimetype not in _TAKEN:
        raise Problem("unsupported_media_type", errors=[shown_flaw(Flaw.NOT_XML)])
    conversations = service(Conversations)
    try:
        confirmation = conversations.hear(request.get_data(), _shown(), now=now(), machine_now=clock.now())
    except NotAuthentic as error:
        raise Problem("unauthenticated", facts={"reasons": [str(error)]}) from error
    except Unreadable as error:
        raise malformed((Flaw.UNREADABLE, "")) from error
    return Response(confirmation, mimetype=MEDIA_TYPE)


def _shown() -> Shown:
    return Shown(
        headers={name.lower(): value for name, value in request.headers.items()},
        query=request.args,
        address=address(),
        is_proxied=service(Settings).proxies > 0,
    )


@cache
def _limit(per_minute: int) -> Limit:
    return Limit.of("iso18626", f"{per_minute} per minute")
