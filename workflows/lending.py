"""The book at the desk and with the patron: from its arrival until the lender has it back."""

from dataclasses import replace
from datetime import date, datetime

from workflows import alarms, amending, events, holds, terms
from workflows.commands import (
    Arrive,
    CallResult,
    HandOver,
    RecordCall,
    Renew,
    Report,
    ReportDamage,
    ReportLoss,
    ReportParcelLost,
    SettleLoss,
    ShipBack,
    TakeBack,
    Transfer,
)
from workflows.compensation import Compensation
from workflows.drafts import Draft
from workflows.effects import Notice, Tell, TellLender
from workflows.ids import LibraryCode
from workflows.lifecycle import Outcome, Status
from workflows.refusals import (
    LossNotReported,
    NoSuchTransfer,
    RecalledBook,
    RenewalRefused,
    SameDayReturn,
    WrongItem,
    WrongState,
)
from workflows.requests import AskedRenewal, Request
from workflows.settling import Settling, asked_for

_SUCCESSFUL = frozenset({CallResult.REACHED, CallResult.MESSAGE_ACCEPTED})


def arrive(draft: Draft, command: Arrive) -> None:
    """Take the book in at the desk, heard of or not.

    :raises WrongItem: if the lender named another barcode
    """
    request = draft.request
    if request.lender is None:
        raise WrongState("no lender has been asked for this book", status=request.status)
    named = request.claim.item_barcode
    if command.barcode and named and command.barcode != named:
        raise WrongItem(expected=named, scanned=command.barcode)
    draft.happened(
        events.Arrived(
            at=draft.now,
            lender=request.lender,
            item_barcode=command.barcode,
            condition=command.condition,
            alarm=alarms.call(draft),
        )
    )
    _tell(draft, Tell.RECEIVED)
    draft.notify(Notice.ARRIVED)


def record_call(draft: Draft, command: RecordCall) -> None:
    """Take down a call; the first successful one starts the hold shelf period (R-BJTU-10, C-4)."""
    draft.happened(events.Called(at=draft.now, result=command.result, note=command.note))
    if command.result not in _SUCCESSFUL or draft.request.status is Status.NOTIFIED:
        return
    until = holds.hold_until(draft.policy(), draft.policy(draft.request.desk), draft.now)
    draft.happened(
        events.Notified(
            at=draft.now,
            hold_until=until,
            alarm=alarms.hold(draft, until),
            because=draft.because("C-4"),
        )
    )


def hand_over(draft: Draft, command: HandOver) -> None:
    """Give the patron the book: the clock starts and the due date is known.

    :raises RecalledBook: if the lender wants it back first
    """
    request = draft.request
    if request.recalled_at is not None:
        raise RecalledBook(recalled_at=request.recalled_at.isoformat())
    book, policy = draft.known.book, draft.policy()
    lent = replace(request, terms=policy.edition, instants=replace(request.instants, handover=draft.now))
    lent = amending.with_standing(lent, draft.known.amendments, book, as_of=draft.now)
    due, lender_due = terms.dates(lent, book, as_of=draft.now)
    draft.happened(
        events.HandedOver(
            at=draft.now,
            due=due,
            lender_due=lender_due,
            condition=command.condition,
            agent=command.agent,
            alarm=alarms.due(draft, due),
            terms=lent.terms,
            amendments=lent.amendments,
            because=draft.because("C-2"),
        )
    )
    _tell(draft, Tell.DUE_DATE)
    draft.notify(Notice.HANDED_OVER)


def renew(draft: Draft, command: Renew) -> None:
    """Let the patron keep the book longer.

    :raises RenewalRefused: with the first reason of the lender's policy that holds
    """
    if draft.request.instants.lost_reported is not None:
        raise RenewalRefused("the book is reported lost", reason="lost")
    asked = AskedRenewal(at=draft.now, on_hold=command.on_hold)
    renewed = replace(draft.request, renewals=(*draft.request.renewals, asked))
    answer = terms.loan_answer(renewed, draft.known.book, as_of=draft.now)
    last = next(event for event in reversed(answer.events) if event.kind == "renewal")
    if last.reason is not None or answer.due is None or answer.lender_due is None:
        raise RenewalRefused(f"the lender's rules refuse: {last.reason}", reason=last.reason)
    draft.happened(
        events.Renewed(
            at=draft.now,
            channel=command.channel,
            on_hold=command.on_hold,
            due=answer.due,
            lender_due=answer.lender_due,
            alarm=alarms.due(draft, answer.due),
            because=draft.because(),
        )
    )
    _tell(draft, Tell.DUE_DATE)
    draft.notify(Notice.DUE_CHANGED)


def recall(draft: Draft, report: Report) -> None:
    """Call the book back: earlier if it is in use, unread if it is not."""
    because = events.Because(message=report.message)
    if not draft.policy().recall.allowed:
        draft.happened(events.AttentionRaised(at=draft.now, what="recall_not_allowed", because=because))
        return
    is_first = draft.request.recalled_at is None
    draft.happened(events.Recalled(at=report.occurred_at, lender=report.lender, because=because))
    if draft.request.status is Status.ON_LOAN and (_due_moved(draft, "recall") or is_first):
        draft.notify(Notice.RECALLED)


def overdue_claimed(draft: Draft, report: Report) -> None:
    """Take down that the lender calls it overdue: its claim, our clock stays."""
    draft.happened(
        events.OverdueClaimed(
            at=report.occurred_at, lender=report.lender, because=events.Because(message=report.message)
        )
    )


def take_back(draft: Draft, command: TakeBack) -> None:
    """Take the book back from the patron: the clock stops (C-3).

    :raises SameDayReturn: if the lender refuses a return on the day of the loan
    """
    back = replace(draft.request, instants=replace(draft.request.instants, returned=draft.now))
    answer = terms.loan_answer(back, draft.known.book, as_of=draft.now)
    if answer.return_ == "refused_same_day" and not command.staff_override:
        raise SameDayReturn
    draft.happened(
        events.TakenBack(
            at=draft.now,
            condition=command.condition,
            staff_override=command.staff_override,
            alarm=alarms.desk_return(draft),
            because=draft.because("C-3"),
        )
    )
    if answer.fine.amount:
        draft.notify(Notice.ACCOUNT)


def ship_back(draft: Draft, command: ShipBack) -> None:
    """Send the book on its way to the lender."""
    draft.happened(events.ShippedBack(at=draft.now, tracking=command.tracking, alarm=alarms.receipt(draft)))
    _tell(draft, Tell.SHIPPED_RETURN, tracking=command.tracking)


def received_by_lender(draft: Draft, report: Report) -> None:
    """Close the request: the lender has the book."""
    draft.happened(
        events.ReceivedByLender(
            at=report.occurred_at, lender=report.lender, because=events.Because(message=report.message)
        )
    )
    draft.happened(events.Closed(at=draft.now, outcome=_outcome_of_a_return(draft.request)))


def was_lost_on_the_way_back(request: Request) -> bool:
    """Tell whether the request was closed for a book that had left the desk and did not come."""
    instants = request.instants
    at_the_patron = instants.handover and not instants.returned
    return request.outcome is Outcome.LOST and instants.arrived is not None and not at_the_patron


def _outcome_of_a_return(request: Request) -> Outcome:
    """Return the outcome of a request whose book is back; one that was thought lost is not lost."""
    if request.outcome not in {None, Outcome.LOST}:
        return request.outcome
    if request.instants.handover:
        return Outcome.COMPLETED
    return Outcome.CANCELLED if request.cancellation_requested else Outcome.NOT_COLLECTED


def given_up(draft: Draft, report: Report) -> None:
    """Close the request: the lender does not expect the book back."""
    because = events.Because(message=report.message)
    draft.happened(events.Closed(at=draft.now, outcome=Outcome.LOST, because=because))


def report_loss(draft: Draft, command: ReportLoss) -> None:
    """Note that the patron cannot find the book: the fine stops growing today (R-SZUTL-19)."""
    draft.happened(events.LossReported(at=draft.now, note=command.note, because=draft.because()))
    _tell(draft, Tell.LOST, note=command.note)


def parcel_lost(draft: Draft, command: ReportParcelLost) -> None:
    """Close the request for a parcel that will not come; that is nobody's fine (C-3)."""
    draft.happened(events.Closed(at=draft.now, outcome=Outcome.LOST, because=events.Because(rule="C-3")))
    _tell(draft, Tell.LOST, note=command.note)


def settle_loss(draft: Draft, command: SettleLoss) -> None:
    """Close a loss that is paid for or replaced.

    :raises LossNotReported: if nobody reported one
    :raises AmountNotChosen: if the lender leaves the amount to staff
    """
    reported = draft.request.instants.lost_reported
    if reported is None:
        raise LossNotReported
    draft.happened(
        events.LossSettled(
            at=draft.now,
            note=command.note,
            settling=command.settling,
            compensation=_compensation(draft, command.settling, reported),
            because=draft.because(),
        )
    )
    draft.happened(events.Closed(at=draft.now, outcome=Outcome.LOST))


def record_damage(draft: Draft, command: ReportDamage) -> None:
    """Record the state of the book where it is now, and what the patron is to pay for it.

    :raises WrongState: if there is to be paid and the patron has not had the book
    """
    if command.settling is not None and draft.request.instants.handover is None:
        raise WrongState("the patron has not had the book", status=draft.request.status)
    draft.happened(
        events.DamageRecorded(
            at=draft.now,
            note=command.note,
            settling=command.settling,
            compensation=_compensation(draft, command.settling, draft.now),
        )
    )


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
    return terms.provisional_due(draft.request, lender, draft.known.book, shipped)


def _due_moved(draft: Draft, cause: str) -> bool:
    """Compute the due date anew and say so, if it is another one; tell whether it is."""
    due, lender_due = terms.dates(draft.request, draft.known.book, as_of=draft.now)
    if due == draft.request.due:
        return False
    draft.happened(
        events.DueChanged(
            at=draft.now,
            cause=cause,
            due=due,
            lender_due=lender_due,
            alarm=alarms.due(draft, due),
            because=draft.because(),
        )
    )
    _tell(draft, Tell.DUE_DATE)
    if cause == "transfer":
        draft.notify(Notice.DUE_CHANGED)
    return True


def _compensation(draft: Draft, settling: Settling | None, reported: datetime) -> Compensation | None:
    """Return what the lender asks for, None where nothing is settled here."""
    request = draft.request
    if settling is None or request.lender is None:
        return None
    item = terms.item_at(request, request.lender)
    return asked_for(settling, draft.policy(), item, reported=reported, settled=draft.now)


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
