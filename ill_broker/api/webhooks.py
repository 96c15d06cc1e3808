"""Partners' status reports: verified, stored, acknowledged."""

from functools import cache

from flask import Response, request

from connectors.failures import NotAuthentic, Unreadable
from ill_broker import clock
from ill_broker.api.problems import Problem, flaw_of, malformed
from ill_broker.api.resource import Resource
from ill_broker.services.partners.inbound import Inbound
from ill_broker.settings import Settings
from ill_broker.web.context import now, service
from ill_broker.web.throttle import Limit, Throttle, address
from workflows.ids import LibraryCode

blueprint = Resource("webhooks", description="What member libraries report")


@blueprint.route("/webhooks/<code:library>", methods=["POST"])
@blueprint.response(202)
def take_report(library: str) -> Response:
    """Take a report of a request's status, signed as Standard Webhooks has it; again, it changes nothing."""
    limit = _limit(service(Settings).webhooks_per_minute)
    service(Throttle).count(limit, f"{library}:{address()}")
    body = request.get_data()
    try:
        service(Inbound).take(
            LibraryCode(library), dict(request.headers), body, now=now(), machine_now=clock.now()
        )
    except NotAuthentic as error:
        raise Problem("unauthenticated", facts={"reasons": [str(error)]}) from error
    except Unreadable as error:
        raise malformed(*((flaw_of(each.detail), _pointer(each.path)) for each in error.defects)) from error
    return Response(status=202)


@cache
def _limit(per_minute: int) -> Limit:
    return Limit.of("webhooks", f"{per_minute} per minute")


def _pointer(path: str) -> str:
    return "/" + path.replace(".", "/") if path else ""
