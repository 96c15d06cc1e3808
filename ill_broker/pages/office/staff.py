"""Who works at desks and in the office: let in, kept out, given a first or a new password on a letter."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for

from ill_broker import mint
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import page, room, seen_by
from ill_broker.pages.libraries import library_name
from ill_broker.pages.office.told import at_work, moment, workplaces
from ill_broker.services.members.membership import Membership
from ill_broker.services.people.admittance import Admittance
from ill_broker.storage.people import Staff
from ill_broker.texts.catalogue import say
from ill_broker.web.context import now, service
from ill_broker.web.fields import Identifier, OneOf, Text
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode, StaffId

blueprint = room("staff", __name__)
_STAFF = "/office/staff"
_ONE = f"{_STAFF}/<id('stf'):staff_id>"


class StaffForm(Form):
    #: a library's code, or that it is the office: the mightier is never chosen beforehand
    of = Text(required=True, max_length=32)
    login = Identifier(required=True, max_length=254)
    name = Text(required=True)


class ChangeForm(Form):
    change = OneOf("keep_out", "let_in", required=True)


@blueprint.get(_STAFF)
@seen_by(Role.OFFICE)
def show() -> Response:
    """Show who works where, and who is kept out."""
    return _shown(Filled(values={"of": request.args.get("library", "")}))


@blueprint.post(_STAFF)
@seen_by(Role.OFFICE)
def admit() -> Response:
    """Give somebody a log-in, and show the letter with the first password, once."""
    read, form = read_form(StaffForm())
    if read is None:
        return _shown(form, status=422)
    password = mint.first_password()
    try:
        member = service(Membership).add_staff(
            at_work(read["of"]), read["login"], read["name"], password, now=now()
        )
    except WorkflowError as error:
        form.refuse(error)
        return _shown(form, status=409)
    return _letter(member, password)


@blueprint.post(_ONE)
@seen_by(Role.OFFICE)
def change(staff_id: str) -> Any:
    """Keep somebody out, who is logged out everywhere, or let them in again."""
    read, form = read_form(ChangeForm())
    if read is None:
        return _shown(form, status=422)
    is_disabled = read["change"] == "keep_out"
    member = service(Admittance).admit(StaffId(staff_id), is_disabled=is_disabled, now=now())
    return redirect(url_for(".show", library=member.library), 303)


@blueprint.post(f"{_ONE}/password")
@seen_by(Role.OFFICE)
def set_password(staff_id: str) -> Response:
    """Give somebody a new password, and show the letter with it, once."""
    password = mint.first_password()
    service(Admittance).set_password(StaffId(staff_id), password, now=now())
    member = next(one for one in service(Admittance).staff() if one.id == StaffId(staff_id))
    return _letter(member, password)


def _letter(member: Staff, password: str) -> Response:
    return page(
        "office/password_letter.html",
        name=member.name,
        login=member.login,
        password=password,
        library=_place(member),
        of=member.library,
        address=request.host_url,
    )


def _shown(form: Filled, *, status: int = 200) -> Response:
    of = request.args.get("library")
    found = service(Admittance).staff(LibraryCode(of) if of else None)
    people = [
        {
            "id": one.id,
            "name": one.name,
            "login": one.login,
            "place": _place(one),
            "disabled": moment(one.disabled_at),
        }
        for one in found
    ]
    told = {"people": people, "of": library_name(of), "places": workplaces()}
    return page("office/staff.html", status=status, form=form, **told)


def _place(member: Staff) -> str:
    return library_name(member.library) if member.library else say("office_page.heading", page_language())
