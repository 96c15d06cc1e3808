"""The small form of each step of a request at the desk: what is asked, and the command that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from marshmallow import fields, post_load

from ill_broker.pages.forms import Form
from ill_broker.pages.frame import me
from ill_broker.web.fields import Flag, Identifier, OneOf, Pattern, Text, Whole
from ill_broker.web.settling import Facts, case_settling
from workflows.losses.cases import REPORTED_BY, CaseKind
from workflows.policies.conditions import TYPES
from workflows.requests import commands
from workflows.requests.commands import CallResult, Command
from workflows.requests.lifecycle import Step
from workflows.requests.pieces import MOST_PIECES, PIECE_KINDS

_NOTE = 2000
#: how a renewal is asked for, and how a book comes back
RENEWED_BY = ("information_desk", "telephone", "internet", "self_help_machine")
BACK_BY = ("desk", "book_drop", commands.SELF_MACHINE)


def _note(*, required: bool = False) -> Text:
    return Text(max_length=_NOTE, lines=True, required=required)


def _pieces() -> fields.List[str]:
    return fields.List(OneOf(*PIECE_KINDS))


def _numbers() -> fields.List[int]:
    return fields.List(Whole(minimum=1, maximum=MOST_PIECES))


class StepForm(Form):
    """A form that becomes a command."""

    command: ClassVar[Any]

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command; several of one thing are a tuple there."""
        told = {name: tuple(value) if isinstance(value, list) else value for name, value in read.items()}
        command: Command = type(self).command(**told | self.beside())
        return command

    def beside(self) -> dict[str, Any]:
        """Return what the desk itself adds."""
        return {}


class CancellationForm(StepForm):
    command = commands.Cancel
    reason = _note()


class ConditionsForm(StepForm):
    command = commands.AnswerConditions
    accept = Flag(required=True)


class RenewalForm(StepForm):
    command = commands.Renew
    channel = OneOf(*RENEWED_BY, load_default=RENEWED_BY[0])
    on_hold = Flag(load_default=False)


class ArrivalForm(StepForm):
    command = commands.Arrive
    barcode = Identifier(max_length=60)
    condition = _note()
    pieces = _pieces()


class CallForm(StepForm):
    command = commands.RecordCall
    result = OneOf(*CallResult, required=True)
    note = _note()

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        return commands.RecordCall(result=CallResult(read["result"]), note=read.get("note"))


class HandoverForm(StepForm):
    command = commands.HandOver
    card = Text(max_length=40)
    agent = Text(max_length=200)
    condition = _note()
    damage_stamp = Flag(load_default=False)


class ReturnForm(StepForm):
    command = commands.TakeBack
    channel = OneOf(*BACK_BY, load_default=BACK_BY[0])
    condition = _note()
    missing = _numbers()
    staff_override = Flag(load_default=False)
    reason = _note()

    def beside(self) -> dict[str, Any]:
        """Return the desk at which the book is handed in."""
        return {"place": me().library}


class ShipmentForm(StepForm):
    command = commands.ShipBack
    tracking = Text(max_length=100)


class LossForm(StepForm):
    command = commands.ReportLoss
    channel = OneOf(*REPORTED_BY)
    note = _note()


class ParcelLossForm(StepForm):
    command = commands.ReportParcelLost
    note = _note()


class DamageForm(StepForm):
    command = commands.ReportDamage
    note = _note(required=True)


class SettlementForm(StepForm):
    """Paid or replaced elsewhere; what the desk charges for is a case."""

    command = commands.SettleLoss
    note = _note()


class TransferForm(StepForm):
    command = commands.Transfer
    starts = Flag(required=True)


class PiecesForm(StepForm):
    command = commands.CheckPieces
    returned = _numbers()
    lost = _numbers()
    note = _note()


class PickupForm(StepForm):
    command = commands.ChoosePickup
    site = Text(max_length=60, required=True)


class ItemTypeForm(StepForm):
    command = commands.CorrectItem
    item_type = OneOf(*TYPES, required=True)
    restricted_label = Flag(load_default=False)
    reason = _note(required=True)


class CaseForm(StepForm):
    command = commands.OpenCase
    kind = OneOf(*CaseKind, required=True)
    piece = Whole(minimum=1, maximum=MOST_PIECES)
    channel = OneOf(*REPORTED_BY)
    note = _note()

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        return commands.OpenCase(**read | {"kind": CaseKind(read["kind"])})


class CaseSettlementForm(StepForm, Facts):
    """What the lender's rules ask for; what staff ask for instead wants its reason."""

    command = commands.SettleCase
    number = Whole(minimum=1, maximum=1000, required=True)
    note = _note()
    override_amount = Pattern(r"[0-9]{1,9}(\.[0-9]{1,2})?", max_length=20)
    override_reason = _note()
    criticism = _note()

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        return commands.SettleCase(**case_settling(read))


class FoundForm(StepForm):
    command = commands.RecordFound
    note = _note()


class UndoForm(StepForm):
    command = commands.Undo


#: every step that a desk can take of a request, in the order of the page
FORMS: Mapping[Step, type[StepForm]] = MappingProxyType(
    {
        Step.ARRIVE: ArrivalForm,
        Step.CALL: CallForm,
        Step.HAND_OVER: HandoverForm,
        Step.RENEW: RenewalForm,
        Step.TAKE_BACK: ReturnForm,
        Step.SHIP_BACK: ShipmentForm,
        Step.ANSWER_CONDITIONS: ConditionsForm,
        Step.CHECK_PIECES: PiecesForm,
        Step.CHOOSE_PICKUP: PickupForm,
        Step.CORRECT_ITEM: ItemTypeForm,
        Step.REPORT_DAMAGE: DamageForm,
        Step.REPORT_LOSS: LossForm,
        Step.OPEN_CASE: CaseForm,
        Step.SETTLE_CASE: CaseSettlementForm,
        Step.SETTLE_LOSS: SettlementForm,
        Step.FIND: FoundForm,
        Step.REPORT_PARCEL_LOST: ParcelLossForm,
        Step.TRANSFER: TransferForm,
        Step.CANCEL: CancellationForm,
        Step.UNDO: UndoForm,
    }
)
#: what a field of a form may say, beside what the request itself has to choose from
OPTIONS = (*RENEWED_BY, *BACK_BY, *REPORTED_BY, *CallResult, "cash", "replacement", "true", "false")
