"""What the desk's library forbids and allows a reader, for which reason, and how that ends again."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from marshmallow import Schema
from werkzeug.exceptions import NotFound

from ill_broker.pages.desk.reader_presenters import shown_entries, shown_reader
from ill_broker.pages.desk.readers import READER, known
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.services.members.directory import Directory
from ill_broker.services.privileges.borrowing import Borrowing
from ill_broker.texts.catalogue import say
from ill_broker.texts.policy_values import translated
from ill_broker.web.context import now, service
from ill_broker.web.fields import Isbn, Text, Whole
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.citation import Citation
from workflows.eligibility.privileges import LOSS
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode, PatronId, PrivilegeId
from workflows.policies.compensation_terms import SuspensionTerms
from workflows.policies.policy import Policy

blueprint = room("privileges", __name__)


class EndForm(Form):
    reason = Text(required=True, max_length=2000, lines=True)


class SuspensionForm(EndForm):
    case = Text(required=True, max_length=40)
    months = Whole(minimum=0, maximum=1200)


class PermissionForm(EndForm):
    title = Text(required=True, max_length=500)
    author = Text(max_length=300)
    isbn = Isbn()
    year = Whole(minimum=1, maximum=9999)
    authority = Text(required=True, max_length=200)


class CategoryForm(EndForm):
    category = Text(required=True, max_length=40)


_FORMS: dict[str, type[Schema]] = {
    "suspension": SuspensionForm,
    "permission": PermissionForm,
    "category": CategoryForm,
}
_KIND = "<any(suspension, permission, category):kind>"


@blueprint.get(f"{READER}/rights")
@seen_by(Role.STAFF)
def show(patron_id: str) -> Any:
    """Show what libraries forbid and allow a reader, also what has ended."""
    reader = known(patron_id)
    return page("desk/rights.html", reader=shown_reader(reader), **shown_entries(reader))


@blueprint.get(f"{READER}/rights/{_KIND}")
@seen_by(Role.STAFF)
def ask(patron_id: str, kind: str) -> Any:
    """Ask what is to be recorded, and why."""
    return _asked(patron_id, kind, Filled())


@blueprint.post(f"{READER}/rights/{_KIND}")
@seen_by(Role.STAFF)
def record(patron_id: str, kind: str) -> Any:
    """Record it as the desk's own library."""
    read, form = read_form(_FORMS[kind]())
    if read is None:
        return _asked(patron_id, kind, form, 422)
    try:
        _record(PatronId(patron_id), kind, read)
    except WorkflowError as error:
        form.refuse(error)
        return _asked(patron_id, kind, form, 409)
    return redirect(url_for(".show", patron_id=patron_id), 303)


@blueprint.get(f"{READER}/rights/<id('sus'):entry>/end")
@blueprint.get(f"{READER}/rights/<id('prm'):entry>/end")
@seen_by(Role.STAFF)
def ask_end(patron_id: str, entry: str) -> Any:
    """Ask why a suspension is lifted or a permission withdrawn."""
    return _ending(patron_id, entry, Filled())


@blueprint.post(f"{READER}/rights/<id('sus'):entry>/end")
@blueprint.post(f"{READER}/rights/<id('prm'):entry>/end")
@seen_by(Role.STAFF)
def end(patron_id: str, entry: str) -> Any:
    """Lift a suspension, or withdraw a permission."""
    read, form = read_form(EndForm())
    if read is None:
        return _ending(patron_id, entry, form, 422)
    ends = {"reason": read["reason"], "now": now(), "also": _nothing}
    try:
        service(Borrowing).lift(PatronId(patron_id), PrivilegeId(entry), me(), **ends)
    except WorkflowError as error:
        form.refuse(error)
        return _ending(patron_id, entry, form, 409)
    return redirect(url_for(".show", patron_id=patron_id), 303)


def _record(patron: PatronId, kind: str, read: dict[str, Any]) -> None:
    """Record what a form says.

    :raises WorkflowError: if the library's own policy does not allow it
    """
    borrowing, library = service(Borrowing), LibraryCode(me().library or "")
    by = {"library": library, "reason": read.pop("reason"), "now": now(), "also": _nothing}
    if kind == "suspension":
        borrowing.suspend(patron, me(), **read, **by)
    elif kind == "category":
        borrowing.categorise(patron, me(), **read, **by)
    else:
        authority = read.pop("authority")
        borrowing.permit(patron, me(), citation=Citation(**read), authority=authority, **by)


def _ending(patron_id: str, entry: str, form: Filled, status: int = 200) -> Any:
    """Return the page that ends an entry, if the reader has one of this id."""
    reader = known(patron_id)
    line = next((one for one in shown_entries(reader)["entries"] if one["id"] == entry), None)
    if line is None:
        raise NotFound
    return page("desk/end.html", status=status, form=form, reader=shown_reader(reader), line=line)


def _asked(patron_id: str, kind: str, form: Filled, status: int = 200) -> Any:
    policy = service(Directory).in_force(now()).policy(me().library or "")
    told = {"reader": shown_reader(known(patron_id)), "kind": kind, "form": form}
    categories = [(name, one.label) for name, one in policy.categories.items()]
    return page(f"desk/{kind}.html", status=status, **told, cases=_cases(policy), categories=categories)


def _cases(policy: Policy) -> list[tuple[str, str]]:
    """Return what the library's policy lets staff suspend for, with the months that it leaves to them."""
    return [(case, _case(case, terms)) for case, terms in policy.suspensions.items() if case != LOSS]


def _case(case: str, terms: SuspensionTerms) -> str:
    spoken = page_language()
    facts = {"case": translated(case, spoken), "least": terms.months_min, "most": terms.months_max}
    if terms.months_min is None:
        return say("desk_rights.until_lifted", spoken, facts)
    return say("desk_rights.months_between", spoken, facts)


def _nothing(*_: object) -> None:
    """Keep nothing beside the entry: a form is not sent again under the same key."""
