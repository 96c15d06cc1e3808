"""The desk's first page: one field for whatever is scanned, a log of what came of it, and what waits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for

from ill_broker import mint
from ill_broker.pages.desk.bar import counted
from ill_broker.pages.desk.log import Line, line_of, recent
from ill_broker.pages.desk.versions import VersionForm, of_version
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by, written
from ill_broker.pages.libraries import library_name
from ill_broker.pages.refused import said
from ill_broker.services.refusals import KeyReused
from ill_broker.services.scans.scans import Scan, Scans
from ill_broker.web.context import now, service
from ill_broker.web.fields import Id, Identifier, OneOf, Pattern
from ill_broker.web.language import page_language
from ill_broker.web.visits import form_token
from workflows.actors import Role
from workflows.cards.card import CardStep
from workflows.ids import RequestId
from workflows.requests.lifecycle import Step
from workflows.scans.meaning import Choice, Doing

blueprint = room("desk_home", __name__)
#: what a crate of books may be here for
CRATE = (Step.ARRIVE, Step.TAKE_BACK, Step.SHIP_BACK)
_KEY = r"[!-~]+"


class DeskForm(Form):
    """What stands beside every scan: its own key, to whom books go, and what a crate is here for."""

    key = Pattern(_KEY, required=True)
    reader = Identifier(max_length=60)
    action = OneOf(*CRATE)


class ScanForm(DeskForm):
    code = Identifier(required=True, max_length=60)
    #: an id, and the step to take
    choice = Pattern(r"(?:req|pat|card)_[0-9a-z]{8,40}:[a-z]*", max_length=80)


class UndoForm(DeskForm, VersionForm):
    id = Id("req", required=True)


@blueprint.get("/desk")
@seen_by(Role.STAFF)
def show() -> Any:
    """Show the field, what came of the last scans, and what waits."""
    return _home(Filled(), request.args)


@blueprint.post("/desk/scans")
@seen_by(Role.STAFF)
def take() -> Any:
    """Do the one obvious thing about what was scanned, and say in a line what it was."""
    read, form = read_form(ScanForm())
    if read is None:
        return _faulty(form)
    work = partial(service(Scans).take, _scan(read), me(), now=now())
    return _taken(read["key"], form, work)


@blueprint.post("/desk/undo")
@seen_by(Role.STAFF)
def undo() -> Any:
    """Take back what a scan did, if nothing was done to the book since."""
    read, form = read_form(UndoForm())
    if read is None:
        return _faulty(form)
    work = partial(
        service(Scans).undo, RequestId(read["id"]), me(), now=now(), expected=of_version(read["version"])
    )
    return _taken(read["key"], form, work)


def _taken(key: str, form: Filled, work: Callable[..., object]) -> Any:
    """Answer with what came of it; a key that was given to another scan ends here, and is not tried again."""
    try:
        return _answered(line_of(key, _told(form), lambda also: work(also=also)), form)
    except KeyReused as error:
        if "line" not in form.values:
            raise
        return _alone(_nothing(form, said(error, page_language())), HTTPStatus.CONFLICT)


def _nothing(form: Filled, why: list[str]) -> Line:
    return {"word": "no", "code": form.values.get("code", "")[:60], "why": why}


def _scan(read: dict[str, Any]) -> Scan:
    named, _, step = read.get("choice", "").partition(":")
    action = read.get("action")
    return Scan(
        code=read["code"],
        reader=read.get("reader"),
        action=Step(action) if action else None,
        choice=Choice(id=named, step=_step(step)) if named else None,
    )


def _step(word: str) -> Doing | None:
    """Return the step of this name; none that there is not can be taken."""
    steps: list[Doing] = [*Step, *CardStep]
    return next((one for one in steps if one == word), None)


def _told(form: Filled) -> dict[str, str]:
    """Return what was scanned, whoever sends it under which form."""
    names = (*ScanForm().fields, *UndoForm().fields)
    return {name: form.values[name] for name in names if name in form.values}


def _answered(line: Line, form: Filled) -> Any:
    """Answer with the line alone where the page asked for it, else with the page anew, that line on top."""
    if "line" in form.values:
        return _alone(line)
    stays: dict[str, Any] = {name: form.values.get(name) for name in ("reader", "action")}
    if line["reader"] and not stays["action"]:
        stays["reader"] = line["reader"]["id"]
    return redirect(url_for(".show", **stays), HTTPStatus.SEE_OTHER)


def _faulty(form: Filled) -> Any:
    if "line" in form.values:
        return _alone(_nothing(form, [*form.errors.values()]), HTTPStatus.UNPROCESSABLE_ENTITY)
    return _home(form, form.values, HTTPStatus.UNPROCESSABLE_ENTITY)


def _alone(line: Line, status: int = HTTPStatus.OK) -> Any:
    given = {
        "line": line,
        "form_token": form_token(),
        "key": mint.token,
        "action": request.form.get("action"),
    }
    return written("desk/line.html", page_language(), status=status, **given)


def _home(form: Filled, stays: Any, status: int = HTTPStatus.OK) -> Any:
    told = stays.get("reader")
    reader = service(Scans).reader(told, me()) if told else None
    return page(
        "desk/home.html",
        status=status,
        form=form,
        library=library_name(me().library),
        lists=counted(),
        log=recent(),
        reader={"id": reader.id, "name": reader.name} if reader else None,
        action=stays.get("action", ""),
        crate=CRATE,
        key=mint.token,
        clerk=me().id,
    )
