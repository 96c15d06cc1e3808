"""What the templates of admitting and changing members are given, and what their form says of a library."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from flask import url_for

from ill_broker.pages.libraries import library_name
from ill_broker.pages.office.told import moment, names
from ill_broker.services.members.admission import Open, said_of
from ill_broker.services.members.directory import Directory
from ill_broker.services.members.onboarding import Step, StepState
from ill_broker.storage.library_changes import Change
from ill_broker.texts.catalogue import say, say_count
from ill_broker.texts.days_and_amounts import said_amount
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.ids import LibraryCode
from workflows.libraries import Library, Watches

_WORDS = ("code", "name_zh", "name", "policy", "desk_zh", "desk", "home_desk_waives")
_FLAGS = ("lends", "by_sms")
WATCHES = tuple(f"watches.{field.name}" for field in fields(Watches))
#: the fields of the form that say something of the library
NAMES = (*_WORDS, *_FLAGS, "return_desks", *WATCHES)
#: commas and semicolons of either writing, and spaces
_BETWEEN = re.compile(r"[\s,;\uff0c\u3001\uff1b]+")
_WHOLE = re.compile(r"[0-9]{1,9}")


def policies() -> list[tuple[str, str]]:
    """Return the policy files by which a library can lend: the id, and whose each is."""
    written = sorted(service(Directory).in_force(now()).written)
    called = {name: library_name(name) for name in written}
    return [(name, name if called[name] == name else f"{called[name]} ({name})") for name in written]


def said_in(values: Mapping[str, str], code: LibraryCode | None = None) -> dict[str, Any]:
    """Return what a form says of a library, as the rules read it; what is left empty is not said."""
    told: dict[str, Any] = {name: values[name].strip() for name in _WORDS if name in values}
    told |= {name: values.get(name) == "yes" for name in _FLAGS}
    if code is not None:
        told["code"] = code
    if told.get("policy") == told.get("code"):
        told.pop("policy", None)
    told["return_desks"] = [each for each in _BETWEEN.split(values.get("return_desks", "")) if each]
    days = {name.partition(".")[2]: values[name].strip() for name in WATCHES if name in values}
    told["watches"] = {name: int(said) if _WHOLE.fullmatch(said) else said for name, said in days.items()}
    return told


def values_of(library: Library, version: int) -> dict[str, str]:
    """Return what stands in the form of a library that is changed."""
    said = said_of(library)
    flags = {name: "yes" if said[name] else "no" for name in _FLAGS}
    days = {f"watches.{name}": str(days) for name, days in said["watches"].items()}
    words = {name: said[name] for name in _WORDS} | {"policy": said["policy"] or library.code}
    return words | flags | days | {"return_desks": ", ".join(said["return_desks"]), "version": str(version)}


def shown_steps(code: str, steps: Iterable[StepState]) -> list[dict[str, str]]:
    """Return each step with its state, and where it is taken."""
    spoken = page_language()
    told = {
        True: ("good", say("member_step.done", spoken)),
        False: ("look", say("member_step.open", spoken)),
        None: ("quiet", say("member_step.not_known", spoken)),
    }
    return [
        {
            "mood": told[one.done][0],
            "state": told[one.done][1],
            "words": say(f"member_step.{one.step}", spoken),
            "help": say(f"member_step.{one.step}.help", spoken, {"by": one.by or ""}),
            "command": "ill-broker partners certify URL" if one.step is Step.SANDBOX else "",
            "address": _address(one, code),
        }
        for one in steps
    ]


def shown_open(stands: Open) -> list[str]:
    """Return what stands open with a member, a line each; nothing if nothing does."""
    spoken = page_language()
    lines = [say_count("member_open.lends", spoken, stands.lends)] if stands.lends else []
    lines += [say_count("member_open.borrows", spoken, stands.borrows)] if stands.borrows else []
    return lines + [
        say("member_open.owed", spoken, {"amount": said_amount(owed, spoken)})
        for owed in stands.owed
        if owed.minor
    ]


def shown_history(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Return who changed what, when and why, the newest first."""
    changes = list(changes)
    called = names(one.author for one in changes)
    return [
        {
            "at": moment(one.at),
            "author": called[one.author],
            "reason": one.reason,
            "lines": [
                line for name, (was, becomes) in one.changed.items() for line in _lines(name, was, becomes)
            ],
        }
        for one in changes
    ]


def _lines(name: str, was: Any, becomes: Any) -> list[str]:
    if isinstance(was, dict):
        return [
            line
            for part in was
            if was[part] != becomes.get(part)
            for line in _lines(f"{name}.{part}", was[part], becomes.get(part))
        ]
    spoken = page_language()
    facts = {"field": say(f"member_field.{name}", spoken), "was": _value(was), "becomes": _value(becomes)}
    return [say("member_field.changed", spoken, facts)]


def _value(value: Any) -> str:
    spoken = page_language()
    if isinstance(value, bool):
        return say("member_field.yes", spoken) if value else say("member_field.no", spoken)
    if isinstance(value, list):
        value = ", ".join(library_name(each) for each in value)
    return say("member_field.empty", spoken) if value in {None, ""} else str(value)


def _address(one: StepState, code: str) -> str:
    """Return where a step is taken; nothing where no page is for it."""
    match one.step:
        case Step.POLICY | Step.CONTACTS:
            return url_for("pages.rule_files.edit", folder="policies", name=code)
        case Step.CALENDAR:
            return url_for("pages.rule_files.show", folder="calendars", name=one.by) if one.by else ""
        case Step.CONNECTOR:
            return url_for("pages.connectors.show", library=code)
        case Step.SECRET:
            return url_for("pages.webhook_secrets.show", library=code)
        case Step.STAFF:
            return url_for("pages.staff.show", library=code)
        case Step.ANSWERED:
            return "#trials"
        case Step.LENDING:
            return "#leaving"
        case _:
            return ""
