"""Registering a reader who stands at the desk."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from marshmallow import post_load

from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.libraries import library_name
from ill_broker.services.people.enrolment import DeskEnrolment, Newcomer
from ill_broker.web.context import now, service
from ill_broker.web.fields import Email, Identifier, Mobile, OneOf, Text
from workflows.actors import Role
from workflows.errors import WorkflowError

blueprint = room("enrolment", __name__)


class NewcomerForm(Form):
    card_number = Identifier(required=True, max_length=40)
    name = Text(required=True, max_length=100)
    mobile = Mobile(required=True)
    email = Email(required=True)
    language = OneOf("zh", "en", required=True)

    @post_load
    def as_newcomer(self, read: dict[str, Any], **_: Any) -> Newcomer:
        return Newcomer(**read)


@blueprint.get("/desk/readers/new")
@seen_by(Role.STAFF)
def ask() -> Any:
    """Ask who it is."""
    return _asked(Filled(values={"language": "zh"}))


@blueprint.post("/desk/readers/new")
@seen_by(Role.STAFF)
def enrol() -> Any:
    """Register them; their page is what comes next."""
    read, form = read_form(NewcomerForm())
    if read is None:
        return _asked(form, 422)
    try:
        reader = service(DeskEnrolment).enrol(read, me(), now=now(), also=_nothing)
    except WorkflowError as error:
        form.refuse(error)
        return _asked(form, 409)
    return redirect(url_for("pages.readers.show", patron_id=reader.id), 303)


def _asked(form: Filled, status: int = 200) -> Any:
    return page("desk/enrolment.html", status=status, form=form, library=library_name(me().library))


def _nothing(*_: object) -> None:
    """Keep nothing beside the reader: a form is not sent again under the same key."""
