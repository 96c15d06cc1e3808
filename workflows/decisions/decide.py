"""What a command leads to. Pure: everything that may be looked at is in :class:`Known`."""

from typing import assert_never, get_args

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
    OfMessages,
    OpenCase,
    RecordCall,
    RecordDelivered,
    RecordFound,
    RecordLocally,
    RecordNotTold,
    RecordSetAside,
    RecordUndeliverable,
    Renew,
    Report,
    ReportDamage,
    ReportLoss,
    ReportParcelLost,
    RevokeAmendment,
    Ring,
    SettleCase,
    SettleLoss,
    ShipBack,
    TakeBack,
    Transfer,
    Undo,
)
from workflows.requests.lifecycle import may
from workflows.requests.request import Request

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
    _follow(draft, command)
    return concluded(draft, command)


def _follow(draft: Draft, command: Command) -> None:  # noqa: C901, PLR0912 - one line a command is the table
    match command:
        case Report():
            lender_reports.hear(draft, command)
        case RecordDelivered() | RecordUndeliverable() | RecordNotTold() | RecordLocally() | RecordSetAside():
            _learn(draft, command)
        case Ring():
            deadline_passed.ring(draft)
        case Cancel():
            rota.cancel(draft, command)
        case AnswerConditions():
            rota.answer_conditions(draft, command)
        case Arrive():
            circulation.arrive(draft, command)
        case RecordCall():
            circulation.record_call(draft, command)
        case HandOver():
            circulation.hand_over(draft, command)
        case Renew():
            circulation.renew(draft, command)
        case TakeBack():
            returns.take_back(draft, command)
        case ShipBack():
            circulation.ship_back(draft, command)
        case ReportLoss():
            damages.report_loss(draft, command)
        case ReportParcelLost():
            circulation.parcel_lost(draft, command)
        case SettleLoss():
            damages.settle_loss(draft, command)
        case ReportDamage():
            damages.record_damage(draft, command)
        case Transfer():
            circulation.transfer(draft, command)
        case CheckPieces():
            returns.check_pieces(draft, command)
        case CorrectItem() | ChoosePickup():
            _prepare(draft, command)
        case OpenCase():
            damages.open_case(draft, command)
        case SettleCase():
            damages.settle_case(draft, command)
        case RecordFound():
            damages.record_found(draft, command)
        case Amend() | RevokeAmendment():
            _amend(draft, command)
        case Undo():
            undo.undo(draft)
        case _:
            assert_never(command)


def _prepare(draft: Draft, command: CorrectItem | ChoosePickup) -> None:
    """Take down what is settled about the book before it is handed over."""
    match command:
        case CorrectItem():
            rota.correct_item(draft, command)
        case ChoosePickup():
            pickups.choose(draft, command)
        case _:
            assert_never(command)


def _learn(draft: Draft, command: OfMessages) -> None:
    """Take down what became of a message of ours, or of a partner's."""
    match command:
        case RecordDelivered():
            rota.delivered(draft, command)
        case RecordUndeliverable():
            rota.undeliverable(draft, command)
        case RecordNotTold():
            rota.not_told(draft, command.lender, command.reason)
        case RecordLocally():
            local_systems.heard(draft, command)
        case RecordSetAside():
            lender_reports.set_aside(draft, command)
        case _:
            assert_never(command)


def _amend(draft: Draft, command: Amend | RevokeAmendment) -> None:
    """Let the office move the due date of a loan under way."""
    match command:
        case Amend():
            amending.amend(draft, command)
        case RevokeAmendment():
            amending.revoke(draft, command)
        case _:
            assert_never(command)
