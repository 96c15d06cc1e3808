"""Losses, damages and thefts: reported, settled within the lender's range, found again, given up."""

from dataclasses import replace
from datetime import datetime

from workflows.decisions import local_systems
from workflows.decisions.draft import Draft
from workflows.errors import InvalidCase
from workflows.ids import LibraryCode
from workflows.losses import cases
from workflows.losses.cases import Case, CaseKind
from workflows.losses.compensation import Compensation
from workflows.losses.settlement import AmountNotChosen, Settling, asked_for
from workflows.money import Money
from workflows.policies.conditions import Item
from workflows.policies.policy import Policy
from workflows.reasons import Refusal
from workflows.refusals import LossNotReported, NoSuchCase, NoSuchPiece, ReasonMissing, WrongState
from workflows.requests import events, loan_terms, pieces
from workflows.requests.commands import (
    OpenCase,
    RecordFound,
    Report,
    ReportDamage,
    ReportLoss,
    SettleCase,
    SettleLoss,
)
from workflows.requests.effects import Notice, Tell, TellLender
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Request


def report_loss(draft: Draft, command: ReportLoss) -> None:
    """Note that the patron cannot find the book: the fine stops growing today (R-SZUTL-19).

    Saying so again changes nothing, and the lender is not told again.
    """
    if cases.losses(draft.request.cases):
        return
    _lost(draft, events.LossReported(at=draft.now, note=command.note, channel=command.channel))
    tell_lost(draft, command.note)


def given_up(draft: Draft, report: Report) -> None:
    """Close the request: the lender does not expect the book back.

    A book that the patron still has counts as reported lost when the lender gave it up, though not before
    it was last renewed: its fine stops there and stands, and what the loss costs can still be settled.
    """
    local_systems.gone(draft)
    because = events.Because(message=report.message, rule="R-SZUTL-19")
    request = draft.request
    handover = request.instants.handover
    if request.status is Status.ON_LOAN and handover and request.instants.lost_reported is None:
        renewed = (renewal.at for renewal in request.renewals)
        at = max(handover, *renewed, min(report.occurred_at, draft.now))
        draft.happened(events.LossReported(at=at, note=report.note, channel="lender", because=because))
    draft.happened(events.Closed(at=draft.now, outcome=Outcome.LOST, because=replace(because, rule=None)))


def settle_loss(draft: Draft, command: SettleLoss) -> None:
    """Close a loss that is paid for or replaced.

    :raises LossNotReported: if nobody reported one
    :raises AmountNotChosen: if the lender leaves the amount to staff
    """
    reported = draft.request.instants.lost_reported
    if reported is None:
        raise LossNotReported
    asked = _asked_for(draft, command.settling, reported)
    draft.happened(
        events.LossSettled(
            at=draft.now,
            note=command.note,
            settling=command.settling,
            compensation=asked,
            because=draft.because(),
        )
    )
    local_systems.gone(draft)
    draft.happened(events.Closed(at=draft.now, outcome=Outcome.LOST))
    _tell_of_charge(draft, asked)


def record_damage(draft: Draft, command: ReportDamage) -> None:
    """Record the state of the book where it is now, and what the patron is to pay for it.

    :raises WrongState: if there is to be paid and the patron has not had the book
    """
    if command.settling is not None:
        _was_lent(draft.request)
    asked = _asked_for(draft, command.settling, draft.now)
    draft.happened(
        events.DamageRecorded(at=draft.now, note=command.note, settling=command.settling, compensation=asked)
    )
    _tell_of_charge(draft, asked)


def open_case(draft: Draft, command: OpenCase) -> None:
    """Report what has happened to a book that was lent; what it costs is settled later.

    A case that the lender treats as a loss stops the fine, if the patron has the book (R-BHU-13, R-JN-19).

    :raises WrongState: if the patron has not had the book, or a book that is back is to be lost
    :raises NoSuchPiece: if no such piece came with it
    """
    request, kind = draft.request, command.kind
    _was_lent(request)
    if command.piece is not None and command.piece not in {piece.number for piece in request.pieces}:
        raise NoSuchPiece(pieces=[command.piece])
    is_the_book = command.piece is None
    if kind is CaseKind.LOSS and is_the_book and request.status is not Status.ON_LOAN:
        raise WrongState(reasons=[Refusal.BOOK_IS_BACK], status=request.status)
    if kind is CaseKind.LOSS and cases.losses(request.cases, command.piece):
        return
    if is_the_book and request.status is Status.ON_LOAN and _counts_as_loss(draft.policy(), kind):
        note, channel = command.note, command.channel
        _lost(draft, events.LossReported(at=draft.now, note=note, channel=channel, kind=kind))
        tell_lost(draft, command.note)
        return
    draft.happened(
        events.CaseOpened(
            at=draft.now, kind=kind, piece=command.piece, channel=command.channel, note=command.note
        )
    )


def settle_case(draft: Draft, command: SettleCase) -> None:
    """Charge what an open case costs; the loss of a book that the patron has closes the request.

    :raises NoSuchCase: if no such case is open
    :raises AmountNotChosen: if the lender leaves the amount to staff
    :raises ReasonMissing: if staff set an amount of their own without saying why
    """
    request = draft.request
    case = cases.find(request.cases, command.number)
    if case is None:
        raise NoSuchCase(number=command.number, open=[one.number for one in request.cases if one.is_open])
    settling = of_case(command.settling, request, case)
    asked = _decided(draft, command, settling, case)
    ends = cases.is_the_loss(case, request.instants.lost_reported)
    draft.happened(
        events.CaseSettled(
            at=draft.now,
            number=case.number,
            note=command.note,
            settling=settling,
            compensation=asked,
            override_reason=command.override_reason,
            criticism=command.criticism,
            ends_the_loss=ends,
            because=draft.because("R-SZUTL-36" if command.override_amount else None),
        )
    )
    if ends and request.status is Status.ON_LOAN:
        local_systems.gone(draft)
        draft.happened(events.Closed(at=draft.now, outcome=Outcome.LOST))
    _tell_of_charge(draft, asked)


def record_found(draft: Draft, command: RecordFound) -> None:
    """Take down that a book turned up after its loss was settled; nothing is paid back (R-SZUTL-19).

    :raises WrongState: if no settled loss is known
    """
    instants = draft.request.instants
    if instants.settled is None or instants.returned is not None:
        raise WrongState(reasons=[Refusal.NOTHING_MISSING], status=draft.request.status)
    because = events.Because(rule="R-SZUTL-19")
    draft.happened(events.FoundAfterSettlement(at=draft.now, note=command.note, because=because))


def of_case(settling: Settling, request: Request, case: Case) -> Settling:
    """Return what staff enter as it is meant for this case; a stamp at hand-over excuses (R-JN-15)."""
    stamped = settling.damage_stamp or request.damage_stamp
    return replace(settling, case=case.kind.terms, damage_stamp=stamped)


def item_of(request: Request, kind: CaseKind, piece: int | None) -> Item:
    """Return what a case is about as the lender's policy looks at it.

    :raises NoSuchPiece: if no such piece came with the book
    """
    if request.lender is None:
        raise AssertionError("only a book of a lender is lost or damaged")
    item = loan_terms.item_at(request, request.lender)
    if kind is CaseKind.OTHER_ITEM:
        return Item(type=CaseKind.OTHER_ITEM)
    if piece is None:
        return item
    found = next((one for one in request.pieces if one.number == piece), None)
    if found is None:
        raise NoSuchPiece(pieces=[piece])
    return replace(item, type=found.kind, part_of_set=False)


def tell_lost(draft: Draft, note: str | None) -> None:
    """Tell the lender that its book is lost."""
    lender = draft.request.lender
    if lender is not None:
        message = draft.message(f"{Tell.LOST}-{lender}")
        due = draft.request.lender_due
        draft.then(TellLender(lender=lender, what=Tell.LOST, message=message, lender_due=due, note=note))


def _lost(draft: Draft, event: events.LossReported) -> None:
    draft.happened(replace(event, because=draft.because("R-SZUTL-19")))


def _was_lent(request: Request) -> None:
    if request.instants.handover is None:
        raise WrongState(reasons=[Refusal.NOT_HAD], status=request.status)


def _counts_as_loss(policy: Policy, kind: CaseKind) -> bool:
    """Tell whether the lender treats a case as the loss of the book."""
    known = policy.compensation.get(kind)
    return kind is CaseKind.LOSS or (known is not None and known.treated_as == CaseKind.LOSS)


def _asked_for(draft: Draft, settling: Settling | None, reported: datetime) -> Compensation | None:
    """Return what the lender asks for, None where nothing is settled here."""
    if settling is None:
        return None
    request = draft.request
    stamped = replace(settling, damage_stamp=settling.damage_stamp or request.damage_stamp)
    item, policy = item_of(request, CaseKind(settling.case), None), draft.policy()
    category = _category(request, policy)
    return asked_for(stamped, policy, item, category=category, reported=reported, settled=draft.now)


def _decided(draft: Draft, command: SettleCase, settling: Settling, case: Case) -> Compensation:
    """Return what is to be paid: what the rules compute, or what staff decided instead (R-SZUTL-36)."""
    policy, item = draft.policy(), item_of(draft.request, case.kind, case.piece)
    category = _category(draft.request, policy)

    def by_the_rules() -> Compensation:
        return asked_for(settling, policy, item, category=category, reported=case.reported, settled=draft.now)

    if command.override_amount is None:
        return by_the_rules()
    if not command.override_reason:
        raise ReasonMissing
    amount = Money.parse(command.override_amount, policy.currency)
    try:
        asked = by_the_rules()
    except (InvalidCase, AmountNotChosen):
        asked = Compensation(currency=policy.currency)
    return replace(asked, amount=amount)


def _category(request: Request, policy: Policy) -> str:
    return loan_terms.category_of(request, LibraryCode(policy.id), policy)


def _tell_of_charge(draft: Draft, asked: Compensation | None) -> None:
    if asked is not None and asked.amount:
        draft.notify(Notice.ACCOUNT)


def lose_pieces(draft: Draft, numbers: tuple[int, ...], note: str | None) -> None:
    """Open a case for each piece that cannot be found."""
    for number in numbers:
        draft.happened(
            events.CaseOpened(at=draft.now, kind=CaseKind.LOSS, piece=number, channel=None, note=note)
        )


def is_waiting_for_pieces(request: Request) -> bool:
    """Tell whether the lender has its book and only pieces of it are missing."""
    return request.instants.lender_received is not None and bool(pieces.out(request.pieces))
