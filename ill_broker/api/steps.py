"""The steps of a request: each is a POST to its name, and answers with what the request has become."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load
from sqlalchemy import Connection

from ill_broker.api.idempotency import once, receipt
from ill_broker.api.request_schemas import RequestOut, shown_request
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Strict
from ill_broker.api.settling_schemas import FactsIn, SettlingIn, with_settling
from ill_broker.api.versions import ETAG, IF_MATCH, etag, expect
from ill_broker.services.requests.door import Requests
from ill_broker.services.requests.overview import Overview
from ill_broker.services.requests.scanning import Desk
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Day, Identifier, Instant, OneOf, Pattern, Text, Whole
from ill_broker.web.settling import case_settling
from ill_broker.web.steps import STEPS, StepIn, a_note
from workflows.actors import Role
from workflows.ids import RequestId
from workflows.refusals import WrongState
from workflows.requests import commands
from workflows.requests.commands import Command, ReportedStatus
from workflows.requests.lifecycle import Step
from workflows.requests.request import Request

blueprint = Resource("steps", description="What is done to a request")
_OUT = RequestOut()


class OverrideIn(Strict):
    """What staff ask for instead of what the rules compute (R-SZUTL-36)."""

    amount = Pattern(r"[0-9]{1,9}(\.[0-9]{1,2})?", max_length=20, required=True)
    reason = a_note(required=True)


class CaseSettlementIn(FactsIn, StepIn):  # type: ignore[misc]  # either Meta refuses what is unknown
    """The facts that the lender's rules ask for; the charge is computed by them."""

    number = Whole(minimum=1, maximum=1000, required=True)
    note = a_note()
    #: what staff resolved to say in a notice; the service publishes nothing (R-FJMU-17)
    criticism = a_note()
    override = fields.Nested(OverrideIn)

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        own = read.pop("override", {})
        instead = {"override_amount": own.get("amount"), "override_reason": own.get("reason")}
        return commands.SettleCase(**case_settling(read), **instead)


class SettlingStepIn(SettlingIn, StepIn):  # type: ignore[misc]  # either Meta refuses what is unknown
    """A note alone, or beside it what the patron is to pay for."""

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        return type(self).command(**with_settling(read))


class SettlementIn(SettlingStepIn):
    command = commands.SettleLoss
    note = a_note()


class DamageIn(SettlingStepIn):
    command = commands.ReportDamage
    note = a_note(required=True)


class AnswerIn(Strict):
    """What a lender's staff says of the request, in the statuses of ISO 18626."""

    status = OneOf(*ReportedStatus, required=True)
    occurred_at = Instant()
    item_barcode = Identifier(max_length=60)
    lender_due_date = Day()
    tracking = Text(max_length=100)
    reason = Text(max_length=200)
    note = a_note()


#: the body of each step, and what it is for the contract
_STEPS: Mapping[Step, tuple[type[StepIn], str]] = {
    **STEPS,
    Step.SETTLE_LOSS: (SettlementIn, "A lost book was paid for or replaced"),
    Step.REPORT_DAMAGE: (DamageIn, "Record the state of the book"),
    Step.SETTLE_CASE: (CaseSettlementIn, "Charge what an open case costs by the lender's rules"),
}


def _register(path: str, schema: type[StepIn], summary: str) -> None:
    @blueprint.route(
        f"/requests/<id('req'):request_id>/{path}",
        methods=["POST"],
        endpoint=f"request_{path.replace('-', '_')}",
    )
    @needs(Role.PATRON, Role.STAFF, Role.OFFICE)
    @once()
    @blueprint.doc(summary=summary, parameters=[IF_MATCH])
    @blueprint.arguments(schema)
    @blueprint.response(200, RequestOut, headers=ETAG)
    def step(command: Command, request_id: str) -> Any:
        return _taken(command, RequestId(request_id))


for name, (body, told) in _STEPS.items():
    _register(name.replace("_", "-"), body, told)


@blueprint.route("/requests/<id('req'):request_id>/answer", methods=["POST"])
@needs(Role.STAFF, Role.OFFICE)
@once()
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(AnswerIn)
@blueprint.response(200, RequestOut, headers=ETAG)
def enter_answer(said: dict[str, Any], request_id: str) -> Any:
    """Enter what the lender says, for a lender whose system does not say it."""
    report = service(Desk).report_of(RequestId(request_id), actor(), said, now=now())
    return _taken(report, RequestId(request_id))


class ArrivedIn(Strict):
    """What the scanner read: the book's barcode, or the request's number."""

    code = Identifier(required=True, max_length=60)
    condition = a_note()


@blueprint.route("/arrivals", methods=["POST"])
@needs(Role.STAFF)
@once()
@blueprint.arguments(ArrivedIn)
@blueprint.response(200, RequestOut, headers=ETAG)
def scan_arrival(read: dict[str, Any]) -> Any:
    """Mark an arrival by whatever was scanned: the book's barcode or the request's number."""
    request_id, command = service(Desk).arrival_of(read["code"], read.get("condition"), actor())
    try:
        return _taken(command, request_id)
    except WrongState:
        service(Desk).refuse_twice(request_id, actor())
        raise


def _taken(command: Command, request_id: RequestId) -> Any:
    keep = receipt(_OUT, 200, headers=lambda shown: etag(shown["version"]))
    request: Request = service(Requests).handle(
        request_id,
        command,
        actor(),
        now=now(),
        also=lambda conn, made: keep(conn, _shown(made, conn)),
        expected=expect,
    )
    return _shown(request), 200, etag(request.version)


def _shown(request: Request, conn: Connection | None = None) -> dict[str, Any]:
    """Return what the request has become, and whom the desk is to call."""
    seen = service(Overview).seen(request, actor(), conn)
    return shown_request(seen.request, actor(), seen.patron)
