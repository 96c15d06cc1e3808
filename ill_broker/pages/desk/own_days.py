"""The days of the desk: its week, closures, days with hours of their own; tried first, and then a version."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import Any

from flask import Response, redirect, request, url_for
from marshmallow import validates_schema

from ill_broker.pages.desk.own_desk import here, in_both, saved
from ill_broker.pages.desk.own_desk_presenters import days_as_typed, faults_at_fields, shown_trial
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import local_day, page, room, seen_by
from ill_broker.services.members.particulars import Particulars
from ill_broker.texts.days_and_amounts import weekdays
from ill_broker.texts.flaws import Flaw
from ill_broker.web.context import now, service
from ill_broker.web.fields import Day, OneOf, Text, Whole, refuse
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.errors import FaultyPolicy
from workflows.policies.conditions import WEEKDAYS

blueprint = room("own_days", __name__)
_PATH = "/desk/library/days"
#: the usual week; days closed, or open at hours of their own; each of these taken back
WEEK, CLOSE, OPEN, REOPEN, USUAL = "week", "close", "open", "reopen", "usual"
#: as Chinese keyboards write it, once what is as wide as a Han character is as narrow as a Latin one
_BETWEEN, _TO = re.compile(r"[\s,、;]+"), re.compile(r"\s*(?:-|–|—|~|至|到)\s*")
_ONE_DIGIT = re.compile(r"\b(?=\d:)")
_LABEL = 200
#: days with hours of their own that are said at once
_MOST_DAYS = 31


class HoursText(Text):
    """Hours of a day: "08:00-12:00, 14:00-17:30"; the rules of policies judge them."""

    def read(self, text: str) -> list[str]:
        plain = _TO.sub("-", unicodedata.normalize("NFKC", text))
        return [_ONE_DIGIT.sub("0", stretch) for stretch in _BETWEEN.split(plain) if stretch]


def _hours() -> HoursText:
    return HoursText(max_length=_LABEL, load_default=list)


class DaysForm(Form):
    """What the days are to be."""

    version = Whole(required=True)
    what = OneOf(WEEK, CLOSE, OPEN, REOPEN, USUAL, required=True)
    mon, tue, wed, thu, fri, sat, sun = (_hours() for _ in WEEKDAYS)
    first = Day()
    last = Day()
    hours = _hours()
    label_zh = Text(max_length=_LABEL)
    label_en = Text(max_length=_LABEL)

    @validates_schema(skip_on_field_errors=True)
    def makes_sense(self, read: dict[str, Any], **_: Any) -> None:
        """Refuse days that are over or run backwards, and a day open at no hour."""
        if read["what"] == WEEK:
            return
        if "first" not in read:
            raise refuse(Flaw.REQUIRED, at="first")
        last = read.setdefault("last", read["first"])
        if last < read["first"]:
            raise refuse(Flaw.ENDS_BEFORE_START, at="last")
        if read["what"] in {CLOSE, OPEN} and read["first"] < local_day(now()):
            raise refuse(Flaw.IS_OVER, at="first")
        if read["what"] == OPEN and not read["hours"]:
            raise refuse(Flaw.REQUIRED, at="hours")
        if read["what"] == OPEN and last - read["first"] >= timedelta(days=_MOST_DAYS):
            raise refuse(Flaw.TOO_MANY_DAYS, at="last", most=_MOST_DAYS)


class VersionForm(DaysForm):
    reason = Text(required=True, max_length=2000, lines=True)


@blueprint.get(f"{_PATH}/<what>")
@seen_by(Role.STAFF)
def ask(what: str) -> Response:
    """Ask for the hours of a week, or for days that are closed or open at other hours."""
    return _asked(what, Filled(values=days_as_typed(here())))


@blueprint.post(_PATH)
@seen_by(Role.STAFF)
def try_dry() -> Response:
    """Show what changes, and which dates of whose requests move; nothing is changed."""
    read, form = read_form(DaysForm())
    if read is None:
        return _asked(request.form.get("what", ""), form, 422)
    return _tried(read, form)


@blueprint.post(f"{_PATH}/version")
@seen_by(Role.STAFF)
def save() -> Any:
    """Let the days be so, as a new version of the library's calendar or hours."""
    read, form = read_form(VersionForm())
    if read is None:
        tried, _ = read_form(DaysForm())
        return _asked(request.form.get("what", ""), form, 422) if tried is None else _tried(tried, form, 422)
    if not saved(_said(read), read, form):
        return _asked(read["what"], form, 409)
    return redirect(url_for("pages.own_desk.show"), 303)


def _tried(read: dict[str, Any], form: Filled, status: int = 200) -> Response:
    entry = here()
    try:
        trial = service(Particulars).trial(entry.library.code, _said(read), now=now())
    except FaultyPolicy as error:
        faults_at_fields(error, form)
        return _asked(read["what"], form, 422)
    sent = [(name, value) for name, value in request.form.items() if name in DaysForm().fields]
    return page("desk/own_days_trial.html", status=status, form=form, sent=sent, **shown_trial(trial))


def _asked(what: str, form: Filled, status: int = 200) -> Response:
    which = what if what in {WEEK, OPEN} else CLOSE
    names = weekdays(page_language(), short=False)
    return page("desk/own_days.html", status=status, form=form, what=which, weekdays=WEEKDAYS, names=names)


def _said(read: dict[str, Any]) -> dict[str, Any]:
    """Return all that the library says of itself, with these days."""
    said: dict[str, Any] = dict(here().said or {})
    match read["what"]:
        case "week":
            return said | {"opening_hours": {day: read[day] for day in WEEKDAYS}}
        case "close" | "reopen":
            row = {"from": read["first"].isoformat(), "to": read["last"].isoformat()}
            kept = [one for one in said["closures"] if (one["from"], one["to"]) != tuple(row.values())]
            new = [{**row, "label": _label(read)}] if read["what"] == CLOSE else []
            return said | {"closures": sorted([*kept, *new], key=lambda one: (one["from"], one["to"]))}
        case _:
            days = [day.isoformat() for day in _each_day(read["first"], read["last"])]
            kept = [one for one in said["extra_open"] if one["date"] not in days]
            row = {"hours": read["hours"], "label": _label(read)}
            new = [{"date": day, **row} for day in days] if read["what"] == OPEN else []
            return said | {"extra_open": sorted([*kept, *new], key=lambda one: one["date"])}


def _label(read: dict[str, Any]) -> dict[str, str] | None:
    return in_both(read.get("label_zh"), read.get("label_en"))


def _each_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
