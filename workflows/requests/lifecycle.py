"""What may follow what in the life of a request: the one table that buttons, API and refusals read."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Status(StrEnum):
    """Where a request is."""

    SUBMITTED = "submitted"
    CONDITIONAL = "conditional"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    ARRIVED = "arrived"
    NOTIFIED = "notified"
    ON_LOAN = "on_loan"
    RETURNED = "returned"
    RETURNING = "returning"
    CLOSED = "closed"


class Outcome(StrEnum):
    """Whether it worked."""

    COMPLETED = "completed"
    UNFILLED = "unfilled"
    CANCELLED = "cancelled"
    NOT_COLLECTED = "not_collected"
    LOST = "lost"


class Step(StrEnum):
    """What somebody does to a request; the desk's and the patron's are paths of the API."""

    CANCEL = "cancellation"
    ANSWER_CONDITIONS = "conditions"
    RENEW = "renewal"
    ARRIVE = "arrival"
    CALL = "notification"
    HAND_OVER = "handover"
    TAKE_BACK = "return"
    SHIP_BACK = "shipment"
    REPORT_LOSS = "loss"
    REPORT_PARCEL_LOST = "parcel_loss"
    SETTLE_LOSS = "settlement"
    REPORT_DAMAGE = "damage"
    TRANSFER = "transfer"
    #: pieces of a book come without it, or are lost
    CHECK_PIECES = "pieces"
    CHOOSE_PICKUP = "pickup"
    #: the lender's copy is another kind of thing than its catalogue says
    CORRECT_ITEM = "item_type"
    OPEN_CASE = "case"
    SETTLE_CASE = "case_settlement"
    #: a book that was paid for as lost has turned up
    FIND = "found"
    UNDO = "undo"
    #: somebody has looked at what called for it
    SEE_TO = "attention"
    #: the office amends the due dates of many loans at once, and takes that back
    AMEND = "amendment"
    REVOKE_AMENDMENT = "amendment_revocation"
    #: the lender's answers, in the order of ISO 18626's statuses
    NOTE_RECEIPT = "lender_received_request"
    ACCEPT = "lender_accepts"
    OFFER_CONDITIONS = "lender_offers_conditions"
    DECLINE = "lender_declines"
    SHIP = "lender_ships"
    CLAIM_OVERDUE = "lender_claims_overdue"
    RECALL = "lender_recalls"
    CONFIRM_RECEIPT = "lender_has_the_book"
    COMPLETE_WITHOUT_RETURN = "lender_gives_up_the_book"
    CONFIRM_CANCELLATION = "lender_cancels"
    #: what came of a message of ours
    DELIVERED = "ask_delivered"
    UNDELIVERABLE = "ask_undeliverable"
    #: a deadline passed
    RING = "deadline"


_S = Status

#: status -> step -> the statuses it may lead to; a step that is missing is refused
TABLE: Mapping[Status, Mapping[Step, tuple[Status, ...]]] = MappingProxyType(
    {
        _S.SUBMITTED: {
            Step.CANCEL: (_S.CLOSED,),
            Step.NOTE_RECEIPT: (_S.SUBMITTED,),
            Step.ACCEPT: (_S.ACCEPTED,),
            Step.OFFER_CONDITIONS: (_S.CONDITIONAL,),
            Step.DECLINE: (_S.SUBMITTED, _S.CLOSED),
            Step.SHIP: (_S.IN_TRANSIT,),
            Step.ARRIVE: (_S.ARRIVED,),
            Step.CONFIRM_CANCELLATION: (_S.SUBMITTED, _S.CLOSED),
            Step.DELIVERED: (_S.SUBMITTED,),
            Step.UNDELIVERABLE: (_S.SUBMITTED, _S.CLOSED),
            Step.RING: (_S.SUBMITTED, _S.CLOSED),
            Step.CHOOSE_PICKUP: (_S.SUBMITTED,),
            Step.CORRECT_ITEM: (_S.SUBMITTED, _S.CLOSED),
            Step.SEE_TO: (_S.SUBMITTED,),
        },
        _S.CONDITIONAL: {
            Step.CANCEL: (_S.CLOSED,),
            Step.ANSWER_CONDITIONS: (_S.ACCEPTED, _S.SUBMITTED, _S.CLOSED),
            Step.DELIVERED: (_S.CONDITIONAL,),
            Step.ACCEPT: (_S.ACCEPTED,),
            Step.OFFER_CONDITIONS: (_S.CONDITIONAL,),
            Step.DECLINE: (_S.SUBMITTED, _S.CLOSED),
            Step.SHIP: (_S.IN_TRANSIT,),
            Step.ARRIVE: (_S.ARRIVED,),
            Step.CONFIRM_CANCELLATION: (_S.SUBMITTED, _S.CLOSED),
            Step.RING: (_S.SUBMITTED, _S.CLOSED),
            Step.CHOOSE_PICKUP: (_S.CONDITIONAL,),
            Step.CORRECT_ITEM: (_S.CONDITIONAL, _S.SUBMITTED, _S.CLOSED),
            Step.SEE_TO: (_S.CONDITIONAL,),
        },
        _S.ACCEPTED: {
            Step.CANCEL: (_S.ACCEPTED,),
            Step.DELIVERED: (_S.ACCEPTED,),
            Step.DECLINE: (_S.SUBMITTED, _S.CLOSED),
            Step.SHIP: (_S.IN_TRANSIT,),
            Step.ARRIVE: (_S.ARRIVED,),
            Step.CONFIRM_CANCELLATION: (_S.SUBMITTED, _S.CLOSED),
            Step.RING: (_S.SUBMITTED, _S.CLOSED),
            Step.CHOOSE_PICKUP: (_S.ACCEPTED,),
            Step.CORRECT_ITEM: (_S.ACCEPTED,),
            Step.SEE_TO: (_S.ACCEPTED,),
        },
        _S.IN_TRANSIT: {
            Step.ARRIVE: (_S.ARRIVED,),
            Step.REPORT_PARCEL_LOST: (_S.CLOSED,),
            # of two lenders that sent a book, the one that sent it first supplies
            Step.SHIP: (_S.IN_TRANSIT,),
            Step.RECALL: (_S.IN_TRANSIT,),
            Step.DELIVERED: (_S.IN_TRANSIT,),
            Step.COMPLETE_WITHOUT_RETURN: (_S.CLOSED,),
            Step.RING: (_S.IN_TRANSIT,),
            Step.CHOOSE_PICKUP: (_S.IN_TRANSIT,),
            Step.CORRECT_ITEM: (_S.IN_TRANSIT,),
            Step.SEE_TO: (_S.IN_TRANSIT,),
        },
        _S.ARRIVED: {
            Step.CANCEL: (_S.RETURNED,),
            Step.CALL: (_S.ARRIVED, _S.NOTIFIED),
            # the patron came in person before anybody called
            Step.HAND_OVER: (_S.ON_LOAN,),
            Step.REPORT_DAMAGE: (_S.ARRIVED,),
            Step.UNDO: (_S.SUBMITTED, _S.CONDITIONAL, _S.ACCEPTED, _S.IN_TRANSIT),
            Step.RECALL: (_S.ARRIVED,),
            Step.DELIVERED: (_S.ARRIVED,),
            Step.RING: (_S.ARRIVED,),
            Step.CHOOSE_PICKUP: (_S.ARRIVED,),
            Step.CORRECT_ITEM: (_S.ARRIVED,),
            Step.SEE_TO: (_S.ARRIVED,),
        },
        _S.NOTIFIED: {
            Step.CANCEL: (_S.RETURNED,),
            Step.CALL: (_S.NOTIFIED,),
            Step.HAND_OVER: (_S.ON_LOAN,),
            Step.REPORT_DAMAGE: (_S.NOTIFIED,),
            Step.UNDO: (_S.ARRIVED,),
            Step.RECALL: (_S.NOTIFIED,),
            Step.DELIVERED: (_S.NOTIFIED,),
            Step.RING: (_S.NOTIFIED, _S.RETURNED),
            Step.CHOOSE_PICKUP: (_S.NOTIFIED,),
            Step.CORRECT_ITEM: (_S.NOTIFIED,),
            Step.SEE_TO: (_S.NOTIFIED,),
        },
        _S.ON_LOAN: {
            Step.RENEW: (_S.ON_LOAN,),
            # a machine's return waits for a desk; one at the lender's own desk ends the request
            Step.TAKE_BACK: (_S.RETURNED, _S.ON_LOAN, _S.CLOSED),
            Step.CALL: (_S.ON_LOAN,),
            Step.REPORT_LOSS: (_S.ON_LOAN,),
            Step.SETTLE_LOSS: (_S.CLOSED,),
            Step.REPORT_DAMAGE: (_S.ON_LOAN,),
            Step.TRANSFER: (_S.ON_LOAN,),
            Step.AMEND: (_S.ON_LOAN,),
            Step.REVOKE_AMENDMENT: (_S.ON_LOAN,),
            Step.UNDO: (_S.NOTIFIED,),
            Step.RECALL: (_S.ON_LOAN,),
            Step.CLAIM_OVERDUE: (_S.ON_LOAN,),
            Step.COMPLETE_WITHOUT_RETURN: (_S.CLOSED,),
            Step.DELIVERED: (_S.ON_LOAN,),
            Step.RING: (_S.ON_LOAN,),
            Step.CHECK_PIECES: (_S.ON_LOAN,),
            Step.OPEN_CASE: (_S.ON_LOAN,),
            Step.SETTLE_CASE: (_S.ON_LOAN, _S.CLOSED),
            Step.SEE_TO: (_S.ON_LOAN,),
        },
        _S.RETURNED: {
            Step.SHIP_BACK: (_S.RETURNING,),
            Step.REPORT_DAMAGE: (_S.RETURNED,),
            Step.UNDO: (_S.ON_LOAN,),
            Step.CLAIM_OVERDUE: (_S.RETURNED,),
            Step.CONFIRM_RECEIPT: (_S.CLOSED, _S.RETURNED),
            Step.COMPLETE_WITHOUT_RETURN: (_S.CLOSED,),
            Step.DELIVERED: (_S.RETURNED,),
            Step.RING: (_S.RETURNED,),
            Step.CHECK_PIECES: (_S.RETURNED, _S.CLOSED),
            Step.OPEN_CASE: (_S.RETURNED,),
            Step.SETTLE_CASE: (_S.RETURNED,),
            Step.SEE_TO: (_S.RETURNED,),
        },
        _S.RETURNING: {
            Step.REPORT_PARCEL_LOST: (_S.CLOSED,),
            Step.REPORT_DAMAGE: (_S.RETURNING,),
            Step.UNDO: (_S.RETURNED,),
            Step.CLAIM_OVERDUE: (_S.RETURNING,),
            Step.CONFIRM_RECEIPT: (_S.CLOSED, _S.RETURNING),
            Step.COMPLETE_WITHOUT_RETURN: (_S.CLOSED,),
            Step.DELIVERED: (_S.RETURNING,),
            Step.RING: (_S.RETURNING,),
            Step.CHECK_PIECES: (_S.RETURNING, _S.CLOSED),
            Step.OPEN_CASE: (_S.RETURNING,),
            Step.SETTLE_CASE: (_S.RETURNING,),
            Step.SEE_TO: (_S.RETURNING,),
        },
        _S.CLOSED: {
            # a book that is on its way beats the message that nobody would send one
            Step.SHIP: (_S.IN_TRANSIT, _S.CLOSED),
            # and one that is back beats the word that it was lost
            Step.CONFIRM_RECEIPT: (_S.CLOSED,),
            Step.DELIVERED: (_S.CLOSED,),
            Step.CHECK_PIECES: (_S.CLOSED,),
            Step.SETTLE_CASE: (_S.CLOSED,),
            Step.FIND: (_S.CLOSED,),
            Step.SEE_TO: (_S.CLOSED,),
        },
    }
)

#: statuses in which a book of a lender is with the desk or the patron, or on the way back
HAS_THE_BOOK = frozenset({_S.ARRIVED, _S.NOTIFIED, _S.ON_LOAN, _S.RETURNED, _S.RETURNING})
#: statuses in which the request counts against a patron's limits (G-8)
COUNTED = frozenset(Status) - {_S.RETURNED, _S.RETURNING, _S.CLOSED}


def steps_from(status: Status) -> tuple[Step, ...]:
    """Return what may be done now, in the order of the table."""
    return tuple(TABLE[status])


def may(status: Status, step: Step) -> bool:
    """Tell whether *step* is possible in *status*."""
    return step in TABLE[status]
