"""Own data: seen, changed, downloaded; a new password; being forgotten."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, redirect, request, url_for

from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import local_day, me, page, remember_language, room, seen_by
from ill_broker.pages.libraries import library_name
from ill_broker.services.accounts.account import Accounts
from ill_broker.services.audit import Audit
from ill_broker.services.people.credentials import Credentials
from ill_broker.services.people.registration import People
from ill_broker.services.refusals import StillOpen, WrongLogin
from ill_broker.services.requests.typed import TypedRequests
from ill_broker.storage.records import to_dict
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_amount, said_day
from ill_broker.web.context import now, service
from ill_broker.web.fields import Mobile, OneOf, Password
from ill_broker.web.language import page_language
from ill_broker.web.throttle import network
from ill_broker.web.visits import end_visit, session_token
from workflows.actors import Role
from workflows.errors import WorkflowError
from workflows.ids import PatronId
from workflows.patrons import Patron

blueprint = room("own_data", __name__)
#: more than anybody types in the time for which it is kept
_ALL = 10_000


class OwnDataForm(Form):
    mobile = Mobile(required=True)
    language = OneOf("zh", "en", required=True)


class PasswordForm(Form):
    current = Password(required=True, min_length=1)
    password = Password(required=True)


@blueprint.get("/me")
@seen_by(Role.PATRON)
def show() -> Response:
    """Show what is known of the reader, with what may be changed in fields."""
    mine = _mine()
    return _shown(mine, Filled(values={"mobile": mine.mobile, "language": mine.language}))


@blueprint.post("/me")
@seen_by(Role.PATRON)
def change() -> Any:
    """Change the telephone number, or the language of letters and pages."""
    read, form = read_form(OwnDataForm())
    if read is None:
        return _shown(_mine(), form, 422)
    service(People).change(PatronId(me().id), **read, now=now())
    changed = redirect(url_for(".show", saved=1), 303)
    remember_language(changed, read["language"])
    return changed


@blueprint.get("/me/data.json")
@seen_by(Role.PATRON)
def download() -> Response:
    """Give the reader's data as a file, as the API shows them."""
    mine = _mine()
    verified = mine.verified_at.isoformat().replace("+00:00", "Z") if mine.verified_at else None
    told = ("id", "home", "card_number", "name", "mobile", "email", "language")
    typed = [seen.typed for seen in service(TypedRequests).page(me(), limit=_ALL).items]
    mine_told = {name: getattr(mine, name) for name in told} | {"verified_at": verified}
    typed_told = [to_dict(one) | {"status": one.status.value} for one in typed]
    looks = service(Audit).looks_at(mine.id)
    looks_told = [
        {"at": one.at.isoformat(), "action": one.action, "by": one.actor_id, "library": one.actor_library}
        for one in looks
    ]
    answer = jsonify(mine_told | {"typed_requests": typed_told, "looked_at_by": looks_told})
    answer.headers.update(
        {"Content-Disposition": 'attachment; filename="me.json"', "Cache-Control": "no-store"}
    )
    return answer


@blueprint.get("/me/password")
@seen_by(Role.PATRON)
def ask_password() -> Response:
    """Ask for the password that is, and the one that is to be."""
    return page("patron/password.html", form=Filled())


@blueprint.post("/me/password")
@seen_by(Role.PATRON)
def set_password() -> Any:
    """Change the password; every session but this one ends."""
    read, form = read_form(PasswordForm())
    if read is not None:
        try:
            service(Credentials).change(me(), **read, network=network(), token=session_token(), now=now())
            return redirect(url_for(".show", saved=1), 303)
        except WrongLogin:
            form.errors["current"] = say("password_page.wrong", page_language())
        except WorkflowError as error:
            form.refuse(error)
    return page("patron/password.html", status=422, form=form)


@blueprint.get("/me/erasure")
@seen_by(Role.PATRON)
def ask_erasure() -> Response:
    """Say what being forgotten means, and what stands in its way."""
    return _erasure()


@blueprint.post("/me/erasure")
@seen_by(Role.PATRON)
def erase() -> Response:
    """Forget the reader, and log them out."""
    try:
        service(People).erase(PatronId(me().id), now=now())
    except StillOpen:
        return _erasure(409)
    end_visit()
    return page("patron/erased.html")


def _erasure(status: int = 200) -> Response:
    patron, spoken = PatronId(me().id), page_language()
    account = service(Accounts).show(patron, me(), now=now(), limit=1)
    owed = [
        (library_name(each.lender), said_amount(each.balance, spoken))
        for each in account.accounts
        if each.balance.minor > 0
    ]
    unfinished = service(People).unfinished(patron, now=now())
    is_free = not any(unfinished.values())
    return page("patron/erasure.html", status=status, is_free=is_free, owed=owed, **unfinished)


def _mine() -> Patron:
    return service(People).patron(PatronId(me().id)).patron


def _shown(mine: Patron, form: Filled, status: int = 200) -> Response:
    verified = said_day(local_day(mine.verified_at), page_language()) if mine.verified_at else ""
    told = {
        "name": mine.name,
        "library": library_name(mine.home),
        "card_number": mine.card_number,
        "email": mine.email,
        "verified": verified,
    }
    return page("patron/own_data.html", status=status, form=form, is_saved="saved" in request.args, **told)
