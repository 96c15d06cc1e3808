"""The small form of each step of a request at the desk: what the API takes, as far as a desk is asked it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from marshmallow import EXCLUDE, Schema, post_load

from ill_broker.web.fields import OneOf, Pattern, Whole
from ill_broker.web.settling import Facts, case_settling
from ill_broker.web.steps import (
    BACK_BY,
    ArrivalIn,
    CallIn,
    CancellationIn,
    CaseIn,
    ConditionsIn,
    FoundIn,
    HandoverIn,
    ItemTypeIn,
    LossIn,
    ParcelLossIn,
    PickupIn,
    PiecesIn,
    RenewalIn,
    ReturnIn,
    ShipmentIn,
    StepIn,
    TransferIn,
    UndoIn,
    a_note,
)
from workflows.losses.cases import REPORTED_BY, CaseKind
from workflows.requests import commands
from workflows.requests.commands import CallResult, Command
from workflows.requests.lifecycle import Step

#: how a desk is asked for a renewal, the likeliest first
_RENEWED_BY = ("information_desk", "telephone", "internet", "self_help_machine")


class RenewalForm(RenewalIn):
    channel = OneOf(*_RENEWED_BY, load_default=_RENEWED_BY[0])


class DamageForm(StepIn):
    """Only noted; what the desk charges for is a case."""

    command = commands.ReportDamage
    note = a_note(required=True)


class SettlementForm(StepIn):
    """Paid or replaced elsewhere; what the desk charges for is a case."""

    command = commands.SettleLoss
    note = a_note()


class CaseForm(CaseIn):
    kind = OneOf(*CaseKind, required=True)


class CaseSettlementForm(StepIn, Facts):
    """What the lender's rules ask for; what staff ask for instead wants its reason."""

    number = Whole(minimum=1, maximum=1000, required=True)
    note = a_note()
    override_amount = Pattern(r"[0-9]{1,9}(\.[0-9]{1,2})?", max_length=20)
    override_reason = a_note()
    criticism = a_note()

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        return commands.SettleCase(**case_settling(read))


def _asked(schema: type[StepIn], *unasked: str) -> Schema:
    """Return a form of *schema* without what no desk is asked."""
    return schema(unknown=EXCLUDE, exclude=unasked)


#: every step that a desk can take of a request, in the order of the page
FORMS: Mapping[Step, Schema] = MappingProxyType(
    {
        Step.ARRIVE: _asked(ArrivalIn),
        Step.CALL: _asked(CallIn),
        Step.HAND_OVER: _asked(HandoverIn, "pieces"),
        Step.RENEW: _asked(RenewalForm),
        Step.TAKE_BACK: _asked(ReturnIn, "card"),
        Step.SHIP_BACK: _asked(ShipmentIn),
        Step.ANSWER_CONDITIONS: _asked(ConditionsIn),
        Step.CHECK_PIECES: _asked(PiecesIn),
        Step.CHOOSE_PICKUP: _asked(PickupIn),
        Step.CORRECT_ITEM: _asked(ItemTypeIn),
        Step.REPORT_DAMAGE: _asked(DamageForm),
        Step.REPORT_LOSS: _asked(LossIn),
        Step.OPEN_CASE: _asked(CaseForm),
        Step.SETTLE_CASE: _asked(CaseSettlementForm),
        Step.SETTLE_LOSS: _asked(SettlementForm),
        Step.FIND: _asked(FoundIn),
        Step.REPORT_PARCEL_LOST: _asked(ParcelLossIn),
        Step.TRANSFER: _asked(TransferIn),
        Step.CANCEL: _asked(CancellationIn),
        Step.UNDO: _asked(UndoIn),
    }
)
#: what a field of a form may say, beside what the request itself has to choose from
OPTIONS = (*_RENEWED_BY, *BACK_BY, *REPORTED_BY, *CallResult, "cash", "replacement", "true", "false")
