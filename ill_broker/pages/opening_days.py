"""When a library's desk is open, as a week and the days that differ: for its staff and its readers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from ill_broker.pages.frame import local_day
from ill_broker.services.members.particulars import Particulars
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_day, weekdays
from ill_broker.texts.desk_day_changes import said_hours
from ill_broker.texts.library_words import in_words
from ill_broker.texts.policy_values import joined
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.ids import LibraryCode
from workflows.policies.conditions import WEEKDAYS

#: closures that are farther off are not shown to a reader with a book at hand
_AHEAD = timedelta(days=60)


def shown_desk(library: LibraryCode) -> dict[str, Any]:
    """Return what a reader has to know who is on the way to a desk: where, its telephone, when."""
    spoken, soon = page_language(), (local_day(now()) + _AHEAD).isoformat()
    told = in_words(service(Particulars).one(library, now=now()), spoken)
    contacts = told["contacts"]
    place = [told["desk"] or told["name"], contacts["floor"], contacts["address"]]
    return {
        "place": joined("value.several", [part for part in dict.fromkeys(place) if part], spoken),
        "phone": contacts["phone"],
        "email": contacts["email"],
        "week": shown_week(told["opening_hours"] or {}),
        "days": [one for one in shown_days(told) if one["first"] <= soon],
    }


def shown_week(hours: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the days of a week, each with its hours."""
    named = zip(weekdays(page_language(), short=False), WEEKDAYS, strict=True)
    return [(name, said_hours(hours.get(day), page_language())) for name, day in named]


def shown_days(told: dict[str, Any]) -> list[dict[str, str]]:
    """Return the days to come that differ from the week, the soonest first."""
    spoken = page_language()
    closed = [
        {
            "undo": "reopen",
            "first": row["from"],
            "last": row["to"],
            "days": said_stretch(row["from"], row["to"]),
            "hours": said_hours((), spoken),
            "label": row["label"] or "",
        }
        for row in told["closures"]
    ]
    single = [
        {
            "undo": "usual",
            "first": row["date"],
            "last": row["date"],
            "days": said_stretch(row["date"], row["date"]),
            "hours": said_hours(row["hours"], spoken),
            "label": row["label"] or "",
        }
        for row in told["extra_open"]
    ]
    return sorted([*closed, *single], key=lambda one: (one["first"], one["last"]))


def said_stretch(first: str, last: str) -> str:
    """Return a day, or the first and the last of several."""
    spoken = page_language()
    begin, end = (said_day(date.fromisoformat(day), spoken, weekday=True) for day in (first, last))
    return begin if first == last else say("calendar_change.run", spoken, {"first": begin, "last": end})
