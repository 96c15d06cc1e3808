"""Books and their pieces that come back: to the desk, to the lender's own, into a machine."""

from collections.abc import Collection
from dataclasses import replace

from workflows.decisions import charges, damages, deadlines, local_systems
from workflows.decisions.draft import Draft
from workflows.reasons import Attention
from workflows.refusals import NoSuchPiece, ReasonMissing, SameDayReturn
from workflows.requests import events, loan_terms, pieces
from workflows.requests.commands import SELF_MACHINE, CheckPieces, Report, TakeBack
from workflows.requests.effects import Locally, Notice
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Request


def take_back(draft: Draft, command: TakeBack) -> None:
    """Take the book back from the patron: the clock stops (C-3).

    What a machine took is no return until a desk confirms it (R-SZUTL-15).

    :raises SameDayReturn: if the lender refuses a return on the day of the loan
    :raises ReasonMissing: if staff accept it nevertheless and do not say why (R-BHU-14)
    :raises NoSuchPiece: if a piece is said to be missing that did not go out with the book
    """
    if command.channel == SELF_MACHINE:
        because = events.Because(rule="R-SZUTL-15")
        handed_in = events.HandedIn(
            at=draft.now, channel=command.channel, place=command.place, because=because
        )
        draft.happened(handed_in)
        return
    _known(draft.request, command.missing)
    back = replace(draft.request, instants=replace(draft.request.instants, returned=draft.now))
    answer = loan_terms.loan_answer(back, draft.known.book, as_of=draft.now)
    if answer.return_ == "refused_same_day":
        _overrule(command)
    draft.happened(
        events.TakenBack(
            at=draft.now,
            condition=command.condition,
            staff_override=command.staff_override,
            alarm=deadlines.desk_return(draft),
            reason=command.reason,
            missing=command.missing,
            channel=command.channel,
            place=command.place,
            card=command.card,
            because=draft.because("C-3"),
        )
    )
    local_systems.tell(draft, Locally.CHECK_IN)
    if answer.fine.amount:
        draft.notify(Notice.ACCOUNT)
    if command.place is not None and command.place == draft.request.lender != draft.request.desk:
        local_systems.tell(draft, Locally.FORGET)
        _lender_has_it(draft, events.ReceivedByLender(at=draft.now, lender=command.place))


def received_by_lender(draft: Draft, report: Report) -> None:
    """Close the request: the lender has the book; one with a piece still out waits for it."""
    local_systems.gone(draft)
    because = events.Because(message=report.message)
    _lender_has_it(
        draft, events.ReceivedByLender(at=report.occurred_at, lender=report.lender, because=because)
    )


def check_pieces(draft: Draft, command: CheckPieces) -> None:
    """Take back pieces that come without their book, or note their loss; each is late by itself (R-FJMU-6).

    :raises NoSuchPiece: if one is not out, or is named twice
    """
    _known(draft.request, (*command.returned, *command.lost))
    before = draft.request
    draft.happened(
        events.PiecesChecked(
            at=draft.now,
            returned=command.returned,
            lost=command.lost,
            note=command.note,
            because=draft.because("R-FJMU-6"),
        )
    )
    damages.lose_pieces(draft, command.lost, command.note)
    book = draft.known.book
    was, fine = (charges.assessed(one, book, now=draft.now) for one in (before, draft.request))
    if was != fine:
        draft.notify(Notice.ACCOUNT)
    request = draft.request
    is_open = request.status is not Status.CLOSED or was_lost_on_the_way_back(request)
    if is_open and request.instants.lender_received:
        _close_if_complete(draft)


def was_lost_on_the_way_back(request: Request) -> bool:
    """Tell whether the request was closed for a book that had left the desk and did not come."""
    instants = request.instants
    at_the_patron = instants.handover and not instants.returned
    return request.outcome is Outcome.LOST and instants.arrived is not None and not at_the_patron


def _overrule(command: TakeBack) -> None:
    if not command.staff_override:
        raise SameDayReturn
    if not command.reason:
        raise ReasonMissing


def _known(request: Request, numbers: Collection[int]) -> None:
    unknown = pieces.strangers(request.pieces, numbers)
    if unknown:
        raise NoSuchPiece(pieces=unknown, out=[piece.number for piece in pieces.out(request.pieces)])


def _lender_has_it(draft: Draft, event: events.ReceivedByLender) -> None:
    draft.happened(event)
    _close_if_complete(draft)


def _close_if_complete(draft: Draft) -> None:
    if pieces.out(draft.request.pieces):
        draft.happened(events.AttentionRaised(at=draft.now, what=Attention.PIECES_OUT))
        return
    draft.happened(events.Closed(at=draft.now, outcome=_outcome_of_a_return(draft.request)))


def _outcome_of_a_return(request: Request) -> Outcome:
    """Return the outcome of a request whose book is back; one that was thought lost is not lost."""
    if request.outcome not in {None, Outcome.LOST}:
        return request.outcome
    if request.instants.handover:
        return Outcome.COMPLETED
    return Outcome.CANCELLED if request.cancellation_requested else Outcome.NOT_COLLECTED
