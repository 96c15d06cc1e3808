"""The steps of a request: each is a POST to its name, and answers with what the request has become."""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, post_load

from ill_broker.api.fields import Day, Flag, Instant, OneOf, Text
from ill_broker.api.idempotency import once, receipt
from ill_broker.api.request_schemas import RequestOut, told
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Strict
from ill_broker.api.settling_schemas import SettlingIn, with_settling
from ill_broker.api.versions import ETAG, IF_MATCH, etag, expect
from ill_broker.services.desk import Desk
from ill_broker.services.requests import Requests
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from workflows import commands
from workflows.actors import Role
from workflows.commands import CallResult, Command, ReportedStatus
from workflows.ids import RequestId
from workflows.requests import Request

blueprint = Resource("steps", description="What is done to a request")
_OUT = RequestOut()
_NOTE = 2000


def _note(*, required: bool = False) -> Text:
    return Text(max_length=_NOTE, lines=True, required=required)


class StepIn(Strict):
    """The body of a step becomes its command."""

    command: Callable[..., Command]

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        return type(self).command(**read)


class CancellationIn(StepIn):
    command = commands.Cancel
    reason = _note()


class ConditionsIn(StepIn):
    command = commands.AnswerConditions
    accept = Flag(required=True)


class RenewalIn(StepIn):
    command = commands.Renew
    channel = OneOf("telephone", "internet", "self_help_machine", "information_desk", load_default="internet")
    on_hold = Flag(load_default=False)


class ArrivalIn(StepIn):
    command = commands.Arrive
    barcode = Text(max_length=60)
    condition = _note()


class CallIn(StepIn):
    command = commands.RecordCall
    result = OneOf(*CallResult, required=True)
    note = _note()

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        return commands.RecordCall(result=CallResult(read["result"]), note=read.get("note"))


class HandoverIn(StepIn):
    command = commands.HandOver
    condition = _note()
    agent = Text(max_length=200)


class ReturnIn(StepIn):
    command = commands.TakeBack
    condition = _note()
    staff_override = Flag(load_default=False)


class ShipmentIn(StepIn):
    command = commands.ShipBack
    tracking = Text(max_length=100)


class LossIn(StepIn):
    command = commands.ReportLoss
    note = _note()


class ParcelLossIn(StepIn):
    command = commands.ReportParcelLost
    note = _note()


class SettlingStepIn(SettlingIn, StepIn):
    """A note alone, or beside it what the patron is to pay for."""

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        return type(self).command(**with_settling(read))


class SettlementIn(SettlingStepIn):
    command = commands.SettleLoss
    note = _note()


class DamageIn(SettlingStepIn):
    command = commands.ReportDamage
    note = _note(required=True)


class TransferIn(StepIn):
    command = commands.Transfer
    starts = Flag(required=True)


class UndoIn(StepIn):
    command = commands.Undo


class AnswerIn(Strict):
    """What a lender's staff says of the request, in the statuses of ISO 18626."""

    status = OneOf(*ReportedStatus, required=True)
    occurred_at = Instant()
    item_barcode = Text(max_length=60)
    lender_due_date = Day()
    tracking = Text(max_length=100)
    reason = Text(max_length=200)
    note = _note()


#: path, what comes in, what it is for the contract
_STEPS: tuple[tuple[str, type[Schema], str], ...] = (
    ("cancellation", CancellationIn, "Give the request up"),
    ("conditions", ConditionsIn, "Accept or reject what the lender asks for"),
    ("renewal", RenewalIn, "Keep the book longer, as the lender's rules allow"),
    ("arrival", ArrivalIn, "The book is at the desk"),
    ("notification", CallIn, "Record the call to the patron; a successful one starts the hold shelf period"),
    ("handover", HandoverIn, "Give the book to the patron; the clock starts"),
    ("return", ReturnIn, "Take the book back from the patron; the clock stops"),
    ("shipment", ShipmentIn, "Send the book back to the lender"),
    ("loss", LossIn, "The patron cannot find the book"),
    ("parcel_loss", ParcelLossIn, "A parcel will not come any more"),
    ("settlement", SettlementIn, "A lost book was paid for or replaced"),
    ("damage", DamageIn, "Record the state of the book"),
    ("transfer", TransferIn, "The book leaves the patron for a while, or is back"),
    ("undo", UndoIn, "Take the desk's last step back"),
)


def _register(path: str, schema: type[Schema], summary: str) -> None:
    @blueprint.route(f"/requests/<id('req'):request_id>/{path}", methods=["POST"], endpoint=path)
    @needs(Role.PATRON, Role.STAFF, Role.OFFICE)
    @once()
    @blueprint.doc(summary=summary, parameters=[IF_MATCH])
    @blueprint.arguments(schema)
    @blueprint.response(200, RequestOut, headers=ETAG)
    def step(command: Command, request_id: str) -> Any:
        return _taken(command, RequestId(request_id))


for each in _STEPS:
    _register(*each)


@blueprint.route("/requests/<id('req'):request_id>/answer", methods=["POST"])
@needs(Role.STAFF, Role.OFFICE)
@once()
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(AnswerIn)
@blueprint.response(200, RequestOut, headers=ETAG)
def answer(said: dict[str, Any], request_id: str) -> Any:
    """Enter what the lender says, for a lender whose system does not say it."""
    report = service(Desk).report_of(RequestId(request_id), actor(), said, now=now())
    return _taken(report, RequestId(request_id))


class ArrivedIn(Strict):
    """What the scanner read: the book's barcode, or the request's number."""

    code = Text(required=True, max_length=60)
    condition = _note()


@blueprint.route("/arrivals", methods=["POST"])
@needs(Role.STAFF)
@once()
@blueprint.arguments(ArrivedIn)
@blueprint.response(200, RequestOut, headers=ETAG)
def arrived(read: dict[str, Any]) -> Any:
    """Mark an arrival by whatever was scanned: the book's barcode or the request's number."""
    request_id, command = service(Desk).arrival_of(read["code"], read.get("condition"), actor())
    return _taken(command, request_id)


def _taken(command: Command, request_id: RequestId) -> Any:
    keep = receipt(_OUT, 200, headers=lambda shown: etag(shown["version"]))
    request: Request = service(Requests).handle(
        request_id,
        command,
        actor(),
        now=now(),
        also=lambda conn, made: keep(conn, told(made, actor())),
        expected=expect,
    )
    return told(request, actor()), 200, etag(request.version)
