"""A reader's money at the desk: taken with a receipt, let off or proposed to be, corrected."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from ill_broker.pages.desk.money_presenters import METHODS, shown_lines, shown_receipt
from ill_broker.pages.desk.reader_presenters import shown_reader
from ill_broker.pages.desk.readers import READER
from ill_broker.pages.desk.sizes import remembering, sized
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.libraries import library_name
from ill_broker.pages.patron.money import shown_account
from ill_broker.services.accounts.account import Accounts, Balance, Receipt, Shown
from ill_broker.services.accounts.rights import LenderDecides
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_amount
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, OneOf, Pattern, Text, Whole
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.errors import WorkflowError
from workflows.ids import PatronId, PostingId

blueprint = room("money", __name__)
_POSTING = f"{READER}/postings/<id('pst'):posting_id>"
#: postings on a page
_MOST = 50


class PaymentForm(Form):
    lender = Code(required=True)
    currency = Pattern(r"[A-Z]{3}", required=True)
    amount = Text(required=True, max_length=20)
    method = OneOf(*METHODS, required=True)
    text = Text(max_length=500, load_default=None)
    #: what was owed when the form was shown, in hundredths
    owed = Whole(required=True)


class WaiverForm(Form):
    #: all that is open of the charge, if not said
    amount = Text(max_length=20)
    reason = Text(required=True, max_length=2000, lines=True)
    #: ask the lender instead
    propose = OneOf("yes")


class ReversalForm(Form):
    reason = Text(required=True, max_length=2000, lines=True)


class Changed(Exception):
    """What is owed is not what the form at hand has shown: somebody else was at the account."""


@blueprint.get(f"{READER}/account")
@seen_by(Role.STAFF)
def show(patron_id: str) -> Any:
    """Show what is owed to whom, and each charge and payment, newest first."""
    seen = _seen(patron_id)
    told = shown_account(seen) | {"postings": shown_lines(seen), "after": _after()}
    return page("desk/account.html", reader=shown_reader(seen.patron), **told)


@blueprint.get(f"{READER}/payment")
@seen_by(Role.STAFF)
def ask_payment(patron_id: str) -> Any:
    """Ask how much is paid, and how."""
    owed = _owed(patron_id, request.args.get("lender"), request.args.get("currency"))
    told = {"lender": owed.lender, "currency": owed.currency, "amount": owed.balance.amount}
    return _asked(patron_id, owed, Filled(values=told))


@blueprint.post(f"{READER}/payment")
@seen_by(Role.STAFF)
def pay(patron_id: str) -> Any:
    """Take money; the receipt is what comes next. What was paid meanwhile is not paid twice."""
    owed = _owed(patron_id, request.form.get("lender"), request.form.get("currency"))
    read, form = read_form(PaymentForm())
    if read is None:
        return _asked(patron_id, owed, form, 422)
    try:
        made = _paid(patron_id, **read)
    except Changed:
        form.refusals.append(say("desk_money.changed", page_language()))
        return _asked(patron_id, owed, form, 409)
    except WorkflowError as error:
        form.refuse(error)
        return _asked(patron_id, owed, form, 409)
    return redirect(url_for(".receipt", patron_id=patron_id, posting_id=made.posted.entry.id), 303)


@blueprint.get(f"{READER}/receipts/<id('pst'):posting_id>")
@seen_by(Role.STAFF)
def receipt(patron_id: str, posting_id: str) -> Any:
    """Show a receipt as it is printed; ``?print=1`` prints at once, ``?size=`` is remembered."""
    made = service(Accounts).receipt(PatronId(patron_id), PostingId(posting_id), me())
    told = {"reader": shown_reader(made.patron), **shown_receipt(made), **sized(request.path)}
    return remembering(page("desk/receipt.html", **told))


@blueprint.get(f"{_POSTING}/waiver")
@seen_by(Role.STAFF)
def ask_waiver(patron_id: str, posting_id: str) -> Any:
    """Ask how much of a charge is let off, and why."""
    return _entry("desk/waiver.html", patron_id, posting_id, Filled())


@blueprint.post(f"{_POSTING}/waiver")
@seen_by(Role.STAFF)
def waive(patron_id: str, posting_id: str) -> Any:
    """Let a reader off, or ask the lender to where it decides."""
    read, form = read_form(WaiverForm())
    if read is None:
        return _entry("desk/waiver.html", patron_id, posting_id, form, 422)
    accounts = service(Accounts)
    post = accounts.propose_waiver if read.pop("propose", None) else accounts.waive
    try:
        post(PatronId(patron_id), me(), charge=PostingId(posting_id), **read, now=now(), also=_nothing)
    except WorkflowError as error:
        form.refuse(error)
        must_ask = isinstance(error, LenderDecides)
        return _entry("desk/waiver.html", patron_id, posting_id, form, 409, must_ask=must_ask)
    return redirect(url_for(".show", patron_id=patron_id), 303)


@blueprint.get(f"{_POSTING}/reversal")
@seen_by(Role.STAFF)
def ask_reversal(patron_id: str, posting_id: str) -> Any:
    """Ask why an entry was wrong."""
    return _entry("desk/reversal.html", patron_id, posting_id, Filled())


@blueprint.post(f"{_POSTING}/reversal")
@seen_by(Role.STAFF)
def reverse(patron_id: str, posting_id: str) -> Any:
    """Take an entry back by another one."""
    read, form = read_form(ReversalForm())
    if read is None:
        return _entry("desk/reversal.html", patron_id, posting_id, form, 422)
    entry = {"posting": PostingId(posting_id), "reason": read["reason"]}
    try:
        service(Accounts).reverse(PatronId(patron_id), me(), **entry, now=now(), also=_nothing)
    except WorkflowError as error:
        form.refuse(error)
        return _entry("desk/reversal.html", patron_id, posting_id, form, 409)
    return redirect(url_for(".show", patron_id=patron_id), 303)


def _paid(patron_id: str, *, owed: int, **payment: Any) -> Receipt:
    """Take a payment of what the form has shown.

    :raises Changed: if that is not what is owed any more
    """

    def unchanged(_: Connection, made: Receipt) -> None:
        entry = made.posted.entry
        if (entry.balance + entry.posting.amount).minor != owed:
            raise Changed

    return service(Accounts).pay(PatronId(patron_id), me(), **payment, now=now(), also=unchanged)


def _owed(patron_id: str, lender: str | None, currency: str | None) -> Balance:
    """Return the account that a payment is meant for; one that there is not is no page."""
    for each in service(Accounts).show(PatronId(patron_id), me(), now=now(), limit=1).accounts:
        if (each.lender, each.currency) == (lender, currency):
            return each
    raise NotFound


def _asked(patron_id: str, owed: Balance, form: Filled, status: int = 200) -> Any:
    seen, spoken = service(Accounts).show(PatronId(patron_id), me(), now=now(), limit=1), page_language()
    return page(
        "desk/payment.html",
        status=status,
        reader=shown_reader(seen.patron),
        form=form,
        lender=library_name(owed.lender),
        owed=said_amount(owed.balance, spoken),
        owed_minor=owed.balance.minor,
        currency=owed.currency,
        lender_code=owed.lender,
        methods=[(each, say(f"desk_money.{each}", spoken)) for each in METHODS],
    )


def _entry(
    template: str,
    patron_id: str,
    posting_id: str,
    form: Filled,
    status: int = 200,
    *,
    must_ask: bool = False,
) -> Any:
    """Return a page about an entry of the page of the account on which it was chosen."""
    seen = _seen(patron_id)
    line = next((one for one in shown_lines(seen) if one["id"] == posting_id), None)
    if line is None:
        raise NotFound
    told = {"reader": shown_reader(seen.patron), "line": line, "after": _after(), "must_ask": must_ask}
    return page(template, status=status, form=form, **told)


def _seen(patron_id: str) -> Shown:
    return service(Accounts).show(PatronId(patron_id), me(), now=now(), limit=_MOST, after=_after())


def _after() -> str | None:
    return request.args.get("after")


def _nothing(*_: object) -> None:
    """Keep nothing beside the posting: a form is not sent again under the same key."""
