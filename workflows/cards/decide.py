"""What a command leads to for a loan card, and what it costs. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never

from workflows.accounts.account import Kind
from workflows.cards.card import (
    CARD_TABLE,
    CardCharge,
    CardCommand,
    CardEvent,
    CardFound,
    CardIssued,
    CardLoan,
    CardLost,
    CardNotice,
    CardRefused,
    CardReturned,
    CardSettled,
    CardStatus,
    CardStep,
    CardStocked,
    CardWithdrawn,
    HolderReminded,
    IssueCard,
    LoanCard,
    RecordCardFound,
    RemindHolder,
    ReportCardLost,
    TakeCardBack,
    WithdrawCard,
    WrongCardState,
)
from workflows.cards.terms import card_due, card_lateness, card_refusal, card_terms
from workflows.decisions.charges import Booking, Owed, Owing
from workflows.decisions.deadlines import next_reminder
from workflows.errors import InvalidCase
from workflows.home_cards import HomeCard, refusal
from workflows.ids import LibraryCode, PatronId
from workflows.libraries import Watches
from workflows.loan_clock.due_dates import period_end
from workflows.loan_clock.transit import CLEAR
from workflows.money import Money
from workflows.patrons import Patron
from workflows.policies.book import PolicyBook
from workflows.policies.conditions import PLAIN_BOOK
from workflows.policies.policy import Policy
from workflows.reasons import Refusal
from workflows.requests.events import Because


@dataclass(frozen=True, slots=True, kw_only=True)
class CardKnown:
    """All that a decision about a card may look at."""

    now: datetime
    #: the consortium's
    policy: Policy
    #: of the desk that keeps the card
    watches: Watches
    #: who asks for the card, if the home card shown is a patron's
    patron: Patron | None = None
    #: how many cards that patron has
    cards_held: int = 0
    #: what the home library says of the card shown; None where no system can be asked
    home_card: HomeCard | None = None


@dataclass(frozen=True, slots=True)
class CardDecision:
    """What has happened to a card, and what its holder is written because of it."""

    card: LoanCard
    #: one; none where a reminder comes too early or too late
    events: tuple[CardEvent, ...] = ()
    notices: tuple[CardNotice, ...] = ()


def card_consortium(book: PolicyBook) -> Policy:
    """Return the terms of the consortium that lends cards.

    :raises InvalidCase: ``no_loan_cards`` if none does
    """
    for policy in map(book.policy, book.ids):
        if policy.kind == "consortium" and policy.loan_cards is not None:
            return policy
    raise InvalidCase("no_loan_cards")


def stock(card: LoanCard, known: CardKnown) -> CardDecision:
    """Return what follows when a new card comes into the stock of a desk.

    :raises CardRefused: ``own_library`` if the desk's readers need no card for that library
    """
    if card.library == card.desk:
        raise _refused(["own_library"])
    event = CardStocked(at=known.now, barcode=card.barcode, library=card.library, desk=card.desk)
    return _happened(card, event)


def decide_card(card: LoanCard, command: CardCommand, known: CardKnown) -> CardDecision:
    """Return what follows from *command*.

    :raises CardRefused: if the patron gets no card; every reason is named
    :raises WrongCardState: if the card is not where this can be done
    """
    match command:
        case IssueCard():
            return _issue(card, known)
        case RemindHolder():
            return _remind(card, known)
        case TakeCardBack() | ReportCardLost() | RecordCardFound() | WithdrawCard():
            _may(card, command.step)
            return _happened(card, _event(card, command, known))
        case _:
            assert_never(command)


def evolve_card(card: LoanCard, event: CardEvent) -> LoanCard:
    """Return what *card* has become by *event*."""
    card = replace(card, version=card.version + 1)
    match event:
        case CardStocked():
            return card
        case CardIssued():
            loan = CardLoan(patron=event.patron, issued=event.at, due=event.due)
            return replace(card, status=CardStatus.ISSUED, loan=loan, remind_at=event.remind_at)
        case CardReturned() | CardFound():
            return replace(card, status=CardStatus.IN_STOCK, loan=None, lost_at=None, remind_at=None)
        case CardLost():
            return replace(card, status=CardStatus.LOST, lost_at=event.at, remind_at=None)
        case CardWithdrawn():
            return replace(card, status=CardStatus.WITHDRAWN, loan=None, lost_at=None, remind_at=None)
        case HolderReminded():
            return replace(card, remind_at=event.remind_at, loan=_reminded(card.loan, event))
        case _:
            assert_never(event)


def _reminded(loan: CardLoan | None, event: HolderReminded) -> CardLoan | None:
    """Return the loan with one overdue notice more, if this was one."""
    if loan is None or event.what != CardNotice.OVERDUE:
        return loan
    return replace(loan, overdue_notices=loan.overdue_notices + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFine:
    """What a card costs its holder, and why."""

    overdue_days: int
    #: None where the consortium states no rate
    amount: Money | None
    per_day: Money | None
    #: days after this one are counted
    due: date
    #: up to and with this one
    until: date
    rule: str = "R-BULC-7"


def fine_so_far(card: LoanCard, policy: Policy, now: datetime) -> CardFine | None:
    """Return what the holder owes if the card came back now; None if nobody has it.

    For a lost card the count stands still at the report.
    """
    if card.loan is None:
        return None
    until = card.lost_at or now
    late = card_lateness(policy, card.loan.due, until)
    return CardFine(
        overdue_days=late.days,
        amount=late.amount,
        per_day=card_terms(policy).fine.rate,
        due=card.loan.due,
        until=policy.calendar.local_day(until),
    )


def card_bookings(happened: Iterable[CardEvent], policy: Policy) -> tuple[Booking, ...]:
    """Return what is posted because of what *happened*: the fine, at the consortium."""
    return tuple(
        Owed(_owing(event.charge.patron, policy), Kind.CARD_FINE, event.charge.amount, event.at)
        for event in happened
        if isinstance(event, CardSettled) and event.charge is not None and event.charge.amount
    )


def book_due(owner: Policy, now: datetime) -> date | None:
    """Return when a Chinese book borrowed at the card's library now is due: its rule decides (R-BULC-8).

    None where the library states no period, or its calendar does not reach that far.
    """
    rule = owner.loan_rule(PLAIN_BOOK, owner.default_category)
    if rule is None:
        return None
    try:
        return period_end(rule.period, owner.calendar.local_day(now), road=CLEAR, calendar=owner.calendar)
    except InvalidCase:
        return None


def _issue(card: LoanCard, known: CardKnown) -> CardDecision:
    patron = known.patron
    reasons = list(_reasons(card, known))
    if reasons or patron is None:
        raise _refused(reasons, known.cards_held)
    due = card_due(known.policy, known.now)
    remind_at = next_reminder(due, known.watches, known.policy.calendar, now=known.now)
    because = _because(known, "R-BULC-6")
    event = CardIssued(
        at=known.now,
        patron=patron.id,
        due=due,
        remind_at=remind_at,
        home_card=known.home_card,
        because=because,
    )
    return _happened(card, event, CardNotice.ISSUED)


def _reasons(card: LoanCard, known: CardKnown) -> Iterable[str]:
    """Yield every reason against handing the card out (R-BULC-2, R-BULC-5)."""
    if card.status is not CardStatus.IN_STOCK:
        yield Refusal.CARD_NOT_IN_STOCK
    if known.patron is None:
        yield Refusal.UNKNOWN_HOME_CARD
        return
    if known.patron.verified_at is None:
        yield Refusal.EMAIL_NOT_VERIFIED
    bad_card = refusal(known.home_card)
    if bad_card is not None:
        yield bad_card
    limit = card_refusal(known.policy, cards_held=known.cards_held)
    if limit is not None:
        yield limit


def _refused(reasons: list[str], cards_held: int = 0) -> CardRefused:
    return CardRefused(reasons=reasons, cards_held=cards_held)


def _event(
    card: LoanCard, command: TakeCardBack | ReportCardLost | RecordCardFound | WithdrawCard, known: CardKnown
) -> CardEvent:
    """Return what happens; a lost card that is back was with its holder until now, as with books."""
    because = _because(known, "R-BULC-7")
    match command:
        case TakeCardBack():
            return CardReturned(at=known.now, charge=_charge(card, known), because=because)
        case RecordCardFound():
            charge = _charge(replace(card, lost_at=None), known)
            return CardFound(at=known.now, charge=charge, because=because)
        case WithdrawCard(note):
            return CardWithdrawn(at=known.now, note=note, charge=_charge(card, known), because=because)
        case ReportCardLost(note):
            return CardLost(at=known.now, note=note)
        case _:
            assert_never(command)


def _charge(card: LoanCard, known: CardKnown) -> CardCharge | None:
    fine = fine_so_far(card, known.policy, known.now)
    if card.loan is None or fine is None:
        return None
    return CardCharge(patron=card.loan.patron, overdue_days=fine.overdue_days, amount=fine.amount)


def _remind(card: LoanCard, known: CardKnown) -> CardDecision:
    """Write before the due date and, some times, after it; not for a card that is back or lost."""
    if card.loan is None or card.remind_at is None or known.now < card.remind_at:
        return CardDecision(card)
    is_late = known.policy.calendar.local_day(known.now) > card.loan.due
    notice = CardNotice.OVERDUE if is_late else CardNotice.DUE_SOON
    is_last = is_late and card.loan.overdue_notices + 1 >= known.watches.overdue_notices
    due, calendar = card.loan.due, known.policy.calendar
    again = None if is_last else next_reminder(due, known.watches, calendar, now=known.now)
    event = HolderReminded(at=known.now, what=notice, remind_at=again, because=_because(known, "R-BULC-3"))
    return _happened(card, event, notice)


def _may(card: LoanCard, step: CardStep) -> None:
    if step not in CARD_TABLE[card.status]:
        raise WrongCardState(
            f"a card that is {card.status} does not take the step {step}", status=card.status, step=step
        )


def _because(known: CardKnown, rule: str) -> Because:
    policy = known.policy
    almanac = policy.calendar.almanac
    return Because(
        rule=rule, policy=f"{policy.id}@{policy.version}", calendar=f"{almanac.id}@{almanac.version}"
    )


def _happened(card: LoanCard, event: CardEvent, *notices: CardNotice) -> CardDecision:
    return CardDecision(evolve_card(card, event), (event,), notices)


def _owing(patron: PatronId, policy: Policy) -> Owing:
    return Owing(
        patron=patron,
        lender=LibraryCode(policy.id),
        currency=policy.currency,
        policy=f"{policy.id}@{policy.version}",
    )
