"""Keys of libraries' systems and of the office's: which are good, a new one told once, one taken away."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for

from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.libraries import library_name
from ill_broker.pages.office.told import WhyRevoked, at_work, moment, shown_revocations, workplaces
from ill_broker.services.members.membership import Membership
from ill_broker.services.people.admittance import Admittance
from ill_broker.texts.catalogue import say
from ill_broker.web.context import now, service
from ill_broker.web.fields import Text
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode

blueprint = room("keys", __name__)
_KEYS = "/office/keys"


class KeyForm(Form):
    #: a library's code, or that it is the office: the mightier is never chosen beforehand
    of = Text(required=True, max_length=32)
    label = Text(required=True)


@blueprint.get(_KEYS)
@seen_by(Role.OFFICE)
def show() -> Response:
    """Show which keys are good."""
    return _shown(Filled(values={"of": request.args.get("library", "")}))


@blueprint.post(_KEYS)
@seen_by(Role.OFFICE)
def issue() -> Response:
    """Issue a key, which is shown on this page and never again."""
    read, form = read_form(KeyForm())
    if read is None:
        return _shown(form, status=422)
    try:
        key, issued = service(Membership).issue_key(at_work(read["of"]), read["label"], now=now())
    except WorkflowError as error:
        form.refuse(error)
        return _shown(form, status=409)
    return _shown(Filled(), made=key, made_for=issued.label)


@blueprint.post(f"{_KEYS}/<id('key'):key_id>/revocation")
@seen_by(Role.OFFICE)
def revoke(key_id: str) -> Any:
    """Take a key away, for a reason that is kept: it is good for nothing any more."""
    read, form = read_form(WhyRevoked())
    if read is None:
        return _shown(Filled(), unsaid=form.errors["reason"], status=422)
    service(Admittance).revoke_key(key_id, author=me().id, reason=read["reason"], now=now())
    return redirect(url_for(".show"), 303)


def _shown(form: Filled, *, status: int = 200, **more: Any) -> Response:
    of, spoken = request.args.get("library"), page_language()
    code = LibraryCode(of) if of else None
    found = service(Admittance).keys(code) + service(Admittance).revoked_keys(code)
    revoked = shown_revocations(found)
    keys = [
        {
            "id": one.id,
            "label": one.label,
            "place": library_name(one.library) if one.library else say("office_page.heading", spoken),
            "since": moment(one.created_at),
            "revoked": revoked.get(one.id),
        }
        for one in found
    ]
    told = {"keys": keys, "of": library_name(of), "places": workplaces()}
    return page("office/keys.html", status=status, form=form, **told, **more)
