"""What a command leads to. Pure: everything that may be looked at is in :class:`Known`."""

from typing import assert_never, get_args

from workflows import (
    amending,
    asking,
    damages,
    lending,
    local_systems,
    pickups,
    reports,
    returns,
    ringing,
    undoing,
)
from workflows.drafts import Decision, Draft, Known
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
    return draft.decision()


def _follow(draft: Draft, command: Command) -> None:  # noqa: C901, PLR0912 - one line a command is the table
    match command:
        case Report():
            reports.hear(draft, command)
        case RecordDelivered() | RecordUndeliverable() | RecordNotTold() | RecordLocally() | RecordSetAside():
            _learn(draft, command)
        case Ring():
            ringing.ring(draft)
        case Cancel():
            asking.cancel(draft, command)
        case AnswerConditions():
            asking.answer_conditions(draft, command)
        case Arrive():
            lending.arrive(draft, command)
        case RecordCall():
            lending.record_call(draft, command)
        case HandOver():
            lending.hand_over(draft, command)
        case Renew():
            lending.renew(draft, command)
        case TakeBack():
            returns.take_back(draft, command)
        case ShipBack():
            lending.ship_back(draft, command)
        case ReportLoss():
            damages.report_loss(draft, command)
        case ReportParcelLost():
            lending.parcel_lost(draft, command)
        case SettleLoss():
            damages.settle_loss(draft, command)
        case ReportDamage():
            damages.record_damage(draft, command)
        case Transfer():
            lending.transfer(draft, command)
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
            undoing.undo(draft)
        case _:
            assert_never(command)


def _prepare(draft: Draft, command: CorrectItem | ChoosePickup) -> None:
    """Take down what is settled about the book before it is handed over."""
    match command:
        case CorrectItem():
            asking.correct_item(draft, command)
        case ChoosePickup():
            pickups.choose(draft, command)
        case _:
            assert_never(command)


def _learn(draft: Draft, command: OfMessages) -> None:
    """Take down what became of a message of ours, or of a partner's."""
    match command:
        case RecordDelivered():
            asking.delivered(draft, command)
        case RecordUndeliverable():
            asking.undeliverable(draft, command)
        case RecordNotTold():
            asking.not_told(draft, command.lender, command.reason)
        case RecordLocally():
            local_systems.heard(draft, command)
        case RecordSetAside():
            reports.set_aside(draft, command)
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
