"""A request as the desk sees it: where it is, what to do next, all that has happened, and every step."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any

from flask import redirect, request, url_for
from werkzeug.exceptions import NotFound

from ill_broker.pages.desk.bar import counted
from ill_broker.pages.desk.list_presenters import shown_row
from ill_broker.pages.desk.once import once
from ill_broker.pages.desk.request_presenters import shown_forms, shown_guided, shown_happened, shown_request
from ill_broker.pages.desk.step_forms import FORMS
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import came_from, me, page, room, seen_by, written
from ill_broker.pages.patron.presenters import shown_steps
from ill_broker.services.privileges.borrowing import BEFORE_HANDOVER, Borrowing
from ill_broker.services.refusals import Unknown
from ill_broker.services.requests.desk_lists import DeskLists
from ill_broker.services.requests.door import Requests, Seen
from ill_broker.services.requests.overview import Overview
from ill_broker.web.context import now, service
from ill_broker.web.fields import Text
from ill_broker.web.language import page_language
from ill_broker.web.visits import form_token
from workflows.actors import Role
from workflows.errors import WorkflowError
from workflows.ids import RequestId
from workflows.requests.commands import Command
from workflows.requests.lifecycle import Step
from workflows.requests.permissions import Relation, relations

blueprint = room("desk_requests", __name__)
REQUEST = "/desk/requests/<id('req'):request_id>"
#: to whom this page is there; a lender sees what is asked of it elsewhere, and not whose wish it is
_SEES = {Relation.DESK, Relation.RETURN_DESK}
_STEPS = {step.replace("_", "-"): form for step, form in FORMS.items()}


#: a key that one of our forms has
_KEY = re.compile(r"[!-~]{1,200}")
#: what stands in a form beside what it says
_OF_THE_FORM = {"form_token", "here", "key"}


class AgentForm(Form):
    agent = Text(max_length=200, load_default=None)


@blueprint.get(REQUEST)
@seen_by(Role.STAFF)
def show(request_id: str) -> Any:
    """Show a request with its one next step, and all others under "more"."""
    return _shown(_seen(request_id))


@blueprint.post(f"{REQUEST}/<step>")
@seen_by(Role.STAFF)
def take(request_id: str, step: str) -> Any:
    """Take a step; a list that asked for it is gone back to, one row of it is answered alone."""
    if step not in _STEPS:
        raise NotFound
    _seen(request_id)
    read, form = read_form(_STEPS[step])
    if read is not None:
        try:
            _take(RequestId(request_id), step, read)
            return _done(request_id)
        except WorkflowError as error:
            _refused(form, error)
    return _again(request_id, Step(step.replace("-", "_")), form)


@blueprint.post(f"{REQUEST}/agent")
@seen_by(Role.STAFF)
def name_agent(request_id: str) -> Any:
    """Name who fetches the book for its reader; nobody, if the field is left empty."""
    _seen(request_id)
    read, form = read_form(AgentForm())
    if read is not None:
        try:
            asked = RequestId(request_id), read["agent"], me()
            service(Borrowing).name_agent(*asked, now=now(), also=_nothing)
            return _done(request_id)
        except WorkflowError as error:
            _refused(form, error)
    return _again(request_id, None, form)


def _take(request_id: RequestId, step: str, command: Command) -> None:
    """Take a step, once under the key of its form if it has one: two clicks on a call are one call."""
    handle = partial(service(Requests).handle, request_id, command, me(), now=now())
    key = request.form.get("key", "")
    if not _KEY.fullmatch(key):
        handle()
        return
    told = sorted(each for each in request.form.items(multi=True) if each[0] not in _OF_THE_FORM)
    said = json.dumps([request_id, step, told])
    once(f"step:{me().id}", key, said, lambda keep: handle(also=lambda conn, _: keep(conn, "")))


def _nothing(*_: Any) -> None:
    """Keep nothing beside what is recorded: a page that is sent twice records it twice."""


def _refused(form: Filled, error: WorkflowError) -> None:
    """Say in the form why not; what is not there for the desk stays so."""
    if isinstance(error, Unknown):
        raise error
    form.refuse(error)


def _seen(request_id: str) -> Seen:
    seen = service(Requests).see(RequestId(request_id), me())
    if not relations(me(), seen.request) & _SEES:
        raise Unknown
    return seen


def _done(request_id: str) -> Any:
    """Answer with what the request has become: alone, in the list it came from, or on its own page."""
    if "HX-Request" in request.headers:
        return _alone(request_id, Filled())
    if "here" not in request.form:
        return redirect(url_for(".show", request_id=request_id), 303)
    kept = came_from().partition("?")
    parts = [part for part in kept[2].split("&") if part and not part.startswith("done=")]
    return redirect(f"{kept[0]}?{'&'.join([*parts, f'done={request_id}'])}", 303)


def _again(request_id: str, step: Step | None, form: Filled) -> Any:
    """Show the form that was not taken: in the row it came from, else on the request's page."""
    if "HX-Request" in request.headers:
        return _alone(request_id, form)
    return _shown(_seen(request_id), form=form, step=step, status=409 if form.refusals else 422)


def _alone(request_id: str, form: Filled) -> Any:
    at_hand = service(Overview).one(RequestId(request_id), me()).request
    row = shown_row(service(DeskLists).row(at_hand, me(), now=now()))
    told: dict[str, Any] = {"one": row, "form": form, "form_token": form_token(), "here": came_from()}
    return written("desk/called.html", page_language(), **told)


def _shown(seen: Seen, *, form: Filled | None = None, step: Step | None = None, status: int = 200) -> Any:
    at_hand = seen.request
    row = service(DeskLists).row(at_hand, me(), now=now())
    return page(
        "desk/request.html",
        status=status,
        form=form or Filled(),
        lists=counted(),
        one=shown_row(row),
        request=shown_request(at_hand),
        steps=shown_steps(at_hand),
        forms=shown_forms(row, form, step),
        guided=shown_guided(row),
        next=row.next_step.value if row.next_step else "",
        happened=shown_happened(seen),
        can_name_agent=at_hand.status in BEFORE_HANDOVER and Relation.DESK in relations(me(), at_hand),
    )
