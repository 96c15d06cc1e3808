"""The switch of the language, on every page."""

from __future__ import annotations

from typing import Any

from flask import redirect

from ill_broker.pages.forms import Form, read_form
from ill_broker.pages.frame import came_from, remember_language, room
from ill_broker.services.people.registration import People
from ill_broker.texts.catalogue import LANGUAGES
from ill_broker.web.context import now, service
from ill_broker.web.fields import OneOf
from ill_broker.web.visits import visitor
from workflows.actors import Role
from workflows.ids import PatronId

blueprint = room("language", __name__)


class LanguageForm(Form):
    language = OneOf(*LANGUAGES, required=True)


@blueprint.post("/language")
def switch() -> Any:
    """Show pages in another language from now on; a reader's letters as well."""
    read, _ = read_form(LanguageForm())
    answer, who = redirect(came_from(), 303), visitor()
    if read is not None:
        remember_language(answer, read["language"])
        if who is not None and who.role is Role.PATRON:
            service(People).change(PatronId(who.id), language=read["language"], now=now())
    return answer
