"""What the templates of reports are given: words, links and lengths of bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from flask import url_for

from ill_broker.pages.frame import local_day, zone
from ill_broker.pages.libraries import library_name
from ill_broker.services.office.reports import Report, Table
from ill_broker.storage.card_reports import CardDeed, CardHappening
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_amount, said_moment
from ill_broker.texts.reasons import why
from ill_broker.web.language import page_language
from workflows.money import Money
from workflows.requests.lifecycle import Outcome

_MONTHS = 36
_HOURS_A_DAY = 24
#: the column that is drawn
_DRAWN: Mapping[Report, str] = MappingProxyType(
    {
        Report.TURNAROUND: "median_hours",
        Report.FILL: "fill_rate",
        Report.REASONS: "asked",
        Report.LENDERS: "fill_rate",
        Report.OVERDUE: "late_rate",
        Report.BALANCE: "lent",
        Report.CARDS: "issued",
        Report.LIMITS: "passed_over",
    }
)
#: figures that count requests -> what narrows the list of requests to them
_LEADS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"requests": {}, "late": {"late": "1"}}
    | {outcome.value: {"outcome": outcome.value} for outcome in Outcome}
)
#: reports whose figures are listed -> where, and what narrows the list to a figure
_LISTED: Mapping[Report, tuple[str, Mapping[str, Mapping[str, str]]]] = MappingProxyType(
    {
        Report.FILL: (".show_rows", _LEADS),
        Report.OVERDUE: (".show_rows", _LEADS),
        Report.LIMITS: (".show_rows", {"passed_over": {}}),
        Report.CARDS: (".show_card_rows", {deed.value: {"deed": deed.value} for deed in CardDeed}),
    }
)
#: what a list of requests says of each, and a list of what happened to loan cards
REPORTED = ("number", "month", "home", "lender", "status", "late_days")
REPORTED_CARDS = ("card", "at", "home", "lender", "deed", "late_days")
#: units that a bar is long at most
_LONGEST = 100


def months(moment: datetime) -> list[tuple[str, str]]:
    """Return the months that may be chosen, this one first."""
    day, found = local_day(moment).replace(day=1), list[tuple[str, str]]()
    for _ in range(_MONTHS):
        found.append((f"{day:%Y-%m}", f"{day:%Y-%m}"))
        day = (day - timedelta(days=1)).replace(day=1)
    return found


def shown_table(table: Table) -> dict[str, Any]:
    """Return a report as a table in words, with a bar for each row where one column is drawn."""
    spoken = page_language()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    drawn = _DRAWN.get(table.asked.report)
    most = _most(rows, drawn) if drawn else 0
    return {
        "heading": say(f"report.{table.asked.report}", spoken),
        "help": say(f"report.{table.asked.report}.help", spoken),
        "as_of": "" if table.as_of is None else _moment(table.as_of),
        "heads": [say(f"report.column.{name}", spoken) for name in table.columns],
        "rows": [_cells(table, row) for row in rows],
        "drawn": say(f"report.column.{drawn}", spoken) if drawn and most else "",
        "bars": [_bar(row, drawn, most) for row in rows] if drawn and most else [],
    }


def _most(rows: Sequence[Mapping[str, Any]], drawn: str) -> float:
    """Return what the longest bar stands for: the whole of a share, else the greatest value."""
    most: float = max((row[drawn] or 0 for row in rows), default=0)
    return 1 if drawn.endswith("_rate") and most else most


def _bar(row: Mapping[str, Any], drawn: str, most: float) -> dict[str, Any]:
    return {"length": round(_LONGEST * (row[drawn] or 0) / most), "words": _said(drawn, row[drawn], row)}


def _cells(table: Table, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "words": _said(name, value, row),
            "is_number": isinstance(value, int | float),
            "leads": _leads(table, name, row) if value else "",
        }
        for name, value in row.items()
    ]


def _leads(table: Table, name: str, row: Mapping[str, Any]) -> str:
    """Return where what a figure counts is listed, "" if that is nowhere."""
    asked = table.asked
    where, narrows = _LISTED.get(asked.report, ("", {}))
    if name not in narrows:
        return ""
    span = {"first_month": asked.span.first, "last_month": asked.span.last, "library": asked.span.library}
    if "month" in row:
        span |= {"first_month": row["month"], "last_month": row["month"]}
    narrowed = {key: row[key] for key in ("home", "lender") if row.get(key)}
    if asked.report is Report.LIMITS:  # whose limit it is, whoever supplies in the end
        narrowed = {"home": row.get("home"), "reached_at": row.get("lender"), "reached": row["reason"]}
    told = {**span, **narrowed, **narrows[name], "report": asked.report.value, "by": asked.by.value}
    query: dict[str, Any] = {key: value for key, value in told.items() if value}
    return url_for(where, **query)


def _said(name: str, value: Any, row: Mapping[str, Any]) -> str:
    spoken = page_language()
    if value is None or value == "":
        return say("report.nothing", spoken)
    if name.endswith("_rate"):
        return f"{value * 100:.1f} %"
    if name.endswith("_hours"):
        return _time(value)
    return _worded(name, value, row, spoken)


def _worded(name: str, value: Any, row: Mapping[str, Any], spoken: str) -> str:
    """Return what a code stands for; a number stands for itself."""
    match name:
        case "lender" | "home" | "library":
            return library_name(value)
        case "stage":
            return say(f"report.stage.{value}", spoken)
        case "reason" if "passed_over" in row:  # said of a reader, not to them
            return say(f"report.limit.{value}", spoken)
        case "reason":
            return why(value, spoken)
        case "kind":
            return say(f"report.posting.{value}", spoken)
        case "amount":
            return said_amount(Money.parse(value, row["currency"]), spoken)
    return str(value)


def _time(hours: int) -> str:
    spoken = page_language()
    if hours < 2 * _HOURS_A_DAY:
        return say("report.hours", spoken, {"hours": hours})
    return say("report.days", spoken, {"days": f"{hours / _HOURS_A_DAY:.1f}"})


def _moment(at: datetime) -> str:
    spoken = page_language()
    return say("report.as_of", spoken, {"moment": said_moment(at.astimezone(zone()), spoken)})


def shown_reported(row: Any) -> list[str]:
    """Return a request as a report counts it."""
    return [
        row.number,
        row.month,
        library_name(row.home),
        _or_nothing(library_name(row.lender)),
        say(f"request_status.{row.outcome or row.status}", page_language()),
        _or_nothing(row.late_days),
    ]


def shown_card(one: CardHappening) -> list[str]:
    """Return what happened to a loan card."""
    spoken = page_language()
    return [
        one.barcode,
        said_moment(one.at.astimezone(zone()), spoken),
        library_name(one.home),
        library_name(one.lender),
        say(f"report.deed.{one.deed}", spoken),
        _or_nothing(one.late_days),
    ]


def _or_nothing(value: str | int | None) -> str:
    return say("report.nothing", page_language()) if value is None or value == "" else str(value)


def reported_heads(names: Sequence[str]) -> list[str]:
    """Return what stands above the columns of a list."""
    return [say(f"report.column.{name}", page_language()) for name in names]
