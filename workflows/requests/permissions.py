"""Who may do what: one table from relation to step.

What somebody may not see does not exist for them; what they see and may not do is refused.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never, get_args

from workflows.actors import Actor, Role
from workflows.requests.commands import DeskOrPatron
from workflows.requests.lifecycle import Step, steps_from
from workflows.requests.request import Request, to_see_to


class Relation(StrEnum):
    """What somebody is to a request."""

    #: the patron who asked
    PATRON = "patron"
    #: staff of the desk where the book is picked up
    DESK = "desk"
    #: staff or system of a library that is or was asked
    LENDER = "lender"
    #: staff of another desk that may take the book back, such as the lender's own (R-SZUTL-15)
    RETURN_DESK = "return_desk"
    #: the system of the library that asked for its own patron, and is their desk
    REQUESTER = "requester"
    OFFICE = "office"
    SYSTEM = "system"


_ANSWERS = frozenset(
    {
        Step.NOTE_RECEIPT,
        Step.ACCEPT,
        Step.OFFER_CONDITIONS,
        Step.DECLINE,
        Step.SHIP,
        Step.CLAIM_OVERDUE,
        Step.RECALL,
        Step.CONFIRM_RECEIPT,
        Step.COMPLETE_WITHOUT_RETURN,
        Step.CONFIRM_CANCELLATION,
    }
)
_DESK = frozenset(command.step for command in get_args(DeskOrPatron))

#: relation -> the steps it may take
TABLE: Mapping[Relation, frozenset[Step]] = MappingProxyType(
    {
        Relation.PATRON: frozenset(
            {Step.CANCEL, Step.ANSWER_CONDITIONS, Step.RENEW, Step.REPORT_LOSS, Step.CHOOSE_PICKUP}
        ),
        Relation.DESK: _DESK,
        Relation.LENDER: _ANSWERS | {Step.CORRECT_ITEM},
        Relation.REQUESTER: frozenset(
            {
                Step.CANCEL,
                Step.ANSWER_CONDITIONS,
                Step.RENEW,
                Step.ARRIVE,
                Step.CALL,
                Step.HAND_OVER,
                Step.TAKE_BACK,
                Step.SHIP_BACK,
                Step.REPORT_LOSS,
                Step.REPORT_PARCEL_LOST,
            }
        ),
        Relation.RETURN_DESK: frozenset({Step.TAKE_BACK, Step.CHECK_PIECES}),
        Relation.OFFICE: _DESK | _ANSWERS | {Step.AMEND, Step.REVOKE_AMENDMENT},
        Relation.SYSTEM: frozenset({Step.DELIVERED, Step.UNDELIVERABLE, Step.RING}),
    }
)


def relations(actor: Actor, request: Request) -> frozenset[Relation]:
    """Return what *actor* is to *request*; nothing means that it does not exist for them."""
    match actor.role:
        case Role.PATRON:
            return frozenset({Relation.PATRON} if actor.id == request.patron else ())
        case Role.STAFF:
            at_desk = {Relation.DESK} if actor.library == request.desk else frozenset()
            takes_back = {Relation.RETURN_DESK} if actor.library in request.return_desks else frozenset()
            return _as_lender(actor, request) | at_desk | takes_back
        case Role.PARTNER:
            asks = request.by_partner and actor.library == request.home
            return _as_lender(actor, request) | ({Relation.REQUESTER} if asks else frozenset())
        case Role.OFFICE:
            return frozenset({Relation.OFFICE})
        case Role.SYSTEM:
            return frozenset({Relation.SYSTEM})
        case _:
            assert_never(actor.role)


def _as_lender(actor: Actor, request: Request) -> frozenset[Relation]:
    entry = request.entry(actor.library) if actor.library else None
    return frozenset({Relation.LENDER} if entry and entry.asked_at else ())


def may_take(actor: Actor, request: Request, step: Step) -> bool:
    """Tell whether *actor* is somebody who may take *step*, whatever the status."""
    return any(step in TABLE[relation] for relation in relations(actor, request))


def actions(actor: Actor, request: Request) -> tuple[Step, ...]:
    """Return the steps that *actor* may take now, in the order of the life-cycle table."""
    return tuple(
        step
        for step in steps_from(request.status)
        if has_occasion(request, step) and may_take(actor, request, step)
    )


def has_occasion(request: Request, step: Step) -> bool:
    """Tell whether there is something that *step* is for; most steps need only their status."""
    instants = request.instants
    match step:
        case Step.CHECK_PIECES:
            return any(piece.is_out for piece in request.pieces)
        case Step.CHOOSE_PICKUP:
            return bool(request.pickup_sites)
        case Step.OPEN_CASE:
            return instants.handover is not None
        case Step.SETTLE_CASE:
            return any(case.is_open for case in request.cases)
        case Step.SEE_TO:
            return bool(to_see_to(request))
        case Step.FIND:
            return instants.settled is not None and instants.returned is None
        case _:
            return True
