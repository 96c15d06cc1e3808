"""Who may do what: one table from relation to step.

What somebody may not see does not exist for them; what they see and may not do is refused.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never

from workflows.actors import Actor, Role
from workflows.lifecycle import Step, steps_from
from workflows.requests import Request


class Relation(StrEnum):
    """What somebody is to a request."""

    #: the patron who asked
    PATRON = "patron"
    #: staff of the desk where the book is picked up
    DESK = "desk"
    #: staff or system of a library that is or was asked
    LENDER = "lender"
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
_DESK = frozenset(
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
        Step.SETTLE_LOSS,
        Step.REPORT_DAMAGE,
        Step.TRANSFER,
        Step.UNDO,
    }
)

#: relation -> the steps it may take
TABLE: Mapping[Relation, frozenset[Step]] = MappingProxyType(
    {
        Relation.PATRON: frozenset({Step.CANCEL, Step.ANSWER_CONDITIONS, Step.RENEW, Step.REPORT_LOSS}),
        Relation.DESK: _DESK,
        Relation.LENDER: _ANSWERS,
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
            return _as_lender(actor, request) | at_desk
        case Role.PARTNER:
            return _as_lender(actor, request)
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
    return tuple(step for step in steps_from(request.status) if may_take(actor, request, step))
