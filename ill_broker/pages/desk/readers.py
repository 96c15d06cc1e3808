"""Readers at the desk: found by card, name, mobile or address, and all that concerns one of them."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from ill_broker.pages.desk.reader_presenters import shown_page, shown_reader
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.libraries import choices
from ill_broker.pages.refused import said
from ill_broker.services.accounts.account import Accounts
from ill_broker.services.people.registration import People
from ill_broker.services.privileges.borrowing import Borrowing
from ill_broker.services.refusals import Unknown
from ill_broker.services.requests.door import Requests
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Id, Identifier
from ill_broker.web.language import page_language
from ill_broker.web.throttle import CARD_LOOKUPS, Throttle
from workflows.actors import Role
from workflows.errors import WorkflowError
from workflows.identifiers import fold
from workflows.ids import PatronId, RequestId
from workflows.patrons import Patron
from workflows.requests.commands import CallResult, Cancel, Command, HandOver, RecordCall, Renew
from workflows.requests.lifecycle import Status

blueprint = room("readers", __name__)
READER = "/desk/readers/<id('pat'):patron_id>"
#: readers on a page
_MOST = 20


class SoughtForm(Form):
    query = Identifier(required=True, max_length=100)
    after = Id("pat")


class ElsewhereForm(Form):
    home = Code(required=True)
    card_number = Identifier(required=True, max_length=40)


@blueprint.get("/desk/readers")
@seen_by(Role.STAFF)
def find() -> Any:
    """Find readers of the desk's library; one alone is gone to at once."""
    read, form = read_form(SoughtForm())
    if read is None:
        return _sought(Filled(), is_asked=False)
    after = read.get("after")
    found = service(People).sought(read["query"], me(), after=after, limit=_MOST + 1)
    meant = _meant(found, read["query"], after)
    if meant is not None:
        return redirect(url_for(".show", patron_id=meant.id), 303)
    return _sought(form, found)


@blueprint.get("/desk/readers/elsewhere")
@seen_by(Role.STAFF)
def find_elsewhere() -> Any:
    """Find a reader of another library who borrows from this one, by the card."""
    read, form = read_form(ElsewhereForm())
    if read is not None:
        service(Throttle).count(CARD_LOOKUPS, me().id)
        try:
            known = service(Borrowing).find(**read, actor=me())
            return redirect(url_for(".show", patron_id=known.id), 303)
        except Unknown:
            return _sought(Filled(), elsewhere=form, is_unknown=True)
    return _sought(Filled(), elsewhere=form, is_asked=False)


@blueprint.get(READER)
@seen_by(Role.STAFF)
def show(patron_id: str) -> Any:
    """Show who a reader is, and all that is open."""
    return shown(patron_id)


@blueprint.post(f"{READER}/requests/<id('req'):request_id>/<any(handover, renewal, cancellation):step>")
@seen_by(Role.STAFF)
def take(patron_id: str, request_id: str, step: str) -> Any:
    """Take the one step that a reader at the desk comes for."""
    reader = known(patron_id)
    try:
        for command in _commands(RequestId(request_id), reader, step):
            service(Requests).handle(RequestId(request_id), command, me(), now=now())
    except WorkflowError as error:
        return shown(patron_id, 409, refusals=said(error, page_language()))
    return redirect(url_for(".show", patron_id=patron_id, done=request_id), 303)


def known(patron_id: str) -> Patron:
    """Return a reader whom the desk may see.

    :raises Unknown: if the desk may not
    """
    return service(Accounts).show(PatronId(patron_id), me(), now=now(), limit=1).patron


def _commands(request_id: RequestId, reader: Patron, step: str) -> tuple[Command, ...]:
    """Return what a button stands for; who comes before the call has been told by coming."""
    if step == "renewal":
        return (Renew(channel="information_desk"),)
    if step == "cancellation":
        return (Cancel(),)
    at_hand = service(Requests).see(request_id, me()).request
    told = (RecordCall(result=CallResult.CAME_IN_PERSON),) if at_hand.status is Status.ARRIVED else ()
    return (*told, HandOver(card=reader.card_number))


def _meant(found: list[Patron], text: str, after: str | None) -> Patron | None:
    """Return the one who is meant: whose card it is, or who alone was found."""
    if len(found) == 1 and after is None:
        return found[0]
    return next((one for one in found if fold(one.card_number) == fold(text)), None)


def _sought(
    form: Filled,
    found: list[Patron] | None = None,
    *,
    elsewhere: Filled | None = None,
    is_asked: bool = True,
    is_unknown: bool = False,
) -> Any:
    every = found or []
    return page(
        "desk/readers.html",
        form=form,
        elsewhere=elsewhere or Filled(),
        is_asked=is_asked,
        is_unknown=is_unknown,
        readers=[shown_reader(one) for one in every[:_MOST]],
        next=every[_MOST - 1].id if len(every) > _MOST else None,
        libraries=[one for one in choices() if one[0] != me().library],
    )


def shown(patron_id: str, status: int = 200, refusals: list[str] | None = None) -> Any:
    """Return the page of a reader, with why something was refused."""
    reader = known(patron_id)
    form = Filled(refusals=refusals or [])
    return page("desk/reader.html", status=status, form=form, **shown_page(reader, request.args.get("done")))
