"""The account: what the reader owes to which library, what grows, each charge and payment; disputing one."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.exceptions import NotFound

from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.patron.money import shown_account, shown_posting
from ill_broker.services.accounts.account import Accounts, Shown
from ill_broker.storage.journal import Posted
from ill_broker.web.context import now, service
from ill_broker.web.fields import Text
from workflows.accounts.account import CHARGES
from workflows.actors import Role
from workflows.errors import WorkflowError
from workflows.ids import PatronId, PostingId

blueprint = room("account", __name__)
_DISPUTE = "/account/charges/<id('pst'):posting_id>/dispute"
#: postings on a page
_MOST = 50


class DisputeForm(Form):
    reason = Text(required=True, max_length=2000, lines=True)


@blueprint.get("/account")
@seen_by(Role.PATRON)
def show() -> Response:
    """Show what is owed, what is growing, and each charge and payment, newest first."""
    return page("patron/account.html", is_first=not _after(), after=_after(), **shown_account(_seen()))


@blueprint.get(_DISPUTE)
@seen_by(Role.PATRON)
def ask_why(posting_id: str) -> Response:
    """Ask why a charge is wrong."""
    return _asked(_charge(posting_id), Filled())


@blueprint.post(_DISPUTE)
@seen_by(Role.PATRON)
def dispute(posting_id: str) -> Any:
    """Note that the reader thinks a charge wrong, and why."""
    charge = _charge(posting_id)
    read, form = read_form(DisputeForm())
    if read is None:
        return _asked(charge, form, 422)
    try:
        service(Accounts).dispute(_mine(), me(), charge=charge.entry.id, **read, now=now(), also=_nothing)
    except WorkflowError as error:
        form.refuse(error)
        return _asked(charge, form, 409)
    return redirect(url_for(".show", after=_after()), 303)


def _asked(charge: Posted, form: Filled, status: int = 200) -> Response:
    told = {"charge": shown_posting(charge, {}), "after": _after()}
    return page("patron/dispute.html", status=status, form=form, **told)


def _charge(posting_id: str) -> Posted:
    """Return a charge of the page of postings on which it was chosen."""
    for posted in _seen().postings:
        if posted.entry.id == PostingId(posting_id) and posted.entry.posting.kind in CHARGES:
            return posted
    raise NotFound


def _seen() -> Shown:
    return service(Accounts).show(_mine(), me(), now=now(), limit=_MOST, after=_after())


def _after() -> str | None:
    return request.args.get("after")


def _mine() -> PatronId:
    return PatronId(me().id)


def _nothing(*_: object) -> None:
    """Keep nothing beside the posting: a form is not sent again under the same key."""
