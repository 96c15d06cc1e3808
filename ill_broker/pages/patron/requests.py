"""My requests: each in a line, one with all that is known of it, and what its reader can do."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for

from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.opening_days import shown_desk
from ill_broker.pages.patron.presenters import (
    shown_days,
    shown_request,
    shown_steps,
    site_words,
    status_words,
)
from ill_broker.pages.patron.typed_presenters import listed_typed
from ill_broker.services.privileges.borrowing import Borrowing
from ill_broker.services.requests.door import Requests
from ill_broker.services.requests.options import Choices
from ill_broker.services.requests.overview import Overview
from ill_broker.texts.days_and_amounts import said_day
from ill_broker.texts.reasons import why
from ill_broker.web.context import now, service
from ill_broker.web.fields import Flag, Text
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.ids import RequestId
from workflows.refusals import WrongState
from workflows.requests.commands import AnswerConditions, Cancel, ChoosePickup, Command, Renew, ReportLoss
from workflows.requests.request import Request

blueprint = room("requests", __name__)
_PATH = "/requests/<id('req'):request_id>"
_MOST = 100


class ConditionsForm(Form):
    accept = Flag(required=True)


class LossForm(Form):
    note = Text(max_length=2000, lines=True)


class PickupForm(Form):
    site = Text(required=True, max_length=60)


class AgentForm(Form):
    agent = Text(max_length=200)


@blueprint.get("/requests")
@seen_by(Role.PATRON)
def show_all() -> Any:
    """Show the reader's requests, newest first, those that are over folded."""
    return page("patron/requests.html", **listed())


@blueprint.get(_PATH)
@seen_by(Role.PATRON)
def show(request_id: str) -> Any:
    """Show one request: where it is, why, until when."""
    return _shown(request_id, Filled())


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


@blueprint.post(f"{_PATH}/loss")
@seen_by(Role.PATRON)
def report_loss(request_id: str) -> Any:
    """Say that the book cannot be found."""
    read, form = read_form(LossForm())
    return _shown(request_id, form, 422) if read is None else _take(request_id, ReportLoss(**read))


@blueprint.post(f"{_PATH}/pickup")
@seen_by(Role.PATRON)
def choose_pickup(request_id: str) -> Any:
    """Have the book brought to one of the desk's pick-up sites."""
    read, form = read_form(PickupForm())
    return _shown(request_id, form, 422) if read is None else _take(request_id, ChoosePickup(**read))


@blueprint.post(f"{_PATH}/agent")
@seen_by(Role.PATRON)
def name_agent(request_id: str) -> Any:
    """Name who may fetch the book, or nobody."""
    read, form = read_form(AgentForm())
    if read is None:
        return _shown(request_id, form, 422)
    named = read.get("agent")
    service(Borrowing).name_agent(RequestId(request_id), named, me(), now=now(), also=lambda *_: None)
    return redirect(url_for(".show", request_id=request_id), 303)


def listed() -> dict[str, Any]:
    """Return the reader's requests, the open ones apart from those that are over."""
    seen = service(Overview).page(me(), limit=_MOST, role="desk").items
    every = [shown_request(each.request) for each in seen]
    return {
        "requests": [one for one in every if not one["is_closed"]],
        "closed": [one for one in every if one["is_closed"]],
        "status_words": status_words(),
        **listed_typed(),
    }


def _shown(request_id: str, form: Filled, status: int = 200) -> Any:
    """Return the page of a request, with what was wrong with one of its forms."""
    request = service(Overview).one(RequestId(request_id), me()).request
    shown = shown_request(request)
    form.values = {
        "agent": _agent(request),
        "site": request.pickup.site if request.pickup else "",
        **form.values,
    }
    return page(
        "patron/request.html",
        status=status,
        request=shown,
        steps=shown_steps(request),
        status_words=status_words(),
        days=_days(request.id),
        renewal=_renewal(request) if shown["can_renew"] else None,
        sites=_sites(request) if shown["can_choose_pickup"] else [],
        desk=None if shown["is_closed"] else shown_desk(request.desk),
        form=form,
    )


def _agent(request: Request) -> str:
    return service(Choices).agent(request.id, me()) or ""


def _renewal(request: Request) -> dict[str, Any]:
    """Return until when the book may be kept if it is renewed now, or why it would not be."""
    found, spoken = service(Choices).renewal(request.id, me(), now=now()), page_language()
    return {
        "due": said_day(found.due, spoken, weekday=True) if found.due else "",
        "reasons": [why(reason, spoken) for reason in found.reasons],
    }


def _sites(request: Request) -> list[tuple[str, str]]:
    """Return the desk's pick-up sites, with the day on which each would have the book."""
    spoken = page_language()
    return [
        (
            each.site,
            " · ".join(
                part
                for part in (
                    site_words(each.site),
                    said_day(each.by, spoken, short=True) if each.by else "",
                )
                if part
            ),
        )
        for each in service(Choices).pickup_sites(request.id, me(), now=now())
    ]


def _take(request_id: str, command: Command) -> Any:
    service(Requests).handle(RequestId(request_id), command, me(), now=now())
    return redirect(url_for(".show", request_id=request_id), 303)


def _days(request_id: RequestId) -> dict[str, Any] | None:
    """Return whose each day was and why, None as long as no book is on its way."""
    try:
        return shown_days(service(Overview).explanation(request_id, me(), now=now()))
    except WrongState:
        return None
