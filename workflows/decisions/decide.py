"""What a command leads to. Pure: everything that may be looked at is in :class:`Known`."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, get_args

from workflows.decisions import (
    amending,
    circulation,
    damages,
    deadline_passed,
    lender_reports,
    local_systems,
    pickups,
    returns,
    rota,
    seeing_to,
    undo,
)
from workflows.decisions.consequences import Decision, concluded
from workflows.decisions.draft import Draft, Known
from workflows.refusals import WrongState
from workflows.requests.commands import (
    Amend,
    AnswerConditions,
    Arrive,
    Cancel,
    CheckPieces,
    ChoosePickup,
    Command,
    CorrectItem,
    HandOver,
    OpenCase,
    RecordCall,
    RecordFound,
    Renew,
    Report,
    ReportDamage,
    ReportLoss,
    ReportParcelLost,
    RevokeAmendment,
    Ring,
    SeeTo,
    SettleCase,
    SettleLoss,
    ShipBack,
    TakeBack,
    Transfer,
    Undo,
)
from workflows.requests.lifecycle import may
from workflows.requests.message_commands import (
    OfMessages,
    RecordDelivered,
    RecordLocally,
    RecordNotTold,
    RecordSetAside,
    RecordUndeliverable,
)
from workflows.requests.request import Request

#: command -> what decides it
DECIDED_BY: Mapping[type[Command], Callable[[Draft, Any], None]] = MappingProxyType(
    {
        Report: lender_reports.hear,
        RecordDelivered: rota.delivered,
        RecordUndeliverable: rota.undeliverable,
        RecordNotTold: lambda draft, command: rota.not_told(draft, command.lender, command.reason),
        RecordLocally: local_systems.heard,
        RecordSetAside: lender_reports.set_aside,
        Ring: lambda draft, _: deadline_passed.ring(draft),
        Cancel: rota.cancel,
        AnswerConditions: rota.answer_conditions,
        CorrectItem: rota.correct_item,
        ChoosePickup: pickups.choose,
        Arrive: circulation.arrive,
        RecordCall: circulation.record_call,
        HandOver: circulation.hand_over,
        Renew: circulation.renew,
        Transfer: circulation.transfer,
        TakeBack: returns.take_back,
        CheckPieces: returns.check_pieces,
        ShipBack: circulation.ship_back,
        ReportParcelLost: circulation.parcel_lost,
        ReportLoss: damages.report_loss,
        SettleLoss: damages.settle_loss,
        ReportDamage: damages.record_damage,
        OpenCase: damages.open_case,
        SettleCase: damages.settle_case,
        RecordFound: damages.record_found,
        Amend: amending.amend,
        RevokeAmendment: amending.revoke,
        Undo: lambda draft, _: undo.undo(draft),
        SeeTo: seeing_to.see_to,
    }
)
#: commands that are never refused: they do nothing where they no longer fit
_NEVER_REFUSED = (Report, *get_args(OfMessages), Ring)


def decide(request: Request, command: Command, known: Known) -> Decision:
    """Return what follows from *command*.

    :raises WrongState: if the request cannot do this now
    :raises WorkflowError: if a rule refuses it; the subclass says which
    """
    if not isinstance(command, _NEVER_REFUSED) and not may(request.status, command.step):
        raise WrongState(
            f"a request that is {request.status} does not take the step {command.step}",
            status=request.status,
            step=command.step,
        )
    draft = Draft(request, known)
    DECIDED_BY[type(command)](draft, command)
    return concluded(draft, command)
