"""Reports over many requests, each a table: read from what each request adds, never from the requests."""

import csv
import io
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import groupby
from operator import itemgetter
from threading import Lock
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row

from ill_broker.services.members.directory import Directory
from ill_broker.services.office.card_reports import (
    CARD_COLUMNS,
    CardRows,
    CardsNarrowed,
    counted_cards,
    page_of_cards,
)
from ill_broker.services.office.report_counting import zone_of
from ill_broker.services.office.report_months import Zone, bounds
from ill_broker.storage import limit_reports, reports
from ill_broker.storage.reports import Narrowed, Span
from ill_broker.storage.store import Store
from workflows.accounts.account import Kind
from workflows.actors import Actor, Role
from workflows.ids import CardId, RequestId
from workflows.money import Money
from workflows.requests.lifecycle import Outcome
from workflows.requests.measures import AskResult, Stage, quantile

#: tables that are kept at once, to be shown again at once
_KEPT = 100
_HALF, _MOST = 0.5, 0.9


class Report(StrEnum):
    """What can be asked for."""

    #: how long each stage takes
    TURNAROUND = "turnaround"
    #: how many requests are filled, and what came of the others
    FILL = "fill"
    #: why lenders that were asked did not supply
    REASONS = "reasons"
    #: how lenders answer: their score cards
    LENDERS = "lenders"
    #: what libraries lend and borrow
    BALANCE = "balance"
    #: how many books come back late
    OVERDUE = "overdue"
    #: what was charged, paid and let off
    MONEY = "money"
    #: what became of loan cards
    CARDS = "cards"
    #: which limits were reached
    LIMITS = "limits"


class By(StrEnum):
    """What a report has a row for."""

    MONTH = "month"
    HOME = "home"
    LENDER = "lender"
    #: a lender and a home library
    LANE = "lane"


#: reports that may be taken apart in several ways; the others have a row for a library
DIVISIBLE = frozenset(Report) - {Report.LENDERS, Report.BALANCE, Report.MONEY}
_COLUMNS: Mapping[By, tuple[str, ...]] = MappingProxyType(
    {By.MONTH: ("month",), By.HOME: ("home",), By.LENDER: ("lender",), By.LANE: ("lender", "home")}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which report, and about what."""

    report: Report
    span: Span
    by: By = By.HOME


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A report: rows of values under names, and up to when requests are counted; None: none is yet."""

    asked: Asked
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Rows:
    """Requests that a figure counts, newest first, and from behind which one the next page begins."""

    items: tuple[Row[Any], ...]
    next: RequestId | None


class Reports:
    """Says what there is to know about all requests, or about those of one's own library."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory
        self._lock = Lock()
        self._kept: OrderedDict[tuple[Asked, datetime | None], Table] = OrderedDict()

    def table(self, asked: Asked, actor: Actor, *, now: datetime) -> Table:
        """Return a report; a desk's is about its own library, whatever it asks for.

        One that nothing has changed since is not worked out again.
        """
        if actor.role is Role.STAFF:
            asked = replace(asked, span=replace(asked.span, library=actor.library))
        with self._store.reading() as conn:
            if asked.report in AT_ONCE:
                return self._read_at_once(conn, asked, now)
            heard, as_of = reports.mark(conn) or (None, None)
            with self._lock:
                kept = self._kept.get((asked, heard))
            table = replace(kept, as_of=as_of) if kept else _made(conn, asked, as_of)
        with self._lock:
            self._kept[asked, heard] = table
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return table

    def rows(
        self, span: Span, narrowed: Narrowed, actor: Actor, *, after: RequestId | None, limit: int
    ) -> Rows:
        """Return a page of the requests that a figure counts."""
        if actor.role is Role.STAFF:
            span = replace(span, library=actor.library)
        with self._store.reading() as conn:
            found = reports.rows(conn, span, narrowed, after=after, limit=limit + 1)
        more = RequestId(found[limit - 1].request_id) if len(found) > limit else None
        return Rows(tuple(found[:limit]), more)

    def card_rows(
        self,
        span: Span,
        narrowed: CardsNarrowed,
        actor: Actor,
        *,
        after: tuple[CardId, int] | None,
        limit: int,
        now: datetime,
    ) -> CardRows:
        """Return a page of what happened to loan cards, as a figure counts it."""
        if actor.role is Role.STAFF:
            span = replace(span, library=actor.library)
        book = self._directory.in_force(now)
        with self._store.reading() as conn:
            return page_of_cards(conn, span, narrowed, partial(zone_of, book=book), after=after, limit=limit)

    def _read_at_once(self, conn: Connection, asked: Asked, now: datetime) -> Table:
        columns, make = AT_ONCE[asked.report]
        book = self._directory.in_force(now)
        rows = tuple(make(conn, asked.span, asked.by, partial(zone_of, book=book)))
        return Table(asked=asked, columns=_headed(asked, columns), rows=rows, as_of=now)


def as_csv(table: Table) -> str:
    """Return a report as comma-separated values under their names (RFC 4180)."""
    written = io.StringIO()
    csv.writer(written).writerows((table.columns, *table.rows))
    return written.getvalue()


def _made(conn: Connection, asked: Asked, as_of: datetime | None) -> Table:
    columns, make = TABLES[asked.report]
    rows = tuple(make(conn, asked.span, asked.by))
    return Table(asked=asked, columns=_headed(asked, columns), rows=rows, as_of=as_of)


def _headed(asked: Asked, columns: tuple[str, ...]) -> tuple[str, ...]:
    return (*_COLUMNS[asked.by], *columns) if asked.report in DIVISIBLE else columns


def _turnaround(conn: Connection, span: Span, by: By) -> Iterator[tuple[Any, ...]]:
    for group, stages in sorted(
        reports.stage_hours(conn, span, _COLUMNS[by], tuple(Stage)), key=itemgetter(0)
    ):
        for stage, hours in stages.items():
            if hours:
                middles = (quantile(hours, share) for share in (_HALF, _MOST))
                yield (*group, stage.value, hours.total(), *middles)


def _fill(conn: Connection, span: Span, by: By) -> Iterator[tuple[Any, ...]]:
    for group, rows in _groups(reports.outcomes(conn, span, _COLUMNS[by]), _COLUMNS[by]):
        counted = Counter({row.outcome: row.n for row in rows})
        total, unfilled = counted.total(), counted[Outcome.UNFILLED.value]
        ended = total - counted[None]
        yield (
            *group,
            total,
            counted[None],
            *(counted[outcome.value] for outcome in Outcome),
            _share(ended - unfilled - counted[Outcome.CANCELLED.value], ended),
        )


def _overdue(conn: Connection, span: Span, by: By) -> Iterator[tuple[Any, ...]]:
    for group, rows in _groups(reports.outcomes(conn, span, _COLUMNS[by]), _COLUMNS[by]):
        lent, late, days = (sum(getattr(row, name) for row in rows) for name in ("lent", "late", "late_days"))
        yield (*group, lent, late, _share(late, lent), days)


def _reasons(conn: Connection, span: Span, by: By) -> Iterator[tuple[Any, ...]]:
    for group, rows in _groups(reports.asks(conn, span, _COLUMNS[by]), _COLUMNS[by]):
        counted: Counter[str] = Counter()
        for row in rows:
            if row.result == AskResult.PASSED:
                counted[row.reason] += row.n
        yield from ((*group, reason, n) for reason, n in counted.most_common())


def _lenders(conn: Connection, span: Span, _: By) -> Iterator[tuple[Any, ...]]:
    road = dict(reports.stage_hours(conn, span, ("lender",), (Stage.TRANSIT,)))
    for group, rows in _groups(reports.asks(conn, span, ("lender",)), ("lender",)):
        results, hours = Counter[str](), Counter[int]()
        for row in rows:
            results[row.result] += row.n
            if row.hours is not None:
                hours[row.hours] += row.n
        answered = results[AskResult.SUPPLIED] + results[AskResult.PASSED]
        yield (
            *group,
            results.total(),
            *(results[result] for result in AskResult),
            _share(results[AskResult.SUPPLIED], answered),
            quantile(hours, _HALF),
            quantile(hours, _MOST),
            quantile(road.get(group, {}).get(Stage.TRANSIT, {}), _HALF),
        )


def _balance(conn: Connection, span: Span, _: By) -> Iterator[tuple[Any, ...]]:
    lent: Counter[str] = Counter()
    borrowed: Counter[str] = Counter()
    for row in reports.asks(conn, span, ("lender", "home")):
        if row.result == AskResult.SUPPLIED:
            lent[row.lender] += row.n
            borrowed[row.home] += row.n
    for library in sorted({*lent, *borrowed}):
        yield library, lent[library], borrowed[library], lent[library] - borrowed[library]


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def _money(conn: Connection, span: Span, _: By, zone: Zone) -> Iterator[tuple[Any, ...]]:
    for row in reports.money(conn, *bounds(span, zone(span.library)), span.library):
        amount = Money(row.currency, int(row.minor)).amount
        yield row.lender, row.currency, Kind(row.kind).value, row.n, amount


def _cards(conn: Connection, span: Span, by: By, zone: Zone) -> Iterator[tuple[Any, ...]]:
    return counted_cards(conn, span, _COLUMNS[by], zone)


def _limits(conn: Connection, span: Span, by: By, _: Zone) -> Iterator[tuple[Any, ...]]:
    key = (*_COLUMNS[by], "reason")
    passed, refused = (
        Counter(
            {tuple(getattr(row, name) for name in key): int(row.n) for row in count(conn, span, _COLUMNS[by])}
        )
        for count in (limit_reports.passed_over, limit_reports.refused)
    )
    yield from ((*group, passed[group], refused[group]) for group in sorted({*passed, *refused}))


_Group = tuple[tuple[str, ...], list[Row[Any]]]


def _groups(rows: Iterable[Row[Any]], by: tuple[str, ...]) -> Iterator[_Group]:
    def key(row: Row[Any]) -> tuple[str, ...]:
        return tuple(getattr(row, name) or "" for name in by)

    for group, found in groupby(sorted(rows, key=key), key):
        yield group, list(found)


_Make = Callable[[Connection, Span, By], Iterator[tuple[Any, ...]]]
_MakeAtOnce = Callable[[Connection, Span, By, Zone], Iterator[tuple[Any, ...]]]
#: the same, of what is few enough to be counted when it is asked for
AT_ONCE: Mapping[Report, tuple[tuple[str, ...], _MakeAtOnce]] = MappingProxyType(
    {
        Report.MONEY: (("lender", "currency", "kind", "postings", "amount"), _money),
        Report.CARDS: (CARD_COLUMNS, _cards),
        Report.LIMITS: (("reason", "passed_over", "refused"), _limits),
    }
)
#: what stands in a row behind what it is of, and who makes it
TABLES: Mapping[Report, tuple[tuple[str, ...], _Make]] = MappingProxyType(
    {
        Report.TURNAROUND: (("stage", "requests", "median_hours", "p90_hours"), _turnaround),
        Report.FILL: (("requests", "open", *(outcome.value for outcome in Outcome), "fill_rate"), _fill),
        Report.REASONS: (("reason", "asked"), _reasons),
        Report.LENDERS: (
            (
                *("lender", "asked", *(result.value for result in AskResult), "fill_rate"),
                *("median_answer_hours", "p90_answer_hours", "median_transit_hours"),
            ),
            _lenders,
        ),
        Report.BALANCE: (("library", "lent", "borrowed", "difference"), _balance),
        Report.OVERDUE: (("lent", "late", "late_rate", "late_days"), _overdue),
    }
)
