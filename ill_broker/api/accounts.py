"""Accounts: what a patron owes to which lender, why, and what was paid, let off or disputed."""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields
from sqlalchemy import Connection

from ill_broker.api.idempotency import once, receipt
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Amount, Shown, Strict
from ill_broker.services.accounts.account import Accounts, Accruing, Receipt
from ill_broker.services.refusals import Unknown
from ill_broker.storage.journal import Posted
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Day, Id, Instant, OneOf, Pattern, Text, Whole
from workflows.accounts.account import Book, Kind
from workflows.actors import Role
from workflows.ids import PatronId, PostingId

blueprint = Resource("accounts", description="What patrons owe and pay, per lender and currency")
_PATH = "/accounts/<patron:patron_id>"
_DESKS = (Role.STAFF, Role.OFFICE)
_EVERYBODY = (Role.PATRON, *_DESKS)
_REASON = 2000
#: how a desk is paid
_METHODS = ("cash", "bank_card", "mobile", "transfer")
#: what a sum of money looks like; the account refuses any other text with its own code
SUM = {"pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$"}


def a_reason() -> Text:
    return Text(max_length=_REASON, lines=True, required=True)


class AccountsIn(Strict):
    after = Id("pst")
    limit = Whole(minimum=1, maximum=100, load_default=25)


class BalanceOut(Shown):
    """``charged`` less ``paid`` less ``waived`` is ``balance``; below zero, the lender owes."""

    lender = Code(required=True)
    currency = Pattern(r"[A-Z]{3}", required=True)
    charged = fields.Nested(Amount, required=True)
    paid = fields.Nested(Amount, required=True)
    waived = fields.Nested(Amount, required=True)
    balance = fields.Nested(Amount, required=True)


class AccruingOut(Shown):
    """Lateness that no posting stands for: it still grows, or its lender states no rate."""

    request = Id("req", required=True)
    number = Text(required=True)
    title = Text(required=True, max_length=2000)
    lender = Code(required=True)
    due = Day(required=True, allow_none=True)
    overdue_days = Whole(required=True)
    currency = Pattern(r"[A-Z]{3}", required=True)
    #: null where the lender states no rate: its staff decide (R-BJTU-6)
    amount = fields.Nested(Amount, required=True, allow_none=True)
    state = OneOf("accruing", "not_stated", required=True)
    #: the pieces that did not come back with the book, each late by itself (R-FJMU-6)
    pieces_out = fields.List(Whole(), required=True)


class ByOut(Shown):
    role = OneOf(*Role, required=True)
    library = Code(required=True, allow_none=True)
    #: how staff are called; null for patrons and systems
    name = Text(required=True, allow_none=True)


class PostingOut(Shown):
    id = Id("pst", required=True)
    kind = OneOf(*Kind, required=True)
    lender = Code(required=True)
    #: what it adds to what the patron owes
    amount = fields.Nested(Amount, required=True)
    #: the amount moves from ``credit`` to ``debit``
    debit = OneOf(*Book, required=True)
    credit = OneOf(*Book, required=True)
    #: what the patron owed this lender after it
    balance = fields.Nested(Amount, required=True)
    at = Instant(required=True)
    posted_at = Instant(required=True)
    by = fields.Nested(ByOut, required=True)
    request = Id("req", required=True, allow_none=True)
    #: the charge that is let off or disputed, the posting that is taken back
    concerns = Id("pst", required=True, allow_none=True)
    #: of a fine: what the loan clock says, before the cap of the card
    raw = fields.Nested(Amount, required=True, allow_none=True)
    cap = OneOf("item", "card", required=True, allow_none=True)
    #: how much a proposal asks the lender to let off
    proposed = fields.Nested(Amount, required=True, allow_none=True)
    #: policy and version that a charge rests on
    policy = Text(required=True, allow_none=True)
    reason = Text(required=True, allow_none=True, max_length=_REASON)


class AccountsOut(Shown):
    patron = Id("pat", required=True)
    #: the instant for which ``accruing`` is computed
    as_of = Instant(required=True)
    accounts = fields.List(fields.Nested(BalanceOut), required=True)
    accruing = fields.List(fields.Nested(AccruingOut), required=True)
    #: newest first
    postings = fields.List(fields.Nested(PostingOut), required=True)
    #: give it as ``after`` for the next page of postings; null on the last one
    next = Id("pst", required=True, allow_none=True)


class PaymentIn(Strict):
    lender = Code(required=True)
    currency = Text(required=True, max_length=3, min_length=3)
    amount = Text(required=True, max_length=20, metadata=SUM)
    method = OneOf(*_METHODS, required=True)
    #: what the receipt is to say
    text = Text(max_length=500)


class ReceiptOut(Shown):
    id = Id("pst", required=True)
    patron_name = Text(required=True)
    card_number = Text(required=True)
    lender = Code(required=True)
    amount = fields.Nested(Amount, required=True)
    method = OneOf(*_METHODS, required=True)
    text = Text(required=True, allow_none=True, max_length=500)
    paid_at = Instant(required=True)
    by = fields.Nested(ByOut, required=True)
    #: what is owed to this lender after it
    balance = fields.Nested(Amount, required=True)
    #: what has taken it back since
    reversed_by = Id("pst", required=True, allow_none=True)


class WaiverIn(Strict):
    charge = Id("pst", required=True)
    #: all that is open of the charge, if not said
    amount = Text(max_length=20, metadata=SUM)
    reason = a_reason()


class DisputeIn(Strict):
    charge = Id("pst", required=True)
    reason = a_reason()


class ReversalIn(Strict):
    posting = Id("pst", required=True)
    reason = a_reason()


@blueprint.route(_PATH, methods=["GET"])
@needs(*_EVERYBODY)
@blueprint.arguments(AccountsIn, location="query")
@blueprint.response(200, AccountsOut)
def show_account(wanted: dict[str, Any], patron_id: str) -> Any:
    """Show balances, postings and what is accruing: one's own (``me``), or a patron's to desk and office.

    Staff of a lender see what concerns their own library, and not who the patron is.
    """
    shown = service(Accounts).show(_whose(patron_id), actor(), now=now(), **wanted)
    return {
        "patron": shown.patron.id,
        "as_of": shown.as_of,
        "accounts": shown.accounts,
        "accruing": [_accruing(each) for each in shown.accruing],
        "postings": [shown_posting(each) for each in shown.postings],
        "next": shown.next,
    }


@blueprint.route(f"{_PATH}/payments", methods=["POST"])
@needs(*_DESKS)
@once()
@blueprint.arguments(PaymentIn)
@blueprint.response(201, ReceiptOut)
def record_payment(read: dict[str, Any], patron_id: str) -> Any:
    """Take money of a patron, in the lender's currency and no more than is owed; answers the receipt."""
    read.setdefault("text", None)
    also = kept(ReceiptOut(), _receipt)
    return _receipt(service(Accounts).pay(_whose(patron_id), actor(), **read, now=now(), also=also))


@blueprint.route(f"{_PATH}/receipts/<id('pst'):posting_id>", methods=["GET"])
@needs(*_EVERYBODY)
@blueprint.response(200, ReceiptOut)
def show_receipt(patron_id: str, posting_id: str) -> Any:
    """Show the receipt of a payment."""
    return _receipt(service(Accounts).receipt(_whose(patron_id), PostingId(posting_id), actor()))


@blueprint.route(f"{_PATH}/waivers", methods=["POST"])
@needs(*_DESKS)
@once()
@blueprint.arguments(WaiverIn)
@blueprint.response(201, PostingOut)
def waive_charge(read: dict[str, Any], patron_id: str) -> Any:
    """Let a patron off a charge or a part of it; it bears the name of who did, and the reason.

    The lender decides, or the office; the home desk up to what the lender's profile leaves to it.
    """
    also = kept(PostingOut(), last)
    return last(service(Accounts).waive(_whose(patron_id), actor(), **read, now=now(), also=also))


@blueprint.route(f"{_PATH}/waiver-proposals", methods=["POST"])
@needs(*_DESKS)
@once()
@blueprint.arguments(WaiverIn)
@blueprint.response(201, PostingOut)
def propose_waiver(read: dict[str, Any], patron_id: str) -> Any:
    """Ask the lender to let a patron off; a waiver answers it, and so does a reversal of the proposal."""
    also = kept(PostingOut(), last)
    proposed = service(Accounts).propose_waiver(_whose(patron_id), actor(), **read, now=now(), also=also)
    return last(proposed)


@blueprint.route(f"{_PATH}/disputes", methods=["POST"])
@needs(*_EVERYBODY)
@once()
@blueprint.arguments(DisputeIn)
@blueprint.response(201, PostingOut)
def dispute_charge(read: dict[str, Any], patron_id: str) -> Any:
    """Dispute a charge; it stays owed until staff let it off or take it back, and blocks nothing."""
    also = kept(PostingOut(), last)
    return last(service(Accounts).dispute(_whose(patron_id), actor(), **read, now=now(), also=also))


@blueprint.route(f"{_PATH}/reversals", methods=["POST"])
@needs(*_DESKS)
@once()
@blueprint.arguments(ReversalIn)
@blueprint.response(201, PostingOut)
def reverse_posting(read: dict[str, Any], patron_id: str) -> Any:
    """Take a posting back by another one; with a charge go its waivers, proposals and disputes.

    Charges are the lender's to take back, payments and disputes the home desk's; the office may all.
    """
    also = kept(PostingOut(), last)
    return last(service(Accounts).reverse(_whose(patron_id), actor(), **read, now=now(), also=also))


def _whose(told: str) -> PatronId:
    if told != "me":
        return PatronId(told)
    if actor().role is not Role.PATRON:
        raise Unknown
    return PatronId(actor().id)


def kept(schema: Schema, write: Callable[[Receipt], Any]) -> Callable[[Connection, Receipt], None]:
    """Return what saves the answer together with what was posted."""
    keep = receipt(schema)
    return lambda conn, made: keep(conn, write(made))


def last(made: Receipt) -> dict[str, Any]:
    return shown_posting(made.posted)


def shown_posting(posted: Posted) -> dict[str, Any]:
    entry, posting = posted.entry, posted.entry.posting
    told = (
        "kind",
        "debit",
        "credit",
        "at",
        "request",
        "concerns",
        "raw",
        "cap",
        "proposed",
        "policy",
        "reason",
    )
    return {name: getattr(posting, name) for name in told} | {
        "id": entry.id,
        "lender": posted.lender,
        "amount": posting.effect,
        "balance": entry.balance,
        "posted_at": entry.posted_at,
        "by": _by(posted),
    }


def _receipt(made: Receipt) -> dict[str, Any]:
    entry = made.posted.entry
    return {
        "id": entry.id,
        "patron_name": made.patron.name,
        "card_number": made.patron.card_number,
        "lender": made.posted.lender,
        "amount": entry.posting.amount,
        "method": entry.posting.method,
        "text": entry.posting.text,
        "paid_at": entry.posted_at,
        "by": _by(made.posted),
        "balance": entry.balance,
        "reversed_by": made.reversed_by,
    }


def _by(posted: Posted) -> dict[str, Any]:
    who = posted.entry.actor
    return {"role": who.role, "library": who.library, "name": posted.entry.name}


def _accruing(each: Accruing) -> dict[str, Any]:
    request, fine = each.request, each.fine
    return {
        "request": request.id,
        "number": request.number,
        "title": request.citation.title,
        "lender": request.lender,
        "due": request.due,
        "overdue_days": each.overdue_days,
        "currency": fine.currency,
        "amount": fine.amount,
        "pieces_out": list(each.pieces_out),
        "state": "not_stated" if fine.amount is None else "accruing",
    }
