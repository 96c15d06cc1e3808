"""What the desk says of its own library: when it is open, where it is, how it is reached."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, redirect, url_for

from ill_broker.pages.desk.own_desk_presenters import contacts_as_typed, faults_at_fields, shown_desk
from ill_broker.pages.forms import Filled, Form, means, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.services.members.admission import Admission, Names
from ill_broker.services.members.particulars import Particulars
from ill_broker.texts.flaws import Flaw
from ill_broker.web.context import now, service
from ill_broker.web.fields import Email, Pattern, Text, Whole, refuse
from workflows.actors import Role
from workflows.errors import FaultyPolicy, WorkflowError
from workflows.ids import LibraryCode
from workflows.policies.library_page import LibraryPage

blueprint = room("own_desk", __name__)
_WORDS, _NAME = 2000, 500
#: telephone numbers, or addresses of mail
_MOST_LINES = 60
#: what is said in both languages
_BOTH = ("address", "floor")


class Lines(Text):
    """One in a line; those of another kind are read as that kind."""

    def __init__(self, each: Text, **rest: Any) -> None:
        self.each = each
        super().__init__(max_length=_WORDS, lines=True, load_default=list, **rest)

    def read(self, text: str) -> list[str]:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if len(lines) > _MOST_LINES:
            raise refuse(Flaw.TOO_LONG, most=_MOST_LINES)
        return [self.each.deserialize(line) for line in lines]


class ContactsForm(Form):
    #: the number of the last version when the form was shown
    version = Whole(required=True)
    phone = Lines(Text(max_length=60))
    email = Lines(Email())
    url = Pattern(r"https?://[^\s<>\"]{1,400}", max_length=410, load_default=None)
    address_zh = Text(max_length=_WORDS)
    address_en = Text(max_length=_WORDS)
    floor_zh = Text(max_length=_WORDS)
    floor_en = Text(max_length=_WORDS)
    reason = Text(required=True, max_length=_WORDS, lines=True)


class NamesForm(Form):
    #: the number of the last version when the form was shown
    version = Whole(required=True)
    name = Text(required=True, max_length=_NAME)
    name_zh = Text(required=True, max_length=_NAME)
    desk = Text(max_length=_NAME, load_default="")
    desk_zh = Text(max_length=_NAME, load_default="")
    reason = Text(required=True, max_length=_WORDS, lines=True)


@blueprint.get("/desk/library")
@seen_by(Role.STAFF)
def show() -> Response:
    """Show what readers and other libraries are told of this one."""
    return page("desk/own_desk.html", **shown_desk(here()))


@blueprint.get("/desk/library/contacts")
@seen_by(Role.STAFF)
def ask() -> Response:
    """Ask how the library is reached, as it is now."""
    return _asked(Filled(values=contacts_as_typed(here())))


@blueprint.post("/desk/library/contacts")
@seen_by(Role.STAFF)
def change() -> Any:
    """Let it be so from now on, as a new version."""
    read, form = read_form(ContactsForm())
    if read is None:
        return _asked(form, 422)
    entry = here()
    said = {**(entry.said or {}), "contacts": _contacts(read)}
    if not saved(said, read, form):
        return _asked(form, 409 if form.refusals else 422)
    return redirect(url_for(".show"), 303)


@blueprint.get("/desk/library/names")
@seen_by(Role.STAFF)
def ask_names() -> Response:
    """Ask what the library and its desk are called."""
    names, version = service(Admission).names(LibraryCode(me().library or ""))
    return _named(Filled(values=asdict(names) | {"version": str(version)}))


@blueprint.post("/desk/library/names")
@seen_by(Role.STAFF)
def rename() -> Any:
    """Let them be called so from now on."""
    read, form = read_form(NamesForm())
    if read is None:
        return _named(form, 422)
    told = {
        "author": me().id,
        "reason": read.pop("reason"),
        "now": now(),
        "expected": means(read.pop("version")),
    }
    try:
        service(Admission).rename(LibraryCode(me().library or ""), Names(**read), **told)
    except WorkflowError as error:
        form.refuse(error)
        return _named(form, 409)
    return redirect(url_for(".show"), 303)


def here() -> LibraryPage:
    """Return the visitor's own library as it stands this moment."""
    return service(Particulars).one(LibraryCode(me().library or ""), now=now(), to_edit=True)


def saved(said: dict[str, Any], read: dict[str, Any], form: Filled) -> bool:
    """Let the library say this from now on; tell in the form why not."""
    told = {"author": me().id, "reason": read["reason"], "now": now(), "expected": means(read["version"])}
    try:
        service(Particulars).change(LibraryCode(me().library or ""), said, **told)
    except FaultyPolicy as error:
        faults_at_fields(error, form)
        return False
    except WorkflowError as error:
        form.refuse(error)
        return False
    return True


def in_both(zh: str | None, en: str | None) -> dict[str, str] | None:
    """Return a text in both languages, the one that there is where the other is missing."""
    return {"zh": zh or en or "", "en": en or zh or ""} if zh or en else None


def _contacts(read: dict[str, Any]) -> dict[str, Any]:
    both = {name: in_both(read.get(f"{name}_zh"), read.get(f"{name}_en")) for name in _BOTH}
    return {"phone": read["phone"], "email": read["email"], "url": read["url"], **both}


def _named(form: Filled, status: int = 200) -> Response:
    return page("desk/own_names.html", status=status, form=form)


def _asked(form: Filled, status: int = 200) -> Response:
    return page("desk/own_contacts.html", status=status, form=form)
