"""What the templates of the desk's own library are given: days, hours and words, never records."""

from __future__ import annotations

import re
from typing import Any

from ill_broker.pages.forms import Filled
from ill_broker.pages.opening_days import shown_days, shown_week
from ill_broker.services.members.particulars import Trial
from ill_broker.texts.catalogue import say, say_count
from ill_broker.texts.days_and_amounts import said_day
from ill_broker.texts.desk_day_changes import desk_day_words
from ill_broker.texts.flaws import Flaw
from ill_broker.texts.library_words import in_words
from ill_broker.texts.policy_values import joined
from ill_broker.web.language import page_language
from workflows.errors import FaultyPolicy
from workflows.policies.conditions import WEEKDAYS
from workflows.policies.library_page import LibraryPage
from workflows.requests.desk_days import MovedDate

_HOURS = re.compile(r"opening_hours\.(\w{3})")
#: a place in what is said -> the field of the form that said it
_FIELDS = {"closures": "first", "extra_open": "hours", "contacts.url": "url", "contacts.phone": "phone"}


def shown_desk(entry: LibraryPage) -> dict[str, Any]:
    """Return what a library says of itself: its week, the days that differ, how it is reached."""
    spoken, told = page_language(), in_words(entry, page_language())
    contacts = told["contacts"]
    facts = [
        (say("own_desk.name", spoken), told["name"]),
        (say("own_desk.desk", spoken), told["desk"]),
        (say("own_desk.phone", spoken), _all(contacts["phone"])),
        (say("own_desk.email", spoken), _all(contacts["email"])),
        (say("own_desk.url", spoken), contacts["url"]),
        (say("own_desk.address", spoken), contacts["address"]),
        (say("own_desk.floor", spoken), contacts["floor"]),
    ]
    return {
        "version": entry.version,
        "has_policy": entry.policy is not None,
        "facts": [(name, words) for name, words in facts if words],
        "week": shown_week(told["opening_hours"] or {}),
        "days": shown_days(told),
    }


def _all(lines: list[str]) -> str:
    return joined("value.several", lines, page_language()) if lines else ""


def contacts_as_typed(entry: LibraryPage) -> dict[str, str]:
    """Return how a library is reached, as it stands in the fields of its form."""
    contacts: dict[str, Any] = dict((entry.said or {}).get("contacts") or {})
    both = {
        f"{name}_{tag}": (contacts.get(name) or {}).get(tag, "")
        for name in ("address", "floor")
        for tag in ("zh", "en")
    }
    lines = {name: "\n".join(contacts.get(name) or ()) for name in ("phone", "email")}
    return {"version": str(entry.version), "url": contacts.get("url") or "", **both, **lines}


def days_as_typed(entry: LibraryPage) -> dict[str, str]:
    """Return the hours of a week as they stand in the fields of their form."""
    hours: dict[str, Any] = dict((entry.said or {}).get("opening_hours") or {})
    week = {day: ", ".join(hours.get(day) or ()) for day in WEEKDAYS}
    return {"version": str(entry.version), **week}


def shown_trial(trial: Trial) -> dict[str, Any]:
    """Return what would change, in words, and the dates that would move."""
    spoken, moves = page_language(), trial.moves
    return {
        "changes": list(desk_day_words(trial.hours, trial.calendars, spoken)),
        "moves": [_move(one) for one in moves.first],
        "total": say_count("own_days.moves", spoken, moves.total) if moves.total else "",
        "more": say_count("own_days.more", spoken, moves.total - len(moves.first))
        if moves.total > len(moves.first)
        else "",
        "unjudged": say_count("own_days.unjudged", spoken, moves.unjudged) if moves.unjudged else "",
    }


def _move(moved: MovedDate) -> dict[str, str]:
    spoken = page_language()
    return {
        "id": moved.request.id,
        "number": moved.request.number,
        "title": moved.request.citation.title,
        "what": say(f"own_days.date.{moved.what}", spoken),
        "was": said_day(moved.was, spoken),
        "becomes": said_day(moved.becomes, spoken) if moved.becomes else say("own_days.no_day", spoken),
    }


def faults_at_fields(error: FaultyPolicy, form: Filled) -> None:
    """Say what is wrong with a policy or calendar at its field, else with the form as a whole."""
    listed: Any = error.facts["faults"]
    for path, code in (fault for faults in listed.values() for fault in faults):
        words = say(Flaw(code).message, page_language())
        hours = _HOURS.match(path)
        field = hours[1] if hours else next((_FIELDS[at] for at in _FIELDS if path.startswith(at)), "")
        if field:
            form.errors[field] = words
        elif words not in form.refusals:
            form.refusals.append(words)
