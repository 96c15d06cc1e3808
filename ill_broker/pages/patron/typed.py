"""What no search has found: typed by its reader, followed, answered, given up."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import redirect, request, url_for

from ill_broker.pages.citing import CitedForm, languages
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.patron.typed_presenters import shown_typed
from ill_broker.pages.refused import sentences
from ill_broker.services.members.directory import Directory
from ill_broker.services.requests.typed import TypedRequests, Typing
from ill_broker.web.context import now, service
from ill_broker.web.fields import Day, Text
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.citation import Citation
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode, TypedRequestId
from workflows.requests import typed as rules

blueprint = room("typed", __name__)
_PATH = "/typed/<id('typ'):typed_id>"


class TypingForm(CitedForm):
    note = Text(max_length=2000, lines=True)
    needed_by = Day()
    site = Text(max_length=60)


class AnswerForm(Form):
    text = Text(required=True, max_length=2000, lines=True)


@blueprint.get("/typed/new")
@seen_by(Role.PATRON)
def ask() -> Any:
    """Ask what is wanted; what was searched for stands there already."""
    values = {name: request.args[name] for name in CitedForm().fields if name in request.args}
    return _asked(Filled(values={"language": "chi", **values}))


@blueprint.post("/typed")
@seen_by(Role.PATRON)
def leave() -> Any:
    """Leave it to the desk of the reader's library."""
    read, form = read_form(TypingForm())
    if read is None:
        return _asked(form, 422)
    beside = {"note": read.pop("note", None), "needed_by": read.pop("needed_by", None)}
    wanted = Typing(pickup_site=read.pop("site", None), **beside, citation=Citation(**read))
    try:
        left = service(TypedRequests).leave(wanted, me(), now=now())
    except WorkflowError as error:
        form.refuse(error)
        return _asked(form, 409)
    return redirect(url_for(".show", typed_id=left.typed.id), 303)


@blueprint.get(_PATH)
@seen_by(Role.PATRON)
def show(typed_id: str) -> Any:
    """Show how it stands; once a request has come of it, that."""
    return _shown(typed_id, Filled())


@blueprint.post(f"{_PATH}/answer")
@seen_by(Role.PATRON)
def answer(typed_id: str) -> Any:
    """Answer what the desk asks."""
    read, form = read_form(AnswerForm())
    if read is None:
        return _shown(typed_id, form, 422)
    return _taken(typed_id, partial(rules.answered, answer=read["text"]), form)


@blueprint.post(f"{_PATH}/cancellation")
@seen_by(Role.PATRON)
def cancel(typed_id: str) -> Any:
    """Give it up."""
    return _taken(typed_id, partial(rules.cancelled, now=now()), Filled())


def _taken(typed_id: str, change: Any, form: Filled) -> Any:
    try:
        service(TypedRequests).take(TypedRequestId(typed_id), change, me(), now=now())
    except WorkflowError as error:
        form.refuse(error)
        return _shown(typed_id, form, 409)
    return redirect(url_for(".show", typed_id=typed_id), 303)


def _shown(typed_id: str, form: Filled, status: int = 200) -> Any:
    seen = service(TypedRequests).one(TypedRequestId(typed_id), me(), now=now())
    if seen.typed.request is not None:
        return redirect(url_for("pages.requests.show", request_id=seen.typed.request), 303)
    return page("patron/typed.html", status=status, form=form, typed=shown_typed(seen))


def _asked(form: Filled, status: int = 200) -> Any:
    policy = service(Directory).in_force(now()).policy(LibraryCode(me().library or ""))
    hindrances = sentences(service(TypedRequests).hindrances(me(), now=now()), page_language())
    told = {
        "sites": [(site, site) for site in sorted(policy.pickup)],
        "languages": languages(),
        "hindrances": hindrances,
    }
    return page("patron/type.html", status=status, form=form, **told)
