"""A member admitted or changed on one form, and its lending paused; each with a reason that is kept."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, url_for
from marshmallow import Schema
from marshmallow.fields import Field

from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.office.admission_presenters import NAMES, WATCHES, policies, said_in, values_of
from ill_broker.pages.office.member_presenters import shown_library
from ill_broker.pages.office.members import member_page
from ill_broker.services.members.admission import Admission, said_of
from ill_broker.storage.failures import Stale
from ill_broker.texts.catalogue import say
from ill_broker.texts.flaws import Flaw
from ill_broker.web.context import now, service
from ill_broker.web.fields import OneOf, Text, Whole
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode

blueprint = room("admission", __name__)
_MEMBER = "/office/members/<code:library>"
_ADMISSION = "/office/admission"
#: the rules of libraries judge the fields, all at once
_SAID: dict[str, Field[Any]] = {name: Text(max_length=500) for name in NAMES}


class _Why(Form):
    reason = Text(required=True, max_length=2000, lines=True)


class _Changed(_Why):
    #: the version that was shown
    version = Whole(required=True)


class LendingForm(_Why):
    lends = OneOf("yes", "no", required=True)


@blueprint.get(_ADMISSION)
@seen_by(Role.OFFICE)
def ask() -> Response:
    """Show the form on which a library is admitted; it is asked for nothing before the office says so."""
    return _form(Filled(values={"lends": "no", "by_sms": "no"}))


@blueprint.post(_ADMISSION)
@seen_by(Role.OFFICE)
def admit() -> Any:
    """Admit a library; with a fault nobody is admitted, and each stands at its field."""
    read, form = _read(_Why, None)
    if read is None:
        return _form(form, status=422)
    told = said_in(form.values)
    try:
        service(Admission).admit(told, author=me().id, reason=read["reason"], now=now())
    except WorkflowError as error:
        form.refuse(error)
        return _form(form, status=422)
    return redirect(url_for("pages.members.show", library=told["code"]), 303)


@blueprint.get(f"{_MEMBER}/change")
@seen_by(Role.OFFICE)
def show(library: str) -> Response:
    """Show what the office says of a member, to be changed."""
    standing = service(Admission).one(LibraryCode(library))
    return _form(Filled(values=values_of(standing.library, standing.version)), library)


@blueprint.post(f"{_MEMBER}/change")
@seen_by(Role.OFFICE)
def change(library: str) -> Any:
    """Change a member; with a fault nothing is changed, and each stands at its field."""
    code = LibraryCode(library)
    service(Admission).one(code)
    read, form = _read(_Changed, code)
    if read is None or not _put(code, said_in(form.values, code), read, form):
        return _form(form, library, status=422)
    return redirect(url_for("pages.members.show", library=library), 303)


@blueprint.post(f"{_MEMBER}/lending")
@seen_by(Role.OFFICE)
def pause_or_resume(library: str) -> Any:
    """Let a member be asked for books, or not any more; what is under way goes on."""
    code, (read, form) = LibraryCode(library), read_form(LendingForm())
    if read is None:
        return member_page(code, form=form, status=422)
    told = said_of(service(Admission).one(code).library) | {"lends": read["lends"] == "yes"}
    if not _put(code, told, read, form):
        return member_page(code, form=form, status=422)
    return redirect(url_for("pages.members.show", library=library), 303)


def _read(why: type[Schema], code: LibraryCode | None) -> tuple[Any, Filled]:
    """Return what the form says beside the library, None if anything in it is faulty, and the form."""
    read, form = read_form(why.from_dict(_SAID)())
    for fault in service(Admission).faults(said_in(form.values, code), code=code, now=now()):
        form.errors.setdefault(fault.path.partition("[")[0], say(Flaw(fault.code).message, page_language()))
    return (None if form.errors else read), form


def _put(code: LibraryCode, told: dict[str, Any], read: dict[str, Any], form: Filled) -> bool:
    """Change a member, or say on the form why not."""

    def is_meant(known: int) -> None:
        if known != read.get("version", known):
            raise Stale(f"version {known}")

    try:
        service(Admission).change(
            code, told, author=me().id, reason=read["reason"], now=now(), expected=is_meant
        )
    except WorkflowError as error:
        form.refuse(error)
    return not form.refusals


def _form(form: Filled, library: str | None = None, *, status: int = 200) -> Response:
    told: dict[str, Any] = {"form": form, "policies": policies(), "watches": WATCHES, "code": library}
    if library is not None:
        told["member"] = shown_library(service(Admission).one(LibraryCode(library)).library)
    return page("office/admission.html", status=status, **told)
