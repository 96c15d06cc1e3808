"""The office's first page: what needs somebody now, and the two things that are decided there."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.exceptions import NotFound

from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.office.home_presenters import shown_letters, shown_messages, shown_proposals
from ill_broker.pages.office.member_presenters import shown_members
from ill_broker.services.accounts.account import Accounts
from ill_broker.services.accounts.lender_accounts import LenderAccounts
from ill_broker.services.delivery.dead_letters import DeadLetters
from ill_broker.services.members.connections import Connections
from ill_broker.services.members.connector_health import PartnerHealth
from ill_broker.services.partners.set_aside import SetAside
from ill_broker.storage.journal import OpenProposal
from ill_broker.web.context import now, service
from ill_broker.web.fields import OneOf, Text
from workflows.actors import Role
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode, MessageId

blueprint = room("office_home", __name__)
#: of each kind on the page; who works them off sees the next ones
_MOST = 20
_LET_OFF, _REFUSE = "let_off", "refuse"


class DecisionForm(Form):
    decision = OneOf(_LET_OFF, _REFUSE, required=True)
    reason = Text(required=True, max_length=2000, lines=True)


@blueprint.get("/office")
@seen_by(Role.OFFICE)
def show() -> Response:
    """Show what needs the office."""
    return _shown(Filled())


@blueprint.post("/office/waiver-proposals/<id('pst'):posting_id>")
@seen_by(Role.OFFICE)
def decide(posting_id: str) -> Any:
    """Let a reader off what was proposed, or refuse to; either with a reason."""
    proposal = _proposal(posting_id)
    read, form = read_form(DecisionForm())
    if read is not None:
        try:
            _decided(proposal, **read)
            return redirect(url_for(".show"), 303)
        except WorkflowError as error:
            form.refuse(error)
    return _shown(form, about=posting_id, status=422)


@blueprint.post("/office/dead-letters")
@seen_by(Role.OFFICE)
def send_again() -> Any:
    """Try anew what could not be delivered."""
    service(DeadLetters).replay(request.form.get("id", ""), me(), now=now())
    return redirect(url_for(".show", again=1), 303)


@blueprint.post("/office/messages")
@seen_by(Role.OFFICE)
def apply_again() -> Any:
    """Try anew to apply what a partner said."""
    library, message = LibraryCode(request.form.get("library", "")), MessageId(request.form.get("id", ""))
    service(SetAside).replay(library, message, me(), now=now())
    return redirect(url_for(".show", again=1), 303)


def _proposal(posting_id: str) -> OpenProposal:
    for one in service(LenderAccounts).proposals(me(), limit=_MOST).items:
        if one.posted.entry.id == posting_id:
            return one
    raise NotFound


def _decided(proposal: OpenProposal, *, decision: str, reason: str) -> None:
    entry = proposal.posted.entry
    accounts, at = service(Accounts), now()
    if decision == _REFUSE or entry.posting.concerns is None:
        accounts.reverse(proposal.patron, me(), posting=entry.id, reason=reason, now=at, also=_nothing)
        return
    amount = entry.posting.proposed.amount if entry.posting.proposed else None
    charge = entry.posting.concerns
    accounts.waive(proposal.patron, me(), charge=charge, amount=amount, reason=reason, now=at, also=_nothing)


def _nothing(*_: object) -> None:
    """Keep nothing beside the posting: a form is not sent again under the same key."""


def _shown(form: Filled, *, about: str = "", status: int = 200) -> Response:
    standings = service(PartnerHealth).of(None, now())
    members = shown_members([one.library for one in service(Connections).all()], standings)
    told = {
        "trouble": [one for one in members if one["mood"] in {"bad", "look"}],
        "proposals": shown_proposals(service(LenderAccounts).proposals(me(), limit=_MOST).items),
        "letters": shown_letters(service(DeadLetters).listed(me(), limit=_MOST)),
        "messages": shown_messages(service(SetAside).listed(me(), limit=_MOST)),
    }
    again = "again" in request.args
    return page("office/home.html", status=status, form=form, about=about, again=again, most=_MOST, **told)
