"""Becoming a reader: registering, another letter, and a password that was forgotten."""

from __future__ import annotations

from typing import Any

from marshmallow import post_load

from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import page, room
from ill_broker.pages.libraries import choices
from ill_broker.services.people.attempts import Attempts
from ill_broker.services.people.credentials import Credentials
from ill_broker.services.people.registration import People, Registration
from ill_broker.services.people.verification import Verification
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Email, Identifier, Mobile, Password, Text
from ill_broker.web.language import page_language
from ill_broker.web.throttle import network
from workflows.errors import WorkflowError

blueprint = room("registration", __name__)


class RegistrationForm(Form):
    home = Code(required=True)
    card_number = Identifier(required=True, max_length=40)
    name = Text(required=True, max_length=100)
    mobile = Mobile(required=True)
    email = Email(required=True)
    password = Password(required=True)

    @post_load
    def as_registration(self, read: dict[str, Any], **_: Any) -> Registration:
        return Registration(**read, language=page_language())


class AddressForm(Form):
    email = Email(required=True)


@blueprint.get("/register")
def ask() -> Any:
    """Ask who wants to become a reader."""
    return page("patron/register.html", form=Filled(), libraries=choices())


@blueprint.post("/register")
def register() -> Any:
    """Register; the page is the same whether the card or the address is new or not."""
    read, form = read_form(RegistrationForm())
    if read is not None:
        try:
            service(Attempts).count_letter(read.email, network(), now=now())
            service(People).register(read, now=now())
            return page("patron/see_letter.html", email=read.email)
        except WorkflowError as error:
            form.refuse(error)
    return page("patron/register.html", status=422, form=form, libraries=choices())


@blueprint.post("/register/letter")
def send_again() -> Any:
    """Send another letter to confirm an address; the page is the same for every address."""
    read, _ = read_form(AddressForm())
    if read is not None:
        service(Attempts).count_letter(read["email"], network(), now=now())
        service(Verification).resend(read["email"], now=now())
    return page("patron/see_letter.html", email=read["email"] if read else "")


@blueprint.get("/forgotten")
def forgotten() -> Any:
    """Ask for whose password a letter is wanted."""
    return page("patron/forgotten.html", form=Filled())


@blueprint.post("/forgotten")
def send_reset() -> Any:
    """Send a letter by which a new password is set; the page is the same for every address."""
    read, form = read_form(AddressForm())
    if read is None:
        return page("patron/forgotten.html", status=422, form=form)
    service(Attempts).count_letter(read["email"], network(), now=now())
    service(Credentials).order_reset(read["email"], now=now())
    return page("patron/reset_sent.html", email=read["email"])
