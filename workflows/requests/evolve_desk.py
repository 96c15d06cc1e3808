"""What events at the desk change in a request: the book in hand, its pieces, losses and damages."""

from dataclasses import replace
from typing import Any

from workflows.citation import Holding
from workflows.losses import cases
from workflows.losses.cases import CaseEnd
from workflows.reasons import Attention
from workflows.requests import events, pieces
from workflows.requests.lifecycle import Status, Step
from workflows.requests.request import Pickup, Request, with_attention


def arrived(event: events.Arrived, request: Request) -> Request:
    pickup = request.pickup and replace(request.pickup, by=event.pickup_by)
    return replace(
        request,
        status=Status.ARRIVED,
        scanned_barcode=event.item_barcode or request.scanned_barcode,
        instants=replace(request.instants, arrived=event.at),
        pieces=pieces.numbered(event.pieces),
        came_with=pieces.numbered(event.pieces),
        pickup=pickup,
        undoable=Step.ARRIVE,
        alarm=event.alarm,
    )


def pickup_chosen(event: events.PickupChosen, request: Request) -> Request:
    return replace(request, pickup=Pickup(site=event.site, applied=event.at, by=event.by))


def item_corrected(event: events.ItemCorrected, request: Request) -> Request:
    known = request.copy_at(event.lender) or Holding(library=event.lender, record_id="")
    copy = replace(known, item_type=event.item_type, restricted_label=event.restricted_label)
    rota = tuple(
        replace(entry, copy=copy, correction=event.reason) if entry.lender == event.lender else entry
        for entry in request.rota
    )
    return replace(request, rota=rota, lender_due=event.lender_due_provisional or request.lender_due)


def handed_over(event: events.HandedOver, request: Request) -> Request:
    handed = request.pieces if event.pieces is None else pieces.numbered(event.pieces)
    return replace(
        request,
        status=Status.ON_LOAN,
        due=event.due,
        lender_due=event.lender_due,
        terms=event.terms,
        amendments=event.amendments,
        instants=replace(request.instants, handover=event.at),
        pieces=handed,
        damage_stamp=event.damage_stamp,
        return_desks=event.return_desks,
        undoable=Step.HAND_OVER,
        alarm=event.alarm,
    )


def handed_in(event: events.HandedIn, request: Request) -> Request:  # noqa: ARG001 - it is no return yet
    return replace(request, attention=with_attention(request, Attention.RETURN_UNCONFIRMED), undoable=None)


def taken_back(event: events.TakenBack, request: Request) -> Request:
    came = {piece.number for piece in pieces.out(request.pieces)} - set(event.missing)
    return replace(
        request,
        status=Status.RETURNED,
        instants=replace(request.instants, returned=event.at),
        staff_override=event.staff_override,
        pieces=pieces.marked(request.pieces, came, event.at, what="returned"),
        cases=cases.found_at(request.cases, event.at, None),
        attention=tuple(what for what in request.attention if what != Attention.RETURN_UNCONFIRMED),
        undoable=Step.TAKE_BACK,
        alarm=event.alarm,
    )


def pieces_checked(event: events.PiecesChecked, request: Request) -> Request:
    back = pieces.marked(request.pieces, event.returned, event.at, what="returned")
    return replace(request, pieces=pieces.marked(back, event.lost, event.at, what="lost"), undoable=None)


def loss_reported(event: events.LossReported, request: Request) -> Request:
    known = cases.opened(request.cases, event.kind, event.at, channel=event.channel, note=event.note)
    return replace(
        request,
        instants=replace(request.instants, lost_reported=request.instants.lost_reported or event.at),
        cases=known,
        attention=with_attention(request, Attention.LOST),
        undoable=None,
    )


def loss_settled(event: events.LossSettled, request: Request) -> Request:
    settled = request.cases
    for one in settled:
        if cases.is_the_loss(one, request.instants.lost_reported):
            asked = event.compensation
            settled = cases.ended(settled, one.number, event.at, CaseEnd.SETTLED, compensation=asked)
    return replace(
        request,
        instants=replace(request.instants, settled=event.at),
        cases=settled,
        compensation=event.compensation or request.compensation,
    )


def damaged(event: events.DamageRecorded, request: Request) -> Request:
    known = replace(request, attention=with_attention(request, Attention.DAMAGED))
    if event.compensation is None:
        return known
    # what was charged is not undone with the step before it
    return replace(known, compensation=event.compensation, undoable=None)


def case_opened(event: events.CaseOpened, request: Request) -> Request:
    facts: dict[str, Any] = {"piece": event.piece, "channel": event.channel, "note": event.note}
    known = cases.opened(request.cases, event.kind, event.at, **facts)
    return replace(
        request, cases=known, attention=with_attention(request, Attention.CASE_OPEN), undoable=None
    )


def case_settled(event: events.CaseSettled, request: Request) -> Request:
    told = {
        "compensation": event.compensation,
        "override_reason": event.override_reason,
        "criticism": event.criticism,
    }
    known = cases.ended(request.cases, event.number, event.at, CaseEnd.SETTLED, **told)
    if event.ends_the_loss:
        known = cases.settled_with(known, request.instants.lost_reported, event.at)
    instants = replace(request.instants, settled=event.at) if event.ends_the_loss else request.instants
    open_still = any(one.is_open for one in known)
    attention = tuple(what for what in request.attention if what != Attention.CASE_OPEN or open_still)
    return replace(
        request,
        cases=known,
        instants=instants,
        compensation=event.compensation,
        attention=attention,
        undoable=None,
    )


def found(event: events.FoundAfterSettlement, request: Request) -> Request:
    return replace(
        request,
        instants=replace(request.instants, returned=event.at),
        attention=with_attention(request, Attention.FOUND_AFTER_SETTLEMENT),
    )


def undone(step: Step, request: Request) -> Request:
    """Return *request* without what one of the desk's steps has done to pieces, cases and pick-up."""
    match step:
        case Step.ARRIVE:
            pickup = request.pickup and replace(request.pickup, by=None)
            return replace(request, pieces=(), came_with=(), pickup=pickup)
        case Step.HAND_OVER:
            return replace(request, pieces=request.came_with, damage_stamp=False, return_desks=())
        case Step.TAKE_BACK:
            at = request.instants.returned
            return replace(
                request,
                pieces=pieces.not_returned_at(request.pieces, at),
                cases=cases.not_found_at(request.cases, at),
            )
        case _:
            return request
