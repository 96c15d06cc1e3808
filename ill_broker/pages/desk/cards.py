"""Loan cards at the desk: the stock, one card and who has it, out, in, lost, found, withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import redirect, request, url_for

from ill_broker.pages.desk.card_presenters import shown_by_day, shown_card_page, shown_cards, shown_stock
from ill_broker.pages.desk.readers import READER, known
from ill_broker.pages.desk.readers import shown as shown_reader
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import came_from, local_day, me, page, room, seen_by
from ill_broker.pages.libraries import choices
from ill_broker.pages.refused import said
from ill_broker.services.cards.loan_cards import LoanCards, NewCard
from ill_broker.services.cards.overview import CardOverview
from ill_broker.services.refusals import Unknown
from ill_broker.texts.catalogue import say
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Id, Identifier, OneOf, Text
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.cards import card as loan_cards
from workflows.cards.card import CardCommand, CardStatus
from workflows.errors import WorkflowError
from workflows.ids import CardId, LibraryCode

blueprint = room("cards", __name__)
_CARD = "/desk/cards/<id('card'):card_id>"
#: cards on a page
_MOST = 50
#: a card that is to come back within these days expires soon
_SOON = timedelta(days=7)


class ListForm(Form):
    status = OneOf(*CardStatus)
    barcode = Identifier(max_length=60)
    after = Id("card")


class NewCardForm(Form):
    barcode = Identifier(required=True, max_length=60)
    library = Code(required=True)


class IssueForm(Form):
    barcode = Identifier(required=True, max_length=60)


class NoteForm(Form):
    note = Text(max_length=2000, lines=True, load_default=None)


@blueprint.get("/desk/cards")
@seen_by(Role.STAFF)
def show_all() -> Any:
    """Show the stock, what expires soon and the cards; a barcode leads to its card."""
    read, form = read_form(ListForm())
    wanted = read or {}
    found = service(CardOverview).page(me(), now=now(), limit=_MOST, role="desk", **wanted)
    if "barcode" in wanted and found.items:
        return redirect(url_for(".show", card_id=found.items[0].card.id), 303)
    return _listed(found, form, Filled())


@blueprint.post("/desk/cards")
@seen_by(Role.STAFF)
def add() -> Any:
    """Take a new card into the desk's stock."""
    read, form = read_form(NewCardForm())
    status = 422
    if read is not None:
        try:
            service(LoanCards).stock_in(NewCard(**read, desk=_here()), me(), now=now())
            return redirect(url_for(".show_all"), 303)
        except WorkflowError as error:
            form.refuse(error)
            status = 409
    found = service(CardOverview).page(me(), now=now(), limit=_MOST, role="desk")
    return _listed(found, Filled(), form, status)


@blueprint.get(_CARD)
@seen_by(Role.STAFF)
def show(card_id: str) -> Any:
    """Show a card: where it is, who has it, and what can be done with it."""
    return _shown(card_id, Filled())


@blueprint.post(f"{_CARD}/<any('return', loss, found, withdrawal):step>")
@seen_by(Role.STAFF)
def take(card_id: str, step: str) -> Any:
    """Take a step with a card."""
    read, form = read_form(NoteForm())
    if read is None:
        return _shown(card_id, form, 422)
    try:
        service(LoanCards).handle(CardId(card_id), _command(step, read["note"]), me(), now=now())
    except WorkflowError as error:
        form.refuse(error)
        return _shown(card_id, form, 409)
    return redirect(came_from() if "here" in request.form else url_for(".show", card_id=card_id), 303)


@blueprint.post(f"{READER}/cards")
@seen_by(Role.STAFF)
def issue(patron_id: str) -> Any:
    """Hand a card out to the reader at the desk; a refusal says every reason."""
    reader = known(patron_id)
    read, form = read_form(IssueForm())
    if read is None:
        return shown_reader(patron_id, 422, list(form.errors.values()))
    try:
        card = service(LoanCards).issue(read["barcode"], reader.card_number, me(), now=now())
    except Unknown:
        return shown_reader(patron_id, 409, [say("desk_cards.unknown", page_language())])
    except WorkflowError as error:
        return shown_reader(patron_id, 409, said(error, page_language()))
    return redirect(url_for(".show", card_id=card.id), 303)


def _command(step: str, note: str | None) -> CardCommand:
    if step == "loss":
        return loan_cards.ReportCardLost(note=note)
    if step == "withdrawal":
        return loan_cards.WithdrawCard(note=note)
    return loan_cards.TakeCardBack() if step == "return" else loan_cards.RecordCardFound()


def _here() -> LibraryCode:
    return LibraryCode(me().library or "")


def _listed(found: Any, form: Filled, new: Filled, status: int = 200) -> Any:
    today = local_day(now())
    soon = today + _SOON
    overview = service(CardOverview)
    expiring = overview.page(me(), now=now(), limit=_MOST, role="desk", due_by=soon)
    return page(
        "desk/cards.html",
        status=status,
        form=form,
        new=new,
        stock=shown_stock(overview.stock(me())),
        expiring=shown_by_day(expiring.items, today),
        cards=shown_cards(found.items),
        next=found.next,
        status_chosen=request.args.get("status", ""),
        libraries=[one for one in choices() if one[0] != me().library],
    )


def _shown(card_id: str, form: Filled, status: int = 200) -> Any:
    seen = service(CardOverview).one(CardId(card_id), me(), now=now())
    return page("desk/card.html", status=status, form=form, **shown_card_page(seen))
