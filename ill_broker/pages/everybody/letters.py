"""Where the links of letters about an account lead.

The token stands behind the # so that it reaches no log; a script puts it into the form, or its owner does.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import page, room
from ill_broker.services.people.attempts import Attempts, Limit
from ill_broker.services.people.credentials import Credentials
from ill_broker.services.people.verification import Verification
from ill_broker.web.context import now, service
from ill_broker.web.fields import Password, Text
from ill_broker.web.throttle import network
from workflows.errors import WorkflowError

blueprint = room("letters", __name__)
_TOKENS = Limit("tokens", 30, timedelta(minutes=1))


class LinkForm(Form):
    token = Text(required=True, max_length=200)


class ResetForm(LinkForm):
    password = Password(required=True)


@blueprint.get("/verify")
def verify() -> Any:
    """Show the button that confirms an address; opening the link, as mail scanners do, confirms nothing."""
    return page("everybody/verify.html", form=Filled())


@blueprint.post("/verify")
def confirm() -> Any:
    """Confirm the address."""
    read, form = read_form(LinkForm())
    if read is not None:
        try:
            service(Attempts).count(_TOKENS, network(), now=now())
            service(Verification).confirm(read["token"], now=now())
            return page("everybody/verified.html")
        except WorkflowError as error:
            form.refuse(error)
    return page("everybody/verify.html", status=422, form=form)


@blueprint.get("/reset")
def reset() -> Any:
    """Ask for a new password."""
    return page("everybody/reset.html", form=Filled())


@blueprint.post("/reset")
def set_anew() -> Any:
    """Set the new password; every session ends."""
    read, form = read_form(ResetForm())
    if read is not None:
        try:
            service(Attempts).count(_TOKENS, network(), now=now())
            service(Credentials).reset(read["token"], read["password"], now=now())
            return page("everybody/reset_done.html")
        except WorkflowError as error:
            form.refuse(error)
    return page("everybody/reset.html", status=422, form=form)
