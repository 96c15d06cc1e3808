"""What reports are read from: kept in step with the requests after the fact, and counted by the database."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    Text,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
)

from ill_broker.storage.account_rows import postings
from ill_broker.storage.records import from_json
from ill_broker.storage.report_rows import report_asks, report_limits, report_marks, report_requests
from ill_broker.storage.rows import events, requests
from ill_broker.storage.statements import inserting
from workflows.ids import LibraryCode, RequestId
from workflows.requests.measures import Measures, Stage
from workflows.requests.request import Request

_MARK = "requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a report is about: months, first and last among them, and whose requests."""

    first: str
    last: str
    #: requests of its patrons or to it; None for all
    library: LibraryCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """Which of a span's requests are meant."""

    home: LibraryCode | None = None
    lender: LibraryCode | None = None
    outcome: str | None = None
    is_late: bool = False
    #: a limit for which a lender was not asked, and whose
    reached: str | None = None
    reached_at: LibraryCode | None = None


def mark(conn: Connection) -> tuple[datetime, datetime] | None:
    """Return up to which event requests were worked through, and when that was; None at the beginning."""
    row = conn.execute(select(report_marks).where(report_marks.c.name == _MARK)).one_or_none()
    return None if row is None else (row.received_at, row.counted_at)


def set_mark(conn: Connection, received_at: datetime, *, now: datetime) -> None:
    values = {"received_at": received_at, "counted_at": now}
    kept = inserting(conn, report_marks).values({"name": _MARK} | values)
    conn.execute(kept.on_conflict_do_update(index_elements=["name"], set_=values))


def changed(
    conn: Connection, since: datetime | None, after: tuple[datetime, RequestId] | None, limit: int
) -> list[tuple[datetime, RequestId]]:
    """Return which requests changed when, from *since* on and from behind *after*, in that order."""
    at, request = events.c.received_at, events.c.request_id
    found = select(at, request).order_by(at, request).limit(limit)
    if since is not None:
        found = found.where(at >= since)
    if after is not None:
        found = found.where(tuple_(at, request) > tuple_(*after))
    return [(row.received_at, RequestId(row.request_id)) for row in conn.execute(found)]


def outdated(conn: Connection, among: Iterable[RequestId]) -> list[Request]:
    """Return those requests that are not counted as they are now."""
    counted = and_(
        report_requests.c.request_id == requests.c.id, report_requests.c.version == requests.c.version
    )
    found = select(requests.c.state).outerjoin(report_requests, counted)
    stale = found.where(requests.c.id.in_(list(among)), report_requests.c.request_id.is_(None))
    return [from_json(Request, state) for state in conn.execute(stale).scalars()]


def put(conn: Connection, counted: Sequence[tuple[Request, Measures]]) -> None:
    """Keep what requests add to reports, in place of what they added before."""
    if not counted:
        return
    ids = [request.id for request, _ in counted]
    for table in (report_asks, report_limits, report_requests):
        conn.execute(delete(table).where(table.c.request_id.in_(ids)))
    conn.execute(insert(report_requests), [_request(*each) for each in counted])
    asks = [row for each in counted for row in _asks(*each)]
    if asks:
        conn.execute(insert(report_asks), asks)
    limits = [row for each in counted for row in _limits(*each)]
    if limits:
        conn.execute(insert(report_limits), limits)


def _request(request: Request, measures: Measures) -> dict[str, Any]:
    return {
        "request_id": request.id,
        "version": request.version,
        "month": measures.month,
        "home": request.home,
        "lender": request.lender,
        "status": request.status.value,
        "outcome": request.outcome.value if request.outcome else None,
        "late_days": measures.late_days,
        **{f"{stage.value}_hours": measures.hours.get(stage) for stage in Stage},
    }


def _asks(request: Request, measures: Measures) -> list[dict[str, Any]]:
    return [
        {
            "request_id": request.id,
            "lender": ask.lender,
            "month": measures.month,
            "home": request.home,
            "result": ask.result.value,
            "reason": ask.reason,
            "hours": ask.hours,
        }
        for ask in measures.asks
    ]


def _limits(request: Request, measures: Measures) -> list[dict[str, Any]]:
    key = {"request_id": request.id, "month": measures.month, "home": request.home}
    return [key | {"lender": lender, "reason": reason.value} for lender, reason in measures.limits]


def outcomes(conn: Connection, span: Span, by: Sequence[str]) -> list[Row[Any]]:
    """Count requests: *by* columns, ``outcome`` (None while open), ``n``, and how many came back late."""
    late = report_requests.c.late_days
    told = (
        report_requests.c.outcome,
        func.count().label("n"),
        func.count(late).label("lent"),
        func.coalesce(func.sum(case((late > 0, 1), else_=0)), 0).label("late"),
        func.coalesce(func.sum(late), 0).label("late_days"),
    )
    return grouped(conn, report_requests, span, (*by, "outcome"), told)


def stage_hours(
    conn: Connection, span: Span, by: Sequence[str], stages: Sequence[Stage]
) -> Iterator[tuple[tuple[str, ...], dict[Stage, Counter[int]]]]:
    """Count, for each group of *by*, how often each stage took so many hours.

    All stages are read at once: what is dear is to sort the requests into groups, not to tell their hours.
    """
    columns = report_requests.c
    told = [
        func.aggregate_strings(cast(columns[f"{stage.value}_hours"], Text), ",").label(stage.value)
        for stage in stages
    ]
    for row in conn.execute(_grouping(report_requests, span, by, told)):
        group = tuple(getattr(row, name) or "" for name in by)
        yield group, {stage: _counted(getattr(row, stage.value)) for stage in stages}


def _counted(told: str | None) -> Counter[int]:
    """Count hours, which stand behind one another."""
    return Counter({int(hours): n for hours, n in Counter(told.split(",") if told else ()).items()})


def asks(conn: Connection, span: Span, by: Sequence[str]) -> list[Row[Any]]:
    """Count askings of lenders by ``result``, ``reason`` and, of those who answered, ``hours``."""
    columns = report_asks.c
    told = (columns.result, columns.reason, columns.hours, func.count().label("n"))
    return grouped(conn, report_asks, span, (*by, "result", "reason", "hours"), told)


def money(conn: Connection, since: datetime, until: datetime, library: LibraryCode | None) -> list[Row[Any]]:
    """Add up what was posted in that time by ``lender``, ``currency`` and ``kind``, in hundredths."""
    key = (postings.c.lender, postings.c.currency, postings.c.kind)
    found = select(*key, func.count().label("n"), func.sum(postings.c.minor).label("minor"))
    meant = found.where(postings.c.posted_at >= since, postings.c.posted_at < until)
    if library is not None:
        meant = meant.where(postings.c.lender == library)
    return list(conn.execute(meant.group_by(*key).order_by(*key)))


def rows(
    conn: Connection, span: Span, narrowed: Narrowed, *, after: RequestId | None, limit: int
) -> list[Row[Any]]:
    """Return a page of the requests that a figure counts, newest first, with their numbers."""
    columns = report_requests.c
    month: str | None = span.last
    if after is not None:
        month = conn.execute(select(columns.month).where(columns.request_id == after)).scalar()
    if month is None:
        return []
    behind = None if after is None or month > span.last else (month, after)
    page = _newest(span, narrowed, behind).limit(limit)
    if span.library in {None, narrowed.home, narrowed.lender}:
        return list(conn.execute(page).all())
    # each by its own index: of either by one, all that the library has would be sorted for each page
    sides = (columns.home, columns.lender)
    either = {row.request_id: row for side in sides for row in conn.execute(page.where(side == span.library))}
    return sorted(either.values(), key=lambda row: (row.month, row.request_id), reverse=True)[:limit]


def _newest(span: Span, narrowed: Narrowed, behind: tuple[str, RequestId] | None) -> Select[Any]:
    """Return the requests of a figure, ordered as indices are, so that nothing is sorted for a page.

    :param behind: within the span, the month of the last one of the page before, and its id
    """
    columns = report_requests.c
    told = ("request_id", "month", "home", "lender", "status", "outcome", "late_days")
    found = select(*(columns[name] for name in told), requests.c.number).join(
        requests, requests.c.id == columns.request_id
    )
    # one upper end alone: of two, SQLite enters the index at the farther one
    place = tuple_(columns.month, columns.request_id)
    ends = columns.month <= span.last if behind is None else place < behind
    meant = found.where(columns.month >= span.first, ends, *_narrowed(span, narrowed))
    return meant.order_by(columns.month.desc(), columns.request_id.desc())


def _narrowed(span: Span, narrowed: Narrowed) -> Iterator[ColumnElement[bool]]:
    columns = report_requests.c
    for name in ("home", "lender", "outcome"):
        value = getattr(narrowed, name)
        if value is not None:
            yield columns[name] == value
    if narrowed.is_late:
        yield columns.late_days > 0
    if narrowed.reached is not None:
        limits = report_limits.c
        reached = select(limits.request_id).where(limits.reason == narrowed.reached)
        if narrowed.reached_at is not None:
            reached = reached.where(limits.lender == narrowed.reached_at)
        yield columns.request_id.in_(reached.where(*_months(report_limits, span)))


def grouped(
    conn: Connection,
    table: Table,
    span: Span,
    by: Sequence[str],
    told: Sequence[ColumnElement[Any]],
) -> list[Row[Any]]:
    """Return a row for each group of *by* within the span, with its names and what is *told* of it."""
    return list(conn.execute(_grouping(table, span, by, told)))


def _grouping(table: Table, span: Span, by: Sequence[str], told: Sequence[ColumnElement[Any]]) -> Select[Any]:
    key = [table.c[name] for name in dict.fromkeys(by)]
    shown = [column for column in key if column.name not in {each.name for each in told}]
    return select(*shown, *told).where(*_in(table, span)).group_by(*key)


def _in(table: Table, span: Span) -> Iterator[ColumnElement[bool]]:
    yield from _months(table, span)
    if span.library is not None:
        yield or_(table.c.home == span.library, table.c.lender == span.library)


def _months(table: Table, span: Span) -> Iterator[ColumnElement[bool]]:
    yield table.c.month >= span.first
    yield table.c.month <= span.last
