"""A calendar as a year's grid: a click closes a day or opens it again, all together a version."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from flask import Response, redirect, url_for
from marshmallow import ValidationError
from werkzeug.exceptions import NotFound

from ill_broker.pages.forms import Filled, Form, means, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.office.calendar_presenters import covered_years, shown_year
from ill_broker.pages.office.rule_file_presenters import shown_changes, title_of
from ill_broker.pages.office.typed import faults_of
from ill_broker.services.members.rulebook import NewFile, Rulebook, RuleFile
from ill_broker.storage.policies import FileKind
from ill_broker.texts.flaws import Flaw
from ill_broker.web.context import now, service
from ill_broker.web.fields import Day, Text, Whole, refuse
from workflows.actors import Role
from workflows.errors import FaultyPolicy, WorkflowError
from workflows.policies.calendar_days import toggled

blueprint = room("calendars", __name__)
_DAYS = "/office/calendars/<code:name>/days/<int:year>"
#: days of one version; whoever changes more types the text
_MOST_CHANGES = 1000


class Days(Text):
    """Days, one after the other, with commas between them."""

    def read(self, text: str) -> frozenset[date]:
        try:
            return frozenset(date.fromisoformat(one) for one in text.split(","))
        except ValueError as error:
            raise refuse(Flaw.BAD_DAY) from error


class ClickForm(Form):
    #: days that were clicked before, and are not saved
    clicked = Days(max_length=11 * _MOST_CHANGES, load_default=frozenset)
    #: the number of the last version when the grid was shown
    seq = Whole(required=True)
    day = Day()


class DaysForm(ClickForm):
    reason = Text(required=True, max_length=2000, lines=True)


@blueprint.get(_DAYS)
@seen_by(Role.OFFICE)
def show(name: str, year: int) -> Response:
    """Show a year's days: closed, vacation, open out of turn."""
    file = _file(name)
    return _grid(file, year, Filled(values={"seq": str(file.seq)}), frozenset())


@blueprint.post(_DAYS)
@seen_by(Role.OFFICE)
def click(name: str, year: int) -> Response:
    """Close a day that was open, or open one that was closed; nothing is saved yet."""
    read, form = read_form(ClickForm())
    if read is None:
        return _grid(_file(name), year, form, frozenset(), status=422)
    return _grid(_file(name), year, form, read["clicked"] ^ ({read["day"]} if "day" in read else set()))


@blueprint.post(f"{_DAYS}/version")
@seen_by(Role.OFFICE)
def save(name: str, year: int) -> Any:
    """Make a new version of the calendar, of all that was clicked."""
    file, (read, form) = _file(name), read_form(DaysForm())
    if read is None:
        return _grid(file, year, form, _clicked(form), status=422)
    faults = _installed(file, read, form)
    if faults or form.refusals:
        return _grid(file, year, form, read["clicked"], status=422, faults=faults)
    return redirect(url_for("pages.rule_files.show", folder="calendars", name=name), 303)


def _file(name: str) -> RuleFile:
    return service(Rulebook).file(FileKind.CALENDAR, name, now=now())


def _clicked(form: Filled) -> frozenset[date]:
    """Return what was clicked, whatever else of a form is wrong."""
    try:
        read: Any = Days(max_length=11 * _MOST_CHANGES).deserialize(form.values["clicked"])
    except (KeyError, ValidationError):
        return frozenset()
    days: frozenset[date] = read
    return days


def _installed(file: RuleFile, read: dict[str, Any], form: Filled) -> list[dict[str, Any]]:
    """Put the days in force, and return what is wrong with the calendar then."""
    document = toggled(file.document, read["clicked"])
    new = NewFile(kind=file.kind, name=file.name, document=document, source="office")
    told = {"author": me().id, "reason": read["reason"], "now": now(), "expected": means(read["seq"])}
    try:
        service(Rulebook).install([new], **told)
    except FaultyPolicy as error:
        return faults_of("", error, f"calendars/{file.name}")
    except WorkflowError as error:
        form.refuse(error)
    return []


def _grid(
    file: RuleFile, year: int, form: Filled, clicked: Collection[date], *, status: int = 200, faults: Any = ()
) -> Response:
    if year not in covered_years(file.document):
        raise NotFound
    changed = toggled(file.document, clicked)
    told = {
        "name": file.name,
        "title": title_of(file),
        "clicked": ",".join(sorted(day.isoformat() for day in clicked)),
        "changes": shown_changes(file.kind, file.document, changed) if clicked else [],
    }
    shown = shown_year(changed, year, clicked)
    return page("office/calendar.html", status=status, form=form, faults=faults, **told, **shown)
