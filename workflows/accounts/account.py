"""A patron's account at one lender in one currency: balanced postings, and what may be added to them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

from workflows.actors import Actor
from workflows.errors import NotMoney, WorkflowError
from workflows.ids import LibraryCode, PatronId, PostingId, RequestId
from workflows.money import Money
from workflows.reasons import Refusal


class Book(StrEnum):
    """Where money stands; a posting moves it from one of these to another."""

    #: what the patron owes the lender
    PATRON = "patron"
    FINES = "fines"
    CARD_FINES = "card_fines"
    COMPENSATION = "compensation"
    PROCESSING_FEES = "processing_fees"
    CASH = "cash"
    WAIVED = "waived"
    #: notes beside the money: a dispute and a proposal move none
    DISPUTES = "disputes"
    PROPOSALS = "proposals"


class Kind(StrEnum):
    """What a posting is."""

    FINE = "fine"
    #: of an overdue loan card
    CARD_FINE = "card_fine"
    COMPENSATION = "compensation"
    PROCESSING_FEE = "processing_fee"
    PAYMENT = "payment"
    WAIVER = "waiver"
    #: a reader's home desk asks the lender to let them off
    WAIVER_PROPOSAL = "waiver_proposal"
    DISPUTE = "dispute"
    REVERSAL = "reversal"


#: kind -> the book that gets the amount, the book that gives it
SIDES: Mapping[Kind, tuple[Book, Book]] = MappingProxyType(
    {
        Kind.FINE: (Book.PATRON, Book.FINES),
        Kind.CARD_FINE: (Book.PATRON, Book.CARD_FINES),
        Kind.COMPENSATION: (Book.PATRON, Book.COMPENSATION),
        Kind.PROCESSING_FEE: (Book.PATRON, Book.PROCESSING_FEES),
        Kind.PAYMENT: (Book.CASH, Book.PATRON),
        Kind.WAIVER: (Book.WAIVED, Book.PATRON),
        Kind.WAIVER_PROPOSAL: (Book.PROPOSALS, Book.PATRON),
        Kind.DISPUTE: (Book.DISPUTES, Book.PATRON),
    }
)
#: hundredths of a currency that staff may set at most: more is a slip
MOST_SET = 100_000_00
CHARGES = frozenset({Kind.FINE, Kind.CARD_FINE, Kind.COMPENSATION, Kind.PROCESSING_FEE})
#: the books that stand for what was charged
CHARGED = frozenset(SIDES[kind][1] for kind in CHARGES)


class BadAmount(WorkflowError):
    """The text is no amount above zero with at most two decimals."""

    code = "bad_amount"
    title = "An amount is a decimal above zero with at most two decimals"
    #: what of the input it is about
    pointer = "/amount"


class WrongCurrency(WorkflowError):
    """The lender is owed in another currency; nothing is converted (G-6)."""

    code = "currency_mismatch"
    title = "The account is kept in another currency"
    pointer = "/currency"


class Overpayment(WorkflowError):
    """More was given than is owed; ``facts["owed"]`` says how much that is."""

    code = "overpayment"
    title = "This is more than is owed"
    pointer = "/amount"


class NotACharge(WorkflowError):
    """Only a charge can be waived or disputed."""

    code = "not_a_charge"
    title = "This posting is no charge that stands"
    pointer = "/charge"


class AlreadyDisputed(WorkflowError):
    """The charge is disputed already."""

    code = "already_disputed"
    title = "This charge is disputed already"


class AlreadyProposed(WorkflowError):
    """The lender has been asked to let the patron off this charge, and has not answered."""

    code = "already_proposed"
    title = "A waiver of this charge is proposed already"


class NotReversible(WorkflowError):
    """The posting was reversed before, or is itself a reversal."""

    code = "not_reversible"
    title = "This posting cannot be reversed"
    pointer = "/posting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """An amount that moves from one book to another: it cannot be out of balance."""

    kind: Kind
    debit: Book
    credit: Book
    #: never negative
    amount: Money
    #: when it happened; the entry knows when it was posted
    at: datetime
    request: RequestId | None = None
    #: the charge that is waived or disputed, the posting that is reversed
    concerns: PostingId | None = None
    #: of a fine: what the loan clock says, before the cap of the card
    raw: Money | None = None
    cap: Literal["item", "card"] | None = None
    #: of a charge: policy and version that it rests on
    policy: str | None = None
    reason: str | None = None
    #: how much a proposal asks the lender to let off
    proposed: Money | None = None
    #: of a payment: cash, bank card and the like, and what the receipt is to say
    method: str | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        if self.amount.minor < 0 or self.debit is self.credit:
            raise ValueError(f"{self.amount} from {self.credit} to {self.debit}")

    @property
    def effect(self) -> Money:
        """What it adds to the patron's debt."""
        return self.amount if self.debit is Book.PATRON else -self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPosting:
    """A posting in its place, with who posted it."""

    id: PostingId
    #: the first one of an account is 1
    seq: int
    posting: Posting
    posted_at: datetime
    actor: Actor
    #: how the person is called, where it is one of a desk or the office
    name: str | None = None
    #: what the patron owed after it
    balance: Money


@dataclass(frozen=True, slots=True)
class Key:
    """Whose account it is, at which lender, in what."""

    patron: PatronId
    lender: LibraryCode
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All postings of one account, in their order."""

    key: Key
    entries: tuple[tuple[PostingId, Posting], ...] = ()

    @property
    def currency(self) -> str:
        return self.key.currency

    @property
    def zero(self) -> Money:
        return Money.zero(self.currency)

    @property
    def balance(self) -> Money:
        """What the patron owes; below zero if more was paid than was charged in the end."""
        return sum((posting.effect for _, posting in self.entries), self.zero)

    def standing(self) -> dict[PostingId, Posting]:
        """Return what was neither reversed nor is a reversal."""
        reversed_ids = {one.concerns for _, one in self.entries if one.kind is Kind.REVERSAL}
        return {
            key: one for key, one in self.entries if one.kind is not Kind.REVERSAL and key not in reversed_ids
        }

    def unpaid(self) -> dict[PostingId, Money]:
        """Return what is open of each charge: less its waivers, and payments settle the oldest first."""
        standing = self.standing()
        paid = sum((one.amount for one in standing.values() if one.kind is Kind.PAYMENT), self.zero)
        found, waived = {}, self._waived(standing)
        for key, charge in standing.items():
            if charge.kind in CHARGES:
                left = charge.amount - waived.get(key, self.zero)
                settled = min(left, paid)
                found[key], paid = left - settled, paid - settled
        return found

    def unpaid_fines(self) -> Money:
        """Return what the cap of a card looks at (R-JN-16)."""
        standing = self.standing()
        fines = (left for key, left in self.unpaid().items() if standing[key].kind is Kind.FINE)
        return sum(fines, self.zero)

    def plus(self, *postings: Posting) -> "Account":
        """Return the account with postings that have no id yet."""
        new = ((PostingId(f"new-{place}"), one) for place, one in enumerate(postings, len(self.entries)))
        return replace(self, entries=(*self.entries, *new))

    def waived(self, charge: PostingId) -> Money:
        """Return what was let off of a charge."""
        return self._waived(self.standing()).get(charge, self.zero)

    def _waived(self, standing: dict[PostingId, Posting]) -> dict[PostingId, Money]:
        """Return what was let off of each charge that was."""
        found: dict[PostingId, Money] = {}
        for one in standing.values():
            if one.kind is Kind.WAIVER and one.concerns is not None:
                found[one.concerns] = found.get(one.concerns, self.zero) + one.amount
        return found


def charged(kind: Kind, amount: Money, *, at: datetime, **more: Any) -> Posting:
    """Return the posting of a charge, payment, waiver or dispute."""
    debit, credit = SIDES[kind]
    return Posting(kind=kind, debit=debit, credit=credit, amount=amount, at=at, **more)


def pay(account: Account, amount: str, *, at: datetime, method: str, text: str | None) -> Posting:
    """Return the posting of a payment.

    :raises BadAmount: if *amount* is no amount above zero
    :raises Overpayment: if it is more than is owed
    """
    taken = _taken(account, amount, account.balance)
    return charged(Kind.PAYMENT, taken, at=at, method=method, text=text)


def waive(
    account: Account, charge: PostingId, amount: str | None, *, at: datetime, reason: str
) -> tuple[Posting, ...]:
    """Return the postings that let the patron off a charge, or off a part of it; what was proposed is over.

    :raises NotACharge: if it is none, or was reversed
    :raises BadAmount: if *amount* is no amount above zero
    :raises Overpayment: if it is more than is open of the charge, or nothing is
    """
    let_off = _let_off(account, charge, amount)
    proposed = _notes(account, Kind.WAIVER_PROPOSAL, charge).items()
    answered = (_mirror(one, key, at, reason) for key, one in proposed)
    return (*answered, charged(Kind.WAIVER, let_off, at=at, concerns=charge, reason=reason))


def propose_waiver(
    account: Account, charge: PostingId, amount: str | None, *, at: datetime, reason: str
) -> Posting:
    """Return the note that the lender is asked to let the patron off; it is owed all the same.

    :raises NotACharge: if it is none, or was reversed
    :raises AlreadyProposed: if that was asked before and not answered
    :raises BadAmount: if *amount* is no amount above zero
    :raises Overpayment: if it is more than is open of the charge, or nothing is
    """
    proposed = _let_off(account, charge, amount)
    if _notes(account, Kind.WAIVER_PROPOSAL, charge):
        raise AlreadyProposed
    return charged(
        Kind.WAIVER_PROPOSAL, account.zero, at=at, concerns=charge, reason=reason, proposed=proposed
    )


def dispute(account: Account, charge: PostingId, *, at: datetime, reason: str) -> Posting:
    """Return the note that a charge is disputed; it is owed all the same, and blocks nothing.

    :raises NotACharge: if it is none, or was reversed
    :raises AlreadyDisputed: if that was said before
    """
    _charge(account, charge)
    if _notes(account, Kind.DISPUTE, charge):
        raise AlreadyDisputed
    return charged(Kind.DISPUTE, account.zero, at=at, concerns=charge, reason=reason)


def reverse(account: Account, posting_id: PostingId, *, at: datetime, reason: str) -> tuple[Posting, ...]:
    """Return the postings that take one back; with a charge go its waivers, proposals and disputes.

    :raises NotReversible: if it was taken back before, or takes one back itself
    """
    standing = account.standing()
    if posting_id not in standing:
        raise NotReversible
    upon_it = [key for key, one in standing.items() if one.concerns == posting_id]
    return tuple(_mirror(standing[key], key, at, reason) for key in (*upon_it, posting_id))


def chosen(account: Account, amount: str) -> Money:
    """Return an amount that staff have set.

    :raises BadAmount: if it is no amount above zero, or more than anybody asks for
    """
    told = _amount(account, amount)
    if told.minor > MOST_SET:
        raise BadAmount(amount=amount)
    return told


def _mirror(one: Posting, key: PostingId, at: datetime, reason: str) -> Posting:
    return Posting(
        kind=Kind.REVERSAL,
        debit=one.credit,
        credit=one.debit,
        amount=one.amount,
        at=at,
        concerns=key,
        request=one.request,
        reason=reason,
    )


def _notes(account: Account, kind: Kind, charge: PostingId) -> dict[PostingId, Posting]:
    """Return what stands of a kind about a charge."""
    standing = account.standing().items()
    return {key: one for key, one in standing if one.kind is kind and one.concerns == charge}


def _let_off(account: Account, charge: PostingId, amount: str | None) -> Money:
    """Return how much of a charge is meant: what is told, or all that is open of it."""
    _charge(account, charge)
    left = account.unpaid()[charge]
    if amount is None and not left:
        raise Overpayment(reasons=[Refusal.NOTHING_OWED], owed=left.amount, currency=left.currency)
    return left if amount is None else _taken(account, amount, left)


def _charge(account: Account, charge: PostingId) -> None:
    found = account.standing().get(charge)
    if found is None or found.kind not in CHARGES:
        raise NotACharge


def _taken(account: Account, amount: str, owed: Money) -> Money:
    """Return an amount of which no more than *owed* is taken."""
    told = _amount(account, amount)
    if told > owed:
        raise Overpayment(owed=max(owed, account.zero).amount, currency=account.currency)
    return told


def _amount(account: Account, amount: str) -> Money:
    try:
        told = Money.parse(amount, account.currency)
    except NotMoney as error:
        raise BadAmount(amount=amount) from error
    if told.minor <= 0:
        raise BadAmount(amount=amount)
    return told
