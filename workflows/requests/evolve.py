"""What each event changes in a request."""

from dataclasses import replace
from functools import singledispatch
from typing import Any

from workflows.ids import LibraryCode
from workflows.reasons import Attention
from workflows.requests import events, evolve_desk
from workflows.requests.lender_claims import said
from workflows.requests.lender_events import LenderNotTold
from workflows.requests.lifecycle import Outcome, Status, Step
from workflows.requests.request import (
    AskedRenewal,
    Interval,
    LenderClaim,
    Request,
    RotaEntry,
    Turn,
    with_attention,
    without,
)


def evolve(request: Request, event: events.Event) -> Request:
    """Return *request* as it is after *event*."""
    return replace(_apply(event, request), version=request.version + 1)


@singledispatch
def _apply(event: object, request: Request) -> Request:  # noqa: ARG001 - the handlers' signature
    raise TypeError(type(event).__name__)


def _on_rota(request: Request, lender: LibraryCode, **changes: Any) -> tuple[RotaEntry, ...]:
    """Return the rota with one lender's entry changed."""
    return tuple(replace(entry, **changes) if entry.lender == lender else entry for entry in request.rota)


def _named(request: Request, lender: LibraryCode, theirs: str | None) -> tuple[RotaEntry, ...]:
    """Return the rota with the lender's own id of the request noted, if it told one."""
    return _on_rota(request, lender, lender_request_id=theirs) if theirs else request.rota


def _claiming(request: Request, lender: LibraryCode, said: LenderClaim) -> Request:
    """Return the request with the lender's claim joined by what it says now."""
    entry = request.entry(lender)
    if entry is None:
        return request
    return replace(request, rota=_on_rota(request, lender, claim=entry.claim.joined(said)))


def _supplying(
    request: Request, lender: LibraryCode, theirs: str | None, said: LenderClaim
) -> tuple[RotaEntry, ...]:
    named = {"lender_request_id": theirs} if theirs else {}
    claimed = _claiming(request, lender, said)
    return _on_rota(claimed, lender, turn=Turn.SUPPLIES, passed_at=None, **named)


@_apply.register
def _submitted(event: events.Submitted, request: Request) -> Request:
    return replace(
        request,
        rota=event.rota,
        instants=replace(request.instants, submitted=event.at),
        status=Status.SUBMITTED,
    )


@_apply.register
def _asked(event: events.AskedLender, request: Request) -> Request:
    return replace(
        request,
        status=Status.SUBMITTED,
        lender=event.lender,
        category=event.category,
        rota=_on_rota(request, event.lender, turn=Turn.ASKED, asked_at=event.at, message=event.message),
        alarm=event.alarm,
        conditions=None,
        quota=f"{event.lender}:{event.quota_month}" if event.quota_month else None,
    )


@_apply.register
def _delivered(event: events.AskDelivered, request: Request) -> Request:
    return replace(request, rota=_named(request, event.lender, event.lender_request_id))


@_apply.register
def _received(event: events.RequestReceived, request: Request) -> Request:
    return replace(request, rota=_named(request, event.lender, event.lender_request_id))


@_apply.register
def _conditions(event: events.ConditionsOffered, request: Request) -> Request:
    return replace(
        request, status=Status.CONDITIONAL, conditions=event.note or event.reason, alarm=event.alarm
    )


@_apply.register
def _conditions_accepted(event: events.ConditionsAccepted, request: Request) -> Request:
    return replace(
        request,
        status=Status.ACCEPTED,
        alarm=event.alarm,
        conditions=None,
        rota=_claiming(request, event.lender, LenderClaim(accepted=event.at)).rota,
        instants=replace(request.instants, accepted=event.at),
    )


@_apply.register
def _accepted(event: events.Accepted, request: Request) -> Request:
    said = LenderClaim(accepted=event.at)
    after = replace(
        request,
        status=Status.ACCEPTED,
        rota=_supplying(request, event.lender, event.lender_request_id, said),
        conditions=None,
        alarm=event.alarm,
    )
    return replace(after, instants=replace(after.instants, accepted=after.claim.accepted))


@_apply.register
def _passed(event: events.LenderPassed, request: Request) -> Request:
    return replace(
        request,
        status=Status.SUBMITTED,
        lender=None,
        category=None,
        quota=None,
        alarm=None,
        conditions=None,
        lender_due=None,
        recalled_at=None,
        recall_heard=None,
        instants=replace(request.instants, accepted=None, shipped=None),
        rota=_on_rota(request, event.lender, turn=Turn.PASSED, reason=event.reason, passed_at=event.at),
    )


@_apply.register
def _not_told(event: LenderNotTold, request: Request) -> Request:
    told = replace(request, rota=_on_rota(request, event.lender, not_told=event.at))
    return replace(told, rota=_on_rota(told, event.beside, beside=event.lender)) if event.beside else told


@_apply.register
def _cancellation(event: events.CancellationRequested, request: Request) -> Request:
    return replace(request, cancellation_requested=event.at)


@_apply.register
def _shipped(event: events.Shipped, request: Request) -> Request:
    after = replace(
        request,
        status=Status.IN_TRANSIT,
        outcome=None,
        lender=event.lender,
        category=event.category,
        quota=f"{event.lender}:{event.quota_month}" if event.quota_month else None,
        rota=_supplying(request, event.lender, event.lender_request_id, said(event)),
        conditions=None,
        lender_due=event.lender_due_provisional,
        alarm=event.alarm,
    )
    told = after.claim
    instants = replace(after.instants, accepted=told.accepted, shipped=told.shipped, closed=None)
    return replace(after, instants=instants)


@_apply.register
def _arrived(event: events.Arrived, request: Request) -> Request:
    came = evolve_desk.arrived(event, request)
    return replace(came, rota=_on_rota(request, event.lender, turn=Turn.SUPPLIES))


_apply.register(events.HandedOver, evolve_desk.handed_over)
_apply.register(events.HandedIn, evolve_desk.handed_in)
_apply.register(events.TakenBack, evolve_desk.taken_back)
_apply.register(events.ItemCorrected, evolve_desk.item_corrected)
_apply.register(events.PickupChosen, evolve_desk.pickup_chosen)
_apply.register(events.PiecesChecked, evolve_desk.pieces_checked)
_apply.register(events.LossReported, evolve_desk.loss_reported)
_apply.register(events.LossSettled, evolve_desk.loss_settled)
_apply.register(events.DamageRecorded, evolve_desk.damaged)
_apply.register(events.CaseOpened, evolve_desk.case_opened)
_apply.register(events.CaseSettled, evolve_desk.case_settled)
_apply.register(events.FoundAfterSettlement, evolve_desk.found)


@_apply.register
def _held_locally(event: events.HeldLocally, request: Request) -> Request:
    return replace(request, local_barcode=event.item_barcode)


@_apply.register
def _called(event: events.Called, request: Request) -> Request:  # noqa: ARG001 - the count is all that changes
    return replace(request, calls=request.calls + 1)


@_apply.register
def _notified(event: events.Notified, request: Request) -> Request:
    return replace(
        request,
        status=Status.NOTIFIED,
        hold_until=event.hold_until,
        instants=replace(request.instants, notified=event.at),
        undoable=Step.CALL,
        alarm=event.alarm,
    )


def _due(
    event: events.DueChanged | events.Renewed | events.DueAmended | events.AmendmentRevoked, request: Request
) -> Request:
    return replace(request, due=event.due, lender_due=event.lender_due, alarm=event.alarm, overdue_notices=0)


@_apply.register
def _due_changed(event: events.DueChanged, request: Request) -> Request:
    return _due(event, request)


@_apply.register
def _renewed(event: events.Renewed, request: Request) -> Request:
    renewals = (*request.renewals, AskedRenewal(at=event.at, on_hold=event.on_hold))
    return replace(_due(event, request), renewals=renewals, undoable=None)


@_apply.register
def _amended(event: events.DueAmended, request: Request) -> Request:
    amendments = (*request.amendments, event.amendment)
    return replace(_due(event, request), amendments=amendments, undoable=None)


@_apply.register
def _amendment_revoked(event: events.AmendmentRevoked, request: Request) -> Request:
    rest, renewals = event.amendments, event.renewals
    return replace(
        _due(event, request),
        amendments=without(request, event.amendment) if rest is None else rest,
        renewals=request.renewals if renewals is None else renewals,
        undoable=None,
    )


@_apply.register
def _recalled(event: events.Recalled, request: Request) -> Request:
    heard = event.heard or event.at
    return replace(
        request,
        recalled_at=min(event.at, request.recalled_at or event.at),
        recall_heard=min(heard, request.recall_heard or request.recalled_at or heard),
        attention=with_attention(request, Attention.RECALLED),
        undoable=None,
    )


@_apply.register
def _transfer_started(event: events.TransferStarted, request: Request) -> Request:
    return replace(request, transfers=(*request.transfers, Interval(since=event.at)), undoable=None)


@_apply.register
def _transfer_ended(event: events.TransferEnded, request: Request) -> Request:
    *done, last = request.transfers
    return replace(request, transfers=(*done, replace(last, until=event.at)))


@_apply.register
def _unused(event: events.SentBackUnused, request: Request) -> Request:
    return replace(request, status=Status.RETURNED, outcome=event.outcome, undoable=None, alarm=event.alarm)


@_apply.register
def _shipped_back(event: events.ShippedBack, request: Request) -> Request:
    return replace(
        request,
        status=Status.RETURNING,
        instants=replace(request.instants, shipped_back=event.at),
        undoable=Step.SHIP_BACK,
        alarm=event.alarm,
    )


@_apply.register
def _lender_received(event: events.ReceivedByLender, request: Request) -> Request:
    after = _claiming(request, event.lender, LenderClaim(received=event.at))
    received = replace(after.instants, lender_received=after.claim.received)
    # a book that is with its lender is not taken back into the patron's hands
    return replace(after, instants=received, undoable=None)


@_apply.register
def _closed(event: events.Closed, request: Request) -> Request:
    sent = request.instants.shipped or request.instants.arrived
    gives_quota_back = event.outcome in {Outcome.UNFILLED, Outcome.CANCELLED} and not sent
    return replace(
        request,
        status=Status.CLOSED,
        outcome=event.outcome,
        quota=None if gives_quota_back else request.quota,
        alarm=None,
        undoable=None,
        instants=replace(request.instants, closed=event.at),
    )


@_apply.register
def _noted(event: events.Noted, request: Request) -> Request:
    named = replace(request, rota=_named(request, event.lender, event.lender_request_id))
    after = _claiming(named, event.lender, said(event))
    if event.lender != request.lender:
        return after
    known, claim = after.instants, after.claim
    received = claim.received if known.lender_received else None
    expected = None if known.handover else event.lender_due_provisional
    return replace(
        after,
        instants=replace(known, accepted=claim.accepted, shipped=claim.shipped, lender_received=received),
        lender_due=expected or request.lender_due,
        conditions=None if claim.accepted or claim.shipped else request.conditions,
    )


@_apply.register
def _overdue_claimed(event: events.OverdueClaimed, request: Request) -> Request:
    return _claiming(request, event.lender, LenderClaim(overdue_since=event.at))


@_apply.register
def _reminded(event: events.Reminded, request: Request) -> Request:
    told = request.overdue_notices + (event.what == "overdue")
    return replace(request, alarm=event.alarm, overdue_notices=told)


@_apply.register
def _attention(event: events.AttentionRaised, request: Request) -> Request:
    return replace(request, attention=with_attention(request, event.what))


@_apply.register
def _seen_to(event: events.SeenTo, request: Request) -> Request:
    return replace(request, attention=tuple(what for what in request.attention if what not in event.what))


#: the instant that a desk's step set, by step
_INSTANT = {
    Step.ARRIVE: "arrived",
    Step.CALL: "notified",
    Step.HAND_OVER: "handover",
    Step.TAKE_BACK: "returned",
    Step.SHIP_BACK: "shipped_back",
}


@_apply.register
def _undone(event: events.Undone, request: Request) -> Request:
    cleared: dict[str, Any] = {_INSTANT[event.step]: None}
    back = replace(
        evolve_desk.undone(event.step, request),
        status=event.to,
        alarm=event.alarm,
        undoable=None,
        instants=replace(request.instants, **cleared),
    )
    match event.step:
        case Step.ARRIVE:
            return replace(back, scanned_barcode=None, rota=_not_supplying(back, event.to))
        case Step.CALL:
            return replace(back, hold_until=None)
        case Step.HAND_OVER:
            expected = event.lender_due_provisional
            return replace(back, due=None, lender_due=expected, terms=None, amendments=(), overdue_notices=0)
        case Step.TAKE_BACK:
            return replace(back, staff_override=False)
        case _:
            return back


def _not_supplying(request: Request, status: Status) -> tuple[RotaEntry, ...]:
    """Return the rota with a lender that has not said it supplies as one that is asked."""
    if request.lender is None or status not in {Status.SUBMITTED, Status.CONDITIONAL}:
        return request.rota
    return _on_rota(request, request.lender, turn=Turn.ASKED)
