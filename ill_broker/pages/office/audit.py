"""Who did what: one line an entry, looked through by person, action, what it was done to, and days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Response, request, url_for

from ill_broker.pages.forms import Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.libraries import choices
from ill_broker.pages.office.audit_presenters import shown_entry
from ill_broker.pages.office.told import begin_of
from ill_broker.services.audit import Audit
from ill_broker.services.people.admittance import Admittance
from ill_broker.storage.audit import Action, Wanted
from ill_broker.texts.catalogue import say
from ill_broker.web.context import service
from ill_broker.web.fields import Code, Day, Id, OneOf, Text
from ill_broker.web.language import page_language
from workflows.actors import Role

blueprint = room("audit", __name__)
#: entries on a page
_MOST = 50


class AuditForm(Form):
    actor = Text(max_length=300)
    action = OneOf(*Action)
    #: an id
    subject = Text(max_length=300)
    library = Code()
    since = Day()
    until = Day()
    after = Id("aud")


@blueprint.get("/audit")
@seen_by(Role.OFFICE, Role.STAFF)
def show() -> Response:
    """Show what was done, the newest first; what is asked in vain is said at its field."""
    read, form = read_form(AuditForm())
    asked = read or {}
    library, after = asked.pop("library", None), asked.pop("after", None)
    found = service(Audit).page(me(), _wanted(asked), library=library, after=after, limit=_MOST)
    entries = [shown_entry(one, found.names) for one in found.items]
    status = 200 if read is not None else 422
    told = {"next": _address(found.next) if found.next else "", "is_narrowed": bool(form.values)}
    return page("office/audit.html", status=status, form=form, entries=entries, **told, **_choices())


def _wanted(asked: dict[str, Any]) -> Wanted:
    since: date | None = asked.pop("since", None)
    until: date | None = asked.pop("until", None)
    return Wanted(
        actor=asked.get("actor"),
        action=Action(asked["action"]) if "action" in asked else None,
        subject=asked.get("subject"),
        since=begin_of(since) if since else None,
        until=begin_of(until + timedelta(days=1)) if until else None,
    )


def _choices() -> dict[str, Any]:
    """Return whom and what there is to choose from; a library's staff have their own alone."""
    mine = me().library
    said = [(one.value, say(one.message, page_language())) for one in Action]
    people = [(one.id, f"{one.name} · {one.login}") for one in service(Admittance).staff(mine)]
    return {"actions": said, "people": people, "libraries": [] if mine else choices()}


def _address(after: str) -> str:
    """Return the address of the next page, narrowed down like this one."""
    names = AuditForm().fields
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name in names and value}
    return url_for(".show", **{**kept, "after": after})
