"""Single days of a calendar file: which are closed, closing and opening some, what differs between two."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Document = Mapping[str, Any]
#: a first and a last day
Run = tuple[date, date]
_DAY = timedelta(days=1)
#: a closure that is longer is a mistake, and nobody counts its days
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class DayChanges:
    """What a new version of a calendar changes: days by runs, and which other parts of the file differ."""

    closed: tuple[Run, ...]
    opened: tuple[Run, ...]
    others: tuple[str, ...]


def closed_days(calendar: Document) -> dict[date, Any]:
    """Return the days on which a calendar file says that the desk is closed, each with its label."""
    return {day: row.get("label") for row in calendar.get("closures") or () for day in _days(row)}


def toggled(calendar: Document, days: Collection[date]) -> dict[str, Any]:
    """Return a calendar file in which these days are closed if they were open, and open if they were closed.

    A closure from which days are taken is cut in pieces that keep its label; a day that is closed has no
    hours of its own any more.
    """
    was = closed_days(calendar)
    kept = [piece for row in calendar.get("closures") or () for piece in _without(row, days)]
    new = [{"from": first.isoformat(), "to": last.isoformat()} for first, last in runs(set(days) - set(was))]
    closures = sorted([*kept, *new], key=lambda row: (row["from"], row["to"]))
    changed = {**calendar, "closures": closures}
    if calendar.get("extra_open"):
        closing = {day.isoformat() for day in days if day not in was}
        changed["extra_open"] = [row for row in calendar["extra_open"] if row["date"] not in closing]
    return changed


def day_changes(old: Document, new: Document) -> DayChanges:
    """Return what a new version of a calendar changes."""
    was, then = set(closed_days(old)), set(closed_days(new))
    keys = [*old, *(key for key in new if key not in old)]
    others = (key for key in keys if key != "closures" and (old.get(key) or None) != (new.get(key) or None))
    return DayChanges(tuple(runs(then - was)), tuple(runs(was - then)), tuple(others))


def runs(days: Iterable[date]) -> Iterator[Run]:
    """Yield days that follow one another as their first and last, in order."""
    first = last = None
    for day in sorted(days):
        if first is None or last is None or day != last + _DAY:
            if first is not None and last is not None:
                yield first, last
            first = day
        last = day
    if first is not None and last is not None:
        yield first, last


def _without(row: Document, days: Collection[date]) -> list[dict[str, Any]]:
    """Return a closure as it is without these days: as it was, in pieces, or nothing."""
    left = [day for day in _days(row) if day not in days]
    if len(left) == len(_days(row)):
        return [dict(row)]
    return [{**row, "from": first.isoformat(), "to": last.isoformat()} for first, last in runs(left)]


def _days(row: Document) -> list[date]:
    first, last = date.fromisoformat(row["from"]), date.fromisoformat(row["to"])
    return [first + _DAY * number for number in range(min((last - first).days + 1, _LONGEST))]
