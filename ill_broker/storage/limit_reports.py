"""Limits that were reached: in requests that were made all the same, and against those that were refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func

from ill_broker.storage.report_rows import report_limits, report_refusals
from ill_broker.storage.reports import Span, grouped
from ill_broker.storage.statements import inserting
from workflows.ids import LibraryCode
from workflows.reasons import Refusal


@dataclass(frozen=True, slots=True)
class Refused:
    """A limit that stood against requests that were refused."""

    #: "2026-03-09", at the reader's library
    day: str
    home: LibraryCode
    #: whose limit it is; None for the reader's library
    lender: LibraryCode | None
    reason: Refusal


def add_refused(conn: Connection, counted: Mapping[Refused, int]) -> None:
    """Add to how often each stood against a request."""
    for refused, n in sorted(counted.items(), key=lambda item: str(item[0])):
        key = {
            "day": refused.day,
            "home": refused.home,
            "lender": refused.lender or "",
            "reason": refused.reason.value,
        }
        added = inserting(conn, report_refusals).values(key | {"month": refused.day[:7], "n": n})
        conn.execute(
            added.on_conflict_do_update(index_elements=list(key), set_={"n": report_refusals.c.n + n})
        )


def passed_over(conn: Connection, span: Span, by: Sequence[str]) -> list[Row[Any]]:
    """Count lenders that were not asked: *by* columns, ``reason`` and ``n``."""
    return grouped(conn, report_limits, span, (*by, "reason"), (func.count().label("n"),))


def refused(conn: Connection, span: Span, by: Sequence[str]) -> list[Row[Any]]:
    """Count what stood against refused requests: *by* columns, ``reason`` and ``n``."""
    n = func.sum(report_refusals.c.n).label("n")
    return grouped(conn, report_refusals, span, (*by, "reason"), (n,))
