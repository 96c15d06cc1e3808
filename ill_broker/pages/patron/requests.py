"""My requests: each in a line, one with all that is known of it, and what its reader can do."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for

from ill_broker.pages.forms import Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.patron.presenters import shown_days, shown_request, shown_steps, status_words
from ill_broker.services.requests.door import Requests
from ill_broker.services.requests.overview import Overview
from ill_broker.web.context import now, service
from ill_broker.web.fields import Flag
from workflows.actors import Role
from workflows.ids import RequestId
from workflows.refusals import WrongState
from workflows.requests.commands import AnswerConditions, Cancel, Command, Renew

blueprint = room("requests", __name__)
_PATH = "/requests/<id('req'):request_id>"
_MOST = 100


class ConditionsForm(Form):
    accept = Flag(required=True)


@blueprint.get("/requests")
@seen_by(Role.PATRON)
def show_all() -> Any:
    """Show the reader's requests, newest first, those that are over folded."""
    return page("patron/requests.html", **listed())


@blueprint.get(_PATH)
@seen_by(Role.PATRON)
def show(request_id: str) -> Any:
    """Show one request: where it is, why, until when."""
    request = service(Overview).one(RequestId(request_id), me()).request
    told: dict[str, Any] = {
        "request": shown_request(request),
        "steps": shown_steps(request),
        "status_words": status_words(),
    }
    return page("patron/request.html", **told, days=_days(request.id))


@blueprint.post(f"{_PATH}/renewal")
@seen_by(Role.PATRON)
def renew(request_id: str) -> Any:
    """Keep the book longer."""
    return _take(request_id, Renew())


@blueprint.post(f"{_PATH}/cancellation")
@seen_by(Role.PATRON)
def cancel(request_id: str) -> Any:
    """Give the request up."""
    return _take(request_id, Cancel())


@blueprint.post(f"{_PATH}/conditions")
@seen_by(Role.PATRON)
def answer(request_id: str) -> Any:
    """Take or leave what the lender asks for."""
    read, _ = read_form(ConditionsForm())
    return show(request_id) if read is None else _take(request_id, AnswerConditions(**read))


def listed() -> dict[str, Any]:
    """Return the reader's requests, the open ones apart from those that are over."""
    seen = service(Overview).page(me(), limit=_MOST, role="desk").items
    every = [shown_request(each.request) for each in seen]
    return {
        "requests": [one for one in every if not one["is_closed"]],
        "closed": [one for one in every if one["is_closed"]],
        "status_words": status_words(),
    }


def _take(request_id: str, command: Command) -> Any:
    service(Requests).handle(RequestId(request_id), command, me(), now=now())
    return redirect(url_for(".show", request_id=request_id), 303)


def _days(request_id: RequestId) -> dict[str, Any] | None:
    """Return whose each day was and why, None as long as no book is on its way."""
    try:
        return shown_days(service(Overview).explanation(request_id, me(), now=now()))
    except WrongState:
        return None
