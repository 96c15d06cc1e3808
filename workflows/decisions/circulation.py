"""The book at the desk and with the patron: from its arrival until the lender has it back."""

from dataclasses import replace
from datetime import date, datetime

from workflows.decisions import amending, deadlines, local_systems, pickups, receiving
from workflows.decisions.draft import Draft
from workflows.identifiers import fold
from workflows.ids import LibraryCode
from workflows.loan_clock import holds
from workflows.reasons import Attention, Refusal
from workflows.refusals import (
    NoSuchTransfer,
    RecalledBook,
    RenewalRefused,
    WrongItem,
    WrongState,
)
from workflows.requests import events, loan_terms
from workflows.requests.commands import (
    Arrive,
    CallResult,
    HandOver,
    RecordCall,
    Renew,
    Report,
    ReportParcelLost,
    ShipBack,
    Transfer,
)
from workflows.requests.effects import Locally, Notice, Tell, TellLender
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import AskedRenewal, Request

_SUCCESSFUL = frozenset({CallResult.REACHED, CallResult.MESSAGE_ACCEPTED, CallResult.CAME_IN_PERSON})


def arrive(draft: Draft, command: Arrive) -> None:
    """Take the book in at the desk, heard of or not.

    :raises WrongItem: if the lender named another barcode
    """
    request = draft.request
    if request.lender is None:
        raise WrongState(reasons=[Refusal.NO_LENDER_ASKED], status=request.status)
    named = request.claim.item_barcode
    if command.barcode and named and fold(command.barcode) != fold(named):
        raise WrongItem(expected=named, scanned=command.barcode)
    draft.happened(
        events.Arrived(
            at=draft.now,
            lender=request.lender,
            item_barcode=command.barcode,
            condition=command.condition,
            alarm=deadlines.call(draft),
            pieces=command.pieces,
            pickup_by=pickups.by_when(draft.policy(request.desk), request.pickup, draft.now),
        )
    )
    _tell(draft, Tell.RECEIVED)
    local_systems.tell(draft, Locally.HOLD)
    draft.notify(Notice.ARRIVED)


def record_call(draft: Draft, command: RecordCall) -> None:
    """Take down a call; the first successful one starts the hold shelf period (R-BJTU-10, C-4)."""
    draft.happened(events.Called(at=draft.now, result=command.result, note=command.note))
    if command.result not in _SUCCESSFUL or draft.request.status is not Status.ARRIVED:
        return
    desk = draft.policy(draft.request.desk)
    until = holds.hold_until(draft.policy(), desk, draft.now, not_before=draft.request.ready_on)
    draft.happened(
        events.Notified(
            at=draft.now,
            hold_until=until,
            alarm=deadlines.hold(draft, until),
            because=draft.because("C-4"),
        )
    )


def hand_over(draft: Draft, command: HandOver) -> None:
    """Give the patron the book: the clock starts, the due date is known; who was not called came in person.

    :raises RecalledBook: if the lender wants it back first
    :raises NotHandedOver: if whoever stands there may not have it
    """
    if draft.request.status is Status.ARRIVED:
        record_call(draft, RecordCall(result=CallResult.CAME_IN_PERSON))
    request = draft.request
    if request.recalled_at is not None:
        raise RecalledBook(recalled_at=request.recalled_at.isoformat())
    receiving.check_receiver(draft, command)
    book, policy = draft.known.book, draft.policy()
    lent = replace(request, terms=policy.edition, instants=replace(request.instants, handover=draft.now))
    lent = amending.with_standing(lent, draft.known.amendments, book, as_of=draft.now)
    due, lender_due = loan_terms.dates(lent, book, as_of=draft.now)
    draft.happened(
        events.HandedOver(
            at=draft.now,
            due=due,
            lender_due=lender_due,
            condition=command.condition,
            agent=command.agent,
            card=command.card,
            alarm=deadlines.due(draft, due),
            terms=lent.terms,
            amendments=lent.amendments,
            pieces=command.pieces,
            damage_stamp=command.damage_stamp,
            return_desks=_return_desks(draft),
            because=draft.because("C-2"),
        )
    )
    _tell(draft, Tell.DUE_DATE)
    local_systems.tell(draft, Locally.CHECK_OUT)
    draft.notify(Notice.HANDED_OVER)


def _return_desks(draft: Draft) -> tuple[LibraryCode, ...]:
    """Return the desks that may take the book back beside the one it is handed over at (R-SZUTL-15)."""
    request = draft.request
    lender = draft.known.libraries.get(request.lender) if request.lender else None
    return () if lender is None else tuple(one for one in lender.return_desks if one != request.desk)


def renew(draft: Draft, command: Renew) -> None:
    """Let the patron keep the book longer.

    :raises RenewalRefused: with every reason of the lender's policy that holds
    """
    if draft.request.instants.lost_reported is not None:
        raise RenewalRefused(reasons=[Refusal.LOST])
    asked = AskedRenewal(at=draft.now, on_hold=command.on_hold)
    renewed = replace(draft.request, renewals=(*draft.request.renewals, asked))
    stops = receiving.stops(draft)
    answer = loan_terms.loan_answer(renewed, draft.known.book, as_of=draft.now, suspended=stops)
    last = next(event for event in reversed(answer.events) if event.kind == "renewal")
    if last.reason is not None or answer.due is None or answer.lender_due is None:
        raise RenewalRefused(reasons=list(last.reasons))
    draft.happened(
        events.Renewed(
            at=draft.now,
            channel=command.channel,
            on_hold=command.on_hold,
            due=answer.due,
            lender_due=answer.lender_due,
            alarm=deadlines.due(draft, answer.due),
            because=draft.because(),
        )
    )
    _tell(draft, Tell.DUE_DATE)
    draft.notify(Notice.DUE_CHANGED)


def recall(draft: Draft, report: Report) -> None:
    """Call the book back: earlier if it is in use, unread if it is not."""
    because = events.Because(message=report.message)
    if not draft.policy().recall.allowed:
        draft.happened(
            events.AttentionRaised(at=draft.now, what=Attention.RECALL_NOT_ALLOWED, because=because)
        )
        return
    is_first = draft.request.recalled_at is None
    heard = report.heard_at or draft.now
    draft.happened(events.Recalled(at=report.occurred_at, lender=report.lender, heard=heard, because=because))
    if draft.request.status is Status.ON_LOAN and (_due_moved(draft, "recall") or is_first):
        draft.notify(Notice.RECALLED)


def overdue_claimed(draft: Draft, report: Report) -> None:
    """Take down that the lender calls it overdue: its claim, our clock stays."""
    draft.happened(
        events.OverdueClaimed(
            at=report.occurred_at, lender=report.lender, because=events.Because(message=report.message)
        )
    )


def ship_back(draft: Draft, command: ShipBack) -> None:
    """Send the book on its way to the lender."""
    draft.happened(
        events.ShippedBack(at=draft.now, tracking=command.tracking, alarm=deadlines.receipt(draft))
    )
    _tell(draft, Tell.SHIPPED_RETURN, tracking=command.tracking)
    local_systems.tell(draft, Locally.FORGET)


def parcel_lost(draft: Draft, command: ReportParcelLost) -> None:
    """Close the request for a parcel that will not come; that is nobody's fine (C-3)."""
    draft.happened(events.Closed(at=draft.now, outcome=Outcome.LOST, because=events.Because(rule="C-3")))
    _tell(draft, Tell.LOST, note=command.note)


def transfer(draft: Draft, command: Transfer) -> None:
    """Stop the patron's clock while the book is on the road again (C-1).

    :raises NoSuchTransfer: if it starts twice or ends without having started
    """
    transfers = draft.request.transfers
    on_the_road = bool(transfers) and transfers[-1].until is None
    if command.starts == on_the_road:
        raise NoSuchTransfer
    if command.starts:
        draft.happened(events.TransferStarted(at=draft.now, because=events.Because(rule="C-1")))
        return
    draft.happened(events.TransferEnded(at=draft.now, because=events.Because(rule="C-1")))
    _due_moved(draft, "transfer")


def provisional_due(draft: Draft, lender: LibraryCode, shipped: datetime) -> date | None:
    """Return by when the lender may expect the book back, known at shipping (C-6)."""
    return loan_terms.provisional_due(draft.request, lender, draft.known.book, shipped)


def _due_moved(draft: Draft, cause: str) -> bool:
    """Compute the due date anew and say so, if it is another one; tell whether it is."""
    due, lender_due = loan_terms.dates(draft.request, draft.known.book, as_of=draft.now)
    if due == draft.request.due:
        return False
    draft.happened(
        events.DueChanged(
            at=draft.now,
            cause=cause,
            due=due,
            lender_due=lender_due,
            alarm=deadlines.due(draft, due),
            because=draft.because(),
        )
    )
    _tell(draft, Tell.DUE_DATE)
    if cause == "transfer":
        draft.notify(Notice.DUE_CHANGED)
    return True


def _tell(draft: Draft, what: Tell, *, tracking: str | None = None, note: str | None = None) -> None:
    request: Request = draft.request
    if request.lender is not None:
        draft.then(
            TellLender(
                lender=request.lender,
                what=what,
                message=draft.message(f"{what}-{request.lender}"),
                lender_due=request.lender_due,
                tracking=tracking,
                note=note,
            )
        )
