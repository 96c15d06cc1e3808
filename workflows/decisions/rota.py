"""Finding a lender: the rota is asked one after the other until one supplies or none is left."""

from dataclasses import replace
from datetime import date, datetime

from workflows.citation import Holding
from workflows.decisions import deadlines
from workflows.decisions.draft import Draft
from workflows.eligibility import eligibility
from workflows.eligibility.lending_limits import why_not
from workflows.eligibility.rota_order import Candidate
from workflows.ids import LibraryCode, MessageId
from workflows.libraries import LendingLimits
from workflows.reasons import Attention, NotAsked, PassedOver
from workflows.refusals import ReasonMissing
from workflows.requests import events, loan_terms
from workflows.requests.commands import AnswerConditions, Cancel, CorrectItem, Report
from workflows.requests.effects import Notice, Tell, TellLender
from workflows.requests.evolve_desk import item_corrected
from workflows.requests.lender_events import LenderNotTold
from workflows.requests.lifecycle import HAS_THE_BOOK, Outcome, Status, Step
from workflows.requests.message_commands import RecordDelivered, RecordUndeliverable
from workflows.requests.request import Category, Request, RotaEntry, Turn


def ask_next(draft: Draft, *, after: MessageId | None = None) -> None:
    """Ask the next lender that may be asked now; close the request when none is left.

    :param after: the message by which the one before hears that its turn is over
    """
    if draft.request.cancellation_requested:
        draft.happened(events.Closed(at=draft.now, outcome=Outcome.CANCELLED))
        return
    for entry in draft.request.rota:
        if entry.turn is not Turn.WAITING:
            continue
        copy = draft.request.copy_at(entry.lender) or Holding(library=entry.lender, record_id="")
        reasons = candidate(draft, copy).reasons(draft.now)
        if not reasons:
            _ask(draft, entry.lender, after)
            return
        draft.happened(
            events.LenderPassed(
                at=draft.now, lender=entry.lender, reason=reasons[0], detail=", ".join(reasons)
            )
        )
    draft.happened(events.Closed(at=draft.now, outcome=Outcome.UNFILLED))
    draft.notify(Notice.UNFILLED)


def candidate(draft: Draft, copy: Holding) -> Candidate:
    """Return a copy and all that counts for whether the patron's request goes to its library now."""
    lender = copy.library
    library = draft.known.libraries.get(lender)
    policy, standing = draft.policy(lender), draft.known.standings.get(lender, eligibility.Standing())
    limits = library.lending if library else LendingLimits()
    today, asked = policy.calendar.local_day(draft.now), standing.asked_today
    return Candidate(
        policy=policy,
        item=loan_terms.item_of(draft.request, copy),
        copy=copy,
        is_readers_own=lender == draft.request.home,
        rests=library is None or not library.lends,
        desk_says=why_not(limits, draft.request.citation, today=today, asked_today=asked),
        category=category_at(draft, lender),
        standing=standing,
    )


def category_at(draft: Draft, lender: LibraryCode) -> Category:
    """Return the category that the patron has with the lender."""
    return Category(draft.known.privileges.category_at(draft.policy(lender)))


def _ask(draft: Draft, lender: LibraryCode, after: MessageId | None) -> None:
    message = draft.message(f"ask-{lender}")
    draft.happened(
        events.AskedLender(
            at=draft.now,
            lender=lender,
            category=category_at(draft, lender),
            message=message,
            alarm=deadlines.answer(draft, lender),
            quota_month=quota_month(draft, lender, draft.now),
        )
    )
    draft.then(TellLender(lender=lender, what=Tell.ASK, message=message, after=after))


def quota_month(draft: Draft, lender: LibraryCode, at: datetime) -> str | None:
    """Return the month of the lender's quota, "2026-03" in its own zone (R-NLC-4)."""
    policy = draft.policy(lender)
    return None if policy.monthly_quota is None else f"{policy.calendar.local_day(at):%Y-%m}"


def tell(draft: Draft, lender: LibraryCode, what: Tell, note: str | None = None) -> MessageId:
    """Say something to a lender that was asked, and return the message's name."""
    message = draft.message(f"{what}-{lender}")
    due = draft.request.lender_due
    draft.then(TellLender(lender=lender, what=what, message=message, lender_due=due, note=note))
    return message


def pass_over(
    draft: Draft, reason: PassedOver | NotAsked, detail: str | None = None, *, cancel: bool = False
) -> MessageId | None:
    """Give up the present lender for a reason; where it may still be at work, tell it so by this message."""
    lender = draft.request.lender
    if lender is None:
        return None
    draft.happened(events.LenderPassed(at=draft.now, lender=lender, reason=reason, detail=detail))
    return tell(draft, lender, Tell.CANCEL) if cancel else None


def cancel(draft: Draft, command: Cancel) -> None:
    """Give the request up.

    Before a lender accepted it is over at once; one that accepted must agree; a book at the desk goes back.
    """
    request = draft.request
    draft.happened(events.CancellationRequested(at=draft.now, reason=command.reason))
    if request.status in HAS_THE_BOOK:
        send_back_unused(draft, Outcome.CANCELLED)
        return
    if request.lender is not None:
        tell(draft, request.lender, Tell.CANCEL)
    if request.status is not Status.ACCEPTED:
        draft.happened(events.Closed(at=draft.now, outcome=Outcome.CANCELLED))


def send_back_unused(draft: Draft, outcome: Outcome) -> None:
    """Send a book back that nobody borrowed."""
    draft.happened(events.SentBackUnused(at=draft.now, outcome=outcome, alarm=deadlines.desk_return(draft)))


def answer_conditions(draft: Draft, command: AnswerConditions) -> None:
    """Tell the lender whether its conditions are taken."""
    lender = _lender(draft)
    if command.accept:
        draft.happened(
            events.ConditionsAccepted(at=draft.now, lender=lender, alarm=deadlines.shipping(draft, lender))
        )
        tell(draft, lender, Tell.ACCEPT_CONDITIONS)
        return
    pass_over(draft, PassedOver.CONDITIONS_REJECTED)
    ask_next(draft, after=tell(draft, lender, Tell.REJECT_CONDITIONS))


def delivered(draft: Draft, command: RecordDelivered) -> None:
    """Note that the lender has our message, and its own id of the request if it gave one."""
    entry = _asked_with(draft, command.message)
    if entry is not None:
        draft.happened(
            events.AskDelivered(
                at=draft.now, lender=entry.lender, lender_request_id=command.lender_request_id
            )
        )


def undeliverable(draft: Draft, command: RecordUndeliverable) -> None:
    """Go on to the next lender when the one asked cannot be reached at all."""
    entry = _asked_with(draft, command.message)
    if (
        entry is not None
        and entry.lender == draft.request.lender
        and draft.request.status is Status.SUBMITTED
    ):
        pass_over(draft, PassedOver.UNDELIVERABLE, command.reason)
        ask_next(draft)
        # what nobody confirmed may have arrived all the same
        not_told(draft, entry.lender, command.reason)


def not_told(draft: Draft, lender: LibraryCode, reason: str) -> None:
    """Mark a lender that may still send its book, and the one that is asked although it may.

    One that has promised the book, which the patron has given up, is somebody's to call.
    """
    request = draft.request
    entry = request.entry(lender)
    if lender == request.lender:
        if request.status is Status.ACCEPTED and request.cancellation_requested:
            draft.happened(events.AttentionRaised(at=draft.now, what=Attention.CANCELLATION_UNDELIVERED))
    elif entry is not None and entry.turn is Turn.PASSED and entry.not_told is None:
        beside = request.lender if request.status is not Status.CLOSED else None
        draft.happened(LenderNotTold(at=draft.now, lender=lender, beside=beside, reason=reason))


def is_wanted(effect: TellLender, request: Request) -> bool:
    """Tell whether a message to a lender is still true when it is sent; what has happened stays true."""
    entry = request.entry(effect.lender)
    has_the_turn = effect.lender == request.lender
    match effect.what:
        case Tell.ASK:
            is_this = entry is not None and entry.message == effect.message
            return has_the_turn and is_this and request.status is Status.SUBMITTED
        case Tell.CANCEL:
            is_sent = request.instants.shipped or request.instants.arrived
            return not has_the_turn or (request.cancellation_requested is not None and not is_sent)
        case Tell.ACCEPT_CONDITIONS:
            return has_the_turn
        case Tell.REJECT_CONDITIONS:
            return not has_the_turn
        case _:
            return True


def correct_item(draft: Draft, command: CorrectItem) -> None:
    """Take down what kind of thing the copy is; a lender that may not lend it is passed over.

    Where the copy is promised, or here, the hand-over looks at it again.

    :raises ReasonMissing: if nobody says why
    """
    if not command.reason.strip():
        raise ReasonMissing
    lender = _lender(draft)
    event = events.ItemCorrected(
        at=draft.now,
        lender=lender,
        item_type=command.item_type,
        restricted_label=command.restricted_label,
        reason=command.reason,
        because=draft.because(),
    )
    draft.happened(replace(event, lender_due_provisional=_expected_of(draft, lender, event)))
    if draft.request.status in {Status.SUBMITTED, Status.CONDITIONAL} and (code := not_lent(draft, lender)):
        ask_next(draft, after=pass_over(draft, code, command.reason, cancel=True))


def _expected_of(draft: Draft, lender: LibraryCode, event: events.ItemCorrected) -> date | None:
    """Return by when the lender may expect such a copy back; None before it is shipped (C-6)."""
    request = draft.request
    shipped = request.instants.shipped
    if shipped is None or lender != request.lender:
        return None
    return loan_terms.provisional_due(item_corrected(event, request), lender, draft.known.book, shipped)


def not_lent(draft: Draft, lender: LibraryCode) -> NotAsked | None:
    """Return why the lender's policy does not lend this copy to the patron, None if it does."""
    permission = draft.known.standings.get(lender, eligibility.Standing()).permission
    item = loan_terms.item_at(draft.request, lender)
    policy = draft.policy(lender)
    category = loan_terms.category_of(draft.request, lender, policy)
    return eligibility.lendability_code(policy, item, category, permission=permission)


def received(draft: Draft, report: Report) -> None:
    """Note that the lender has the request."""
    draft.happened(
        events.RequestReceived(
            at=report.occurred_at,
            lender=report.lender,
            lender_request_id=report.lender_request_id,
            because=events.Because(message=report.message),
        )
    )


def accepted(draft: Draft, report: Report) -> None:
    """Wait for the lender to ship: it will supply."""
    draft.happened(
        events.Accepted(
            at=report.occurred_at,
            lender=report.lender,
            lender_request_id=report.lender_request_id,
            alarm=deadlines.shipping(draft, report.lender),
            because=events.Because(message=report.message),
        )
    )


def conditions_offered(draft: Draft, report: Report) -> None:
    """Tell the patron, once, what the lender asks for first."""
    if draft.request.conditions == (report.note or report.reason):
        return
    draft.happened(
        events.ConditionsOffered(
            at=report.occurred_at,
            lender=report.lender,
            reason=report.reason or "LoanCondition",
            note=report.note,
            alarm=deadlines.conditions(draft),
            because=events.Because(message=report.message),
        )
    )
    draft.notify(Notice.CONDITIONS)


def declined(draft: Draft, report: Report) -> None:
    """Ask the next lender: this one will not supply, or withdraws."""
    if report.step is Step.CONFIRM_CANCELLATION:
        reason = PassedOver.CANCELLED
    elif draft.request.status is Status.ACCEPTED:
        reason = PassedOver.WITHDREW
    else:
        reason = PassedOver.UNFILLED if report.status == "Unfilled" else PassedOver.NOT_NOW
    pass_over(draft, reason, report.reason or report.note)
    ask_next(draft)


def _lender(draft: Draft) -> LibraryCode:
    lender = draft.request.lender
    if lender is None:
        raise AssertionError("a status after submitted has a lender")
    return lender


def _asked_with(draft: Draft, message: MessageId) -> RotaEntry | None:
    return next((entry for entry in draft.request.rota if entry.message == message), None)
