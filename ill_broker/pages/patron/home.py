"""The first page: what this is, and for readers who have logged in, what they can do."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for

from ill_broker.pages.forms import Filled
from ill_broker.pages.frame import page, room
from ill_broker.pages.libraries import choices
from ill_broker.pages.navigation import FIRST
from ill_broker.pages.patron.requests import listed
from ill_broker.web.visits import visitor
from workflows.actors import Role

blueprint = room("home", __name__)


@blueprint.get("/")
def show() -> Any:
    """Show the first page of whoever comes."""
    who = visitor()
    if who is None:
        return page("patron/welcome.html", libraries=[name for _, name in choices()])
    if who.role is not Role.PATRON:
        return redirect(url_for(FIRST[who.role]), 303)
    return page("patron/home.html", form=Filled(), **listed())
