"""Loan cards of the consortium: where one is and who has it, what may be done with it, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, assert_never

from workflows.actors import Actor, Role
from workflows.errors import WorkflowError
from workflows.home_cards import HomeCard
from workflows.ids import CardId, LibraryCode, PatronId
from workflows.money import Money
from workflows.refusals import WrongState
from workflows.requests.events import Happened


class CardStatus(StrEnum):
    """Where a card is."""

    #: at its desk
    IN_STOCK = "in_stock"
    #: with a patron
    ISSUED = "issued"
    #: nobody knows; it still counts against the patron who had it
    LOST = "lost"
    #: it will not be lent any more
    WITHDRAWN = "withdrawn"


class CardStep(StrEnum):
    """What can be done with a card."""

    ISSUE = "issue"
    TAKE_BACK = "return"
    REPORT_LOSS = "loss"
    RECORD_FOUND = "found"
    WITHDRAW = "withdrawal"
    #: a reminder is due
    REMIND = "reminder"


#: status -> step -> the status it leads to; a step that is missing is refused
CARD_TABLE: Mapping[CardStatus, Mapping[CardStep, CardStatus]] = MappingProxyType(
    {
        CardStatus.IN_STOCK: {
            CardStep.ISSUE: CardStatus.ISSUED,
            CardStep.REPORT_LOSS: CardStatus.LOST,
            CardStep.WITHDRAW: CardStatus.WITHDRAWN,
        },
        CardStatus.ISSUED: {
            CardStep.TAKE_BACK: CardStatus.IN_STOCK,
            CardStep.REPORT_LOSS: CardStatus.LOST,
            CardStep.REMIND: CardStatus.ISSUED,
        },
        CardStatus.LOST: {
            CardStep.RECORD_FOUND: CardStatus.IN_STOCK,
            CardStep.WITHDRAW: CardStatus.WITHDRAWN,
        },
        CardStatus.WITHDRAWN: {},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLoan:
    """Who has a card, from when and until when."""

    patron: PatronId
    issued: datetime
    #: the last day on which it is not late
    due: date
    #: overdue notices so far
    overdue_notices: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanCard:
    """A card that admits its bearer to a member library."""

    id: CardId
    barcode: str
    #: the member library that it belongs to and admits to
    library: LibraryCode
    #: the library whose card application desk keeps it, for that library's own readers
    desk: LibraryCode
    #: the policy on whose terms it is lent
    consortium: str
    status: CardStatus = CardStatus.IN_STOCK
    loan: CardLoan | None = None
    lost_at: datetime | None = None
    #: when its holder is next written to
    remind_at: datetime | None = None
    #: counts the events
    version: int = 0


class CardRelation(StrEnum):
    """What somebody is to a card."""

    HOLDER = "holder"
    #: staff of the desk that keeps it
    DESK = "desk"
    #: staff of the library that it belongs to
    OWNER = "owner"
    OFFICE = "office"
    SYSTEM = "system"


_KEEPING = frozenset({CardStep.REPORT_LOSS, CardStep.WITHDRAW})
_DESK = _KEEPING | {CardStep.ISSUE, CardStep.TAKE_BACK, CardStep.RECORD_FOUND}

#: relation -> the steps it may take
MAY_TAKE: Mapping[CardRelation, frozenset[CardStep]] = MappingProxyType(
    {
        CardRelation.HOLDER: frozenset({CardStep.REPORT_LOSS}),
        CardRelation.DESK: _DESK,
        CardRelation.OWNER: _KEEPING,
        CardRelation.OFFICE: _DESK,
        CardRelation.SYSTEM: frozenset({CardStep.REMIND}),
    }
)


def card_relations(actor: Actor, card: LoanCard) -> frozenset[CardRelation]:
    """Return what *actor* is to *card*; nothing means that it does not exist for them."""
    match actor.role:
        case Role.PATRON:
            held = card.loan is not None and card.loan.patron == actor.id
            return frozenset({CardRelation.HOLDER} if held else ())
        case Role.STAFF:
            at = {CardRelation.DESK: card.desk, CardRelation.OWNER: card.library}
            return frozenset(relation for relation, library in at.items() if library == actor.library)
        case Role.PARTNER:
            return frozenset()
        case Role.OFFICE:
            return frozenset({CardRelation.OFFICE})
        case Role.SYSTEM:
            return frozenset({CardRelation.SYSTEM})
        case _:
            assert_never(actor.role)


def may_take_card_step(actor: Actor, card: LoanCard, step: CardStep) -> bool:
    """Tell whether *actor* is somebody who may take *step*, wherever the card is."""
    return any(step in MAY_TAKE[relation] for relation in card_relations(actor, card))


def card_actions(actor: Actor, card: LoanCard) -> tuple[CardStep, ...]:
    """Return the steps that *actor* may take now, in the order of the table."""
    return tuple(step for step in CARD_TABLE[card.status] if may_take_card_step(actor, card, step))


def may_stock(actor: Actor, *, library: LibraryCode, desk: LibraryCode) -> bool:
    """Tell whether *actor* may put a card of *library* into the stock of *desk*."""
    return actor.role is Role.OFFICE or (actor.role is Role.STAFF and actor.library in {library, desk})


def held_key(patron: PatronId) -> str:
    """Return the name of the tally of the cards that a patron has."""
    return f"cards:{patron}"


def held_by(card: LoanCard) -> PatronId | None:
    """Return the patron against whom the card counts: until it is back, or its library gives it up."""
    return None if card.loan is None else card.loan.patron


@dataclass(frozen=True, slots=True)
class IssueCard:
    """Lend the card to a patron who is at the desk."""

    step: ClassVar[CardStep] = CardStep.ISSUE


@dataclass(frozen=True, slots=True)
class TakeCardBack:
    step: ClassVar[CardStep] = CardStep.TAKE_BACK


@dataclass(frozen=True, slots=True)
class ReportCardLost:
    step: ClassVar[CardStep] = CardStep.REPORT_LOSS
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RecordCardFound:
    step: ClassVar[CardStep] = CardStep.RECORD_FOUND


@dataclass(frozen=True, slots=True)
class WithdrawCard:
    step: ClassVar[CardStep] = CardStep.WITHDRAW
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RemindHolder:
    """Write to the holder, if it is time."""

    step: ClassVar[CardStep] = CardStep.REMIND


CardCommand = IssueCard | TakeCardBack | ReportCardLost | RecordCardFound | WithdrawCard | RemindHolder


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCharge:
    """What a patron owes for one time of having a card."""

    patron: PatronId
    overdue_days: int
    #: None where the consortium states no rate
    amount: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardStocked(Happened):
    barcode: str
    library: LibraryCode
    desk: LibraryCode


@dataclass(frozen=True, slots=True, kw_only=True)
class CardIssued(Happened):
    patron: PatronId
    due: date
    remind_at: datetime
    #: what the home library said of the card shown; None where no system can be asked
    home_card: HomeCard | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSettled(Happened):
    """The card no longer counts against who had it, and what that cost stands."""

    #: None if nobody had it
    charge: CardCharge | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReturned(CardSettled):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLost(Happened):
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFound(CardSettled):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CardWithdrawn(CardSettled):
    note: str | None = None


class CardNotice(StrEnum):
    """What holders of cards are written about."""

    ISSUED = "issued"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderReminded(Happened):
    what: CardNotice
    #: None after the last notice
    remind_at: datetime | None


CardEvent = CardStocked | CardIssued | CardReturned | CardLost | CardFound | CardWithdrawn | HolderReminded


class CardRefused(WorkflowError):
    """The rules refuse the card; ``facts["reasons"]`` has every reason."""

    code = "card_refused"
    title = "The card cannot be given"


class WrongCardState(WrongState):
    """The card is not where this can be done."""

    title = "The card cannot do this now"
