"""Partners' status reports: verified, stored, acknowledged."""

from typing import Any

from flask import request

from connectors.failures import NotAuthentic, Unreadable
from ill_broker import clock
from ill_broker.api.problems import Problem
from ill_broker.api.resource import Resource
from ill_broker.services.inbound import Inbound
from ill_broker.web.context import now, service
from workflows.ids import LibraryCode

blueprint = Resource("webhooks", description="What member libraries report")


@blueprint.route("/webhooks/<code:library>", methods=["POST"])
@blueprint.response(202)
def report(library: str) -> Any:
    """Take a report of a request's status, signed as Standard Webhooks says; taken again, it changes nothing."""
    body = request.get_data()
    try:
        service(Inbound).take(
            LibraryCode(library), dict(request.headers), body, now=now(), machine_now=clock.now()
        )
    except NotAuthentic as error:
        raise Problem("unauthenticated", str(error)) from error
    except Unreadable as error:
        errors = [_fault(fault.path, fault.detail) for fault in error.faults]
        raise Problem("malformed-request", errors=errors) from error
    return "", 202


def _fault(path: str, detail: str) -> dict[str, str]:
    pointer = "/" + path.replace(".", "/") if path else ""
    return {"in": "body", "pointer": pointer, "detail": detail, "code": "invalid"}
