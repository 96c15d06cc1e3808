"""The months of a report as instants, which each library has at its own time."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ill_broker.storage.reports import Span
from workflows.ids import LibraryCode

#: where a library is
Zone = Callable[[LibraryCode | None], ZoneInfo]


def bounds(span: Span, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the instant at which the first month begins, and that at which the last one is over."""
    first, last = (date.fromisoformat(f"{month}-01") for month in (span.first, span.last))
    behind = last.replace(year=last.year + last.month // 12, month=last.month % 12 + 1)
    since, until = (datetime(day.year, day.month, 1, tzinfo=zone) for day in (first, behind))
    return since, until
