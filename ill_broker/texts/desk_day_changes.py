"""What changes of a desk's days, in words: its week, closures, days with hours of their own."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ill_broker.texts.calendar_changes import said_run
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_day, weekdays
from ill_broker.texts.policy_values import joined
from workflows.policies.calendar_days import day_changes
from workflows.policies.conditions import WEEKDAYS

Document = Mapping[str, Any]


def desk_day_words(
    hours: tuple[Document, Document], calendars: tuple[Document, Document], language: str
) -> Iterator[str]:
    """Yield one line for each change: first the usual week, then closures, then single days."""
    for day, named in zip(WEEKDAYS, weekdays(language, short=False), strict=True):
        if list(hours[0].get(day) or ()) != list(hours[1].get(day) or ()):
            facts = {"day": named, "hours": said_hours(hours[1].get(day), language)}
            yield say("desk_days.week", language, facts)
    changes = day_changes(*calendars)
    for run in changes.closed:
        yield say("calendar_change.closed", language, {"days": said_run(run, language)})
    for run in changes.opened:
        yield say("calendar_change.opened", language, {"days": said_run(run, language)})
    was, then = (
        {row["date"]: list(row["hours"]) for row in each.get("extra_open") or ()} for each in calendars
    )
    for day in sorted({*was, *then}):
        if was.get(day) != then.get(day):
            yield _single_day(day, then.get(day), language)


def _single_day(day: str, hours: list[str] | None, language: str) -> str:
    facts = {"day": said_day(date.fromisoformat(day), language)}
    if hours is None:
        return say("desk_days.usual", language, facts)
    return say("desk_days.own", language, {**facts, "hours": said_hours(hours, language)})


def said_hours(hours: Any, language: str) -> str:
    """Return the hours of a day: "08:00–12:00, 14:00–17:30", or that it is closed."""
    told = [stretch.replace("-", "–") for stretch in hours or ()]
    return joined("value.several", told, language) if told else say("desk_days.closed", language)
