"""What the template of a year's grid is given: months of days, each with its mark and its words."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from ill_broker.texts.calendar_changes import said_run
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_day, said_month, weekdays
from ill_broker.web.language import page_language
from workflows.policies.calendar_days import closed_days, runs

Document = Mapping[str, Any]
#: kind of a day -> what stands beside its number
_MARKS = {"closed": "×", "extra": "+", "vacation": "~", "open": ""}


def covered_years(document: Document) -> range:
    """Return the years of which a calendar knows anything."""
    coverage = document["coverage"]
    return range(date.fromisoformat(coverage["from"]).year, date.fromisoformat(coverage["to"]).year + 1)


def shown_year(document: Document, year: int, clicked: Collection[date]) -> dict[str, Any]:
    """Return the months of a year, its closures as a list, and the years beside it."""
    known = closed_days(document)
    closed = {day: known[day] for day in known if day.year == year}
    told = _Days(document, closed, clicked)
    spoken, years = page_language(), covered_years(document)
    return {
        "year": year,
        "before": year - 1 if year - 1 in years else None,
        "after": year + 1 if year + 1 in years else None,
        "weekdays": weekdays(spoken),
        "months": [
            {
                "number": month,
                "name": said_month(date(year, month, 1), spoken),
                "column": date(year, month, 1).weekday() + 1,
                "days": [
                    told.shown(day) for day in Calendar().itermonthdates(year, month) if day.month == month
                ],
            }
            for month in range(1, 13)
        ],
        "closures": [(said_run(run, spoken), _label(closed[run[0]])) for run in runs(closed)],
    }


class _Days:
    """Says of each day what it is."""

    def __init__(self, document: Document, closed: Mapping[date, Any], clicked: Collection[date]) -> None:
        self._closed, self._clicked, self._spoken = closed, clicked, page_language()
        self._coverage = _span(document["coverage"])
        self._vacations = [_span(row) for row in document.get("holidays") or ()]
        self._extra = {date.fromisoformat(row["date"]) for row in document.get("extra_open") or ()}
        self._words = {
            "closed": say("calendar_page.closed", self._spoken),
            "extra": say("calendar_page.extra", self._spoken),
            "vacation": say("calendar_page.vacation", self._spoken),
            "open": say("calendar_page.open", self._spoken),
        }

    def shown(self, day: date) -> dict[str, Any]:
        """Return a day with its number, its mark and its words."""
        kind = self._kind(day)
        words = [said_day(day, self._spoken), self._words[kind]]
        if kind == "closed" and (label := _label(self._closed[day])):
            words.append(label)
        if day in self._clicked:
            words.append(say("calendar_page.changed", self._spoken))
        return {
            "day": day.isoformat(),
            "number": day.day,
            "kind": kind,
            "mark": _MARKS[kind],
            "is_changed": day in self._clicked,
            "is_known": self._coverage[0] <= day <= self._coverage[1],
            "words": " · ".join(words),
        }

    def _kind(self, day: date) -> str:
        if day in self._extra:
            return "extra"
        if day in self._closed:
            return "closed"
        return "vacation" if any(first <= day <= last for first, last in self._vacations) else "open"


def _span(row: Document) -> tuple[date, date]:
    return date.fromisoformat(row["from"]), date.fromisoformat(row["to"])


def _label(label: Any) -> str:
    """Return a closure's own word, in the page's language where it has one."""
    return str(label.get(page_language(), "")) if isinstance(label, Mapping) else label or ""
