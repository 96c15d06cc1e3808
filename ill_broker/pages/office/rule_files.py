"""Policies and calendars: every version with who changed what and why, and a text to be changed and tried."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, url_for

from ill_broker.pages.forms import Filled, Form, means, read_form
from ill_broker.pages.frame import local_day, me, page, room, seen_by
from ill_broker.pages.office.rule_file_presenters import (
    shown_changes,
    shown_file,
    shown_files,
    shown_simulation,
    text_of,
    title_of,
)
from ill_broker.pages.office.told import begin_of
from ill_broker.pages.office.typed import faults_of, read_text
from ill_broker.services.members.policy_versions import FOLDER
from ill_broker.services.members.rulebook import NewFile, Rulebook, RuleFile
from ill_broker.services.office.simulations import Simulations
from ill_broker.texts.catalogue import say
from ill_broker.web.context import now, service
from ill_broker.web.fields import Day, Text, Whole
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.errors import FaultyPolicy, WorkflowError

blueprint = room("rule_files", __name__)
_FILE = "/office/<any(policies, calendars):folder>/<code:name>"
_KINDS = {folder: kind for kind, folder in FOLDER.items()}
_LONGEST = 400_000
#: loans that a page waits for; the command line takes any number
_MOST_LOANS = 5_000


class TextForm(Form):
    text = Text(required=True, max_length=_LONGEST, lines=True)
    #: the number of the last version when the text was shown
    seq = Whole(required=True)
    since = Day()
    until = Day()


class SaveForm(TextForm):
    reason = Text(required=True, max_length=2000, lines=True)
    #: from when on it holds; now if left out
    valid_from = Day()


@blueprint.get("/office/policies")
@seen_by(Role.OFFICE)
def show_policies() -> Response:
    """Show every policy, whose it is, and since when it holds."""
    return _all("policies")


@blueprint.get("/office/calendars")
@seen_by(Role.OFFICE)
def show_calendars() -> Response:
    """Show every calendar, and since when it holds."""
    return _all("calendars")


@blueprint.get(_FILE)
@seen_by(Role.OFFICE)
def show(folder: str, name: str) -> Response:
    """Show a file's versions: who changed what, when and why."""
    return page("office/rule_file.html", folder=folder, **shown_file(_file(folder, name)))


@blueprint.get(f"{_FILE}/text")
@seen_by(Role.OFFICE)
def edit(folder: str, name: str) -> Response:
    """Show a file's text, to be changed."""
    file = _file(folder, name)
    return _editor(file, Filled(values={"text": text_of(file), "seq": str(file.seq)}))


@blueprint.post(f"{_FILE}/check")
@seen_by(Role.OFFICE)
def check(folder: str, name: str) -> Response:
    """Say what is wrong with a text, or what it would change; nothing is saved."""
    file, (read, form) = _file(folder, name), read_form(TextForm())
    return _editor(file, form, **(_checked(file, read["text"]) if read else {}))


@blueprint.post(f"{_FILE}/simulation")
@seen_by(Role.OFFICE)
def simulate(folder: str, name: str) -> Response:
    """Show what past loans would have come to under a text; nothing is saved."""
    file, (read, form) = _file(folder, name), read_form(TextForm())
    if read is None:
        return _editor(file, form, status=422)
    return _editor(file, form, **_tried(file, read, form))


@blueprint.post(f"{_FILE}/text")
@seen_by(Role.OFFICE)
def save(folder: str, name: str) -> Any:
    """Put a text in force as a new version; with a fault nothing is saved, and the text stays."""
    file, (read, form) = _file(folder, name), read_form(SaveForm())
    told = _installed(file, read, form) if read else {}
    if read is None or form.errors or form.refusals or told:
        return _editor(file, form, status=422, **told)
    return redirect(url_for(".show", folder=folder, name=name), 303)


def _all(folder: str) -> Response:
    files = service(Rulebook).files(_KINDS[folder], now=now())
    return page("office/rule_files.html", folder=folder, files=shown_files(files))


def _file(folder: str, name: str) -> RuleFile:
    return service(Rulebook).file(_KINDS[folder], name, now=now())


def _checked(file: RuleFile, text: str) -> dict[str, Any]:
    """Return what is wrong with a text; if nothing is, what it changes in words."""
    document, faults = read_text(text)
    try:
        if not faults:
            service(Rulebook).check(_new(file, text, document), now=now())
    except FaultyPolicy as error:
        faults = faults_of(text, error, f"{FOLDER[file.kind]}/{file.name}")
    return {"faults": faults} if faults else {"changes": shown_changes(file.kind, file.document, document)}


def _installed(file: RuleFile, read: dict[str, Any], form: Filled) -> dict[str, Any]:
    """Put a text in force, and return what is wrong with it."""
    checked = _checked(file, read["text"])
    if "faults" in checked:
        return checked
    document, _ = read_text(read["text"])
    at, day = now(), read.get("valid_from")
    start = None if day is None or day == local_day(at) else begin_of(day)
    try:
        versions = service(Rulebook).install(
            [_new(file, read["text"], document)],
            author=me().id,
            reason=read["reason"],
            now=at,
            valid_from=start,
            expected=means(read["seq"]),
        )
    except WorkflowError as error:
        form.refuse(error)
        return checked
    if not versions:
        form.refusals.append(say("rule_file_page.unchanged", page_language()))
    return {}


def _tried(file: RuleFile, read: dict[str, Any], form: Filled) -> dict[str, Any]:
    """Return what past loans come to under a text, or what is wrong with it."""
    checked = _checked(file, read["text"])
    if "faults" in checked:
        return checked
    document, _ = read_text(read["text"])
    since, until = (begin_of(read[side]) if side in read else None for side in ("since", "until"))
    try:
        found = service(Simulations).history(
            [_new(file, read["text"], document)], now=now(), since=since, until=until, at_most=_MOST_LOANS
        )
    except WorkflowError as error:
        form.refuse(error)
        return checked
    return checked | {"simulation": shown_simulation(found)}


def _new(file: RuleFile, text: str, document: Any) -> NewFile:
    return NewFile(kind=file.kind, name=file.name, document=document, written=text, source="office")


def _editor(file: RuleFile, form: Filled, *, status: int = 200, **checked: Any) -> Response:
    told = {"folder": FOLDER[file.kind], "name": file.name, "title": title_of(file)}
    return page("office/rule_text.html", status=status, form=form, **told, **checked)
