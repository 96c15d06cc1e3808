"""Logging in, on the way to where one was going, and out."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for

from ill_broker.pages.everybody.kept import ask_first, kept_form, resumed
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import ours, page, room
from ill_broker.pages.libraries import choices, sign_ons
from ill_broker.pages.navigation import FIRST
from ill_broker.services.people.sessions import Sessions
from ill_broker.services.refusals import TooOften, WrongLogin
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Identifier, Password
from ill_broker.web.throttle import network
from ill_broker.web.visits import begin_visit, end_visit, visitor

blueprint = room("log_in", __name__)


class LogInForm(Form):
    login = Identifier(required=True, max_length=254)
    password = Password(required=True, min_length=1)
    library = Code(load_default=None)


@blueprint.get("/log-in")
def ask() -> Any:
    """Ask who somebody is; whoever is logged in goes on."""
    return redirect(_onwards(), 303) if visitor() else _page(Filled())


@blueprint.post("/log-in")
def log_in() -> Any:
    """Log somebody in, and go on to where they were going."""
    read, form = read_form(LogInForm())
    if read is None:
        return _page(form, 422)
    try:
        begin_visit(service(Sessions).open(**read, network=network(), now=now()))
    except (WrongLogin, TooOften) as error:
        form.refuse(error)
        return _page(form, 422)
    kept = kept_form()
    return resumed(kept) if kept else redirect(_onwards(), 303)


@blueprint.post("/log-out")
def log_out() -> Any:
    """Log out."""
    end_visit()
    return redirect(url_for("pages.home.show"), 303)


def _page(form: Filled, status: int = 200) -> Response:
    kept, to = kept_form(), ours(request.values.get("to"))
    if kept:
        return ask_first(kept, form, status)
    return page(
        "everybody/log_in.html", status=status, form=form, to=to, libraries=choices(), sign_ons=sign_ons(to)
    )


def _onwards() -> str:
    """Return where somebody is going who has just logged in: their first page if nowhere else."""
    who, to = visitor(), ours(request.values.get("to"))
    return url_for(FIRST[who.role]) if who and to == "/" else to
