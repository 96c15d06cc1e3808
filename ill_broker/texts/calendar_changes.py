"""The changes of a calendar file in words: days that close, days that open, and what else differs."""

from collections.abc import Iterator

from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_day
from workflows.policies.calendar_days import DayChanges, Run


def calendar_words(changes: DayChanges, language: str) -> Iterator[str]:
    """Yield one line for each change, and a last one for what it means for loans that have begun."""
    for run in changes.closed:
        yield say("calendar_change.closed", language, {"days": said_run(run, language)})
    for run in changes.opened:
        yield say("calendar_change.opened", language, {"days": said_run(run, language)})
    if changes.others:
        yield say("calendar_change.others", language, {"parts": ", ".join(changes.others)})
    is_none = not (changes.closed or changes.opened or changes.others)
    yield say("change.none" if is_none else "change.begun", language)


def said_run(run: Run, language: str) -> str:
    """Return days that follow one another: one by itself, several by the first and the last."""
    first, last = (said_day(day, language) for day in run)
    return first if first == last else say("calendar_change.run", language, {"first": first, "last": last})
